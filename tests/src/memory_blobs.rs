//! A blob store in memory, for tests.

use core::ops::{Bound, Range};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mychartum_core::port::blob_store::{BlobError, BlobErrorKind, BlobName, BlobObject};
use mychartum_core::port::{BlobStore, BlobUpload, Clock};

use crate::ManualClock;

/// Keeps objects in memory, written at the time that its clock shows. Clones are the same store.
#[derive(Debug, Clone)]
pub struct MemoryBlobs {
    objects: Arc<Mutex<BTreeMap<BlobName, Object>>>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Clone)]
struct Object {
    bytes: Arc<[u8]>,
    written_at: DateTime<Utc>,
}

impl MemoryBlobs {
    /// An empty store with this clock.
    #[must_use]
    pub fn new(clock: impl Clock) -> Self {
        Self { objects: Arc::default(), clock: Arc::new(clock) }
    }

    /// The names and bytes of all objects, for tests that look behind the curtain.
    #[must_use]
    pub fn objects(&self) -> Vec<(BlobName, Vec<u8>)> {
        self.lock().iter().map(|(name, object)| (*name, object.bytes.to_vec())).collect()
    }

    /// Puts an object there, over one that is there, as an operator could.
    pub fn put(&self, name: BlobName, bytes: Vec<u8>) {
        let written_at = self.clock.now();
        self.lock().insert(name, Object { bytes: bytes.into(), written_at });
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<BlobName, Object>> {
        // Each change is one insertion or removal, so a thread that panicked left nothing half done.
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryBlobs {
    /// An empty store whose clock stands at noon of the first day of 2026, UTC.
    fn default() -> Self {
        Self::new(ManualClock::default())
    }
}

#[derive(Debug)]
struct MemoryUpload {
    blobs: MemoryBlobs,
    name: BlobName,
    bytes: Vec<u8>,
}

#[async_trait]
impl BlobUpload for MemoryUpload {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), BlobError> {
        self.bytes.extend(bytes);
        Ok(())
    }

    async fn complete(self: Box<Self>) -> Result<(), BlobError> {
        self.blobs.put(self.name, self.bytes);
        Ok(())
    }
}

#[async_trait]
impl BlobStore for MemoryBlobs {
    async fn begin(&self, name: BlobName) -> Result<Box<dyn BlobUpload>, BlobError> {
        Ok(Box::new(MemoryUpload { blobs: self.clone(), name, bytes: Vec::new() }))
    }

    async fn read(&self, name: BlobName, range: Range<u64>) -> Result<Vec<u8>, BlobError> {
        if range.start > range.end {
            return Err(BlobError::new(BlobErrorKind::Invalid, "read"));
        }
        let objects = self.lock();
        let object = objects.get(&name).ok_or(BlobError::new(BlobErrorKind::Missing, "read"))?;
        let place = |at: u64| usize::try_from(at).map_or(object.bytes.len(), |at| at.min(object.bytes.len()));
        Ok(object.bytes.get(place(range.start)..place(range.end)).unwrap_or_default().to_vec())
    }

    async fn list(&self, after: Option<BlobName>, limit: u32) -> Result<Vec<BlobObject>, BlobError> {
        if limit == 0 {
            return Err(BlobError::new(BlobErrorKind::Invalid, "list"));
        }
        let after = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let objects = self.lock();
        let listed = objects.range(after).map(|(name, object)| BlobObject {
            name: *name,
            bytes: object.bytes.len() as u64,
            written_at: object.written_at,
        });
        Ok(listed.take(limit as usize).collect())
    }

    async fn delete(&self, name: BlobName) -> Result<(), BlobError> {
        self.lock().remove(&name);
        Ok(())
    }

    async fn tidy(&self, _before: DateTime<Utc>) -> Result<u64, BlobError> {
        Ok(0)
    }
}
