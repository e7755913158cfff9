//! What becomes of a SQLite storage when the power goes, or a call to the disk fails. For tests only.
//!
//! A VFS shim lies between SQLite and the system's own VFS. For the folders that are [watched](Watched) it notes every
//! write, truncation, sync, creation and deletion in one ordered log, beside the marks of a [client]
//! that says which change sets it was told are kept. Then the power is cut at any place of that log: a [`Medium`] holds
//! what was synced by then and some of what was not, torn and out of order as disks do it. The folder is laid out as it
//! would be found, opened with an ordinary storage, and [judged](judge).
//!
//! The same shim fails single calls, or all from one on: [`Plan`].
//!
//! `docs/adr/0008-power-cuts.md` says what this shows and what it cannot show.
#![cfg(unix)]

pub mod client;
pub mod cutting;
mod dice;
mod event;
mod fault;
pub mod judge;
mod medium;
mod recording;
mod scratch;
mod script;
mod vfs;
mod watched;

pub use dice::Dice;
pub use event::{Event, FileId, Mark};
pub use fault::{Call, Fault, Plan, Span};
pub use medium::{Medium, Obedience, Remains};
pub use recording::{Known, Recording};
pub use scratch::scratch;
pub use script::Script;
pub use watched::Watched;
