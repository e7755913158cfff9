//! The quirks of the field, each with the behaviour that is expected of it: bytes go in at an adapter, and the chart that its patient
//! sees is looked at, and what the sender was told.
//!
//! A test is named after the number and the short name of its quirk in the project's list of 64.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod clinic;
mod messages;
mod port;

mod across;
mod encoding;
mod fhir;
mod fhir_client;
mod labels_and_people;
mod people;
mod pulling;
mod results;
mod transport;
