//! Where the blob stores under test come from.

use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::BlobStore;
use mychartum_core::port::blob_store::BlobError;

/// Makes blob stores for the cases and owns what they need: folders, servers, buckets.
#[async_trait]
pub trait Factory: Send + Sync {
    /// A store to test; it may be one that others use, and that earlier calls gave.
    ///
    /// # Errors
    /// Whatever kept it from opening; the case fails.
    async fn fresh(&self) -> Result<Arc<dyn BlobStore>, BlobError>;

    /// Closes a store as a host does when it ends, and opens one on the same objects, as another process would.
    ///
    /// # Errors
    /// Whatever kept it from opening; the case fails.
    async fn reopen(&self, store: Arc<dyn BlobStore>) -> Result<Arc<dyn BlobStore>, BlobError>;

    /// Puts something of somebody else's beside the objects, if the place is one where others can: a file in the
    /// folder, an object in the bucket. It may do nothing.
    ///
    /// # Errors
    /// Whatever kept it from doing so; the case fails.
    async fn litter(&self, store: &dyn BlobStore) -> Result<(), BlobError>;

    /// Whether all of that is still there.
    ///
    /// # Errors
    /// Whatever kept it from looking; the case fails.
    async fn litter_is_left(&self, store: &dyn BlobStore) -> Result<bool, BlobError>;
}
