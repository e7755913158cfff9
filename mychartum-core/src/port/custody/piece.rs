//! Pieces of partitions on their way from one storage to another.

use crate::kernel::id::ChangeSetId;
use crate::port::storage::{ChangeSet, Collection, Head, Partition, Row, RowId, StorageError, StorageErrorKind};

/// A change set that a partition remembers, to answer it as repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// Which change set.
    pub id: ChangeSetId,
    /// The digest of its content ([`ChangeSet::digest`]).
    pub digest: [u8; 32],
    /// The partition's revision right after it.
    pub revision: u64,
}

/// A part of a partition: its head with the first rows, or more rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Whose.
    pub partition: Partition,
    /// The epoch of the arriving bucket: a piece of an earlier move that was given up has another one and is refused.
    pub epoch: u64,
    /// The head and the remembered change sets; only the first piece of a partition has them, and replaces what was there.
    pub first: Option<(Head, Vec<Applied>)>,
    /// Rows, each once.
    pub rows: Vec<Row>,
}

impl Piece {
    /// The most rows in one call of `install`, over all pieces.
    pub const MAX_ROWS: usize = ChangeSet::MAX_ROWS;
    /// After so many bytes of bodies a page of `Snapshot::rows` ends: 4 MiB.
    pub const ENOUGH_BYTES: usize = 4 << 20;

    /// Checks what can be checked without storage; every storage calls this first in `install` (promise 9).
    ///
    /// # Errors
    /// `Invalid`.
    pub fn check_all(pieces: &[Self]) -> Result<(), StorageError> {
        let mut places: Vec<(Partition, Collection, RowId)> =
            pieces.iter().flat_map(|piece| &piece.rows).map(|row| (row.partition, row.collection, row.row)).collect();
        let count = places.len();
        places.sort_unstable();
        places.dedup();
        let sound = count == places.len() && count <= Self::MAX_ROWS && pieces.iter().all(Self::is_sound);
        if sound { Ok(()) } else { Err(StorageError::new(StorageErrorKind::Invalid, "install")) }
    }

    fn is_sound(&self) -> bool {
        let fits = |number: u64| i64::try_from(number).is_ok();
        let head = self.first.as_ref().is_none_or(|(head, applied)| {
            head.revision >= 1
                && fits(head.revision)
                && head.epoch <= self.epoch
                && applied.len() as u64 <= ChangeSet::REMEMBERED
                && applied.iter().all(|applied| (1..=head.revision).contains(&applied.revision))
                && applied.is_sorted_by(|one, next| one.revision < next.revision)
        });
        let row = |row: &Row| {
            row.partition == self.partition
                && row.version >= 1
                && fits(row.version)
                && row.tags.len() <= ChangeSet::MAX_TAGS
                && row.tags.iter().enumerate().all(|(at, tag)| !row.tags.iter().take(at).any(|other| other == tag))
                && row.body.len() <= ChangeSet::MAX_BODY
        };
        fits(self.epoch) && head && self.rows.iter().all(row)
    }
}
