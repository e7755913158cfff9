//! Memory and SQLite answer concurrent clients as if these called one after another; storages that do not are found out.
//!
//! The long run, for the night: `MYCHARTUM_LONG=1 cargo test -p mychartum-testkit --test linearizability`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::sync::Arc;

use mychartum_core::port::Storage;
use mychartum_storage::{MemoryStorage, SqliteStorage};
use mychartum_testkit::bad_storage;
use mychartum_testkit::survival::linearizability::{Clients, History, Recorded, Violation};

/// How many runs, unless the night is long.
fn runs(ordinary: u64) -> u64 {
    if std::env::var_os("MYCHARTUM_LONG").is_some_and(|value| value == "1") { ordinary * 50 } else { ordinary }
}

/// Different clients on one storage, run after run.
async fn check(storage: &Arc<dyn Storage>, runs: u64) -> Result<(), Violation> {
    for seed in 0..runs {
        let clients = Clients::new(seed).clients(if seed % 2 == 0 { 4 } else { 8 });
        let checked = clients.run(Arc::clone(storage)).await.check()?;
        assert!(checked.operations > 1000 && checked.applied > 20, "{checked:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_answers_as_if_calls_came_in_turn() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
    check(&storage, runs(20)).await.unwrap_or_else(|violation| panic!("{violation}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_answers_as_if_calls_came_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    let storage: Arc<dyn Storage> = Arc::new(SqliteStorage::open(folder.path().join("portal.db")).await.unwrap());
    check(&storage, runs(6)).await.unwrap_or_else(|violation| panic!("{violation}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_openings_of_one_sqlite_file_answer_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portal.db");
    let one: Arc<dyn Storage> = Arc::new(SqliteStorage::open(&path).await.unwrap());
    let two: Arc<dyn Storage> = Arc::new(SqliteStorage::open(&path).await.unwrap());
    for seed in 0..runs(4) {
        let history = Arc::new(History::new());
        let recorded = [&one, &two].map(|storage| Recorded::new(Arc::clone(storage), Arc::clone(&history)));
        let [first, second] =
            recorded.map(|storage| async move { Clients::new(seed).clients(3).run_on(Arc::new(storage)).await });
        tokio::join!(first, second);
        history.check().unwrap_or_else(|violation| panic!("{violation}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn bad_storages_are_found_out() {
    // What these do wrong, no calls that overlap can show.
    let other = BTreeSet::from(["loses the last change set on reopening", "takes a limit of 0 for nothing"]);
    for bad in bad_storage::ALL {
        let mut found = false;
        for seed in 0..40 {
            let storage = (bad.factory)().fresh().await.unwrap();
            found |= Clients::new(seed).clients(6).run(storage).await.check().is_err();
            if found {
                break;
            }
        }
        assert_eq!(found, !other.contains(bad.name), "{}", bad.name);
    }
}
