//! A portal on a SQLite file, with its storage and vault at hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mychartum_adapters::keys::SecretKeyring;
use mychartum_adapters::system::SystemEntropy;
use mychartum_core::access::pack::{OWN_RECORDS_PACK, PolicyPack};
use mychartum_core::account::{AccountSettings, NewAccount, Password, Username};
use mychartum_core::kernel::id::PatientId;
use mychartum_core::port::storage::{Collection, Partition, RowId};
use mychartum_core::port::{Entropy as _, Storage};
use mychartum_core::portal::{Portal, Session, Settings};
use mychartum_core::vault::{PartitionKey, SecretKey, Vault, VaultSettings};
use mychartum_storage::SqliteStorage;
use mychartum_testkit::ManualClock;
use tokio::runtime::{Builder, Runtime};

use crate::Filler;

/// A portal whose clock stands still, so that a permit lasts as long as a benchmark does.
#[derive(Debug)]
pub struct House {
    /// Two worker threads.
    pub runtime: Runtime,
    /// The portal.
    pub portal: Portal,
    /// The storage below it.
    pub storage: Arc<dyn Storage>,
    /// The file, where the storage is one.
    pub path: PathBuf,
}

/// Where the ledger keeps the founding record: collection 1 of the system's partition, in the row of zeros.
const FOUNDING: Collection = Collection::new(1);

/// Where it keeps a partition's wrapped data key, in the row of zeros.
pub(crate) const KEYS: Collection = Collection::new(2);

const PASSWORD: &str = "correct horse battery";

/// A runtime as a host has it: two worker threads.
///
/// # Panics
/// If the system gives no threads.
#[must_use]
pub fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

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
        let runtime = runtime();
        let path = folder.join("portal.db");
        let storage = runtime.block_on(SqliteStorage::open(&path)).unwrap();
        Self { path, ..Self::over(runtime, Arc::new(storage)) }
    }

    /// Opens the portal over any storage, and founds it if it is new.
    ///
    /// # Panics
    /// If anything fails.
    #[must_use]
    pub fn over(runtime: Runtime, storage: Arc<dyn Storage>) -> Self {
        let portal = runtime.block_on(async {
            // Passwords are not what is measured, so they are cheap here.
            let accounts = AccountSettings { argon2_memory: 64, argon2_passes: 1, ..AccountSettings::default() };
            Portal::builder()
                .storage(Arc::clone(&storage))
                .keys(keyring())
                .clock(ManualClock::default())
                .entropy(SystemEntropy)
                .settings(Settings { accounts, ..Settings::default() })
                // Rows are written past the portal here, without a date of birth to decide by.
                .policy(PolicyPack::parse(OWN_RECORDS_PACK).unwrap())
                .open()
                .await
                .unwrap()
        });
        Self { runtime, portal, storage, path: PathBuf::new() }
    }

    /// Opens a portal in a folder that holds so many charts with so many results; one that an earlier run left is taken up again
    /// if its rows are of the same form.
    ///
    /// # Panics
    /// If anything fails.
    #[must_use]
    pub fn filled(folder: &Path, charts: u64, results: usize) -> Self {
        let marker = folder.join("filled");
        let said = [charts.to_string().into_bytes(), results.to_string().into_bytes(), Filler::form()].join(&b' ');
        if std::fs::read(&marker).is_ok_and(|found| found == said) {
            return Self::open(folder);
        }
        if folder.exists() {
            std::fs::remove_dir_all(folder).unwrap();
        }
        std::fs::create_dir_all(folder).unwrap();
        let house = Self::open(folder);
        let filler = Filler::new(&house);
        house.runtime.block_on(filler.charts(charts, results));
        std::fs::write(marker, said).unwrap();
        house
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
