//! Storages for MyChartum.
//!
//! - [`MemoryStorage`] keeps everything in memory: for tests, and as the plainest reading of the port's promises.
//! - [`SqliteStorage`] keeps everything in one SQLite file inside the host's own process (feature `sqlite`, on by default).
//!
//! Both implement [`mychartum_core::port::Storage`] and [`mychartum_core::port::Custody`], and see only sealed rows.
//!
//! - [`transfer`] copies everything from one storage into another, whatever their engines.
//! - [`archive`] backs everything up into two files, and restores it.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod archive;
#[cfg(feature = "cells")]
mod cells;
mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;
pub mod transfer;

#[cfg(feature = "cells")]
pub use cells::{Cells, CellsError, CellsOptions, MoveProgress, Moved};
pub use memory::MemoryStorage;
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteOptions, SqliteStorage};
