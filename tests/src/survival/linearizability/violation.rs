//! What a check found.

use core::fmt;

use mychartum_core::port::storage::{Head, Partition};

/// A history in which every answer is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checked {
    /// How many partitions it is about.
    pub partitions: usize,
    /// How many calls.
    pub operations: usize,
    /// How many of them took effect on a partition.
    pub applied: u64,
}

/// Answers that no order of the calls explains.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Violation {
    /// On which partition.
    pub partition: Partition,
    /// How many calls could be explained at best.
    pub explained: usize,
    /// Of how many.
    pub operations: usize,
    /// The head that the partition had then.
    pub head: Head,
    /// The calls of which one had to come next and none could, each in one line.
    pub stuck: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, explained, operations, head, stuck } = self;
        write!(
            f,
            "{partition:?}: {explained} of {operations} calls have an order, up to revision {}; ",
            head.revision
        )?;
        write!(f, "none of these can come next:")?;
        stuck.iter().try_for_each(|operation| write!(f, "\n  {operation}"))
    }
}
