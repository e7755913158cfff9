//! FHIR R4: deliveries of bundles, single resources and NDJSON files, read into parcels.
//!
//! [`FhirDelivery`] reads each document twice: once to check it and to learn who and what it names, once to hand out one
//! [`Parcel`](mychartum_core::sync::Parcel) a resource, patients first. Memory stays flat. See this folder's `README.md`.

#[cfg(feature = "fhir-client")]
pub mod client;
mod deliver;
mod read;

pub use crate::delivery::{DeliveryError, FileError, FileErrorKind, Input, Progress, Total};
pub use deliver::deliver;
pub use read::{FhirDelivery, Limits, MAPPING, Parcels};
