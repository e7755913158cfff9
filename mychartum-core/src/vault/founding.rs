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
/// It is not sealed, since it is what the keys come from; the check (HMAC-SHA256 with a key derived from the tenant
/// key, over everything before it) authenticates it. Without the wrapping key it is worth nothing to anyone.
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
    /// # Errors `Key`: what the provider says, and [`KeyError::Wrong`] if it gives another key than the one that
    /// wrote this record.
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

#[cfg(test)]
mod tests {
    use super::super::Pepper;
    use super::super::test_entropy::TestEntropy;
    use super::super::test_provider::{Careless, Lost, now};
    use super::*;

    fn founded(provider: &dyn KeyProvider) -> (TenantKey, Founding) {
        let (key, secret) = TenantKey::generate(&TestEntropy::new(1)).unwrap();
        let founding = now(Founding::wrap(&key, &secret, provider)).unwrap();
        (key, founding)
    }

    #[test]
    fn it_comes_back_from_its_bytes_and_gives_the_same_keys() {
        let (key, founding) = founded(&Careless(7));
        let back = Founding::decode(&founding.encode()).unwrap();
        assert_eq!(back, founding);
        assert_eq!(back.tenant(), key.tenant());
        let again = now(back.unwrap(&Careless(7))).unwrap();
        assert_eq!(again.pepper(Pepper::Token).expose(), key.pepper(Pepper::Token).expose());
    }

    #[test]
    fn a_lost_or_wrong_wrapping_key_is_named_and_never_replaced() {
        let (_, founding) = founded(&Careless(7));
        let lost = Lost { wrapped: Vec::new() };
        assert_eq!(now(founding.unwrap(&lost)).err(), Some(VaultError::Key(KeyError::Missing)));
        assert_eq!(now(founding.unwrap(&Careless(8))).err(), Some(VaultError::Key(KeyError::Wrong)));
    }

    #[test]
    fn every_flipped_bit_and_every_other_length_is_found_even_if_the_provider_notices_nothing() {
        let (_, founding) = founded(&Careless(7));
        let bytes = founding.encode();
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let outcome = Founding::decode(&altered).and_then(|founding| now(founding.unwrap(&Careless(7))));
            assert!(matches!(outcome, Err(VaultError::Unreadable | VaultError::Key(KeyError::Wrong))), "bit {bit}");
        }
        for length in 0..bytes.len() {
            assert_eq!(Founding::decode(&bytes[..length]), Err(VaultError::Unreadable), "length {length}");
        }
        assert_eq!(Founding::decode(&[bytes.as_slice(), &[0]].concat()), Err(VaultError::Unreadable));
    }

    #[test]
    fn another_wrapping_key_takes_over_the_same_tenant_key() {
        let (key, founding) = founded(&Careless(7));
        let new = now(founding.rewrap(&Careless(7), &Careless(9))).unwrap();
        assert_ne!(new.encode(), founding.encode());
        let again = now(new.unwrap(&Careless(9))).unwrap();
        assert_eq!(again.pepper(Pepper::Token).expose(), key.pepper(Pepper::Token).expose());
        assert!(now(new.unwrap(&Careless(7))).is_err());
        assert!(now(founding.rewrap(&Careless(8), &Careless(9))).is_err(), "a wrong old key must not be carried over");
    }

    #[test]
    fn a_wrapped_key_over_the_limit_is_refused() {
        let (key, secret) = TenantKey::generate(&TestEntropy::new(1)).unwrap();
        let long = Lost { wrapped: vec![0; 4097] };
        assert!(matches!(now(Founding::wrap(&key, &secret, &long)), Err(VaultError::Misuse(_))));
        let longest = Lost { wrapped: vec![0; 4096] };
        let founding = now(Founding::wrap(&key, &secret, &longest)).unwrap();
        assert_eq!(Founding::decode(&founding.encode()), Ok(founding));
    }
}
