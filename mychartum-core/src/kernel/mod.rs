//! The smallest words of the engine: ids, partial dates, codes, decimals, units, bounded text, sensitivity labels, redaction.
//!
//! Everything here is a plain value. Parsing happens at the edge; a value of these types is already valid.

pub mod address;
pub mod code;
pub mod decimal;
pub mod id;
pub mod language;
mod obligations;
pub mod partial_date;
pub mod quantity;
mod redact;
mod sensitivity;
pub mod text;
pub(crate) mod text_form;
pub mod unit;
pub mod unit_conversion;

pub use address::{Address, AddressError, EmailAddress, PhoneNumber};
pub use code::{CodeSystem, Coding, Concept};
pub use decimal::Decimal;
pub use language::LanguageTag;
pub use obligations::Obligations;
pub use partial_date::PartialDate;
pub use quantity::{Comparator, Quantity};
pub use sensitivity::{Sensitivity, SensitivitySet};
pub use text::Text;
pub use unit::Unit;
pub use unit_conversion::UnitConversion;

pub(crate) use redact::hidden;
pub(crate) use text_form::text_form;
