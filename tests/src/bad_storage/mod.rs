//! Storages that each break one promise on purpose, to prove that the conformance suite catches it.
//!
//! They are also what a test of a decorator or of the library needs when a storage must misbehave.

mod acceptance;
mod catalogue;
mod fault;
mod interruption;
mod listing;
mod reading;
mod restart;
mod writing;

pub use catalogue::{ALL, BadStorage};
