//! One PostgreSQL storage that all cases of a suite share.

use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::StorageError;
use mychartum_storage::{PostgresOptions, PostgresStorage};
use mychartum_testkit::conformance::storage::{Factory, run_all};
use tokio::sync::Mutex;

/// Opens one database once, and again after it was closed.
pub(crate) struct Shared {
    options: PostgresOptions,
    open: Mutex<Option<PostgresStorage>>,
}

impl Shared {
    pub(crate) fn new(options: PostgresOptions) -> Self {
        Self { options, open: Mutex::default() }
    }

    /// Runs the whole suite against it.
    pub(crate) async fn keeps_all_promises(self) {
        run_all(&self).await.assert_passed();
        self.close().await;
    }

    async fn close(&self) {
        if let Some(storage) = self.open.lock().await.take() {
            storage.close().await;
        }
    }
}

#[async_trait]
impl Factory for Shared {
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
        self.close().await;
        self.fresh().await
    }
}
