//! Arriving data: parcels that adapters read, and what becomes of them.
//!
//! An [`Intake`] takes the parcels of one delivery from one source. Each parcel has exactly one [`Fate`], so that the
//! [`IntakeReport`] adds up; what cannot be filed is kept whole in quarantine.

mod fate;
mod filing;
mod heard;
mod history;
mod intake;
mod links;
mod merging;
mod moving;
mod names;
mod parcel;
mod pull;
mod quarantine;
mod reason;
mod reconcile;
mod record;
mod together;
mod withdrawing;
mod worklist;

pub use fate::{Fate, IntakeReport, SetAside};
pub use intake::Intake;
pub use links::LinkError;
pub use parcel::{Directory, Parcel, PatientMerge, Place, Reading, Tie};
pub use pull::{CategoryHealth, LinkHealth, LinkState, PullReport};
pub use quarantine::Dismissal;
pub use reason::Reason;
pub use reconcile::{Arrival, Verdict, reconcile};
pub(crate) use record::{ItemRecord, OriginalRecord, PersonRecord, VersionRecord, decode_with_original};
pub(crate) use worklist::by_staff;
pub use worklist::{MergeCase, QuarantineCase, QuarantineError, QuarantinePage, Quarantined};
