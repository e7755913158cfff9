//! The custody suite against our storages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::Custody;
use mychartum_core::port::storage::StorageError;
use mychartum_storage::{MemoryStorage, SqliteStorage};
use mychartum_testkit::bad_custody;
use mychartum_testkit::conformance::custody::{CASES, Factory, run_all};
use tempfile::TempDir;
use tokio::sync::Mutex;

struct Memory;

#[async_trait]
impl Factory for Memory {
    async fn fresh(&self) -> Result<Arc<dyn Custody>, StorageError> {
        Ok(Arc::new(MemoryStorage::new()))
    }

    async fn reopen(&self, storage: Arc<dyn Custody>) -> Result<Arc<dyn Custody>, StorageError> {
        Ok(storage)
    }
}

/// An open file, and the handle that a case has of it.
type Open = (PathBuf, SqliteStorage, Arc<dyn Custody>);

/// A file a storage, all in one folder.
struct Sqlite {
    folder: TempDir,
    open: Mutex<Vec<Open>>,
}

impl Sqlite {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), open: Mutex::default() }
    }

    async fn open(&self, path: PathBuf) -> Result<Arc<dyn Custody>, StorageError> {
        let storage = SqliteStorage::open(&path).await?;
        let custody: Arc<dyn Custody> = Arc::new(storage.clone());
        self.open.lock().await.push((path, storage, Arc::clone(&custody)));
        Ok(custody)
    }
}

#[async_trait]
impl Factory for Sqlite {
    async fn fresh(&self) -> Result<Arc<dyn Custody>, StorageError> {
        let number = self.open.lock().await.len();
        self.open(self.folder.path().join(format!("{number}.db"))).await
    }

    async fn reopen(&self, storage: Arc<dyn Custody>) -> Result<Arc<dyn Custody>, StorageError> {
        let path = {
            let open = self.open.lock().await;
            let (path, storage, _) = open.iter().find(|(_, _, custody)| Arc::ptr_eq(custody, &storage)).unwrap();
            storage.close().await;
            path.clone()
        };
        self.open(path).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_keeps_all_promises() {
    run_all(&Sqlite::new()).await.assert_passed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_keeps_all_promises() {
    run_all(&Memory).await.assert_passed();
}

#[test]
fn every_promise_has_a_case_and_a_bad_storage() {
    let all: BTreeSet<u8> = (1..=10).collect();
    assert_eq!(CASES.iter().map(|case| case.promise).collect::<BTreeSet<_>>(), all);
    assert_eq!(bad_custody::ALL.iter().map(|bad| bad.promise).collect::<BTreeSet<_>>(), all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_bad_custody_is_caught_by_its_promise() {
    for bad in bad_custody::ALL {
        let report = run_all(&*(bad.factory)()).await;
        assert!(report.broke(bad.promise), "{} was not caught by promise {}\n{report}", bad.name, bad.promise);
        assert!(report.passed() > 0, "{} broke everything\n{report}", bad.name);
    }
}
