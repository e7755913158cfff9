//! The ledger: every write is one change set with its audit entry, every read opens sealed rows of one partition.
//!
//! The rooms above never touch storage or keys themselves. They say what to write and what to write down about it, and
//! get back a [`Written`]: the proof that the entry is durable.

mod answer;
mod change;
mod collection;
mod failure;
mod inspection;
#[allow(clippy::module_inception, reason = "each file is named after its main type")]
mod ledger;
pub mod packing;
mod patience;
mod trail;

pub(crate) use change::{Change, Draft, Written};
pub(crate) use collection::{Stored, section as section_collection};
pub use failure::Failure;
pub use inspection::{Inspection, InspectionFault, InspectionFaultKind, InspectionProgress, InspectionReport};
pub(crate) use inspection::{founding_in, inspect};
pub(crate) use ledger::{Ledger, decode, encode};
pub(crate) use patience::Patience;
pub use trail::TrailCheck;
