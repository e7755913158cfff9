//! Accounts against their properties: each test is named by the property's number, I1 to I20.
//!
//! The pure machines behind them (an account's states, the door, links, deliveries, tries) are explored where they are written.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod clinic;
mod factors;
mod life;
mod links;
mod notices;
mod sessions;
mod tries;
