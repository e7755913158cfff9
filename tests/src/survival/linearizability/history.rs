//! What several clients saw.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use mychartum_core::port::storage::{Bucket, Partition};

use super::operation::{CommitAnswer, Operation, Seen};
use super::search::search;
use super::violation::{Checked, Violation};

/// The calls of all clients, by partition. It begins with partitions that nothing was committed to.
#[derive(Debug, Default)]
pub struct History {
    clock: AtomicU64,
    operations: Mutex<BTreeMap<Partition, Vec<Operation>>>,
}

impl History {
    /// A history of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The present time, which nobody else gets.
    pub fn now(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    /// Adds a call that began at `began` and ended now.
    pub fn add(&self, partition: Partition, began: u64, seen: Seen) {
        // An unknown outcome is not settled when it is reported: the change set may still be under way.
        let is_open = matches!(seen, Seen::Commit { answer: CommitAnswer::Unknown, .. });
        let ended = (!is_open).then(|| self.now());
        self.insert(partition, Operation { began, ended, seen });
    }

    /// Adds a call with its times, for histories that are written by hand.
    pub fn insert(&self, partition: Partition, operation: Operation) {
        self.operations().entry(partition).or_default().push(operation);
    }

    /// Makes a partition known of which nothing is written yet.
    pub(super) fn know(&self, partition: Partition) {
        self.operations().entry(partition).or_default();
    }

    /// The partitions of a bucket that are known by now.
    pub(super) fn known_in(&self, bucket: Bucket) -> Vec<Partition> {
        self.operations().keys().copied().filter(|partition| partition.bucket() == bucket).collect()
    }

    /// Looks for an order of the calls on each partition that explains every answer.
    ///
    /// # Errors
    /// The first partition for which there is none.
    pub fn check(&self) -> Result<Checked, Violation> {
        let all = self.operations();
        let mut checked = Checked::default();
        for (partition, operations) in &*all {
            let end = search(*partition, operations)?;
            checked.partitions += 1;
            checked.operations += operations.len();
            checked.applied += end.head().revision;
        }
        Ok(checked)
    }

    fn operations(&self) -> MutexGuard<'_, BTreeMap<Partition, Vec<Operation>>> {
        self.operations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
