//! Decisions left to chance, the same for the same seed.

use mychartum_core::port::Entropy as _;

use crate::SeededEntropy;

/// One stream of decisions.
#[derive(Debug)]
pub(crate) struct Chance(SeededEntropy);

impl Chance {
    /// The stream of a seed and of a number that tells streams of one seed apart.
    pub(crate) const fn new(seed: u64, stream: u64) -> Self {
        Self(SeededEntropy::new(seed.rotate_left(32) ^ stream.wrapping_mul(0xd6e8_feb8_6659_fd93)))
    }

    /// A number below `limit`; 0 where the limit is 0.
    pub(crate) fn below(&self, limit: u64) -> u64 {
        // The bias of the remainder does not matter to what is decided here.
        self.number().checked_rem(limit).unwrap_or(0)
    }

    /// True once in so many times.
    pub(crate) fn once_in(&self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Any number.
    pub(crate) fn number(&self) -> u64 {
        u64::from_le_bytes(self.bytes())
    }

    /// Any bytes.
    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        // Seeded randomness never runs out.
        let _ = self.0.fill(&mut bytes);
        bytes
    }
}
