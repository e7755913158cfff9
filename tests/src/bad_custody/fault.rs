//! A fault laid over a sound storage.

use core::fmt::Debug;
use core::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::custody::{BucketStatus, Piece, Turn};
use mychartum_core::port::storage::{
    Bucket, ChangeSet, Collection, Due, Head, Partition, Receipt, Row, RowId, Scan, StorageError, StorageErrorKind,
};
use mychartum_core::port::{Custody, Snapshot, Storage};
use mychartum_storage::MemoryStorage;

use crate::conformance::custody::Factory;

/// How one storage misbehaves: whatever a fault does not name goes to the sound storage beneath.
#[async_trait]
pub(super) trait Fault: Debug + Default + Send + Sync + 'static {
    /// Whether a read of a bucket that is elsewhere is answered as if there were nothing.
    const SHOWS_NOTHING: bool = false;

    async fn snapshot(&self, sound: &MemoryStorage) -> Result<Box<dyn Snapshot>, StorageError> {
        sound.snapshot().await
    }

    async fn buckets(&self, sound: &MemoryStorage) -> Result<Vec<BucketStatus>, StorageError> {
        sound.buckets().await
    }

    async fn turn(&self, sound: &MemoryStorage, turns: &[Turn]) -> Result<(), StorageError> {
        sound.turn(turns).await
    }

    async fn install(&self, sound: &MemoryStorage, pieces: &[Piece]) -> Result<(), StorageError> {
        sound.install(pieces).await
    }

    async fn clear(&self, sound: &MemoryStorage, status: BucketStatus) -> Result<(), StorageError> {
        sound.clear(status).await
    }
}

/// A sound storage with a fault over it.
#[derive(Debug)]
struct Faulty<F> {
    fault: F,
    sound: MemoryStorage,
}

impl<F: Fault> Faulty<F> {
    fn shown<T: Default>(answer: Result<T, StorageError>) -> Result<T, StorageError> {
        match answer {
            Err(error) if F::SHOWS_NOTHING && error.kind() == StorageErrorKind::Elsewhere => Ok(T::default()),
            answer => answer,
        }
    }
}

#[async_trait]
impl<F: Fault> Storage for Faulty<F> {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        self.sound.commit(set).await
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        self.sound.head(partition).await
    }

    async fn get(
        &self,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        Self::shown(self.sound.get(partition, collection, rows).await)
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        Self::shown(self.sound.scan(scan).await)
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        Self::shown(self.sound.due(due).await)
    }

    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        Self::shown(self.sound.heads(bucket, after, limit).await)
    }
}

#[async_trait]
impl<F: Fault> Custody for Faulty<F> {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StorageError> {
        self.fault.snapshot(&self.sound).await
    }

    async fn buckets(&self) -> Result<Vec<BucketStatus>, StorageError> {
        self.fault.buckets(&self.sound).await
    }

    async fn turn(&self, turns: &[Turn]) -> Result<(), StorageError> {
        self.fault.turn(&self.sound, turns).await
    }

    async fn install(&self, pieces: &[Piece]) -> Result<(), StorageError> {
        self.fault.install(&self.sound, pieces).await
    }

    async fn clear(&self, status: BucketStatus) -> Result<(), StorageError> {
        self.fault.clear(&self.sound, status).await
    }
}

/// Makes storages with one fault.
#[derive(Debug)]
struct Faults<F>(PhantomData<F>);

#[async_trait]
impl<F: Fault> Factory for Faults<F> {
    async fn fresh(&self) -> Result<Arc<dyn Custody>, StorageError> {
        Ok(Arc::new(Faulty { fault: F::default(), sound: MemoryStorage::new() }))
    }

    async fn reopen(&self, storage: Arc<dyn Custody>) -> Result<Arc<dyn Custody>, StorageError> {
        Ok(storage)
    }
}

/// A factory of storages with this fault.
pub(super) fn factory<F: Fault>() -> Box<dyn Factory> {
    Box::new(Faults::<F>(PhantomData))
}
