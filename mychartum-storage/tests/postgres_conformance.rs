//! PostgreSQL keeps every promise of the storage port, however it is set up.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::StorageError;
use mychartum_storage::{PostgresOptions, PostgresStorage, StatementMode};
use mychartum_testkit::conformance::storage::{Factory, run_all};
use mychartum_testkit::postgres_server::{FreshDatabase, PostgresServer};
use tokio::sync::Mutex;

/// One database for all cases.
struct Postgres {
    options: PostgresOptions,
    open: Mutex<Option<PostgresStorage>>,
    _database: FreshDatabase,
}

impl Postgres {
    /// `None` where there is no server.
    fn new(set: impl FnOnce(PostgresOptions) -> PostgresOptions) -> Option<Self> {
        let database = PostgresServer::find_or_skip()?.fresh_database().unwrap();
        let options = set(PostgresStorage::options(&database.url()).unwrap());
        Some(Self { options, open: Mutex::default(), _database: database })
    }

    async fn keeps_all_promises(self) {
        run_all(&self).await.assert_passed();
        if let Some(storage) = self.open.lock().await.take() {
            storage.close().await;
        }
    }
}

#[async_trait]
impl Factory for Postgres {
    async fn fresh(&self) -> Result<Arc<dyn Storage>, StorageError> {
        let mut open = self.open.lock().await;
        let storage = match open.take() {
            Some(storage) => storage,
            None => self.options.clone().open().await?,
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
async fn with_the_default_settings() {
    let Some(postgres) = Postgres::new(|options| options) else { return };
    postgres.keeps_all_promises().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_the_smallest_settings() {
    let smallest = |options: PostgresOptions| options.readers(1).lanes(1).group(1).schema("x").prefix("y_");
    let Some(postgres) = Postgres::new(smallest) else { return };
    postgres.keeps_all_promises().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_unnamed_statements() {
    let unnamed = |options: PostgresOptions| options.statements(StatementMode::Unnamed);
    let Some(postgres) = Postgres::new(unnamed) else { return };
    postgres.keeps_all_promises().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_one_bucket_a_transaction() {
    let one = |options: PostgresOptions| options.one_bucket_a_transaction().statement_timeout(Duration::from_secs(120));
    let Some(postgres) = Postgres::new(one) else { return };
    postgres.keeps_all_promises().await;
}
