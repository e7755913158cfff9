//! Conformance suites: the numbered promises of a port, as cases that run against any implementation.
//!
//! A suite needs a factory that makes what is tested, runs every case, and gives a [`Report`] to print or to assert on.
//! Cases fail with a sentence and never panic, whatever the implementation does short of panicking itself.
//!
//! ```
//! use std::sync::Arc;
//! use mychartum_core::port::{Storage, storage::StorageError};
//! use mychartum_storage::MemoryStorage;
//! use mychartum_testkit::conformance::storage::{self, Factory};
//!
//! struct Mine;
//!
//! #[async_trait::async_trait]
//! impl Factory for Mine {
//!     async fn fresh(&self) -> Result<Arc<dyn Storage>, StorageError> {
//!         Ok(Arc::new(MemoryStorage::new()))
//!     }
//!
//!     async fn reopen(&self, storage: Arc<dyn Storage>) -> Result<Arc<dyn Storage>, StorageError> {
//!         // Memory has nothing to close.
//!         Ok(storage)
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_multi_thread().build().unwrap().block_on(async {
//! storage::run_all(&Mine).await.assert_passed();
//! # });
//! ```

pub mod blob_store;
mod case;
pub mod custody;
pub mod key_provider;
pub mod notifier;
pub mod passkeys;
pub mod record_source;
mod report;
pub mod storage;

pub use case::{Breach, Case, CaseFuture, Failure};
pub use report::{Line, Report};
