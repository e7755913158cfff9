//! Which of two versions of the same thing counts: a pure function.

use core::cmp::Ordering;

use chrono::{DateTime, Utc};

use crate::chart::SourceVersion;
use crate::kernel::id::DeliveryId;

/// One version of something, as far as reconciling needs to know it.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// What the source says about its version.
    pub version: &'a SourceVersion,
    /// SHA-256 of the original.
    pub hash: [u8; 32],
    /// Of when the source's answer is that it came with, if that is known.
    pub as_of: Option<DateTime<Utc>>,
    /// The delivery it came with.
    pub delivery: DeliveryId,
}

/// What to do with what arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was there: file it.
    New,
    /// It is newer: it takes the other's place, and the other goes to the history.
    Newer,
    /// It is the very same.
    Same,
    /// It is older: it goes to the history and never wins.
    Older,
    /// Both came in one delivery, they differ, and nothing says which is newer: a person has to look.
    Ambiguous,
}

/// Decides between what is stored and what arrives.
///
/// The source's own version decides, never the order of arrival. Where the source says nothing, the delivery decides that is of a
/// later time; of two deliveries of one time, or of unknown ones, the one that comes later counts as newer. Two different ones in
/// the same delivery are ambiguous.
///
/// INVARIANT (order of arrival tells nothing): where every delivery says of when it is, no two of one source say the same, and the
/// source says the same kinds of things about all versions of an item, any order and any repetition of them ends in the same
/// chart.
#[must_use]
pub fn reconcile(stored: Option<Arrival<'_>>, arriving: Arrival<'_>) -> Verdict {
    let Some(stored) = stored else { return Verdict::New };
    if stored.hash == arriving.hash {
        return Verdict::Same;
    }
    match arriving.version.order(stored.version) {
        Some(Ordering::Greater) => Verdict::Newer,
        Some(_) => Verdict::Older,
        None if stored.delivery == arriving.delivery => Verdict::Ambiguous,
        None => match (stored.as_of, arriving.as_of) {
            (Some(stored), Some(arriving)) if arriving < stored => Verdict::Older,
            _ => Verdict::Newer,
        },
    }
}

/// Whether two originals say the same: byte for byte or, where both are JSON objects, but for the blanks between tokens.
///
/// A source that prints its documents prettier than last time has not changed them.
#[must_use]
pub(super) fn same_content(one: &[u8], other: &[u8]) -> bool {
    one == other || (one.starts_with(b"{") && other.starts_with(b"{") && tokens(one).eq(tokens(other)))
}

/// The bytes of a JSON text without the blanks between tokens.
fn tokens(json: &[u8]) -> impl Iterator<Item = u8> {
    let (mut in_string, mut escaped) = (false, false);
    json.iter().copied().filter(move |byte| {
        if in_string {
            in_string = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            return true;
        }
        in_string = *byte == b'"';
        !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::text::Label;
    use proptest::prelude::*;

    fn version(number: Option<u8>) -> SourceVersion {
        let id = number.and_then(|number| Label::clipped(&number.to_string()));
        SourceVersion { id, ..SourceVersion::default() }
    }

    proptest! {
        #[test]
        fn a_replay_changes_nothing_and_an_older_one_never_wins(
            a in proptest::option::of(0u8..4), b in proptest::option::of(0u8..4),
            hash_a in 0u8..3, hash_b in 0u8..3, delivery_a in 0u8..2, delivery_b in 0u8..2,
            of_a in proptest::option::of(0i64..3), of_b in proptest::option::of(0i64..3),
        ) {
            let time = |of: Option<i64>| of.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
            let (version_a, version_b) = (version(a), version(b));
            let stored = Arrival { version: &version_a, hash: [hash_a; 32], as_of: time(of_a), delivery: DeliveryId::from_bytes([delivery_a; 16]) };
            let arriving = Arrival { version: &version_b, hash: [hash_b; 32], as_of: time(of_b), delivery: DeliveryId::from_bytes([delivery_b; 16]) };
            prop_assert_eq!(reconcile(Some(arriving), arriving), Verdict::Same);
            prop_assert_eq!(reconcile(None, arriving), Verdict::New);
            let verdict = reconcile(Some(stored), arriving);
            if hash_a == hash_b {
                prop_assert_eq!(verdict, Verdict::Same);
            } else if let (Some(a), Some(b)) = (a, b) && a != b {
                prop_assert_eq!(verdict, if b > a { Verdict::Newer } else { Verdict::Older });
            } else {
                let expected = match (of_a, of_b) {
                    _ if delivery_a == delivery_b => Verdict::Ambiguous,
                    (Some(a), Some(b)) if b < a => Verdict::Older,
                    _ => Verdict::Newer,
                };
                prop_assert_eq!(verdict, expected);
            }
        }
    }
}
