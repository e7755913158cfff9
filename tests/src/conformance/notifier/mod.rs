//! The notifier port's eight promises as cases.

mod cases;
mod harness;
mod suite;
#[cfg(test)]
mod tests;

pub use harness::{FarSide, Harness, Received, Stage};
pub use suite::{CASES, run_all};
