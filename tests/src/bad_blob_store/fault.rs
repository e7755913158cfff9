//! A fault laid over a sound blob store.

use core::fmt::Debug;
use core::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mychartum_core::port::blob_store::{BlobError, BlobName, BlobObject};
use mychartum_core::port::{BlobStore, BlobUpload};

use crate::MemoryBlobs;
use crate::conformance::blob_store::Factory;

/// How one blob store misbehaves: whatever a fault does not name goes to the sound store beneath.
#[async_trait]
pub(super) trait Fault: Debug + Default + Send + Sync + 'static {
    async fn begin(&self, sound: &MemoryBlobs, name: BlobName) -> Result<Box<dyn BlobUpload>, BlobError> {
        sound.begin(name).await
    }

    async fn read(&self, sound: &MemoryBlobs, name: BlobName, range: Range<u64>) -> Result<Vec<u8>, BlobError> {
        sound.read(name, range).await
    }

    async fn list(
        &self,
        sound: &MemoryBlobs,
        after: Option<BlobName>,
        limit: u32,
    ) -> Result<Vec<BlobObject>, BlobError> {
        sound.list(after, limit).await
    }

    async fn delete(&self, sound: &MemoryBlobs, name: BlobName) -> Result<(), BlobError> {
        sound.delete(name).await
    }

    async fn tidy(&self, sound: &MemoryBlobs, before: DateTime<Utc>) -> Result<u64, BlobError> {
        sound.tidy(before).await
    }

    async fn reopen(&self, _sound: &MemoryBlobs) {}

    /// Whether what others keep there survives.
    fn spares_others(&self) -> bool {
        true
    }
}

/// A sound store with a fault over it.
#[derive(Debug, Default)]
struct Faulty<F> {
    fault: F,
    sound: MemoryBlobs,
}

#[async_trait]
impl<F: Fault> BlobStore for Faulty<F> {
    async fn begin(&self, name: BlobName) -> Result<Box<dyn BlobUpload>, BlobError> {
        self.fault.begin(&self.sound, name).await
    }

    async fn read(&self, name: BlobName, range: Range<u64>) -> Result<Vec<u8>, BlobError> {
        self.fault.read(&self.sound, name, range).await
    }

    async fn list(&self, after: Option<BlobName>, limit: u32) -> Result<Vec<BlobObject>, BlobError> {
        self.fault.list(&self.sound, after, limit).await
    }

    async fn delete(&self, name: BlobName) -> Result<(), BlobError> {
        self.fault.delete(&self.sound, name).await
    }

    async fn tidy(&self, before: DateTime<Utc>) -> Result<u64, BlobError> {
        self.fault.tidy(&self.sound, before).await
    }
}

/// Gives one store with a fault to every case.
#[derive(Debug, Default)]
struct Faults<F>(Arc<Faulty<F>>);

#[async_trait]
impl<F: Fault> Factory for Faults<F> {
    async fn fresh(&self) -> Result<Arc<dyn BlobStore>, BlobError> {
        Ok(Arc::<Faulty<F>>::clone(&self.0))
    }

    async fn reopen(&self, _store: Arc<dyn BlobStore>) -> Result<Arc<dyn BlobStore>, BlobError> {
        self.0.fault.reopen(&self.0.sound).await;
        self.fresh().await
    }

    async fn litter(&self, _store: &dyn BlobStore) -> Result<(), BlobError> {
        Ok(())
    }

    async fn litter_is_left(&self, _store: &dyn BlobStore) -> Result<bool, BlobError> {
        Ok(self.0.fault.spares_others())
    }
}

/// A factory of stores with this fault.
pub(super) fn factory<F: Fault>() -> Box<dyn Factory> {
    Box::new(Faults::<F>(Arc::default()))
}
