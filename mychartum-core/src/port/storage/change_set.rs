//! Change sets: what is written, as a value.

use core::fmt;

use sha2::{Digest as _, Sha256};

use crate::kernel::id::{ChangeSetId, write_hex};

use super::error::{StorageError, StorageErrorKind};
use super::partition::Partition;
use super::row::{Collection, RowId, Tag};

/// A change to one partition, applied whole or not at all.
///
/// Limits: at most [`MAX_ROWS`](Self::MAX_ROWS) puts and deletes together, [`MAX_BODY`](Self::MAX_BODY) bytes a body and
/// [`MAX_TAGS`](Self::MAX_TAGS) different tags a row; no row twice; every put's and delete's version at least 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSet {
    /// Makes repeating it harmless.
    pub id: ChangeSetId,
    /// The one partition it changes.
    pub partition: Partition,
    /// The head that the partition must have.
    pub expect: Expect,
    /// Rows to write.
    pub puts: Vec<Put>,
    /// Rows to remove.
    pub deletes: Vec<Delete>,
    /// Where the audit chain ends after it; the entry itself is one of the puts.
    pub audit: AuditHead,
}

impl ChangeSet {
    /// The most puts and deletes in one change set.
    pub const MAX_ROWS: usize = 10_000;
    /// The longest body in bytes.
    pub const MAX_BODY: usize = 32 << 20;
    /// The most tags on one row: a questionnaire has one for each of its questions.
    pub const MAX_TAGS: usize = 64;
    /// How many of a partition's last change sets a storage remembers at least (promise 7 of the storage port).
    pub const REMEMBERED: u64 = 64;

    /// Checks the limits; every storage calls this first (promise 15).
    ///
    /// # Errors
    /// `Invalid`.
    pub fn check(&self) -> Result<(), StorageError> {
        let mut rows: Vec<(Collection, RowId)> = self
            .puts
            .iter()
            .map(|put| (put.collection, put.row))
            .chain(self.deletes.iter().map(|delete| (delete.collection, delete.row)))
            .collect();
        let count = rows.len();
        rows.sort_unstable();
        rows.dedup();
        let sound = count == rows.len()
            && count <= Self::MAX_ROWS
            && self.deletes.iter().all(|delete| delete.version >= 1)
            && self.puts.iter().all(Put::is_within_limits);
        if sound { Ok(()) } else { Err(StorageError::new(StorageErrorKind::Invalid, "commit")) }
    }

    /// SHA-256 over everything but the id, by which a repeated change set is told from another one with the same id.
    ///
    /// Every field has a fixed width or is led by its length, so two different contents never feed the same bytes. It goes
    /// along when a partition is copied to another engine, so its form does not change.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"mychartum change set 1");
        hash.update([self.partition.kind().code()]);
        hash.update(self.partition.id());
        hash.update(self.expect.revision.to_be_bytes());
        hash.update(self.expect.epoch.to_be_bytes());
        hash.update(self.audit.count.to_be_bytes());
        hash.update(self.audit.link);
        hash.update(length(self.puts.len()));
        for put in &self.puts {
            hash.update(put.collection.number().to_be_bytes());
            hash.update(put.row.to_bytes());
            hash.update(put.version.to_be_bytes());
            hash.update(put.order.to_be_bytes());
            hash.update(length(put.tags.len()));
            for tag in &put.tags {
                hash.update(tag.to_bytes());
            }
            hash.update(length(put.body.len()));
            hash.update(&put.body);
        }
        hash.update(length(self.deletes.len()));
        for delete in &self.deletes {
            hash.update(delete.collection.number().to_be_bytes());
            hash.update(delete.row.to_bytes());
            hash.update(delete.version.to_be_bytes());
        }
        hash.finalize().into()
    }
}

/// The head that a change set expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expect {
    /// The partition's revision.
    pub revision: u64,
    /// The partition's epoch.
    pub epoch: u64,
}

/// A row to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// What kind of row.
    pub collection: Collection,
    /// Which one.
    pub row: RowId,
    /// The version it becomes: one more than the stored one, 1 for a new row.
    pub version: u64,
    /// What lists are sorted by.
    pub order: i64,
    /// Keyed hashes it can be found by; they replace earlier ones.
    pub tags: Vec<Tag>,
    /// Sealed bytes.
    pub body: Vec<u8>,
}

impl Put {
    fn is_within_limits(&self) -> bool {
        let mut tags = self.tags.clone();
        tags.sort_unstable();
        tags.dedup();
        self.version >= 1
            && i64::try_from(self.version).is_ok()
            && self.body.len() <= ChangeSet::MAX_BODY
            && self.tags.len() <= ChangeSet::MAX_TAGS
            && tags.len() == self.tags.len()
    }
}

/// A row to remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delete {
    /// What kind of row.
    pub collection: Collection,
    /// Which one.
    pub row: RowId,
    /// The version it has.
    pub version: u64,
}

/// Where an audit chain ends: how many entries, and the last link.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    /// How many entries the chain has.
    pub count: u64,
    /// The last entry's link; zeros for an empty chain.
    pub link: [u8; 32],
}

impl AuditHead {
    /// The head of an empty chain.
    pub const EMPTY: Self = Self { count: 0, link: [0; 32] };
}

impl fmt::Debug for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.count)?;
        write_hex(&self.link, f)
    }
}

/// The proof that a change set was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The partition's revision right after it.
    pub revision: u64,
    /// Whether this call applied it.
    pub outcome: Outcome,
}

/// Whether a commit changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// This call applied the change set.
    Applied,
    /// It had been applied before; nothing changed now.
    Repeated,
}

/// A length as eight bytes, the same on every platform.
const fn length(of: usize) -> [u8; 8] {
    (of as u64).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> ChangeSet {
        ChangeSet {
            id: ChangeSetId::from_bytes([1; 16]),
            partition: Partition::SYSTEM,
            expect: Expect { revision: 3, epoch: 0 },
            puts: vec![Put {
                collection: Collection::new(1),
                row: RowId::from_bytes([2; 16]),
                version: 1,
                order: -1,
                tags: vec![Tag::from_bytes([3; 16])],
                body: b"sealed".to_vec(),
            }],
            deletes: vec![Delete { collection: Collection::new(1), row: RowId::from_bytes([4; 16]), version: 1 }],
            audit: AuditHead { count: 1, link: [5; 32] },
        }
    }

    #[test]
    fn every_field_of_the_content_counts_and_the_id_does_not() {
        let changes: [fn(&mut ChangeSet); 12] = [
            |set| set.partition = Partition::source(Tag::from_bytes([0; 16])),
            |set| set.expect.revision = 4,
            |set| set.expect.epoch = 1,
            |set| set.audit.count = 2,
            |set| set.audit.link[31] = 0,
            |set| set.puts[0].version = 2,
            |set| set.puts[0].order = 1,
            |set| set.puts[0].tags.clear(),
            |set| set.puts[0].body.push(0),
            |set| set.puts.clear(),
            |set| set.deletes[0].version = 2,
            |set| set.deletes.clear(),
        ];
        let mut seen = vec![set().digest()];
        for change in changes {
            let mut other = set();
            change(&mut other);
            seen.push(other.digest());
        }
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count);

        let mut renamed = set();
        renamed.id = ChangeSetId::from_bytes([9; 16]);
        assert_eq!(renamed.digest(), set().digest());
    }
}
