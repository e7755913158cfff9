//! Resource ids that depend on the seed and a label only, never on the order of work.

use super::dice::{fingerprint, mix};

/// Makes ids for one seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ids {
    seed: u64,
}

impl Ids {
    /// Ids of this seed.
    pub(super) const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The UUID of a label, in version 8 form (RFC 9562 section 5.8: bits of our own making).
    pub(super) fn uuid(self, label: &str) -> String {
        let high = mix(fingerprint(label) ^ mix(self.seed));
        let low = mix(high ^ fingerprint(label).rotate_left(32));
        format!(
            "{:08x}-{:04x}-8{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xFFFF,
            high & 0x0FFF,
            0x8000 | ((low >> 48) & 0x3FFF),
            low & 0xFFFF_FFFF_FFFF,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_uuid_shape_and_follow_label_and_seed() {
        let id = Ids::new(1).uuid("a");
        let parts: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(id, Ids::new(1).uuid("a"));
        assert_ne!(id, Ids::new(1).uuid("b"));
        assert_ne!(id, Ids::new(2).uuid("a"));
    }
}
