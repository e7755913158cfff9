//! The key provider port's five promises as cases.

mod cases;
mod factory;
mod suite;
#[cfg(test)]
mod tests;

pub use factory::{Factory, FreshKey};
pub use suite::{CASES, run_all};
