//! Published conversions: which units of an analyte can be shown as which, and which codes are one analyte.

mod analyte;
mod conversions;
mod error;
mod unit_choice;

pub use conversions::Conversions;
pub use error::{ConversionError, ConversionFault};
pub use unit_choice::UnitChoice;
