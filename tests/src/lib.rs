//! What hosts use to test their own parts.

pub mod bad_storage;
pub mod conformance;
pub mod leak_tester;
mod manual_clock;
mod seeded_entropy;
pub mod world;

pub use manual_clock::ManualClock;
pub use seeded_entropy::SeededEntropy;
