//! C-CDA R2.1: clinical documents, structured and unstructured, read into parcels.
//!
//! [`CcdaDelivery`] reads each document once to check it and again to hand out its
//! [`Parcel`](mychartum_core::sync::Parcel)s, patients first: the patient, the document itself, and one parcel for each thing that
//! its entries say. See this folder's `README.md`.

mod deliver;
mod read;

pub use crate::delivery::{DeliveryError, FileError, FileErrorKind, HeldParcels as Parcels, Input, Progress, Total};
pub use deliver::deliver;
pub use read::{CcdaDelivery, Limits, MAPPING};
