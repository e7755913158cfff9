//! Storages for MyChartum.
//!
//! - [`MemoryStorage`] keeps everything in memory: for tests, and as the plainest reading of the port's promises.
//! - [`SqliteStorage`] keeps everything in one SQLite file inside the host's own process (feature `sqlite`, on by default).
//! - [`PostgresStorage`] keeps everything in a PostgreSQL database (feature `postgres`).
//!
//! All implement [`mychartum_core::port::Storage`] and see only sealed rows.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "cells")]
mod cells;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "cells")]
pub use cells::{Cells, CellsError, CellsOptions, MoveProgress, Moved};
pub use memory::MemoryStorage;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresOptions, PostgresStorage, PostgresTls, SchemaCheck, StatementMode};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteOptions, SqliteStorage};
