//! Where the key providers under test come from.

use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::KeyProvider;
use mychartum_core::port::key_provider::KeyError;

/// Makes key providers for the cases and owns what they need: folders, services.
#[async_trait]
pub trait Factory: Send + Sync {
    /// A provider of its own whose wrapping key does not exist yet; no two share a key.
    ///
    /// # Errors
    /// Whatever kept it from opening; the case fails.
    async fn fresh(&self) -> Result<Arc<dyn KeyProvider>, KeyError>;

    /// Closes a provider as a host does when it ends, and opens it again with the same keys.
    ///
    /// # Errors
    /// Whatever kept it from opening; the case fails.
    async fn reopen(&self, provider: Arc<dyn KeyProvider>) -> Result<Arc<dyn KeyProvider>, KeyError>;
}
