//! A copy of everything, as a snapshot.

use core::fmt;

use async_trait::async_trait;
use mychartum_core::port::Snapshot;
use mychartum_core::port::custody::{Applied, BucketStatus, Piece};
use mychartum_core::port::storage::{Bucket, Collection, Head, Partition, Row, RowId, StorageError, StorageErrorKind};

use super::state::State;

/// What a storage in memory held when it was asked.
pub(super) struct MemorySnapshot(pub(super) State);

impl fmt::Debug for MemorySnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySnapshot").finish_non_exhaustive()
    }
}

#[async_trait]
impl Snapshot for MemorySnapshot {
    async fn buckets(&mut self) -> Result<Vec<BucketStatus>, StorageError> {
        Ok(Bucket::all().map(|bucket| self.0.status(bucket)).collect())
    }

    async fn heads(
        &mut self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        at_least_one(limit)?;
        Ok(self.0.heads(bucket, after, limit))
    }

    async fn rows(
        &mut self,
        partition: Partition,
        after: Option<(Collection, RowId)>,
        limit: u32,
    ) -> Result<Vec<Row>, StorageError> {
        at_least_one(limit)?;
        let Some(contents) = self.0.partitions.get(&partition) else { return Ok(Vec::new()) };
        let rows = contents.rows.iter().filter(|(place, _)| after.is_none_or(|after| **place > after));
        let mut bytes = 0;
        let enough = |(_, row): &(&(Collection, RowId), &Row)| {
            let so_far = bytes;
            bytes += row.body.len();
            so_far < Piece::ENOUGH_BYTES
        };
        Ok(rows.take(limit as usize).take_while(enough).map(|(_, row)| row.clone()).collect())
    }

    async fn applied(&mut self, partition: Partition) -> Result<Vec<Applied>, StorageError> {
        let contents = self.0.partitions.get(&partition);
        Ok(contents.map(|contents| contents.applied.iter().copied().collect()).unwrap_or_default())
    }
}

fn at_least_one(limit: u32) -> Result<(), StorageError> {
    if limit == 0 { Err(StorageError::new(StorageErrorKind::Invalid, "snapshot")) } else { Ok(()) }
}
