//! PostgreSQL keeps every promise of the custody port.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::Custody;
use mychartum_core::port::storage::StorageError;
use mychartum_storage::{PostgresOptions, PostgresStorage, StatementMode};
use mychartum_testkit::conformance::custody::{Factory, run_all};
use mychartum_testkit::postgres_server::{FreshDatabase, PostgresServer};
use tokio::sync::Mutex;

/// One database, in which each storage has a schema of its own.
struct Postgres {
    options: PostgresOptions,
    open: Mutex<Vec<Opened>>,
    database: FreshDatabase,
}

/// A storage, how to open it again, and what was handed out for it.
struct Opened {
    options: PostgresOptions,
    storage: PostgresStorage,
    handed: Arc<dyn Custody>,
}

impl Postgres {
    /// `None` where there is no server.
    fn new(set: impl FnOnce(PostgresOptions) -> PostgresOptions) -> Option<Self> {
        let database = PostgresServer::find_or_skip()?.fresh_database().unwrap();
        let options = PostgresStorage::options(&database.url()).unwrap().readers(2).lanes(2);
        Some(Self { options: set(options), open: Mutex::default(), database })
    }

    async fn hand_out(&self, options: PostgresOptions) -> Result<Arc<dyn Custody>, StorageError> {
        let storage = options.clone().open().await?;
        let handed: Arc<dyn Custody> = Arc::new(storage.clone());
        self.open.lock().await.push(Opened { options, storage, handed: Arc::clone(&handed) });
        Ok(handed)
    }

    /// Closes storages that no case holds any more.
    async fn close_unused(&self) {
        let mut open = self.open.lock().await;
        let mut kept = Vec::new();
        for opened in open.drain(..) {
            if Arc::strong_count(&opened.handed) == 1 {
                opened.storage.close().await;
            } else {
                kept.push(opened);
            }
        }
        *open = kept;
    }
}

#[async_trait]
impl Factory for Postgres {
    async fn fresh(&self) -> Result<Arc<dyn Custody>, StorageError> {
        self.close_unused().await;
        let count: u32 = self
            .database
            .sql("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'case_%'")
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        self.hand_out(self.options.clone().schema(&format!("case_{count}"))).await
    }

    async fn reopen(&self, storage: Arc<dyn Custody>) -> Result<Arc<dyn Custody>, StorageError> {
        let mut open = self.open.lock().await;
        let at = open.iter().position(|opened| Arc::ptr_eq(&opened.handed, &storage)).unwrap();
        let opened = open.remove(at);
        drop(open);
        opened.storage.close().await;
        self.hand_out(opened.options).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_the_default_settings() {
    let Some(postgres) = Postgres::new(|options| options) else { return };
    run_all(&postgres).await.assert_passed();
    postgres.close_unused().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_unnamed_statements_and_one_bucket_a_transaction() {
    let other = |options: PostgresOptions| options.statements(StatementMode::Unnamed).one_bucket_a_transaction();
    let Some(postgres) = Postgres::new(other) else { return };
    run_all(&postgres).await.assert_passed();
    postgres.close_unused().await;
}
