//! Faults about snapshots.

use async_trait::async_trait;
use mychartum_core::port::custody::{Applied, BucketStatus};
use mychartum_core::port::storage::{Bucket, Collection, Head, Partition, Row, RowId, StorageError};
use mychartum_core::port::{Custody, Snapshot};
use mychartum_storage::MemoryStorage;

use super::fault::Fault;

/// Looks at the present whenever its snapshot is asked.
#[derive(Debug, Default)]
pub(super) struct Live;

#[async_trait]
impl Fault for Live {
    async fn snapshot(&self, sound: &MemoryStorage) -> Result<Box<dyn Snapshot>, StorageError> {
        Ok(Box::new(Skewed { sound: sound.clone(), skew: Skew::Nothing }))
    }
}

/// Leaves out the last row of every partition.
#[derive(Debug, Default)]
pub(super) struct LosesLast;

#[async_trait]
impl Fault for LosesLast {
    async fn snapshot(&self, sound: &MemoryStorage) -> Result<Box<dyn Snapshot>, StorageError> {
        Ok(Box::new(Skewed { sound: sound.clone(), skew: Skew::LastRow }))
    }
}

/// Gives the rows of the first collection of every partition.
#[derive(Debug, Default)]
pub(super) struct OneCollection;

#[async_trait]
impl Fault for OneCollection {
    async fn snapshot(&self, sound: &MemoryStorage) -> Result<Box<dyn Snapshot>, StorageError> {
        Ok(Box::new(Skewed { sound: sound.clone(), skew: Skew::OtherCollections }))
    }
}

/// What a snapshot leaves out.
#[derive(Debug)]
enum Skew {
    Nothing,
    LastRow,
    OtherCollections,
}

#[derive(Debug)]
struct Skewed {
    sound: MemoryStorage,
    skew: Skew,
}

#[async_trait]
impl Snapshot for Skewed {
    async fn buckets(&mut self) -> Result<Vec<BucketStatus>, StorageError> {
        self.sound.buckets().await
    }

    async fn heads(
        &mut self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        self.sound.snapshot().await?.heads(bucket, after, limit).await
    }

    async fn rows(
        &mut self,
        partition: Partition,
        after: Option<(Collection, RowId)>,
        limit: u32,
    ) -> Result<Vec<Row>, StorageError> {
        let mut snapshot = self.sound.snapshot().await?;
        let mut page = snapshot.rows(partition, after, limit).await?;
        match self.skew {
            Skew::Nothing => {}
            Skew::LastRow => {
                let last = page.last().map(|row| (row.collection, row.row));
                if snapshot.rows(partition, last, 1).await?.is_empty() {
                    page.pop();
                }
            }
            Skew::OtherCollections => {
                let first = snapshot.rows(partition, None, 1).await?;
                page.retain(|row| first.iter().any(|first| first.collection == row.collection));
            }
        }
        Ok(page)
    }

    async fn applied(&mut self, partition: Partition) -> Result<Vec<Applied>, StorageError> {
        self.sound.snapshot().await?.applied(partition).await
    }
}
