//! The record source port's eight promises as cases.

mod cases;
mod harness;
mod pass;
mod suite;
#[cfg(test)]
mod tests;

pub use harness::{FarSide, Harness, Stage};
pub use suite::{CASES, run_all};
