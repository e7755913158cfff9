//! The blob store port's eleven promises as cases.
//!
//! Run them on a multi-threaded tokio runtime: some cases write and read at the same time. They write some 60 MiB
//! altogether, and delete what they wrote as far as they get.

mod apart;
mod exact;
mod factory;
mod finding;
mod object;
mod suite;
mod whole;

pub use factory::Factory;
pub use suite::{CASES, run_all};
