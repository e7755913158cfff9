//! Change sets: what is written, as a value.

use core::fmt;

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
