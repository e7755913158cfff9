//! A fault laid over a sound storage.

use core::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{
    Bucket, ChangeSet, Collection, Due, Head, Partition, Receipt, Row, RowId, Scan, StorageError,
};
use mychartum_storage::MemoryStorage;

use crate::conformance::storage::Factory;

/// How one storage misbehaves: whatever a fault does not name goes to the sound storage beneath.
#[async_trait]
pub(super) trait Fault: Debug + Default + Send + Sync + 'static {
    async fn commit(&self, sound: &dyn Storage, set: &ChangeSet) -> Result<Receipt, StorageError> {
        sound.commit(set).await
    }

    async fn head(&self, sound: &dyn Storage, partition: Partition) -> Result<Head, StorageError> {
        sound.head(partition).await
    }

    async fn get(
        &self,
        sound: &dyn Storage,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        sound.get(partition, collection, rows).await
    }

    async fn scan(&self, sound: &dyn Storage, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        sound.scan(scan).await
    }

    async fn due(&self, sound: &dyn Storage, due: &Due) -> Result<Vec<Row>, StorageError> {
        sound.due(due).await
    }

    async fn heads(
        &self,
        sound: &dyn Storage,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        sound.heads(bucket, after, limit).await
    }
}

/// A sound storage with a fault over it.
#[derive(Debug)]
struct Faulty<F> {
    fault: F,
    sound: MemoryStorage,
}

#[async_trait]
impl<F: Fault> Storage for Faulty<F> {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        self.fault.commit(&self.sound, set).await
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        self.fault.head(&self.sound, partition).await
    }

    async fn get(
        &self,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        self.fault.get(&self.sound, partition, collection, rows).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        self.fault.scan(&self.sound, scan).await
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        self.fault.due(&self.sound, due).await
    }

    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        self.fault.heads(&self.sound, bucket, after, limit).await
    }
}

/// Makes storages with one fault.
#[derive(Debug)]
struct Faults<F>(core::marker::PhantomData<F>);

#[async_trait]
impl<F: Fault> Factory for Faults<F> {
    async fn fresh(&self) -> Result<Arc<dyn Storage>, StorageError> {
        Ok(Arc::new(Faulty { fault: F::default(), sound: MemoryStorage::new() }))
    }

    async fn reopen(&self, storage: Arc<dyn Storage>) -> Result<Arc<dyn Storage>, StorageError> {
        Ok(storage)
    }
}

/// A factory of storages with this fault.
pub(super) fn factory<F: Fault>() -> Box<dyn Factory> {
    Box::new(Faults::<F>(core::marker::PhantomData))
}
