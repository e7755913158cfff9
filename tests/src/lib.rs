//! What hosts use to test their own parts.

mod manual_clock;
mod seeded_entropy;
pub mod world;

pub use manual_clock::ManualClock;
pub use seeded_entropy::SeededEntropy;
