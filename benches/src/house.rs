//! A portal on a SQLite file, with its storage and vault at hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mychartum_adapters::keys::SecretKeyring;
use mychartum_adapters::system::SystemEntropy;
use mychartum_core::account::{AccountSettings, NewAccount, Password, Username};
use mychartum_core::kernel::id::PatientId;
use mychartum_core::port::storage::{Collection, Partition, RowId};
use mychartum_core::port::{Entropy as _, Storage as _};
use mychartum_core::portal::{Portal, Session, Settings};
use mychartum_core::vault::{PartitionKey, SecretKey, Vault, VaultSettings};
use mychartum_storage::SqliteStorage;
use mychartum_testkit::ManualClock;
use tokio::runtime::Runtime;

/// A portal whose clock stands still, so that a permit lasts as long as a benchmark does.
#[derive(Debug)]
pub struct House {
    /// Two worker threads.
    pub runtime: Runtime,
    /// The portal.
    pub portal: Portal,
    /// The storage below it.
    pub storage: SqliteStorage,
    /// The file.
    pub path: PathBuf,
}

/// Where the ledger keeps the founding record: collection 1 of the system's partition, in the row of zeros.
const FOUNDING: Collection = Collection::new(1);

/// Where it keeps a partition's wrapped data key, in the row of zeros.
pub(crate) const KEYS: Collection = Collection::new(2);

const PASSWORD: &str = "correct horse battery";

fn keyring() -> SecretKeyring {
    SecretKeyring::new(SecretKey::from_bytes([7; 32]))
}

impl House {
    /// Opens the portal in a folder, and founds it if it is new.
    ///
    /// # Panics
    /// If anything fails.
    #[must_use]
    pub fn open(folder: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let path = folder.join("portal.db");
        let (storage, portal) = runtime.block_on(async {
            let storage = SqliteStorage::open(&path).await.unwrap();
            // Passwords are not what is measured, so they are cheap here.
            let accounts = AccountSettings { argon2_memory: 64, argon2_passes: 1, ..AccountSettings::default() };
            let portal = Portal::builder()
                .storage(storage.clone())
                .keys(keyring())
                .clock(ManualClock::default())
                .entropy(SystemEntropy)
                .settings(Settings { accounts, ..Settings::default() })
                .open()
                .await
                .unwrap();
            (storage, portal)
        });
        Self { runtime, portal, storage, path }
    }

    /// A vault with the portal's keys.
    ///
    /// # Panics
    /// If anything fails.
    #[must_use]
    pub fn vault(&self) -> Vault {
        self.runtime.block_on(async {
            let only = RowId::from_bytes([0; 16]);
            let rows = self.storage.get(Partition::SYSTEM, FOUNDING, &[only]).await.unwrap();
            let record = &rows.first().unwrap().body;
            Vault::reopen(&keyring(), record, Arc::new(SystemEntropy), VaultSettings::default()).await.unwrap()
        })
    }

    /// A partition's key.
    ///
    /// # Panics
    /// If anything fails.
    #[must_use]
    pub fn key(&self, vault: &Vault, partition: Partition) -> Arc<PartitionKey> {
        let only = RowId::from_bytes([0; 16]);
        let rows = self.runtime.block_on(self.storage.get(partition, KEYS, &[only])).unwrap();
        vault.partition_key(partition, &rows.first().unwrap().body).unwrap()
    }

    /// Opens a new account on a chart and signs in.
    ///
    /// # Panics
    /// If anything fails.
    #[must_use]
    pub fn sign_in(&self, own: PatientId) -> Session {
        // A name of its own in every run: the database may be one that an earlier run left.
        let mut name = [0; 8];
        SystemEntropy.fill(&mut name).unwrap();
        let username = Username::parse(&format!("reader-{:016x}", u64::from_be_bytes(name))).unwrap();
        self.runtime.block_on(async {
            let password = Password::new(PASSWORD).unwrap();
            let account = NewAccount { username: username.clone(), password, own: Some(own) };
            self.portal.open_account(account).await.unwrap();
            let token = self.portal.sign_in(&username, &Password::entered(PASSWORD).unwrap()).await.unwrap();
            self.portal.resume(&token).await.unwrap()
        })
    }
}
