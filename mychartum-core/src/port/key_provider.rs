//! Wrapping keys: a local keyring, a KMS or an HSM.

use core::fmt::Debug;

use async_trait::async_trait;

use crate::kernel::id::TenantId;
use crate::vault::SecretKey;

/// Wraps and unwraps the tenant's key; it never hands out its own.
///
/// # What it is for
/// All keys of a tenant hang on one tenant key. The database holds that key only wrapped by this port, so whoever has the
/// database but not the key provider has nothing.
///
/// # Promises
/// 1. `unwrap(t, wrap(t, k)) == k`, for as long as the wrapping key lives.
/// 2. What was wrapped for one tenant does not unwrap for another: the tenant is bound to it.
/// 3. A wrapping key is never replaced silently: if the key that wrapped is gone, `unwrap` says [`KeyError::Missing`]; if
///    another key is there instead, [`KeyError::Wrong`]. Only `wrap` may make a key, and only where there is none.
/// 4. `wrap` of the same key twice gives different bytes.
/// 5. A wrapped key is at most 4 KiB.
///
/// # What the library promises you
/// It calls `unwrap` once when a portal opens and `wrap` once when a tenant is founded or its wrapping key is changed. It
/// keeps the tenant key only in memory that is wiped.
///
/// # If you break it
/// A provider that makes a new key on `unwrap` turns a lost key into silent loss of everything that comes after.
///
/// # Test yourself
/// `mychartum_testkit::conformance::key_provider`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait KeyProvider: Debug + Send + Sync + 'static {
    /// Wraps a key for a tenant.
    ///
    /// # Errors
    /// [`KeyError::Unavailable`] when the keyring or service cannot be reached or written.
    async fn wrap(&self, tenant: TenantId, key: &SecretKey) -> Result<Vec<u8>, KeyError>;

    /// Unwraps what [`wrap`](Self::wrap) made for the same tenant.
    ///
    /// # Errors
    /// [`KeyError::Missing`], [`KeyError::Wrong`] or [`KeyError::Unavailable`].
    async fn unwrap(&self, tenant: TenantId, wrapped: &[u8]) -> Result<SecretKey, KeyError>;
}

/// Why a wrapping key could not do its work. Carries no key material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The wrapping key is not there; restore it from its backup.
    #[error("the wrapping key is missing: restore it from its backup")]
    Missing,
    /// A wrapping key is there, but not the one that wrapped this, or the wrapped key was altered.
    #[error("the wrapping key is not the one that this database was sealed with")]
    Wrong,
    /// The keyring or key service cannot be reached, read or written now.
    #[error("the keyring cannot be reached")]
    Unavailable,
    /// A key file that others may read; its mode must be 0600.
    #[error("the key file may be read by others: its mode must be 0600")]
    Exposed,
}

#[async_trait]
impl<T: KeyProvider + ?Sized> KeyProvider for std::sync::Arc<T> {
    async fn wrap(&self, tenant: TenantId, key: &SecretKey) -> Result<Vec<u8>, KeyError> {
        (**self).wrap(tenant, key).await
    }

    async fn unwrap(&self, tenant: TenantId, wrapped: &[u8]) -> Result<SecretKey, KeyError> {
        (**self).unwrap(tenant, wrapped).await
    }
}
