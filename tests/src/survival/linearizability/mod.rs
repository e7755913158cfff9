//! Is a storage linearizable, partition by partition?
//!
//! Several clients work on the same partitions at once, through a [`Recorded`] storage that notes when each call began, when
//! it returned, and what it answered. [`History::check`] then looks for an order of all calls that a storage with one caller
//! at a time could have given, and that no call contradicts: one that returned before another began comes before it.
//!
//! ```
//! use std::sync::Arc;
//!
//! use mychartum_storage::MemoryStorage;
//! use mychartum_testkit::survival::linearizability::Clients;
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let history = Clients::new(7).run(Arc::new(MemoryStorage::new())).await;
//! history.check()?;
//! # Ok::<(), mychartum_testkit::survival::linearizability::Violation>(()) }).unwrap();
//! ```
//!
//! The search is that of Wing and Gong ("Testing and Verifying Concurrent Objects", JPDC 1993), with the memory of what was
//! tried that Lowe added ("Testing for Linearizability", CCPE 2017).

mod clients;
mod history;
mod model;
mod operation;
mod recorded;
mod search;
#[cfg(test)]
mod tests;
mod violation;

pub use clients::Clients;
pub use history::History;
pub use operation::{CommitAnswer, Operation, Seen};
pub use recorded::Recorded;
pub use violation::{Checked, Violation};
