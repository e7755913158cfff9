//! Seeded numbers: the only source of variety in the synthetic world.
//!
//! The generator is SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): one 64-bit counter and one mixing function. It is
//! small, fast, the same on every machine, and not meant for secrets.

/// One stream of seeded numbers.
#[derive(Debug, Clone)]
pub(super) struct Dice {
    state: u64,
}

impl Dice {
    /// A stream named by a label, so that a change in one part of the world does not shift the numbers of another part.
    pub(super) fn named(seed: u64, label: &str) -> Self {
        Self { state: mix(seed) ^ fingerprint(label) }
    }

    /// A stream for the `index`-th member of a large population.
    pub(super) fn numbered(seed: u64, index: u64) -> Self {
        Self { state: mix(mix(seed) ^ index.wrapping_mul(GAMMA)) }
    }

    /// The next 64 bits.
    pub(super) fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GAMMA);
        mix(self.state)
    }

    /// A whole number from `low` to `high`, both included. An empty range yields `low`.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.saturating_sub(low).saturating_add(1).max(1).unsigned_abs();
        // The bias of the remainder is far below one in a billion for the small widths used here.
        low.saturating_add_unsigned(self.roll() % width)
    }

    /// One of the words; the empty word if there are none.
    pub(super) fn pick(&mut self, words: &[&'static str]) -> &'static str {
        let last = i64::try_from(words.len()).unwrap_or(1).saturating_sub(1);
        let index = usize::try_from(self.between(0, last)).unwrap_or_default();
        words.get(index).copied().unwrap_or_default()
    }
}

const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// The mixing function of SplitMix64.
pub(super) const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// FNV-1a over the label's bytes.
pub(super) fn fingerprint(label: &str) -> u64 {
    label.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_published_splitmix64_sequence() {
        let mut dice = Dice { state: 1_234_567 };
        assert_eq!(dice.roll(), 6_457_827_717_110_365_317);
        assert_eq!(dice.roll(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn stays_inside_the_range_and_reaches_both_ends() {
        let mut dice = Dice::named(7, "range");
        let rolls: Vec<i64> = (0..500).map(|_| dice.between(-2, 2)).collect();
        assert!(rolls.iter().all(|roll| (-2..=2).contains(roll)));
        assert!(rolls.contains(&-2) && rolls.contains(&2));
    }
}
