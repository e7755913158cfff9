//! The founding record: what ties a database to its keys.

use crate::kernel::id::TenantId;
use crate::port::KeyProvider;
use crate::port::key_provider::KeyError;

use super::{SecretKey, TenantKey, VaultError};

/// The record of the system partition: the tenant's id, and its key wrapped by the host's key provider.
///
/// ```text
/// 0x01 | tenant [16] | length u16 | wrapped tenant key | check [32]          numbers are big endian
/// ```
///
/// It is not sealed, since it is what the keys come from; the check (HMAC-SHA256 with a key derived from the tenant key, over
/// everything before it) authenticates it. Without the wrapping key it is worth nothing to anyone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founding {
    tenant: TenantId,
    wrapped: Vec<u8>,
    check: [u8; 32],
}

impl Founding {
    const FORMAT: u8 = 1;

    /// The longest wrapped key in bytes, as the key provider's contract says.
    pub const MAX_WRAPPED: u16 = 4096;

    /// Writes the record of a tenant key, wrapped by the provider.
    ///
    /// # Errors
    /// `Key` from the provider; `Misuse` when it gives a wrapped key over [`MAX_WRAPPED`](Self::MAX_WRAPPED) bytes.
    pub async fn wrap(key: &TenantKey, secret: &SecretKey, provider: &dyn KeyProvider) -> Result<Self, VaultError> {
        let wrapped = provider.wrap(key.tenant(), secret).await?;
        if wrapped.len() > usize::from(Self::MAX_WRAPPED) {
            return Err(VaultError::Misuse("wrapped key: at most 4096 bytes"));
        }
        let mut founding = Self { tenant: key.tenant(), wrapped, check: [0; 32] };
        founding.check = key.founding_check(&founding.unchecked());
        Ok(founding)
    }

    /// Unwraps the tenant key. Never makes a new one.
    ///
    /// # Errors
    /// `Key`: what the provider says, and [`KeyError::Wrong`] if it gives another key than the one that wrote this record.
    pub async fn unwrap(&self, provider: &dyn KeyProvider) -> Result<TenantKey, VaultError> {
        self.unwrap_secret(provider).await.map(|(key, _)| key)
    }

    /// The same tenant key under another wrapping key; nothing that was sealed changes.
    ///
    /// # Errors
    /// As [`unwrap`](Self::unwrap) of the old provider and [`wrap`](Self::wrap) of the new one.
    pub async fn rewrap(&self, old: &dyn KeyProvider, new: &dyn KeyProvider) -> Result<Self, VaultError> {
        let (key, secret) = self.unwrap_secret(old).await?;
        Self::wrap(&key, &secret, new).await
    }

    /// Whose record.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The record as bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.unchecked();
        bytes.extend_from_slice(&self.check);
        bytes
    }

    /// Reads a record. Whether it is genuine shows when it is unwrapped.
    ///
    /// # Errors
    /// `Unreadable` for an unknown format or another length than the record says.
    pub fn decode(bytes: &[u8]) -> Result<Self, VaultError> {
        Self::split(bytes).ok_or(VaultError::Unreadable)
    }

    fn split(bytes: &[u8]) -> Option<Self> {
        let (&[Self::FORMAT], rest) = bytes.split_first_chunk()? else { return None };
        let (tenant, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (wrapped, check) = rest.split_last_chunk()?;
        let length = u16::from_be_bytes(*length);
        let sound = length <= Self::MAX_WRAPPED && wrapped.len() == usize::from(length);
        sound.then(|| Self { tenant: TenantId::from_bytes(*tenant), wrapped: wrapped.to_vec(), check: *check })
    }

    async fn unwrap_secret(&self, provider: &dyn KeyProvider) -> Result<(TenantKey, SecretKey), VaultError> {
        let secret = provider.unwrap(self.tenant, &self.wrapped).await?;
        let key = TenantKey::new(self.tenant, &secret);
        if !key.founded(&self.unchecked(), &self.check) {
            return Err(KeyError::Wrong.into());
        }
        Ok((key, secret))
    }

    /// Everything before the check.
    fn unchecked(&self) -> Vec<u8> {
        let length = u16::try_from(self.wrapped.len()).unwrap_or(u16::MAX);
        let mut bytes = vec![Self::FORMAT];
        bytes.extend_from_slice(&self.tenant.to_bytes());
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&self.wrapped);
        bytes
    }
}
