//! The custody suite against our storages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::Custody;
use mychartum_core::port::storage::StorageError;
use mychartum_storage::MemoryStorage;
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
fn every_promise_has_a_case() {
    assert_eq!(CASES.iter().map(|case| case.promise).collect::<BTreeSet<_>>(), (1..=10).collect());
}
