//! Whether a change set is applied: a pure function of the change set and what it finds.

use mychartum_core::port::storage::{ChangeSet, Outcome, Receipt, StorageErrorKind as Kind};

use super::lookup::{Found, Stored};

/// What is done with a change set.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is written; the partition gets this revision, and, if it is new, this epoch.
    Apply {
        /// The revision that the partition gets.
        revision: u64,
        /// The epoch of the partition.
        epoch: u64,
    },
    /// It was applied before.
    Repeated(Receipt),
    /// It breaks the contract or an expectation; nothing of it is written.
    Refused(Kind),
}

/// Decides about a change set whose limits were checked.
pub(super) fn verdict(set: &ChangeSet, digest: &[u8; 32], found: &Found) -> Verdict {
    if let Some(kind) = found.state.refuses_commits() {
        return Verdict::Refused(kind);
    }
    if let Some((earlier, revision)) = &found.applied {
        return if earlier == digest {
            Verdict::Repeated(Receipt { revision: *revision, outcome: Outcome::Repeated })
        } else {
            Verdict::Refused(Kind::Invalid)
        };
    }
    let (revision, epoch) = found.head.unwrap_or((0, found.bucket_epoch));
    if set.expect.revision != revision || set.expect.epoch != epoch || !rows_are_expected(set, found) {
        return Verdict::Refused(Kind::Conflict);
    }
    match revision.checked_add(1).filter(|revision| i64::try_from(*revision).is_ok()) {
        Some(revision) => Verdict::Apply { revision, epoch },
        None => Verdict::Refused(Kind::Unsupported),
    }
}

fn rows_are_expected(set: &ChangeSet, found: &Found) -> bool {
    let versions = set.puts.iter().map(|put| put.version.checked_sub(1));
    let versions = versions.chain(set.deletes.iter().map(|delete| Some(delete.version)));
    let stored = |k: i32| found.rows.get(&k).map_or(0, |stored: &Stored| stored.version);
    (0..).zip(versions).all(|(k, version)| version == Some(stored(k)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    use mychartum_core::kernel::id::ChangeSetId;
    use mychartum_core::port::custody::BucketState;
    use mychartum_core::port::storage::{AuditHead, Collection, Delete, Expect, Partition, Put, RowId};

    fn set() -> ChangeSet {
        ChangeSet {
            id: ChangeSetId::from_bytes([1; 16]),
            partition: Partition::SYSTEM,
            expect: Expect { revision: 3, epoch: 2 },
            puts: vec![Put {
                collection: Collection::new(1),
                row: RowId::from_bytes([2; 16]),
                version: 5,
                order: -1,
                tags: Vec::new(),
                body: Vec::new(),
            }],
            deletes: vec![Delete { collection: Collection::new(1), row: RowId::from_bytes([4; 16]), version: 7 }],
            audit: AuditHead { count: 1, link: [5; 32] },
        }
    }

    fn stored(version: u64) -> Stored {
        Stored { version, order: 0, tags: Vec::new() }
    }

    fn found() -> Found {
        let rows = HashMap::from([(0, stored(4)), (1, stored(7))]);
        Found { state: BucketState::Serving, bucket_epoch: 9, head: Some((3, 2)), applied: None, rows }
    }

    fn decide(set: &ChangeSet, found: &Found) -> Verdict {
        verdict(set, &set.digest(), found)
    }

    #[test]
    fn what_meets_all_expectations_is_applied() {
        assert_eq!(decide(&set(), &found()), Verdict::Apply { revision: 4, epoch: 2 });
        let mut first = set();
        first.expect = Expect { revision: 0, epoch: 9 };
        first.puts[0].version = 1;
        first.deletes.clear();
        let nothing = Found { head: None, rows: HashMap::new(), ..found() };
        assert_eq!(decide(&first, &nothing), Verdict::Apply { revision: 1, epoch: 9 });
    }

    #[test]
    fn every_expectation_counts() {
        let finds: [fn(&mut Found); 7] = [
            |found| found.head = Some((4, 2)),
            |found| found.head = Some((3, 1)),
            |found| found.head = None,
            |found| drop(found.rows.insert(0, stored(5))),
            |found| drop(found.rows.remove(&0)),
            |found| drop(found.rows.insert(1, stored(6))),
            |found| drop(found.rows.remove(&1)),
        ];
        for change in finds {
            let mut other = found();
            change(&mut other);
            assert_eq!(decide(&set(), &other), Verdict::Refused(Kind::Conflict), "{other:?}");
        }
    }

    #[test]
    fn what_was_applied_is_repeated_before_anything_else_is_compared() {
        let applied = Some((set().digest(), 2));
        let moved_on = Found { applied, head: Some((8, 2)), ..found() };
        let receipt = Receipt { revision: 2, outcome: Outcome::Repeated };
        assert_eq!(decide(&set(), &moved_on), Verdict::Repeated(receipt));
        let other = Found { applied: Some(([0; 32], 2)), ..found() };
        assert_eq!(decide(&set(), &other), Verdict::Refused(Kind::Invalid));
    }

    #[test]
    fn only_a_serving_bucket_takes_anything() {
        for (state, kind) in [
            (BucketState::Leaving, Kind::Busy),
            (BucketState::Arriving, Kind::Busy),
            (BucketState::Elsewhere, Kind::Elsewhere),
        ] {
            let turned = Found { state, applied: Some((set().digest(), 2)), ..found() };
            assert_eq!(decide(&set(), &turned), Verdict::Refused(kind));
        }
    }

    #[test]
    fn revisions_do_not_overflow() {
        let mut last = set();
        last.expect.revision = i64::MAX.cast_unsigned();
        let full = Found { head: Some((i64::MAX.cast_unsigned(), 2)), ..found() };
        assert_eq!(decide(&last, &full), Verdict::Refused(Kind::Unsupported));
    }
}
