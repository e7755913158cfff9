//! PostgreSQL keeps every promise of the storage port, however it is set up.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod shared_postgres;

use std::time::Duration;

use mychartum_storage::{PostgresOptions, PostgresStorage, StatementMode};
use mychartum_testkit::postgres_server::PostgresServer;
use shared_postgres::Shared;

async fn keeps_all_promises(set: impl FnOnce(PostgresOptions) -> PostgresOptions) {
    let Some(server) = PostgresServer::find_or_skip() else { return };
    let database = server.fresh_database().unwrap();
    Shared::new(set(PostgresStorage::options(&database.url()).unwrap())).keeps_all_promises().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_the_default_settings() {
    keeps_all_promises(|options| options).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_the_smallest_settings() {
    let smallest = |options: PostgresOptions| options.readers(1).lanes(1).group(1).schema("x").prefix("y_");
    keeps_all_promises(smallest).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_unnamed_statements() {
    let unnamed = |options: PostgresOptions| options.statements(StatementMode::Unnamed);
    keeps_all_promises(unnamed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_one_bucket_a_transaction() {
    let one = |options: PostgresOptions| options.one_bucket_a_transaction().statement_timeout(Duration::from_secs(120));
    keeps_all_promises(one).await;
}
