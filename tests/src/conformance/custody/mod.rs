//! The custody port's ten promises as cases.
//!
//! Run them on a multi-threaded tokio runtime: some cases commit while a bucket is turned.

mod factory;
mod fence;
mod install;
mod move_house;
mod serving;
mod snapshot;
mod suite;
mod turns;

pub use factory::Factory;
pub use suite::{CASES, run_all};
