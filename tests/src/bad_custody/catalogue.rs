//! The list of bad ones, each with the promise that must catch it.

use core::fmt;

use super::fault::factory;
use super::{bucket_faults, piece_faults, snapshot_faults};
use crate::conformance::custody::Factory;

/// A storage that breaks one promise of the custody port on purpose.
pub struct BadCustody {
    /// What it does wrong.
    pub name: &'static str,
    /// The promise that must catch it.
    pub promise: u8,
    /// Makes its factory.
    pub factory: fn() -> Box<dyn Factory>,
}

impl fmt::Debug for BadCustody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BadCustody").field("name", &self.name).field("promise", &self.promise).finish_non_exhaustive()
    }
}

/// All bad ones, at least one for each promise.
pub const ALL: &[BadCustody] = &[
    bad("leaves a bucket out of its list", 1, factory::<bucket_faults::ForgetsBucket>),
    bad("takes commits while a bucket is leaving", 2, factory::<bucket_faults::NeverLeaves>),
    bad("shows an empty chart where the bucket is elsewhere", 3, factory::<bucket_faults::ShowsNothing>),
    bad("turns a bucket whatever state it is in", 4, factory::<bucket_faults::IgnoresState>),
    bad("turns buckets one by one", 4, factory::<bucket_faults::OneByOne>),
    bad("does not raise the epoch", 5, factory::<bucket_faults::KeepsEpoch>),
    bad("shows later commits in a snapshot", 6, factory::<snapshot_faults::Live>),
    bad("leaves the last row out of a snapshot", 7, factory::<snapshot_faults::LosesLast>),
    bad("gives rows of one collection only", 7, factory::<snapshot_faults::OneCollection>),
    bad("forgets the applied change sets of what it installs", 8, factory::<piece_faults::ForgetsApplied>),
    bad("keeps rows that a first piece replaces", 8, factory::<piece_faults::KeepsOldRows>),
    bad("installs pieces of another move", 9, factory::<piece_faults::IgnoresEpoch>),
    bad("clears whatever the epoch", 10, factory::<bucket_faults::ClearsAnyEpoch>),
    bad("clears nothing", 10, factory::<bucket_faults::ClearsNothing>),
];

const fn bad(name: &'static str, promise: u8, factory: fn() -> Box<dyn Factory>) -> BadCustody {
    BadCustody { name, promise, factory }
}
