//! A keyring around a secret that the host brings.

use async_trait::async_trait;
use mychartum_core::kernel::id::TenantId;
use mychartum_core::port::KeyProvider;
use mychartum_core::port::key_provider::KeyError;
use mychartum_core::vault::SecretKey;

use super::wrapping;

/// Wraps keys with 32 secret bytes that the host brings, from its own secret store.
///
/// The bytes must be random: a passphrase is not enough, since nothing slows down guessing it.
#[derive(Debug)]
pub struct SecretKeyring(SecretKey);

impl SecretKeyring {
    /// A keyring around 32 random bytes.
    #[must_use]
    pub const fn new(secret: SecretKey) -> Self {
        Self(secret)
    }
}

#[async_trait]
impl KeyProvider for SecretKeyring {
    async fn wrap(&self, tenant: TenantId, key: &SecretKey) -> Result<Vec<u8>, KeyError> {
        wrapping::wrap(&self.0, tenant, key)
    }

    async fn unwrap(&self, tenant: TenantId, wrapped: &[u8]) -> Result<SecretKey, KeyError> {
        wrapping::unwrap(&self.0, tenant, wrapped)
    }
}
