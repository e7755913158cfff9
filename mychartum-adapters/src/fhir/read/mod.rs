//! Reading: two passes over a delivery, one parcel a resource.

mod base;
mod delivery;
mod element;
mod index;
mod input;
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
pub use input::Input;
pub use limits::{Limits, MAPPING, Progress, Total};
pub use parcels::Parcels;
