//! The list of bad blob stores, each with the promise that must catch it.

use core::fmt;

use super::fault::factory;
use super::{listing, reading, writing};
use crate::conformance::blob_store::Factory;

/// A blob store that breaks one promise on purpose.
pub struct BadBlobStore {
    /// What it does wrong.
    pub name: &'static str,
    /// The promise that must catch it.
    pub promise: u8,
    /// Makes its factory.
    pub factory: fn() -> Box<dyn Factory>,
}

impl fmt::Debug for BadBlobStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BadBlobStore").field("name", &self.name).field("promise", &self.promise).finish_non_exhaustive()
    }
}

/// All bad blob stores, at least one for each promise.
pub const ALL: &[BadBlobStore] = &[
    bad("loses the last object on reopening", 1, factory::<writing::LosesTheLast>),
    bad("shows an object while it is written", 2, factory::<writing::ShowsParts>),
    bad("forgets the last piece", 3, factory::<writing::ForgetsTheLastPiece>),
    bad("refuses a range beyond the end", 4, factory::<reading::RefusesBeyond>),
    bad("gives nothing for an absent name", 4, factory::<reading::NothingForAbsent>),
    bad("still gives what was deleted", 5, factory::<reading::RemembersDeleted>),
    bad("makes an error of deleting what is not there", 6, factory::<listing::DeletesOnce>),
    bad("lists in pages that overlap", 7, factory::<listing::RepeatsTheFirst>),
    bad("leaves an object out of a page", 7, factory::<listing::LeavesOut>),
    bad("removes what belongs to others", 8, factory::<listing::RemovesOthers>),
    bad("mixes what is written at the same time", 9, factory::<writing::OneBuffer>),
    bad("takes a limit of 0 for nothing", 10, factory::<listing::TakesZero>),
    bad("tidies complete objects away", 11, factory::<listing::TidiesAll>),
];

const fn bad(name: &'static str, promise: u8, factory: fn() -> Box<dyn Factory>) -> BadBlobStore {
    BadBlobStore { name, promise, factory }
}
