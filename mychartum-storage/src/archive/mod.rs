//! Backups in files: one archive of the data, and one of the data keys.
//!
//! [`write()`] backs up a snapshot while writers go on. [`check`] reads a backup through. [`restore`] puts one into an empty
//! storage and reads it back; nothing of it is served before [`Filled::serve`](crate::transfer::Filled::serve).
//!
//! The wrapped data keys stand in an archive of their own, because a backup must not undo an erasure: a patient is erased by
//! destroying the data key, and as long as some backup keeps that key, the patient can be brought back from any backup of the
//! data. Keep the archive of keys for as long as an erasure may take to become complete, and the data for as long as you like.
//! Both archives carry the same random id, and neither is of use without the other, or without the wrapping key, which is in
//! neither.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! use mychartum_core::port::Custody as _;
//! use mychartum_storage::MemoryStorage;
//! use mychartum_storage::archive::{self, ArchiveId};
//!
//! let now = 1_767_225_600_000; // milliseconds since 1970
//! let portal = MemoryStorage::new();
//! let (mut data, mut keys) = (Vec::new(), Vec::new());
//! let id = ArchiveId::from_bytes([7; 16]); // sixteen random bytes
//! let mut snapshot = portal.snapshot().await?;
//! archive::write(&mut *snapshot, id, now, &mut data, &mut keys, &mut |_progress| {}).await?;
//!
//! archive::check(&mut &data[..], &mut &keys[..], &mut |_progress| {})?;
//! let empty = MemoryStorage::new();
//! let filled = archive::restore(&mut &data[..], &mut &keys[..], &empty, now, &mut |_progress| {}).await?;
//! filled.serve().await?;
//! # Ok::<(), archive::ArchiveError>(()) }).unwrap();
//! ```

mod contents;
mod error;
mod format;
mod frame_reader;
mod frame_writer;
mod pieces;
mod restore;
mod write;

pub use contents::{ArchiveId, Contents};
pub use error::ArchiveError;
pub use restore::{check, restore};
pub use write::write;
