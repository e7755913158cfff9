//! Blob stores that keep something other than what they were given.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use mychartum_core::port::blob_store::{BlobError, BlobName};
use mychartum_core::port::{BlobStore, BlobUpload};

use super::fault::Fault;
use crate::MemoryBlobs;

/// Forgets the object that was begun last.
#[derive(Debug, Default)]
pub(super) struct LosesTheLast(Mutex<Option<BlobName>>);

#[async_trait]
impl Fault for LosesTheLast {
    async fn begin(&self, sound: &MemoryBlobs, name: BlobName) -> Result<Box<dyn BlobUpload>, BlobError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(name);
        sound.begin(name).await
    }

    async fn reopen(&self, sound: &MemoryBlobs) {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(name) = last {
            sound.delete(name).await.ok();
        }
    }
}

/// Writes each piece where everybody sees it.
#[derive(Debug, Default)]
pub(super) struct ShowsParts;

#[derive(Debug)]
struct Shown {
    sound: MemoryBlobs,
    name: BlobName,
    bytes: Vec<u8>,
}

#[async_trait]
impl BlobUpload for Shown {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), BlobError> {
        self.bytes.extend(bytes);
        self.sound.put(self.name, self.bytes.clone());
        Ok(())
    }

    async fn complete(self: Box<Self>) -> Result<(), BlobError> {
        self.sound.put(self.name, self.bytes);
        Ok(())
    }
}

#[async_trait]
impl Fault for ShowsParts {
    async fn begin(&self, sound: &MemoryBlobs, name: BlobName) -> Result<Box<dyn BlobUpload>, BlobError> {
        Ok(Box::new(Shown { sound: sound.clone(), name, bytes: Vec::new() }))
    }
}

/// Gathers pieces and forgets what is gathered at the end.
#[derive(Debug, Default)]
pub(super) struct ForgetsTheLastPiece;

#[derive(Debug)]
struct Forgetful {
    sound: Box<dyn BlobUpload>,
    gathered: Vec<u8>,
}

#[async_trait]
impl BlobUpload for Forgetful {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), BlobError> {
        let before = core::mem::replace(&mut self.gathered, bytes);
        self.sound.write(before).await
    }

    async fn complete(self: Box<Self>) -> Result<(), BlobError> {
        self.sound.complete().await
    }
}

#[async_trait]
impl Fault for ForgetsTheLastPiece {
    async fn begin(&self, sound: &MemoryBlobs, name: BlobName) -> Result<Box<dyn BlobUpload>, BlobError> {
        Ok(Box::new(Forgetful { sound: sound.begin(name).await?, gathered: Vec::new() }))
    }
}

/// Gathers all that is being written in one place.
#[derive(Debug, Default)]
pub(super) struct OneBuffer(Arc<Mutex<Vec<u8>>>);

#[derive(Debug)]
struct Shared {
    sound: MemoryBlobs,
    name: BlobName,
    buffer: Arc<Mutex<Vec<u8>>>,
}

#[async_trait]
impl BlobUpload for Shared {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), BlobError> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
        Ok(())
    }

    async fn complete(self: Box<Self>) -> Result<(), BlobError> {
        let bytes = core::mem::take(&mut *self.buffer.lock().unwrap_or_else(PoisonError::into_inner));
        self.sound.put(self.name, bytes);
        Ok(())
    }
}

#[async_trait]
impl Fault for OneBuffer {
    async fn begin(&self, sound: &MemoryBlobs, name: BlobName) -> Result<Box<dyn BlobUpload>, BlobError> {
        Ok(Box::new(Shared { sound: sound.clone(), name, buffer: Arc::clone(&self.0) }))
    }
}
