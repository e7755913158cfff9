//! See the README.
pub mod world;
