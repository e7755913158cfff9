//! Copying everything from one storage into another, whatever their engines.
//!
//! [`fill`] copies a snapshot into an empty storage and reads it back; nothing of it is served before
//! [`Filled::serve`]. Between the two is the time to open every seal and to check every chain
//! (`mychartum_core::portal::inspect`). [`copy`] does both without that.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! use mychartum_storage::{MemoryStorage, transfer};
//!
//! let (from, into) = (MemoryStorage::new(), MemoryStorage::new());
//! let now = 1_767_225_600_000; // milliseconds since 1970
//! let counts = transfer::copy(&from, &into, now, &mut |_progress| {}).await?;
//! assert_eq!(counts.partitions, 0);
//! # Ok::<(), transfer::TransferError>(()) }).unwrap();
//! ```

mod again;
mod arrival;
mod batch;
mod copy;
mod error;
mod filled;
mod form;
mod progress;
mod survey;
mod tally;
mod walk;

pub use copy::{copy, fill};
pub use error::TransferError;
pub use filled::Filled;
pub use progress::{Counts, Progress, Report, Stage};

pub(crate) use arrival::Arrival;
pub(crate) use form::{
    decode_partition, decode_row, encode_partition, encode_row, put_partition, split, take_partition,
};
pub(crate) use survey::Survey;
pub(crate) use walk::Walk;
#[cfg(feature = "cells")]
pub(crate) use {batch::Batch, tally::at_epoch};
