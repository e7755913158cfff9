//! The list of bad storages, each with the promise that must catch it.

use core::fmt;

use super::fault::factory;
use super::{acceptance, interruption, listing, reading, restart, writing};
use crate::conformance::storage::Factory;

/// A storage that breaks one promise on purpose.
pub struct BadStorage {
    /// What it does wrong.
    pub name: &'static str,
    /// The promise that must catch it.
    pub promise: u8,
    /// Makes its factory.
    pub factory: fn() -> Box<dyn Factory>,
}

impl fmt::Debug for BadStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BadStorage").field("name", &self.name).field("promise", &self.promise).finish_non_exhaustive()
    }
}

/// All bad storages, at least one for each promise.
pub const ALL: &[BadStorage] = &[
    bad("loses the last change set on reopening", 1, restart::loses_the_last),
    bad("drops a write", 2, factory::<writing::DropsWrite>),
    bad("applies half of a refused change set", 2, factory::<acceptance::AppliesHalf>),
    bad("reads several rows in pieces", 2, factory::<reading::ReadsInPieces>),
    bad("answers a stale head", 3, factory::<reading::StaleHead>),
    bad("ignores the expected head", 4, factory::<acceptance::IgnoresHead>),
    bad("ignores the expected row version", 5, factory::<acceptance::IgnoresVersion>),
    bad("keeps the first audit head", 6, factory::<writing::KeepsFirstAudit>),
    bad("applies a repeated change set again", 7, factory::<acceptance::AppliesAgain>),
    bad("forgets which change sets it applied", 7, factory::<acceptance::ForgetsRepeats>),
    bad("trims zeros off bodies", 8, factory::<writing::TrimsBodies>),
    bad("returns a stranger's row", 9, factory::<reading::StrangersRow>),
    bad("sorts orders as unsigned", 10, factory::<listing::UnsignedOrder>),
    bad("gives a row more than the limit", 11, factory::<listing::OneMore>),
    bad("repeats the row that a page continues after", 11, factory::<listing::RepeatsRow>),
    bad("forgets tags on update", 12, factory::<writing::ForgetsTags>),
    bad("finds rows by tags they no longer carry", 12, factory::<listing::KeepsOldTags>),
    bad("lists due rows too early", 13, factory::<listing::DueTooEarly>),
    bad("leaves a partition out of the heads", 14, factory::<listing::ForgetsPartition>),
    bad("takes a limit of 0 for nothing", 15, factory::<listing::TakesZero>),
    bad("lets partitions conflict with each other", 16, factory::<interruption::OneAtATime>),
    bad("leaves half of a dropped change set", 17, factory::<interruption::LeavesHalf>),
];

const fn bad(name: &'static str, promise: u8, factory: fn() -> Box<dyn Factory>) -> BadStorage {
    BadStorage { name, promise, factory }
}
