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
    by_partition: BTreeMap<Partition, Arc<PartitionKey>>,
    /// Every partition above once, in the order of arrival.
    arrivals: VecDeque<Partition>,
}

impl KeyCache {
    pub(super) fn new(capacity: NonZeroUsize) -> Self {
        Self { capacity, keys: Mutex::default() }
    }

    pub(super) fn find(&self, partition: Partition) -> Option<Arc<PartitionKey>> {
        self.lock().by_partition.get(&partition).cloned()
    }

    /// The key of a partition, if it is the one with this id.
    pub(super) fn find_exact(&self, partition: Partition, id: KeyId) -> Option<Arc<PartitionKey>> {
        self.find(partition).filter(|key| key.id() == id)
    }

    pub(super) fn keep(&self, key: &Arc<PartitionKey>) {
        let mut keys = self.lock();
        if keys.by_partition.insert(key.partition(), Arc::clone(key)).is_none() {
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
