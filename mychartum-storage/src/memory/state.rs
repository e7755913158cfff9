//! All that a storage in memory holds: partitions, and the states of buckets.

use std::collections::BTreeMap;

use mychartum_core::port::custody::{BucketState, BucketStatus, Piece, Turn};
use mychartum_core::port::storage::{Bucket, Head, Partition, StorageError, StorageErrorKind};

use super::contents::Contents;

/// Partitions, and those buckets that are not as in a new storage.
#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) partitions: BTreeMap<Partition, Contents>,
    buckets: BTreeMap<Bucket, BucketStatus>,
}

impl State {
    /// How a bucket stands.
    pub(super) fn status(&self, bucket: Bucket) -> BucketStatus {
        let new = BucketStatus { bucket, state: BucketState::Serving, epoch: 0 };
        self.buckets.get(&bucket).copied().unwrap_or(new)
    }

    /// Refuses a read of a bucket that cannot be read here.
    pub(super) fn may_read(&self, bucket: Bucket, operation: &'static str) -> Result<(), StorageError> {
        match self.status(bucket).state.refuses_reads() {
            None => Ok(()),
            Some(kind) => Err(StorageError::new(kind, operation)),
        }
    }

    /// The partitions of a bucket, in order.
    pub(super) fn of_bucket(&self, bucket: Bucket) -> impl Iterator<Item = (&Partition, &Contents)> {
        self.partitions.iter().filter(move |(partition, _)| partition.bucket() == bucket)
    }

    /// A page of the partitions of a bucket with their heads.
    pub(super) fn heads(&self, bucket: Bucket, after: Option<Partition>, limit: u32) -> Vec<(Partition, Head)> {
        let listed = self.of_bucket(bucket).filter(|(partition, _)| after.is_none_or(|after| **partition > after));
        listed.map(|(partition, contents)| (*partition, contents.head)).take(limit as usize).collect()
    }

    /// Turns buckets; after an error nothing has changed.
    pub(super) fn turn(&mut self, turns: &[Turn]) -> Result<(), StorageError> {
        let mut next = self.buckets.clone();
        for turn in turns {
            let holds = self.of_bucket(turn.bucket).next().is_some();
            let now = next.get(&turn.bucket).copied().unwrap_or_else(|| self.status(turn.bucket));
            if let Some(then) = turn.applied_to(now, holds)? {
                next.insert(turn.bucket, then);
            }
        }
        self.buckets = next;
        for (partition, contents) in &mut self.partitions {
            if let Some(status) = self.buckets.get(&partition.bucket()) {
                contents.head.epoch = contents.head.epoch.max(status.epoch);
            }
        }
        Ok(())
    }

    /// Installs pieces; after an error nothing has changed.
    pub(super) fn install(&mut self, pieces: &[Piece]) -> Result<(), StorageError> {
        Piece::check_all(pieces)?;
        let fits = |piece: &Piece| {
            let status = self.status(piece.partition.bucket());
            status.state == BucketState::Arriving && status.epoch == piece.epoch
        };
        // A piece that is not the first needs an earlier one: in storage, or before it in the same call.
        let known = |at: usize, piece: &Piece| {
            piece.first.is_some()
                || self.partitions.contains_key(&piece.partition)
                || pieces.iter().take(at).any(|other| other.first.is_some() && other.partition == piece.partition)
        };
        if !pieces.iter().enumerate().all(|(at, piece)| fits(piece) && known(at, piece)) {
            return Err(StorageError::new(StorageErrorKind::Invalid, "install"));
        }
        for piece in pieces {
            if let Some((head, applied)) = &piece.first {
                let contents = Contents { head: *head, applied: applied.iter().copied().collect(), ..Contents::new(0) };
                self.partitions.insert(piece.partition, contents);
            }
            if let Some(contents) = self.partitions.get_mut(&piece.partition) {
                contents.rows.extend(piece.rows.iter().map(|row| ((row.collection, row.row), row.clone())));
            }
        }
        Ok(())
    }

    /// Removes what a bucket holds, if it stands like this.
    pub(super) fn clear(&mut self, expected: BucketStatus) -> Result<(), StorageError> {
        self.status(expected.bucket).may_be_cleared(expected)?;
        self.partitions.retain(|partition, _| partition.bucket() != expected.bucket);
        Ok(())
    }
}
