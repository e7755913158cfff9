//! Storages whose custody breaks one promise each, on purpose: what the suite must catch.

mod bucket_faults;
mod catalogue;
mod fault;
mod piece_faults;
mod snapshot_faults;

pub use catalogue::{ALL, BadCustody};
