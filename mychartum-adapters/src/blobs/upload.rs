//! Writing an object: gathered into parts, and readable when all are there.

use core::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::BlobUpload;
use mychartum_core::port::blob_store::{BlobError, BlobErrorKind};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _};

use super::error::blob_error;

/// An upload that holds one part. An object of one part is put at once; a longer one is a multipart upload, which a
/// store makes readable only when it is completed.
pub(super) struct ObjectUpload {
    store: Arc<dyn ObjectStore>,
    place: Path,
    part: usize,
    gathered: Vec<u8>,
    parts: Parts,
}

enum Parts {
    /// Nothing was sent yet.
    None,
    Some(Abandoned),
    /// A step failed or was dropped.
    Broken,
}

/// A multipart upload that is given up when it is dropped.
struct Abandoned(Option<Box<dyn MultipartUpload>>);

impl Drop for Abandoned {
    /// A folder forgets a dropped upload by itself; others have to be told, and a drop cannot wait for them.
    fn drop(&mut self) {
        if let (Some(mut upload), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move {
                upload.abort().await.ok();
            });
        }
    }
}

impl ObjectUpload {
    pub(super) fn begin(store: Arc<dyn ObjectStore>, place: Path, part: usize) -> Self {
        Self { store, place, part, gathered: Vec::new(), parts: Parts::None }
    }

    /// Sends what was gathered as the next part.
    async fn send(&mut self) -> Result<(), BlobError> {
        let mut abandoned = match core::mem::replace(&mut self.parts, Parts::Broken) {
            Parts::Some(upload) => upload,
            Parts::None => {
                let upload = self.store.put_multipart(&self.place).await;
                Abandoned(Some(upload.map_err(|error| blob_error(&error, "begin"))?))
            }
            Parts::Broken => return Err(broken()),
        };
        let upload = abandoned.0.as_mut().ok_or_else(broken)?;
        let part = core::mem::take(&mut self.gathered);
        upload.put_part(part.into()).await.map_err(|error| blob_error(&error, "write"))?;
        self.parts = Parts::Some(abandoned);
        Ok(())
    }
}

#[async_trait]
impl BlobUpload for ObjectUpload {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), BlobError> {
        if matches!(self.parts, Parts::Broken) {
            return Err(broken());
        }
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(self.part - self.gathered.len()));
            self.gathered.extend_from_slice(now);
            rest = later;
            // All parts but the last are equally long, as some stores demand. A full one waits, since it may be the
            // last.
            if self.gathered.len() == self.part && !rest.is_empty() {
                self.send().await?;
            }
        }
        Ok(())
    }

    async fn complete(mut self: Box<Self>) -> Result<(), BlobError> {
        match self.parts {
            Parts::Broken => return Err(broken()),
            Parts::None => {
                let object = core::mem::take(&mut self.gathered);
                let put = self.store.put(&self.place, object.into()).await;
                return put.map(drop).map_err(|error| blob_error(&error, "complete"));
            }
            Parts::Some(_) => self.send().await?,
        }
        let Parts::Some(mut abandoned) = core::mem::replace(&mut self.parts, Parts::Broken) else {
            return Err(broken());
        };
        let upload = abandoned.0.as_mut().ok_or_else(broken)?;
        upload.complete().await.map_err(|error| blob_error(&error, "complete"))?;
        abandoned.0 = None;
        Ok(())
    }
}

const fn broken() -> BlobError {
    BlobError::new(BlobErrorKind::Invalid, "write")
}

impl fmt::Debug for ObjectUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectUpload").field("gathered", &self.gathered.len()).finish_non_exhaustive()
    }
}
