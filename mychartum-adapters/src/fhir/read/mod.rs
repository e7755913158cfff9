//! Reading: two passes over a delivery, one parcel a resource.

mod base;
mod delivery;
mod element;
mod index;
mod limits;
mod lines;
mod named;
mod parcels;
mod reference;
mod resolve;
mod resource;
mod splitter;
mod survey;
mod view;

pub use delivery::FhirDelivery;
pub use limits::{Limits, MAPPING};
pub use parcels::Parcels;
