//! A storage that acknowledges before the disk has the data.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{
    Bucket, ChangeSet, Collection, Due, Head, Outcome, Partition, Receipt, Row, RowId, Scan, StorageError,
};
use mychartum_storage::MemoryStorage;

use crate::conformance::storage::Factory;

/// A factory whose storages lose the last change set when they are reopened.
pub(super) fn loses_the_last() -> Box<dyn Factory> {
    Box::new(Restarts { disk: Arc::default() })
}

/// The change sets that were acknowledged.
type Disk = Arc<Mutex<Vec<ChangeSet>>>;

fn acknowledged(disk: &Disk) -> MutexGuard<'_, Vec<ChangeSet>> {
    disk.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
struct Restarts {
    disk: Disk,
}

/// What is in memory, and the log of it.
#[derive(Debug)]
struct Lazy {
    memory: MemoryStorage,
    disk: Disk,
}

#[async_trait]
impl Factory for Restarts {
    async fn fresh(&self) -> Result<Arc<dyn Storage>, StorageError> {
        acknowledged(&self.disk).clear();
        Ok(Arc::new(Lazy { memory: MemoryStorage::new(), disk: Arc::clone(&self.disk) }))
    }

    async fn reopen(&self, _: Arc<dyn Storage>) -> Result<Arc<dyn Storage>, StorageError> {
        let written = {
            let mut disk = acknowledged(&self.disk);
            disk.pop();
            disk.clone()
        };
        let memory = MemoryStorage::new();
        for set in &written {
            memory.commit(set).await?;
        }
        Ok(Arc::new(Lazy { memory, disk: Arc::clone(&self.disk) }))
    }
}

#[async_trait]
impl Storage for Lazy {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        let receipt = self.memory.commit(set).await?;
        if receipt.outcome == Outcome::Applied {
            acknowledged(&self.disk).push(set.clone());
        }
        Ok(receipt)
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        self.memory.head(partition).await
    }

    async fn get(
        &self,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        self.memory.get(partition, collection, rows).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        self.memory.scan(scan).await
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        self.memory.due(due).await
    }

    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        self.memory.heads(bucket, after, limit).await
    }
}
