//! Where the storages under test come from.

use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::Custody;
use mychartum_core::port::storage::StorageError;

/// Makes storages for the cases and owns what they need: folders, servers, connections.
#[async_trait]
pub trait Factory: Send + Sync {
    /// A new and empty storage, apart from all others that this factory gave: cases change the states of its buckets.
    ///
    /// # Errors
    /// Whatever kept it from opening; the case fails.
    async fn fresh(&self) -> Result<Arc<dyn Custody>, StorageError>;

    /// Closes a storage as a host does when it ends, and opens one on the same data, as another process would.
    ///
    /// # Errors
    /// Whatever kept it from opening; the case fails.
    async fn reopen(&self, storage: Arc<dyn Custody>) -> Result<Arc<dyn Custody>, StorageError>;
}
