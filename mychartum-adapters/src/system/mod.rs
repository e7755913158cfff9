//! The machine's own clock and randomness, as ports.

mod system_clock;
mod system_entropy;

pub use system_clock::SystemClock;
pub use system_entropy::SystemEntropy;
