//! Blob stores that list, delete or tidy wrongly.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mychartum_core::port::BlobStore;
use mychartum_core::port::blob_store::{BlobError, BlobErrorKind, BlobName, BlobObject};

use super::fault::Fault;
use crate::MemoryBlobs;

/// Demands that there be something to delete.
#[derive(Debug, Default)]
pub(super) struct DeletesOnce;

#[async_trait]
impl Fault for DeletesOnce {
    async fn delete(&self, sound: &MemoryBlobs, name: BlobName) -> Result<(), BlobError> {
        let missing = BlobError::new(BlobErrorKind::Missing, "delete");
        sound.read(name, 0..0).await.map_err(|_| missing)?;
        sound.delete(name).await
    }
}

/// Includes the name that a page continues after.
#[derive(Debug, Default)]
pub(super) struct RepeatsTheFirst;

#[async_trait]
impl Fault for RepeatsTheFirst {
    async fn list(
        &self,
        sound: &MemoryBlobs,
        after: Option<BlobName>,
        limit: u32,
    ) -> Result<Vec<BlobObject>, BlobError> {
        let mut page = sound.list(after, limit).await?;
        if let Some(after) = after {
            let all = sound.list(None, u32::MAX).await?;
            page.splice(0..0, all.into_iter().find(|object| object.name == after));
            page.truncate(limit as usize);
        }
        Ok(page)
    }
}

/// Drops the second object of each page that has several.
#[derive(Debug, Default)]
pub(super) struct LeavesOut;

#[async_trait]
impl Fault for LeavesOut {
    async fn list(
        &self,
        sound: &MemoryBlobs,
        after: Option<BlobName>,
        limit: u32,
    ) -> Result<Vec<BlobObject>, BlobError> {
        let mut page = sound.list(after, limit).await?;
        if page.len() > 1 {
            page.remove(1);
        }
        Ok(page)
    }
}

/// Sweeps away whatever it does not know.
#[derive(Debug, Default)]
pub(super) struct RemovesOthers;

impl Fault for RemovesOthers {
    fn spares_others(&self) -> bool {
        false
    }
}

/// Gives an empty page where none was asked for.
#[derive(Debug, Default)]
pub(super) struct TakesZero;

#[async_trait]
impl Fault for TakesZero {
    async fn list(
        &self,
        sound: &MemoryBlobs,
        after: Option<BlobName>,
        limit: u32,
    ) -> Result<Vec<BlobObject>, BlobError> {
        if limit == 0 { Ok(Vec::new()) } else { sound.list(after, limit).await }
    }
}

/// Takes everything old for a remnant.
#[derive(Debug, Default)]
pub(super) struct TidiesAll;

#[async_trait]
impl Fault for TidiesAll {
    async fn tidy(&self, sound: &MemoryBlobs, before: DateTime<Utc>) -> Result<u64, BlobError> {
        let mut tidied = 0;
        for object in sound.list(None, u32::MAX).await? {
            if object.written_at < before {
                sound.delete(object.name).await?;
                tidied += 1;
            }
        }
        Ok(tidied)
    }
}
