//! A blob store over an object store.

use core::fmt;
use core::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mychartum_core::port::blob_store::{BlobError, BlobErrorKind, BlobName, BlobObject};
use mychartum_core::port::{BlobStore, BlobUpload};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::error::{blob_error, io_error};
use super::upload::ObjectUpload;
use super::{drafts, layout};

/// How many bytes are gathered before they are sent, unless a host says otherwise: every S3-compatible store takes
/// parts of this size.
const PART: usize = 8 << 20;

/// Keeps attached files in an object store. Cheap to clone; all clones are the same store.
///
/// ```no_run
/// use mychartum_adapters::blobs::ObjectBlobs;
///
/// # fn open() -> Result<(), Box<dyn std::error::Error>> {
/// let blobs = ObjectBlobs::folder("portal-files")?;
/// // Portal::builder().blobs(blobs) ...
/// # let _ = blobs;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ObjectBlobs {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) prefix: Path,
    pub(super) listing: Listing,
    part: usize,
    /// The folder, where it is one: what killed uploads left behind is removed there.
    folder: Option<PathBuf>,
}

/// In which order an object store lists objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// By their names, as S3 does; then a page is read and no more.
    Sorted,
    /// In no order; then a shard is read for each page.
    Unsorted,
}

impl ObjectBlobs {
    /// Files in a folder of this machine, synced to the disk before they count. The folder is made if it is not there,
    /// for its owner only.
    ///
    /// # Errors
    /// `Unavailable`, `Full`.
    pub fn folder(path: impl AsRef<std::path::Path>) -> Result<Self, BlobError> {
        let path = path.as_ref();
        drafts::make_folder(path).map_err(|error| io_error(&error, "open"))?;
        let folder = std::fs::canonicalize(path).map_err(|error| io_error(&error, "open"))?;
        let store = LocalFileSystem::new_with_prefix(&folder).map_err(|error| blob_error(&error, "open"))?;
        let blobs = Self::over(Arc::new(store.with_fsync(true)), "", Listing::Unsorted);
        Ok(Self { folder: Some(folder), ..blobs })
    }

    /// Files in the memory of this process, for tests and trials.
    #[must_use]
    pub fn memory() -> Self {
        Self::over(Arc::new(InMemory::new()), "", Listing::Unsorted)
    }

    /// An object store that the host brings, under a prefix that nothing else uses. It must keep `object_store`'s
    /// contract, and what it acknowledges must be durable; the conformance suite tells.
    #[must_use]
    pub fn over(store: Arc<dyn ObjectStore>, prefix: &str, listing: Listing) -> Self {
        Self { store, prefix: Path::from(prefix), listing, part: PART, folder: None }
    }

    /// How many bytes are gathered before they are sent, which is what an upload holds in memory. Default 8 MiB; S3
    /// wants at least 5 MiB, and takes 10,000 parts of an object.
    #[must_use]
    pub fn part_bytes(self, bytes: usize) -> Self {
        Self { part: bytes.max(1), ..self }
    }
}

impl fmt::Debug for ObjectBlobs {
    /// Says nothing of the store itself, whose own `Debug` may hold what it signs in with.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectBlobs").field("listing", &self.listing).field("part", &self.part).finish_non_exhaustive()
    }
}

#[async_trait]
impl BlobStore for ObjectBlobs {
    async fn begin(&self, name: BlobName) -> Result<Box<dyn BlobUpload>, BlobError> {
        let place = layout::object_path(&self.prefix, name);
        Ok(Box::new(ObjectUpload::begin(Arc::clone(&self.store), place, self.part)))
    }

    async fn read(&self, name: BlobName, range: Range<u64>) -> Result<Vec<u8>, BlobError> {
        self.read_range(name, range).await
    }

    async fn list(&self, after: Option<BlobName>, limit: u32) -> Result<Vec<BlobObject>, BlobError> {
        self.list_page(after, limit).await
    }

    async fn delete(&self, name: BlobName) -> Result<(), BlobError> {
        match self
            .store
            .delete(&layout::object_path(&self.prefix, name))
            .await
            .map_err(|error| blob_error(&error, "delete"))
        {
            Err(error) if error.kind() == BlobErrorKind::Missing => Ok(()),
            outcome => outcome,
        }
    }

    async fn tidy(&self, before: DateTime<Utc>) -> Result<u64, BlobError> {
        match &self.folder {
            // A store in the cloud sees to it by a rule of its operator, and memory forgets by itself.
            None => Ok(0),
            Some(folder) => drafts::remove_drafts(folder.clone(), before).await,
        }
    }
}
