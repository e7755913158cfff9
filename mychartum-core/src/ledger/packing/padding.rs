//! Padding: lengths in steps, so that they tell less.

/// The smallest step, in bytes.
const STEP: usize = 32;

/// The length to which this many bytes are padded.
///
/// Up to 511 bytes in steps of 32; from there in steps that grow with the length as those of Padmé (Nikitin et al.,
/// PURBs, PoPETs 2019, section 4.3): at most an eighth is added, and from 64 KiB on at most a thirtieth. A length of
/// up to `n` bytes then tells some `log log n` bits.
#[must_use]
pub const fn padded_length(length: usize) -> usize {
    let Some(exponent) = length.checked_ilog2() else { return STEP };
    // How many bits of the length are kept: as many as it takes to write the exponent.
    let kept = match exponent.checked_ilog2() {
        Some(bits) => bits + 1,
        None => 1,
    };
    let proportional = 1 << exponent.saturating_sub(kept);
    let step = if proportional > STEP { proportional } else { STEP };
    match length.checked_next_multiple_of(step) {
        Some(padded) => padded,
        None => length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_of_the_documents() {
        for (length, padded) in [
            (0, 32),
            (1, 32),
            (32, 32),
            (33, 64),
            (150, 160),
            (500, 512),
            (1_000, 1_024),
            (1_025, 1_088),
            (4_097, 4_352),
            (70_000, 71_680),
            (1 << 20, 1 << 20),
        ] {
            assert_eq!(padded_length(length), padded, "{length}");
        }
        assert_eq!(padded_length(usize::MAX), usize::MAX);
    }

    proptest::proptest! {
        #[test]
        fn padding_adds_little_and_keeps_the_order(a in 1_usize..50_000_000, b in 1_usize..50_000_000) {
            let (small, large) = (a.min(b), a.max(b));
            proptest::prop_assert!(padded_length(small) <= padded_length(large));
            proptest::prop_assert!(padded_length(a) >= a);
            proptest::prop_assert!(padded_length(a) - a < 32.max(a / 8));
            proptest::prop_assert_eq!(padded_length(padded_length(a)), padded_length(a));
        }
    }
}
