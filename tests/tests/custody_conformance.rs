//! The custody suite against our storages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::Custody;
use mychartum_core::port::storage::StorageError;
use mychartum_storage::MemoryStorage;
use mychartum_testkit::bad_custody;
use mychartum_testkit::conformance::custody::{CASES, Factory, run_all};

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
