//! A partition with one caller at a time: what the promises of the port say, and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::storage::{
    ChangeSet, Collection, Direction, Head, Outcome, Position, Receipt, Row, RowId, Scan,
};
use sha2::{Digest as _, Sha256};

use super::operation::{CommitAnswer, Seen};

/// The state of one partition. Copies share what they have in common.
#[derive(Debug, Clone)]
pub(super) struct Model {
    head: Head,
    rows: Arc<BTreeMap<(Collection, RowId), Row>>,
    applied: Arc<BTreeMap<ChangeSetId, (u64, Arc<ChangeSet>)>>,
    /// Tells states apart: a digest of all that was applied, in order.
    trace: [u8; 32],
}

/// How an answer fits a state.
#[derive(Debug)]
pub(super) enum Fit {
    /// It cannot have been given in this state.
    Not,
    /// It fits and leaves the state as it is.
    Same,
    /// It fits and leads to another state.
    Next(Model),
}

impl Fit {
    const fn when(fits: bool) -> Self {
        if fits { Self::Same } else { Self::Not }
    }
}

impl Model {
    /// A partition that nothing was committed to.
    pub(super) fn new() -> Self {
        Self { head: Head::EMPTY, rows: Arc::default(), applied: Arc::default(), trace: [0; 32] }
    }

    pub(super) const fn head(&self) -> Head {
        self.head
    }

    pub(super) const fn trace(&self) -> [u8; 32] {
        self.trace
    }

    /// Whether a call can have had this answer in this state, and what the state is after it.
    pub(super) fn fit(&self, seen: &Seen) -> Fit {
        match seen {
            Seen::Commit { set, answer } => self.commit(set, *answer),
            Seen::Head(head) => Fit::when(*head == self.head),
            Seen::Unlisted => Fit::when(self.head.revision == 0),
            Seen::Get { collection, rows, answer } => {
                let found = rows.iter().filter_map(|row| self.rows.get(&(*collection, *row)));
                Fit::when(found.eq(answer))
            }
            Seen::Scan { scan, answer } => Fit::when(self.scan(scan).into_iter().eq(answer)),
            Seen::Raised(epoch) => self.raised(*epoch),
        }
    }

    fn commit(&self, set: &Arc<ChangeSet>, answer: CommitAnswer) -> Fit {
        let known = self.applied.get(&set.id);
        let may_be_forgotten =
            known.is_some_and(|(revision, _)| self.head.revision >= revision + ChangeSet::REMEMBERED);
        let is_repeated = known.is_some_and(|(_, known)| known == set);
        let is_invalid = set.check().is_err() || known.is_some_and(|(_, known)| known != set);
        match answer {
            CommitAnswer::Receipt(Receipt { revision, outcome: Outcome::Repeated }) => {
                Fit::when(is_repeated && known.is_some_and(|(first, _)| *first == revision))
            }
            CommitAnswer::Receipt(Receipt { revision, outcome: Outcome::Applied }) => {
                // A change set that changed a partition's head once can never fit again, also when it is forgotten.
                if known.is_none() && set.check().is_ok() && self.expects(set) && revision == self.head.revision + 1 {
                    Fit::Next(self.after(set))
                } else {
                    Fit::Not
                }
            }
            CommitAnswer::Conflict => {
                let is_new = !is_invalid && !is_repeated;
                Fit::when((is_new && !self.expects(set)) || (set.check().is_ok() && may_be_forgotten))
            }
            CommitAnswer::Invalid => Fit::when(is_invalid),
            CommitAnswer::Unknown if known.is_none() && !is_invalid && self.expects(set) => Fit::Next(self.after(set)),
            // Where the partition has yet to get to what it expects, it can still be applied; else it never will be.
            CommitAnswer::Unknown => {
                let (expected, present) = (set.expect, self.head);
                let may_come = (expected.revision, expected.epoch) > (present.revision, present.epoch);
                Fit::when(is_invalid || is_repeated || !may_come)
            }
        }
    }

    /// Whether the head and the rows are as a change set expects.
    fn expects(&self, set: &ChangeSet) -> bool {
        let version = |collection, row| self.rows.get(&(collection, row)).map_or(0, |row| row.version);
        (set.expect.revision, set.expect.epoch) == (self.head.revision, self.head.epoch)
            && set.puts.iter().all(|put| version(put.collection, put.row) + 1 == put.version)
            && set.deletes.iter().all(|delete| version(delete.collection, delete.row) == delete.version)
    }

    fn after(&self, set: &Arc<ChangeSet>) -> Self {
        let mut next = self.clone();
        next.head = Head { revision: self.head.revision + 1, audit: set.audit, ..self.head };
        let rows = Arc::make_mut(&mut next.rows);
        for delete in &set.deletes {
            rows.remove(&(delete.collection, delete.row));
        }
        for put in set.puts.iter().cloned() {
            let (partition, collection, row, version, order) =
                (set.partition, put.collection, put.row, put.version, put.order);
            let (tags, body) = (put.tags, put.body);
            rows.insert((collection, row), Row { partition, collection, row, version, order, tags, body });
        }
        Arc::make_mut(&mut next.applied).insert(set.id, (next.head.revision, Arc::clone(set)));
        next.trace = digest(&self.trace, &set.id.to_bytes());
        next
    }

    fn raised(&self, epoch: u64) -> Fit {
        if epoch <= self.head.epoch {
            return Fit::Same;
        }
        let mut next = self.clone();
        next.head.epoch = epoch;
        next.trace = digest(&self.trace, &epoch.to_be_bytes());
        Fit::Next(next)
    }

    fn scan(&self, scan: &Scan) -> Vec<&Row> {
        let is_after = |position: Position, after: Position| match scan.direction {
            Direction::Ascending => position > after,
            Direction::Descending => position < after,
        };
        let mut rows: Vec<&Row> = self
            .rows
            .values()
            .filter(|row| row.collection == scan.collection)
            .filter(|row| scan.tag.is_none_or(|tag| row.tags.contains(&tag)))
            .filter(|row| scan.from.is_none_or(|from| row.order >= from))
            .filter(|row| scan.until.is_none_or(|until| row.order < until))
            .filter(|row| scan.after.is_none_or(|after| is_after(row.position(), after)))
            .collect();
        rows.sort_by_key(|row| row.position());
        if scan.direction == Direction::Descending {
            rows.reverse();
        }
        rows.truncate(usize::try_from(scan.limit).unwrap_or(usize::MAX));
        rows
    }
}

/// Change sets are told apart by their ids: two with one id are never both applied.
fn digest(before: &[u8; 32], now: &[u8]) -> [u8; 32] {
    Sha256::new_with_prefix(before).chain_update(now).finalize().into()
}
