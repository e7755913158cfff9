//! What all readers of documents share: what a delivery is made of, what can be wrong with it, and how it is handed over.

mod batches;
mod error;
mod input;
mod progress;

pub use error::{DeliveryError, FileError, FileErrorKind};
pub use input::Input;
pub use progress::{Progress, Total};

pub(crate) use batches::{Handout, offer_all};
#[cfg(feature = "fhir")]
pub(crate) use error::Fault;
#[cfg(feature = "fhir")]
pub(crate) use input::Opened;
pub(crate) use input::Stamp;
