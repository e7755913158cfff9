//! What one partition holds in memory, and the one way to change it.

use std::collections::{BTreeMap, VecDeque};

use mychartum_core::port::custody::Applied;
use mychartum_core::port::storage::{ChangeSet, Collection, Head, Outcome, Put, Receipt, Row, RowId, StorageErrorKind};

/// One partition.
#[derive(Clone)]
pub(super) struct Contents {
    pub(super) head: Head,
    pub(super) rows: BTreeMap<(Collection, RowId), Row>,
    pub(super) applied: VecDeque<Applied>,
}

impl Contents {
    /// A partition that nothing was committed to, in a bucket with this epoch.
    pub(super) const fn new(epoch: u64) -> Self {
        Self { head: Head { epoch, ..Head::EMPTY }, rows: BTreeMap::new(), applied: VecDeque::new() }
    }

    /// Applies a change set that is within its limits; after an error nothing has changed.
    pub(super) fn apply(&mut self, set: &ChangeSet) -> Result<Receipt, StorageErrorKind> {
        let digest = set.digest();
        if let Some(earlier) = self.applied.iter().find(|earlier| earlier.id == set.id) {
            return if earlier.digest == digest {
                Ok(Receipt { revision: earlier.revision, outcome: Outcome::Repeated })
            } else {
                Err(StorageErrorKind::Invalid)
            };
        }
        if !self.meets_expectations(set) {
            return Err(StorageErrorKind::Conflict);
        }
        for delete in &set.deletes {
            self.rows.remove(&(delete.collection, delete.row));
        }
        for put in &set.puts {
            self.rows.insert((put.collection, put.row), stored(set, put));
        }
        let revision = self.head.revision + 1;
        self.head = Head { revision, audit: set.audit, epoch: self.head.epoch };
        self.applied.push_back(Applied { id: set.id, digest, revision });
        while self.applied.len() as u64 > ChangeSet::REMEMBERED {
            self.applied.pop_front();
        }
        Ok(Receipt { revision, outcome: Outcome::Applied })
    }

    fn meets_expectations(&self, set: &ChangeSet) -> bool {
        let version = |collection, row| self.rows.get(&(collection, row)).map_or(0, |row| row.version);
        set.expect.revision == self.head.revision
            && set.expect.epoch == self.head.epoch
            && set.puts.iter().all(|put| put.version.checked_sub(1) == Some(version(put.collection, put.row)))
            && set.deletes.iter().all(|delete| delete.version == version(delete.collection, delete.row))
    }
}

fn stored(set: &ChangeSet, put: &Put) -> Row {
    Row {
        partition: set.partition,
        collection: put.collection,
        row: put.row,
        version: put.version,
        order: put.order,
        tags: put.tags.clone(),
        body: put.body.clone(),
    }
}
