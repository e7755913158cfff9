//! Randomness that repeats itself, for tests only.

use std::sync::atomic::{AtomicU64, Ordering};

use mychartum_core::port::Entropy;
use mychartum_core::port::entropy::NoEntropy;

/// Gives the same bytes for the same seed (SplitMix64). Never use it for anything but tests: everyone can predict it.
#[derive(Debug)]
pub struct SeededEntropy(AtomicU64);

impl SeededEntropy {
    /// The bytes of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    fn next(&self) -> u64 {
        let state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        for chunk in buffer.chunks_mut(8) {
            chunk.iter_mut().zip(self.next().to_le_bytes()).for_each(|(to, from)| *to = from);
        }
        Ok(())
    }
}
