//! The vault itself: the tenant's keys and the data keys in use.

use core::num::NonZeroUsize;
use std::sync::Arc;

use crate::kernel::id::TenantId;
use crate::port::storage::Partition;
use crate::port::{Entropy, KeyProvider};

use super::key_cache::KeyCache;
use super::{
    BlindIndex, BlobNames, DataKey, Founding, Opened, PartitionKey, Pepper, SealContext, SecretKey, TenantKey,
    VaultError, sealed,
};

/// Seals and opens rows, and knows the keys for it.
///
/// It touches no storage: the caller reads a partition's wrapped data key, and stores a new one. Every method is a
/// plain function over values; only [`found`](Self::found) and [`reopen`](Self::reopen) wait for the key provider.
#[derive(Debug)]
pub struct Vault {
    tenant: TenantKey,
    index: BlindIndex,
    names: BlobNames,
    keys: KeyCache,
    entropy: Arc<dyn Entropy>,
}

/// How a vault works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VaultSettings {
    /// The most data keys kept ready in memory; one that is not is unwrapped again, which costs some microseconds.
    pub cached_keys: NonZeroUsize,
}

impl Default for VaultSettings {
    /// Room for the keys of 4,096 partitions, well under a megabyte.
    fn default() -> Self {
        Self { cached_keys: NonZeroUsize::MIN.saturating_add(4095) }
    }
}

impl Vault {
    /// Founds a new tenant: makes its id and key, and has the key wrapped. Returns the founding record's bytes to be
    /// stored.
    ///
    /// Only for an empty database; what was sealed before stays sealed for ever.
    ///
    /// # Errors
    /// `Entropy`; `Key` from the provider; `Misuse` when the provider breaks its contract.
    pub async fn found(
        provider: &dyn KeyProvider,
        entropy: Arc<dyn Entropy>,
        settings: VaultSettings,
    ) -> Result<(Self, Vec<u8>), VaultError> {
        let (tenant, secret) = TenantKey::generate(&*entropy)?;
        let founding = Founding::wrap(&tenant, &secret, provider).await?;
        Ok((Self::new(tenant, entropy, settings), founding.encode()))
    }

    /// Opens the vault of a founded tenant.
    ///
    /// # Errors
    /// `Key` when the wrapping key is missing, wrong or not to be reached: no new key is ever made over old data.
    /// `Unreadable` when the bytes are no founding record.
    pub async fn reopen(
        provider: &dyn KeyProvider,
        founding: &[u8],
        entropy: Arc<dyn Entropy>,
        settings: VaultSettings,
    ) -> Result<Self, VaultError> {
        let tenant = Founding::decode(founding)?.unwrap(provider).await?;
        Ok(Self::new(tenant, entropy, settings))
    }

    /// The vault of a tenant whose key is at hand.
    #[must_use]
    pub fn new(tenant: TenantKey, entropy: Arc<dyn Entropy>, settings: VaultSettings) -> Self {
        let (index, names) = (tenant.blind_index(), tenant.blob_names());
        Self { index, names, tenant, keys: KeyCache::new(settings.cached_keys), entropy }
    }

    /// Whose vault.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant.tenant()
    }

    /// Makes a partition's data key: ready for use, and wrapped to be stored in the partition's first change set.
    ///
    /// It is not cached: if another writer was first, that one's key counts. [`partition_key`](Self::partition_key)
    /// caches what was read back.
    ///
    /// # Errors
    /// `Entropy`.
    pub fn new_partition_key(&self, partition: Partition) -> Result<(Arc<PartitionKey>, Vec<u8>), VaultError> {
        let key = DataKey::generate(&*self.entropy)?;
        let wrapped = self.tenant.wrap_data_key(partition, &key, &*self.entropy)?;
        Ok((Arc::new(PartitionKey::new(self.tenant(), partition, &key)), wrapped))
    }

    /// The key of a partition from its wrapped data key as stored; cached, unless the cached one is another.
    ///
    /// # Errors
    /// `Unreadable` when it was wrapped for another partition or tenant, or altered.
    pub fn partition_key(&self, partition: Partition, wrapped: &[u8]) -> Result<Arc<PartitionKey>, VaultError> {
        let id = sealed::key_id(wrapped).ok_or(VaultError::Unreadable)?;
        if let Some(key) = self.keys.find_exact(partition, id) {
            return Ok(key);
        }
        let key = self.tenant.unwrap_data_key(partition, wrapped)?;
        let key = Arc::new(PartitionKey::new(self.tenant(), partition, &key));
        self.keys.keep(&key);
        Ok(key)
    }

    /// The key of a partition from its wrapped data key, without a look at the cache and without keeping it there: for rows of
    /// a copy, whose partitions may have other keys than those in use.
    ///
    /// # Errors
    /// As [`partition_key`](Self::partition_key).
    pub fn read_partition_key(&self, partition: Partition, wrapped: &[u8]) -> Result<PartitionKey, VaultError> {
        let key = self.tenant.unwrap_data_key(partition, wrapped)?;
        Ok(PartitionKey::new(self.tenant(), partition, &key))
    }

    /// The key of a partition, if it is in the cache.
    #[must_use]
    pub fn cached(&self, partition: Partition) -> Option<Arc<PartitionKey>> {
        self.keys.find(partition)
    }

    /// The key of a partition, if it is in the cache and was [confirmed](Self::confirm) at this epoch or a later one.
    ///
    /// A partition that was restored from a backup may have another key than before, and then has a higher epoch.
    #[must_use]
    pub fn cached_since(&self, partition: Partition, epoch: u64) -> Option<Arc<PartitionKey>> {
        self.keys.find_since(partition, epoch)
    }

    /// Says that a cached key was read from storage after the partition had reached this epoch.
    pub fn confirm(&self, key: &PartitionKey, epoch: u64) {
        self.keys.confirm(key, epoch);
    }

    /// Drops a partition's key from the cache: after an erasure, or when storage has another one now.
    pub fn forget(&self, partition: Partition) {
        self.keys.forget(partition);
    }

    /// The key of a partition's audit rows: derived from the tenant key, so they stay readable after an erasure.
    #[must_use]
    pub fn audit_key(&self, partition: Partition) -> Arc<PartitionKey> {
        Arc::new(self.tenant.audit_key(partition))
    }

    /// Seals a row's body.
    ///
    /// # Errors
    /// As [`PartitionKey::seal`].
    pub fn seal(&self, key: &PartitionKey, context: &SealContext<'_>, plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        key.seal(context, plaintext, &*self.entropy)
    }

    /// Opens a row's body.
    ///
    /// # Errors
    /// As [`PartitionKey::open`].
    pub fn open(&self, key: &PartitionKey, context: &SealContext<'_>, body: &[u8]) -> Result<Opened, VaultError> {
        key.open(context, body)
    }

    /// The tenant's blind index.
    #[must_use]
    pub const fn index(&self) -> &BlindIndex {
        &self.index
    }

    /// The tenant's names of objects in a blob store.
    #[must_use]
    pub const fn blob_names(&self) -> &BlobNames {
        &self.names
    }

    /// One of the tenant's peppers.
    #[must_use]
    pub fn pepper(&self, pepper: Pepper) -> SecretKey {
        self.tenant.pepper(pepper)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_entropy::TestEntropy;
    use super::super::test_provider::{Careless, now};
    use super::*;
    use crate::kernel::id::PatientId;
    use crate::port::storage::{Collection, RowId};

    fn patient(number: u8) -> Partition {
        Partition::patient(PatientId::from_bytes([number; 16]))
    }

    fn context(partition: Partition) -> SealContext<'static> {
        SealContext {
            partition,
            collection: Collection::new(1),
            row: RowId::from_bytes([1; 16]),
            version: 1,
            order: 0,
            tags: &[],
        }
    }

    fn founded(cached_keys: usize) -> (Vault, Vec<u8>) {
        let settings = VaultSettings { cached_keys: NonZeroUsize::new(cached_keys).unwrap() };
        now(Vault::found(&Careless(7), Arc::new(TestEntropy::new(1)), settings)).unwrap()
    }

    #[test]
    fn a_reopened_vault_opens_what_was_sealed_before() {
        let (vault, founding) = founded(2);
        let (key, wrapped) = vault.new_partition_key(patient(1)).unwrap();
        let body = vault.seal(&key, &context(patient(1)), b"text").unwrap();

        let entropy = Arc::new(TestEntropy::new(2));
        let again = now(Vault::reopen(&Careless(7), &founding, entropy, VaultSettings::default())).unwrap();
        let key = again.partition_key(patient(1), &wrapped).unwrap();
        assert_eq!(&*again.open(&key, &context(patient(1)), &body).unwrap(), b"text");
        assert_eq!(again.tenant(), vault.tenant());
    }

    #[test]
    fn only_a_key_that_was_read_back_is_cached() {
        let (vault, _) = founded(2);
        let (_, wrapped) = vault.new_partition_key(patient(1)).unwrap();
        assert!(vault.cached(patient(1)).is_none());
        let key = vault.partition_key(patient(1), &wrapped).unwrap();
        assert!(Arc::ptr_eq(&key, &vault.cached(patient(1)).unwrap()));
        assert!(Arc::ptr_eq(&key, &vault.partition_key(patient(1), &wrapped).unwrap()));
    }

    #[test]
    fn another_key_in_storage_replaces_the_cached_one() {
        let (vault, _) = founded(2);
        let (_, first) = vault.new_partition_key(patient(1)).unwrap();
        let (_, second) = vault.new_partition_key(patient(1)).unwrap();
        let old = vault.partition_key(patient(1), &first).unwrap();
        let new = vault.partition_key(patient(1), &second).unwrap();
        assert_ne!(old.id(), new.id());
        assert!(Arc::ptr_eq(&new, &vault.cached(patient(1)).unwrap()));
    }

    #[test]
    fn the_cache_keeps_its_bound_and_drops_what_came_first() {
        let (vault, _) = founded(2);
        let keep = |number| {
            let (_, wrapped) = vault.new_partition_key(patient(number)).unwrap();
            vault.partition_key(patient(number), &wrapped).unwrap();
        };
        let cached = || [1, 2, 3].map(|number| vault.cached(patient(number)).is_some());
        [1, 2, 2].into_iter().for_each(keep);
        assert_eq!(cached(), [true, true, false]);
        keep(3);
        assert_eq!(cached(), [false, true, true]);
        vault.forget(patient(2));
        assert_eq!(cached(), [false, false, true]);
        keep(2);
        assert_eq!(cached(), [false, true, true], "what is forgotten and comes again is the newest");
        keep(1);
        assert_eq!(cached(), [true, true, false]);
        vault.forget(patient(2));
        keep(3);
        assert_eq!(cached(), [true, false, true]);
        keep(2);
        assert_eq!(cached(), [false, true, true]);
    }

    #[test]
    fn a_key_counts_from_the_epoch_at_which_it_was_confirmed() {
        let (vault, _) = founded(2);
        let (_, wrapped) = vault.new_partition_key(patient(1)).unwrap();
        let key = vault.partition_key(patient(1), &wrapped).unwrap();
        let known = |epoch| vault.cached_since(patient(1), epoch).is_some();
        assert_eq!([0, 1].map(known), [true, false]);
        vault.confirm(&key, 5);
        vault.confirm(&key, 3);
        assert_eq!([0, 5, 6].map(known), [true, true, false]);
        let (_, wrapped) = vault.new_partition_key(patient(1)).unwrap();
        vault.partition_key(patient(1), &wrapped).unwrap();
        vault.confirm(&key, 6);
        assert_eq!([0, 1].map(known), [true, false], "the confirmation of another key does not count");
    }

    #[test]
    fn audit_rows_stay_readable_when_the_data_key_is_gone() {
        let (vault, founding) = founded(2);
        let body = vault.seal(&vault.audit_key(patient(1)), &context(patient(1)), b"entry").unwrap();
        vault.forget(patient(1));
        let entropy = Arc::new(TestEntropy::new(2));
        let again = now(Vault::reopen(&Careless(7), &founding, entropy, VaultSettings::default())).unwrap();
        assert_eq!(&*again.open(&again.audit_key(patient(1)), &context(patient(1)), &body).unwrap(), b"entry");
        assert!(again.open(&again.audit_key(patient(2)), &context(patient(2)), &body).is_err());
        let (data, _) = vault.new_partition_key(patient(1)).unwrap();
        assert!(vault.open(&data, &context(patient(1)), &body).is_err());
    }

    #[test]
    fn debug_shows_no_key() {
        let (vault, _) = founded(2);
        let (_, wrapped) = vault.new_partition_key(patient(1)).unwrap();
        let key = vault.partition_key(patient(1), &wrapped).unwrap();
        let shown = format!("{vault:?}");
        let data = vault.tenant.unwrap_data_key(patient(1), &wrapped).unwrap();
        let hidden = format!("{:?}", data.secret().expose());
        assert!(!shown.contains(hidden.trim_matches(['[', ']'])), "{shown}");
        assert!(shown.contains(&format!("{key:?}")) && shown.contains("[hidden]"), "{shown}");
    }
}
