//! Building a portal: what is missing or contradictory is named here, once.

use std::sync::Arc;

use crate::access::pack::{EXAMPLE_PACK, PolicyPack};
use crate::account::{BreachedPasswords, ContextKind, HashGate};
use crate::ledger::{Failure, Ledger, Stored};
use crate::port::notifier::PortalName;
use crate::port::storage::{ChangeSet, Expect, Head, Partition, Put, StorageErrorKind};
use crate::port::{BlobStore, Clock, Entropy, KeyProvider, Storage};
use crate::port::{Notifier, PasskeyVerifier};
use crate::vault::Vault;

use super::error::OpenError;
use super::outside::Outside;
use super::portal::Portal;
use super::settings::Settings;

/// Brings the parts of a portal together.
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until it is opened"]
pub struct PortalBuilder {
    storage: Option<Arc<dyn Storage>>,
    keys: Option<Arc<dyn KeyProvider>>,
    clock: Option<Arc<dyn Clock>>,
    entropy: Option<Arc<dyn Entropy>>,
    blobs: Option<Arc<dyn BlobStore>>,
    settings: Settings,
    policy: Option<PolicyPack>,
    outside: Outside,
}

impl PortalBuilder {
    /// Where sealed rows are kept.
    pub fn storage(self, storage: impl Storage) -> Self {
        Self { storage: Some(Arc::new(storage)), ..self }
    }

    /// Who wraps the tenant's key.
    pub fn keys(self, keys: impl KeyProvider) -> Self {
        Self { keys: Some(Arc::new(keys)), ..self }
    }

    /// Who tells the time.
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Some(Arc::new(clock)), ..self }
    }

    /// Who gives random bytes.
    pub fn entropy(self, entropy: impl Entropy) -> Self {
        Self { entropy: Some(Arc::new(entropy)), ..self }
    }

    /// Where attached files are kept. Optional: without it, whatever has to do with attached files says so.
    pub fn blobs(self, blobs: impl BlobStore) -> Self {
        Self { blobs: Some(Arc::new(blobs)), ..self }
    }

    /// How the portal behaves.
    pub fn settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// The policy: who may see what, at which age, released when. Without one, it is the example that is shipped
    /// ([`EXAMPLE_PACK`]).
    pub fn policy(self, policy: PolicyPack) -> Self {
        Self { policy: Some(policy), ..self }
    }

    /// What the portal calls itself in notices, in authenticator apps and beside passkeys.
    pub fn name(mut self, name: PortalName) -> Self {
        self.outside.name = name;
        self
    }

    /// The name of a clinic: no password here is made of it.
    pub fn clinic_name(mut self, name: &str) -> Self {
        self.outside.words = self.outside.words.with(ContextKind::Clinic, name);
        self
    }

    /// Who carries notices. Optional: without one, none are sent, and each says so in the trail.
    pub fn notifier(mut self, notifier: impl Notifier) -> Self {
        self.outside.notifier = Some(Arc::new(notifier));
        self
    }

    /// Who checks passkeys. Optional: without one, there are none.
    pub fn passkeys(mut self, passkeys: impl PasskeyVerifier) -> Self {
        self.outside.passkeys = Some(Arc::new(passkeys));
        self
    }

    /// Who knows passwords that became known. Optional, beside the list that is built in.
    pub fn breached_passwords(mut self, breached: impl BreachedPasswords + 'static) -> Self {
        self.outside.breached = Some(Arc::new(breached));
        self
    }

    /// Opens the portal. An empty storage is founded: it gets a tenant and its key.
    ///
    /// # Errors
    /// [`OpenError`] names the missing part, a key that is missing or wrong, or what storage said.
    pub async fn open(self) -> Result<Portal, OpenError> {
        let storage = self.storage.ok_or(OpenError::Incomplete("storage"))?;
        let keys = self.keys.ok_or(OpenError::Incomplete("key provider (keys)"))?;
        let clock = self.clock.ok_or(OpenError::Incomplete("clock"))?;
        let entropy = self.entropy.ok_or(OpenError::Incomplete("source of randomness (entropy)"))?;
        let (vault, fresh) = open_vault(&*storage, &*keys, &entropy, self.settings).await?;
        let hashes = Arc::new(HashGate::new(self.settings.accounts.hashes_at_once));
        let ledger = Ledger { storage, vault, clock, entropy, hashes };
        if fresh {
            ledger.note_founding().await?;
        } else {
            ledger.note_homecoming().await?;
        }
        let policy = match self.policy {
            Some(policy) => policy,
            None => PolicyPack::parse(EXAMPLE_PACK).map_err(|_| OpenError::Incomplete("policy"))?,
        };
        Ok(Portal::new(ledger, self.blobs, self.settings, Arc::new(policy), self.outside))
    }
}

/// Reopens the vault of a founded storage, or founds an empty one; the second value says which.
async fn open_vault(
    storage: &dyn Storage,
    keys: &dyn KeyProvider,
    entropy: &Arc<dyn Entropy>,
    settings: Settings,
) -> Result<(Vault, bool), Failure> {
    loop {
        let rows = storage.get(Partition::SYSTEM, Stored::FOUNDING, &[Stored::ONLY]).await?;
        if let Some(row) = rows.first() {
            let vault = Vault::reopen(keys, &row.body, Arc::clone(entropy), settings.vault).await?;
            return Ok((vault, false));
        }
        let head = storage.head(Partition::SYSTEM).await?;
        if head.revision > 0 {
            return Err(Failure::Damaged("founding record: missing"));
        }
        let (vault, founding) = Vault::found(keys, Arc::clone(entropy), settings.vault).await?;
        match found(storage, &vault, head, founding, &**entropy).await {
            Ok(()) => return Ok((vault, true)),
            // Another process founded it in between; its record counts.
            Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict => {}
            Err(failure) => return Err(failure),
        }
    }
}

async fn found(
    storage: &dyn Storage,
    vault: &Vault,
    head: Head,
    record: Vec<u8>,
    entropy: &dyn Entropy,
) -> Result<(), Failure> {
    let partition = Partition::SYSTEM;
    let mut id = [0; 16];
    entropy.fill(&mut id)?;
    let (_, wrapped) = vault.new_partition_key(partition)?;
    let put = |collection, body| Put { collection, row: Stored::ONLY, version: 1, order: 0, tags: Vec::new(), body };
    let set = ChangeSet {
        id: crate::kernel::id::ChangeSetId::from_bytes(id),
        partition,
        expect: Expect { revision: head.revision, epoch: head.epoch },
        puts: vec![put(Stored::FOUNDING, record), put(Stored::KEY, wrapped)],
        deletes: Vec::new(),
        audit: head.audit,
    };
    storage.commit(&set).await?;
    Ok(())
}
