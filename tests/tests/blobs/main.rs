//! Attached files: the blob store suite against our stores and bad ones, and files in charts through the public
//! interface.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod conformance;
mod crashes;
mod house;
mod ports;
mod reading;
mod streaming;
mod sweeping;
mod tampering;
mod writing;
