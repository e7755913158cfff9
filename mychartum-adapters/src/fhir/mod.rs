//! FHIR R4: deliveries of bundles, single resources and NDJSON files, read into parcels.
//!
//! [`FhirDelivery`] reads each document twice: once to check it and to learn who and what it names, once to hand out one
//! [`Parcel`](mychartum_core::sync::Parcel) a resource, patients first. Memory stays flat. See this folder's `README.md`.

mod deliver;
mod error;
mod read;

pub use deliver::deliver;
pub use error::{DeliveryError, FileError, FileErrorKind};
pub use read::{FhirDelivery, Input, Limits, MAPPING, Parcels, Progress, Total};
