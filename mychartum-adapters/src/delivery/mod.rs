//! What all readers of documents share: what a delivery is made of, what can be wrong with it, and how it is handed over.

mod batches;
mod error;
#[cfg(any(feature = "ccda", feature = "hl7v2"))]
mod held;
#[cfg(any(feature = "ccda", feature = "hl7v2"))]
mod held_parcels;
mod input;
mod progress;

pub use error::{DeliveryError, FileError, FileErrorKind};
#[cfg(any(feature = "ccda", feature = "hl7v2"))]
pub use held_parcels::HeldParcels;
pub use input::Input;
pub use progress::{Progress, Total};

#[cfg(feature = "fhir")]
pub(crate) use batches::Handout;
pub(crate) use batches::offer_all;
#[cfg(feature = "fhir")]
pub(crate) use error::Fault;
#[cfg(any(feature = "ccda", feature = "hl7v2"))]
pub(crate) use held::{Held, Language, Outline, Refusal};
#[cfg(feature = "fhir")]
pub(crate) use input::{Opened, Stamp};
