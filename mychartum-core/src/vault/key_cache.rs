//! The keys in use, a bounded number of them.

use core::num::NonZeroUsize;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::port::storage::Partition;

use super::{KeyId, PartitionKey};

/// Partition keys by partition; when it is full, the one that came first goes.
///
/// The lock is held for a look-up or an insertion only, never while anything is awaited or called.
#[derive(Debug)]
pub(super) struct KeyCache {
    capacity: NonZeroUsize,
    keys: Mutex<Keys>,
}

#[derive(Debug, Default)]
struct Keys {
    by_partition: BTreeMap<Partition, Kept>,
    /// Every partition above once, in the order of arrival.
    arrivals: VecDeque<Partition>,
}

/// A key, and the partition's epoch since which it is known to be the right one.
#[derive(Debug)]
struct Kept {
    key: Arc<PartitionKey>,
    epoch: u64,
}

impl KeyCache {
    pub(super) fn new(capacity: NonZeroUsize) -> Self {
        Self { capacity, keys: Mutex::default() }
    }

    pub(super) fn find(&self, partition: Partition) -> Option<Arc<PartitionKey>> {
        self.lock().by_partition.get(&partition).map(|kept| Arc::clone(&kept.key))
    }

    /// The key of a partition, if it was confirmed at this epoch or later: before, the partition may have had another.
    pub(super) fn find_since(&self, partition: Partition, epoch: u64) -> Option<Arc<PartitionKey>> {
        self.lock().by_partition.get(&partition).filter(|kept| kept.epoch >= epoch).map(|kept| Arc::clone(&kept.key))
    }

    /// Says that the key was read when the partition had this epoch already.
    pub(super) fn confirm(&self, key: &PartitionKey, epoch: u64) {
        if let Some(kept) = self.lock().by_partition.get_mut(&key.partition())
            && kept.key.id() == key.id()
        {
            kept.epoch = kept.epoch.max(epoch);
        }
    }

    /// The key of a partition, if it is the one with this id.
    pub(super) fn find_exact(&self, partition: Partition, id: KeyId) -> Option<Arc<PartitionKey>> {
        self.find(partition).filter(|key| key.id() == id)
    }

    pub(super) fn keep(&self, key: &Arc<PartitionKey>) {
        let mut keys = self.lock();
        if keys.by_partition.insert(key.partition(), Kept { key: Arc::clone(key), epoch: 0 }).is_none() {
            keys.arrivals.push_back(key.partition());
        }
        while keys.arrivals.len() > self.capacity.get() {
            let Some(first) = keys.arrivals.pop_front() else { break };
            keys.by_partition.remove(&first);
        }
    }

    pub(super) fn forget(&self, partition: Partition) {
        let mut keys = self.lock();
        if keys.by_partition.remove(&partition).is_some() {
            keys.arrivals.retain(|other| *other != partition);
        }
    }

    /// A thread that panicked in here left whole entries behind, at worst one that is never evicted.
    fn lock(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
