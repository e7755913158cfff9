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
use super::{BlindIndex, BlobNames, DataKey, KeyId, PartitionKey, SecretKey, VaultError};

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

    /// Wraps a partition's data key, to be stored in that partition: a sealed body bound to tenant, partition and key
    /// id.
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
    /// Audit rows outlive the data key of an erased patient, because an accounting of disclosures has to be kept for
    /// six years (45 CFR 164.528(a), 164.530(j)); they hold only opaque ids.
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

    /// The names of objects in a blob store.
    #[must_use]
    pub fn blob_names(&self) -> BlobNames {
        BlobNames::new(self.tenant, self.prk.derive(&[b"mychartum/tenant/blob/1"]))
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

#[cfg(test)]
mod tests {
    use super::super::test_entropy::{Silent, TestEntropy};
    use super::*;
    use crate::kernel::id::{AccountId, PatientId};

    fn tenant(id: u8, secret: u8) -> TenantKey {
        TenantKey::new(TenantId::from_bytes([id; 16]), &SecretKey::from_bytes([secret; 32]))
    }

    fn ada() -> Partition {
        Partition::patient(PatientId::from_bytes([1; 16]))
    }

    #[test]
    fn a_data_key_unwraps_for_its_own_partition_and_tenant_only() {
        let entropy = TestEntropy::new(1);
        let key = DataKey::generate(&entropy).unwrap();
        let wrapped = tenant(1, 1).wrap_data_key(ada(), &key, &entropy).unwrap();
        let back = tenant(1, 1).unwrap_data_key(ada(), &wrapped).unwrap();
        assert_eq!((back.id(), back.secret().expose()), (key.id(), key.secret().expose()));

        let others = [
            (tenant(1, 1), Partition::patient(PatientId::from_bytes([2; 16]))),
            (tenant(1, 1), Partition::account(AccountId::from_bytes([1; 16]))),
            (tenant(2, 1), ada()),
            (tenant(1, 2), ada()),
        ];
        for (tenant, partition) in others {
            assert_eq!(tenant.unwrap_data_key(partition, &wrapped).err(), Some(VaultError::Unreadable));
        }
        for bit in 0..wrapped.len() * 8 {
            let mut altered = wrapped.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(tenant(1, 1).unwrap_data_key(ada(), &altered).err(), Some(VaultError::Unreadable));
        }
        assert_ne!(wrapped, tenant(1, 1).wrap_data_key(ada(), &key, &entropy).unwrap());
    }

    #[test]
    fn every_derived_key_differs() {
        let ours = tenant(1, 1);
        let other = tenant(1, 2);
        let mut keys = vec![
            *ours.pepper(Pepper::Password).expose(),
            *ours.pepper(Pepper::Token).expose(),
            *other.pepper(Pepper::Token).expose(),
            ours.founding_check(b""),
            ours.wrapping().mac().finalize().into_bytes().into(),
        ];
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn generating_takes_randomness_and_gives_a_new_tenant_each_time() {
        let entropy = TestEntropy::new(1);
        let (first, secret) = TenantKey::generate(&entropy).unwrap();
        let (second, _) = TenantKey::generate(&entropy).unwrap();
        assert_ne!(first.tenant(), second.tenant());
        let again = TenantKey::new(first.tenant(), &secret);
        assert_eq!(again.pepper(Pepper::Token).expose(), first.pepper(Pepper::Token).expose());
        assert!(TenantKey::generate(&Silent).is_err());
        assert!(DataKey::generate(&Silent).is_err());
    }
}
