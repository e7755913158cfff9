//! The tenant key, on which all other keys of an installation hang.

use core::fmt;

use hmac::Mac;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::kernel::id::TenantId;
use crate::port::Entropy;
use crate::port::entropy::NoEntropy;
use crate::port::storage::Partition;

use super::prk::Prk;
use super::sealed::{self, Nonce};
use super::{BlindIndex, DataKey, KeyId, PartitionKey, SecretKey, VaultError};

/// Derives and wraps the keys of one tenant.
///
/// It keeps no secret but its pseudorandom key; every use has a key of its own, derived with a label of its own (HKDF,
/// RFC 5869), so that one use tells nothing about another. `Debug` shows the tenant only; wiped when dropped.
pub struct TenantKey {
    tenant: TenantId,
    prk: Prk,
}

/// What a pepper is for: a secret that is mixed into a verifier and is not in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pepper {
    /// Argon2's secret input for passwords (RFC 9106, section 3.1).
    Password,
    /// Verifiers of tokens and codes.
    Token,
}

impl TenantKey {
    /// The keys of a tenant, all derived from its secret.
    #[must_use]
    pub fn new(tenant: TenantId, secret: &SecretKey) -> Self {
        Self { tenant, prk: Prk::extract(secret) }
    }

    /// A new tenant with a random id: its keys, and the secret to be wrapped by a key provider.
    ///
    /// # Errors
    /// [`NoEntropy`].
    pub fn generate(entropy: &dyn Entropy) -> Result<(Self, SecretKey), NoEntropy> {
        let mut tenant = [0; 16];
        entropy.fill(&mut tenant)?;
        let secret = SecretKey::generate(entropy)?;
        Ok((Self::new(TenantId::from_bytes(tenant), &secret), secret))
    }

    /// Whose keys.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Wraps a partition's data key, to be stored in that partition: a sealed body bound to tenant, partition and key id.
    ///
    /// # Errors
    /// `Entropy`.
    pub fn wrap_data_key(
        &self,
        partition: Partition,
        key: &DataKey,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, VaultError> {
        let mut nonce = Nonce::default();
        entropy.fill(nonce.as_flattened_mut())?;
        sealed::seal(&self.wrapping(), key.id(), nonce, &self.wrapping_data(partition, key.id()), key.secret().expose())
    }

    /// Unwraps what [`wrap_data_key`](Self::wrap_data_key) made for the same partition.
    ///
    /// # Errors
    /// `Unreadable`.
    pub fn unwrap_data_key(&self, partition: Partition, wrapped: &[u8]) -> Result<DataKey, VaultError> {
        let id = sealed::key_id(wrapped).ok_or(VaultError::Unreadable)?;
        let secret = sealed::open(&self.wrapping(), id, &self.wrapping_data(partition, id), wrapped)?;
        let bytes = Zeroizing::new(<[u8; 32]>::try_from(secret.as_slice()).map_err(|_| VaultError::Unreadable)?);
        Ok(DataKey::new(id, SecretKey::from_bytes(*bytes)))
    }

    /// The key of a partition's audit rows, derived and never stored.
    ///
    /// Audit rows outlive the data key of an erased patient, because an accounting of disclosures has to be kept for six
    /// years (45 CFR 164.528(a), 164.530(j)); they hold only opaque ids.
    #[must_use]
    pub fn audit_key(&self, partition: Partition) -> PartitionKey {
        let [secret] = *self.prk.expand(&[b"mychartum/tenant/audit/1", &[partition.kind().code()], &partition.id()]);
        PartitionKey::new(self.tenant, partition, &DataKey::new(KeyId::AUDIT, SecretKey::from_bytes(secret)))
    }

    /// The blind index.
    #[must_use]
    pub fn blind_index(&self) -> BlindIndex {
        BlindIndex::new(&self.prk)
    }

    /// A pepper.
    #[must_use]
    pub fn pepper(&self, pepper: Pepper) -> SecretKey {
        let label: &[u8] = match pepper {
            Pepper::Password => b"mychartum/tenant/password/1",
            Pepper::Token => b"mychartum/tenant/token/1",
        };
        let [secret] = *self.prk.expand(&[label]);
        SecretKey::from_bytes(secret)
    }

    /// Authenticates the founding record, so that neither its tenant nor its wrapped key can be exchanged.
    pub(super) fn founding_check(&self, record: &[u8]) -> [u8; 32] {
        let mut mac = self.prk.derive(&[b"mychartum/tenant/founding/1"]).mac();
        mac.update(record);
        mac.finalize().into_bytes().into()
    }

    /// Whether a founding record carries this tenant's check, compared in constant time.
    pub(super) fn founded(&self, record: &[u8], check: &[u8; 32]) -> bool {
        self.founding_check(record).ct_eq(check).into()
    }

    fn wrapping(&self) -> Prk {
        self.prk.derive(&[b"mychartum/tenant/wrap/1"])
    }

    fn wrapping_data(&self, partition: Partition, key: KeyId) -> Vec<u8> {
        let mut data = Vec::with_capacity(56);
        data.extend_from_slice(b"mychartum/key/1");
        data.extend_from_slice(&self.tenant.to_bytes());
        data.push(partition.kind().code());
        data.extend_from_slice(&partition.id());
        data.extend_from_slice(&key.number().to_be_bytes());
        data
    }
}

impl fmt::Debug for TenantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TenantKey({}, [hidden])", self.tenant)
    }
}
