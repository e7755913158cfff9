//! From messages to parcels: which segment means what for a chart.

mod delivery;
mod documents;
mod element;
mod labels;
mod merges;
mod message;
mod names;
mod out;
mod person;
mod prescriptions;
mod reports;
mod scene;
mod schedule;
mod settings;
mod vaccines;
mod view;

#[cfg(test)]
mod message_tests;
#[cfg(test)]
mod mutation_tests;

pub use delivery::Hl7v2Delivery;
pub use message::{is_for_a_chart, parcels_of};
pub use settings::{CheckDigits, Introduce, MAPPING, SourceSettings};
