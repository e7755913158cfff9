//! From messages to parcels: which segment means what for a chart.

mod delivery;
mod element;
mod labels;
mod message;
mod scene;
mod settings;
mod view;

#[cfg(test)]
mod message_tests;
#[cfg(test)]
mod mutation_tests;

pub use delivery::Hl7v2Delivery;
pub use message::parcels_of;
pub use settings::{Introduce, MAPPING, SourceSettings};
