//! One view over the snapshots of all cells.

use async_trait::async_trait;
use mychartum_core::port::Snapshot;
use mychartum_core::port::custody::{Applied, BucketState, BucketStatus};
use mychartum_core::port::storage::{Bucket, Collection, Head, Partition, Row, RowId, StorageError, StorageErrorKind};

use super::map::{Map, Place};

/// The snapshots of all cells; each question goes to the one that kept the bucket.
#[derive(Debug)]
pub(super) struct FleetSnapshot {
    cells: Vec<Box<dyn Snapshot>>,
    statuses: Vec<BucketStatus>,
    map: Map,
}

impl FleetSnapshot {
    /// Puts snapshots together.
    ///
    /// # Errors
    /// `Busy` when in these snapshots a bucket is served by none or by two: it moved meanwhile.
    pub(super) async fn of(mut cells: Vec<Box<dyn Snapshot>>) -> Result<Self, StorageError> {
        let mut said = Vec::with_capacity(cells.len());
        for cell in &mut cells {
            said.push(Some(cell.buckets().await?));
        }
        let map = Map::of(&said);
        let mut statuses = Vec::with_capacity(usize::from(Bucket::COUNT));
        for (bucket, place) in map.places() {
            let Place::At(number) = place else {
                return Err(StorageError::new(StorageErrorKind::Busy, "snapshot"));
            };
            let status = said.get(number).and_then(Option::as_ref);
            let status = status.and_then(|statuses| statuses.get(usize::from(bucket.number()))).copied();
            let status = status.ok_or(StorageError::new(StorageErrorKind::Integrity, "snapshot"))?;
            statuses.push(BucketStatus { state: BucketState::Serving, ..status });
        }
        Ok(Self { cells, statuses, map })
    }

    fn cell(&mut self, bucket: Bucket) -> Result<&mut Box<dyn Snapshot>, StorageError> {
        match self.map.place(bucket) {
            Place::At(number) => self.cells.get_mut(number),
            _ => None,
        }
        .ok_or(StorageError::new(StorageErrorKind::Integrity, "snapshot"))
    }
}

#[async_trait]
impl Snapshot for FleetSnapshot {
    async fn buckets(&mut self) -> Result<Vec<BucketStatus>, StorageError> {
        Ok(self.statuses.clone())
    }

    async fn heads(
        &mut self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        self.cell(bucket)?.heads(bucket, after, limit).await
    }

    async fn rows(
        &mut self,
        partition: Partition,
        after: Option<(Collection, RowId)>,
        limit: u32,
    ) -> Result<Vec<Row>, StorageError> {
        self.cell(partition.bucket())?.rows(partition, after, limit).await
    }

    async fn applied(&mut self, partition: Partition) -> Result<Vec<Applied>, StorageError> {
        self.cell(partition.bucket())?.applied(partition).await
    }
}
