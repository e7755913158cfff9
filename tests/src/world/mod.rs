//! A synthetic world in FHIR R4: a household for journeys, and a population for benchmarks.
//!
//! Both are pure functions of a seed, in the style of US Core 6.1, and go through the same reader as real records.
//! Nobody in them exists.

mod allergy;
mod analyte;
mod appointment;
mod base64;
mod bundle;
mod calendar;
mod chart;
mod clinician;
mod code;
mod daughter;
mod decimal;
mod delivery;
mod dice;
mod directory;
mod document;
mod grandmother;
mod household;
mod ids;
mod immunization;
mod laboratory;
mod medicine;
mod node;
mod observation;
mod patient;
mod person;
mod population;
mod problem;
mod procedure;
mod site;
mod teenager;
mod toddler;
mod visit;
mod vitals;

pub use delivery::Delivery;
pub use household::World;
pub use person::{Person, Role};
pub use population::{OTHER_LINES, population};
