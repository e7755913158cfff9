//! Memory, SQLite and PostgreSQL answer concurrent clients as if these called one after another; storages that do not are found out.
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
use mychartum_testkit::survival::rounds;

/// Different clients on one storage, run after run.
async fn check(storage: &Arc<dyn Storage>, rounds: u32) -> Result<(), Violation> {
    for seed in 0..u64::from(rounds) {
        let clients = Clients::new(seed).clients(if seed % 2 == 0 { 4 } else { 8 });
        let checked = clients.run(Arc::clone(storage)).await.check()?;
        assert!(checked.operations > 1000 && checked.applied > 20, "{checked:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_answers_as_if_calls_came_in_turn() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
    check(&storage, rounds(20, 1000)).await.unwrap_or_else(|violation| panic!("{violation}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sqlite_answers_as_if_calls_came_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    let storage: Arc<dyn Storage> = Arc::new(SqliteStorage::open(folder.path().join("portal.db")).await.unwrap());
    check(&storage, rounds(6, 300)).await.unwrap_or_else(|violation| panic!("{violation}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_openings_of_one_sqlite_file_answer_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portal.db");
    let one: Arc<dyn Storage> = Arc::new(SqliteStorage::open(&path).await.unwrap());
    let two: Arc<dyn Storage> = Arc::new(SqliteStorage::open(&path).await.unwrap());
    for seed in 0..u64::from(rounds(4, 200)) {
        let history = Arc::new(History::new());
        let recorded = [&one, &two].map(|storage| Recorded::new(Arc::clone(storage), Arc::clone(&history)));
        let [first, second] = recorded.map(|storage| Clients::new(seed).clients(3).run_on(Arc::new(storage)));
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

/// PostgreSQL: two hosts on one database, and connections and servers that die meanwhile.
#[cfg(unix)]
mod postgres {
    use super::*;

    use std::sync::atomic::{AtomicBool, Ordering};

    use mychartum_storage::PostgresStorage;
    use mychartum_testkit::postgres_server::{Afterwards, Cut, CutProxy, PostgresServer, Way};

    async fn open(url: &str) -> Arc<dyn Storage> {
        Arc::new(PostgresStorage::open(url).await.unwrap())
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn postgresql_answers_as_if_calls_came_in_turn() {
        let Some(server) = PostgresServer::find_or_skip() else { return };
        let database = server.fresh_database().unwrap();
        let storage = open(&database.url()).await;
        check(&storage, rounds(3, 200)).await.unwrap_or_else(|violation| panic!("{violation}"));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn two_hosts_on_one_database_are_answered_as_one() {
        let Some(server) = PostgresServer::find_or_skip() else { return };
        let database = server.fresh_database().unwrap();
        let (one, two) = (open(&database.url()).await, open(&database.url()).await);
        for seed in 0..u64::from(rounds(2, 100)) {
            let history = Arc::new(History::new());
            let recorded = [&one, &two].map(|storage| Recorded::new(Arc::clone(storage), Arc::clone(&history)));
            let [first, second] =
                recorded.map(|storage| Clients::new(seed).clients(3).calls(80).run_on(Arc::new(storage)));
            tokio::join!(first, second);
            history.check().unwrap_or_else(|violation| panic!("{violation}"));
        }
    }

    /// Cuts after so many messages, again and again, and kills the server after each `kill_every`-th cut.
    fn disturb(proxy: &CutProxy, server: &PostgresServer, over: &AtomicBool, kill_every: usize) -> usize {
        for cut in 1.. {
            let way = if cut % 2 == 0 { Way::ToServer } else { Way::ToClient };
            proxy.cut(Cut { way, messages: 200 + cut * 37 % 500, bytes: cut % 11 }, Afterwards::Open);
            // Looked at after the plan is made: whoever says that it is over cuts afterwards.
            if !over.load(Ordering::SeqCst) {
                proxy.wait_until_cut();
            }
            if over.load(Ordering::SeqCst) {
                return cut - 1;
            }
            if cut % kill_every == 0 {
                server.kill().unwrap();
                server.start_again().unwrap();
            }
        }
        unreachable!("numbers do not end")
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn dying_connections_and_servers_do_not_turn_back_time() {
        let Some(server) = PostgresServer::options().to_be_killed().start_or_skip() else { return };
        let database = server.fresh_database().unwrap();
        let proxy = CutProxy::start(database.host_and_port()).unwrap();
        let storage = open(&database.url_through(&proxy.host_and_port())).await;
        for seed in 0..u64::from(rounds(1, 60)) {
            let over = AtomicBool::new(false);
            let (history, cuts) = std::thread::scope(|scope| {
                let disturbing = scope.spawn(|| disturb(&proxy, &server, &over, 10));
                let clients = Clients::new(seed).calls(80).run(Arc::clone(&storage));
                let history = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(clients));
                over.store(true, Ordering::SeqCst);
                proxy.cut(Cut { way: Way::ToServer, messages: 0, bytes: 0 }, Afterwards::Open);
                (history, disturbing.join().unwrap())
            });
            let checked = history.check().unwrap_or_else(|violation| panic!("{violation}"));
            eprintln!("{cuts} cuts {checked:?}");
            assert!(cuts >= 12 && checked.applied > 20, "{cuts} cuts, {checked:?}");
        }
    }
}
