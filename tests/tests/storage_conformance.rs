//! The storage suite against our storages, and against bad ones that it must catch.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::StorageError;
use mychartum_storage::{MemoryStorage, SqliteOptions, SqliteStorage};
use mychartum_testkit::bad_storage;
use mychartum_testkit::conformance::storage::{CASES, Factory, run_all};
use tempfile::TempDir;
use tokio::sync::Mutex;

/// One memory for all cases: they must bear with each other's data.
#[derive(Default)]
struct Memory {
    storage: MemoryStorage,
}

#[async_trait]
impl Factory for Memory {
    async fn fresh(&self) -> Result<Arc<dyn Storage>, StorageError> {
        Ok(Arc::new(self.storage.clone()))
    }

    async fn reopen(&self, storage: Arc<dyn Storage>) -> Result<Arc<dyn Storage>, StorageError> {
        Ok(storage)
    }
}

/// One file for all cases.
struct Sqlite {
    options: SqliteOptions,
    path: PathBuf,
    open: Mutex<Option<SqliteStorage>>,
    _folder: TempDir,
}

impl Sqlite {
    fn new(options: SqliteOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { options, path: folder.path().join("portal.db"), open: Mutex::default(), _folder: folder }
    }
}

#[async_trait]
impl Factory for Sqlite {
    async fn fresh(&self) -> Result<Arc<dyn Storage>, StorageError> {
        let mut open = self.open.lock().await;
        let storage = match open.take() {
            Some(storage) => storage,
            None => self.options.clone().open(&self.path).await?,
        };
        Ok(Arc::new(open.insert(storage).clone()))
    }

    async fn reopen(&self, storage: Arc<dyn Storage>) -> Result<Arc<dyn Storage>, StorageError> {
        drop(storage);
        if let Some(storage) = self.open.lock().await.take() {
            storage.close().await;
        }
        self.fresh().await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_keeps_all_promises() {
    run_all(&Memory::default()).await.assert_passed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_keeps_all_promises() {
    run_all(&Sqlite::new(SqliteStorage::options())).await.assert_passed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_keeps_all_promises_with_the_smallest_settings() {
    let smallest = SqliteStorage::options().readers(1).group(1).page_cache(64);
    run_all(&Sqlite::new(smallest)).await.assert_passed();
}

#[test]
fn every_promise_has_a_case_and_a_bad_storage() {
    let all: BTreeSet<u8> = (1..=17).collect();
    assert_eq!(CASES.iter().map(|case| case.promise).collect::<BTreeSet<_>>(), all);
    assert_eq!(bad_storage::ALL.iter().map(|bad| bad.promise).collect::<BTreeSet<_>>(), all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_bad_storage_is_caught_by_its_promise() {
    for bad in bad_storage::ALL {
        let report = run_all(&*(bad.factory)()).await;
        assert!(report.broke(bad.promise), "{} was not caught by promise {}\n{report}", bad.name, bad.promise);
        assert!(report.passed() > 0, "{} broke everything\n{report}", bad.name);
    }
}
