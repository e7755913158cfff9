//! Blob stores that each break one promise on purpose, to prove that the conformance suite catches it.

mod catalogue;
mod fault;
mod listing;
mod reading;
mod writing;

pub use catalogue::{ALL, BadBlobStore};
