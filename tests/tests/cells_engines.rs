//! Fleets of real engines: three SQLite files, and three PostgreSQL servers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "the cells that fail on command are for the tests on memory")]

mod fleet;

use std::sync::Arc;

use fleet::{Three, carousel};
use mychartum_core::port::Custody;
use mychartum_storage::{Cells, CellsOptions, PostgresStorage, SqliteStorage};
use mychartum_testkit::conformance::storage::run_all;
use mychartum_testkit::postgres_server::PostgresServer;
use tempfile::TempDir;

async fn files() -> (TempDir, Vec<Arc<dyn Custody>>) {
    let folder = tempfile::tempdir().unwrap();
    let mut cells: Vec<Arc<dyn Custody>> = Vec::new();
    for number in 0..3 {
        cells.push(Arc::new(SqliteStorage::open(folder.path().join(format!("{number}.db"))).await.unwrap()));
    }
    (folder, cells)
}

/// Three servers of their own; `None` where the machine has no PostgreSQL.
async fn servers() -> Option<(Vec<PostgresServer>, Vec<Arc<dyn Custody>>)> {
    let mut servers = Vec::new();
    let mut cells: Vec<Arc<dyn Custody>> = Vec::new();
    for _ in 0..3 {
        let server = PostgresServer::options().start_or_skip()?;
        cells.push(Arc::new(PostgresStorage::open(&server.url()).await.unwrap()));
        servers.push(server);
    }
    Some((servers, cells))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_files_keep_all_promises_of_a_storage() {
    let (_folder, cells) = files().await;
    run_all(&Three(Cells::found(cells, CellsOptions::default()).await.unwrap())).await.assert_passed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_servers_keep_all_promises_of_a_storage() {
    let Some((_servers, cells)) = servers().await else { return };
    run_all(&Three(Cells::found(cells, CellsOptions::default()).await.unwrap())).await.assert_passed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_while_buckets_move_between_files() {
    let (_folder, cells) = files().await;
    carousel(&cells, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_while_buckets_move_between_servers() {
    let Some((_servers, cells)) = servers().await else { return };
    carousel(&cells, 3).await;
}
