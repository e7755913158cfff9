//! Blob stores that read something other than what is there.

use core::ops::Range;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use mychartum_core::port::BlobStore;
use mychartum_core::port::blob_store::{BlobError, BlobErrorKind, BlobName};

use super::fault::Fault;
use crate::MemoryBlobs;

/// Refuses a range that begins at the end of the object or beyond, as HTTP does.
#[derive(Debug, Default)]
pub(super) struct RefusesBeyond;

#[async_trait]
impl Fault for RefusesBeyond {
    async fn read(&self, sound: &MemoryBlobs, name: BlobName, range: Range<u64>) -> Result<Vec<u8>, BlobError> {
        let bytes = sound.read(name, range.clone()).await?;
        if bytes.is_empty() && range.start < range.end {
            return Err(BlobError::new(BlobErrorKind::Unavailable, "read"));
        }
        Ok(bytes)
    }
}

/// Takes an absent object for an empty one.
#[derive(Debug, Default)]
pub(super) struct NothingForAbsent;

#[async_trait]
impl Fault for NothingForAbsent {
    async fn read(&self, sound: &MemoryBlobs, name: BlobName, range: Range<u64>) -> Result<Vec<u8>, BlobError> {
        match sound.read(name, range).await {
            Err(error) if error.kind() == BlobErrorKind::Missing => Ok(Vec::new()),
            answer => answer,
        }
    }
}

/// Keeps what was read, and gives it also when the object is gone.
#[derive(Debug, Default)]
pub(super) struct RemembersDeleted(Mutex<BTreeMap<BlobName, Vec<u8>>>);

#[async_trait]
impl Fault for RemembersDeleted {
    async fn read(&self, sound: &MemoryBlobs, name: BlobName, range: Range<u64>) -> Result<Vec<u8>, BlobError> {
        let answer = sound.read(name, range).await;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Ok(bytes) => {
                kept.insert(name, bytes.clone());
                Ok(bytes)
            }
            Err(error) => kept.get(&name).cloned().ok_or(error),
        }
    }
}
