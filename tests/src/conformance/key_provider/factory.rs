//! Where the key providers under test come from.

use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::KeyProvider;
use mychartum_core::port::key_provider::KeyError;

/// Makes key providers for the cases and owns what they need: folders, services.
#[async_trait]
pub trait Factory: Send + Sync {
    /// Whether the wrapping key of a fresh provider is there before anything was wrapped.
    fn fresh_key(&self) -> FreshKey;

    /// A provider of its own; no two share a wrapping key.
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

/// Whether a provider has its wrapping key before it first wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreshKey {
    /// The first `wrap` makes it, as a keyring in a file does. Before, `unwrap` says `Missing`.
    Absent,
    /// The host brings it, or an operator made it in a key service. Then `unwrap` of another's bytes says `Wrong`.
    Present,
}
