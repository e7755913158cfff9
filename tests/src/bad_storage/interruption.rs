//! Storages that go wrong when calls overlap or are dropped.

use core::pin::pin;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::{Context, Waker};

use async_trait::async_trait;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{ChangeSet, Receipt, StorageError, StorageErrorKind};

use super::fault::Fault;

/// Has one lock for all partitions and calls a held lock a conflict.
#[derive(Debug, Default)]
pub(super) struct OneAtATime {
    under_way: AtomicUsize,
}

/// Counts a commit as under way until it ends, however it ends.
struct UnderWay<'a>(&'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Fault for OneAtATime {
    async fn commit(&self, sound: &dyn Storage, set: &ChangeSet) -> Result<Receipt, StorageError> {
        let others = self.under_way.fetch_add(1, Ordering::SeqCst);
        let _under_way = UnderWay(&self.under_way);
        if others > 0 {
            return Err(StorageError::new(StorageErrorKind::Conflict, "commit"));
        }
        tokio::task::yield_now().await;
        sound.commit(set).await
    }
}

/// Writes a change set in two steps, and only the first when it is dropped between them.
#[derive(Debug, Default)]
pub(super) struct LeavesHalf;

/// The first step, which happens on its own when nobody comes for the second.
struct FirstStep<'a> {
    sound: &'a dyn Storage,
    set: Option<&'a ChangeSet>,
}

impl Drop for FirstStep<'_> {
    fn drop(&mut self) {
        let Some(set) = self.set else { return };
        let half = ChangeSet { puts: set.puts.iter().take(1).cloned().collect(), ..set.clone() };
        // The sound storage is in memory and ends at the first poll.
        let _ = pin!(self.sound.commit(&half)).poll(&mut Context::from_waker(Waker::noop()));
    }
}

#[async_trait]
impl Fault for LeavesHalf {
    async fn commit(&self, sound: &dyn Storage, set: &ChangeSet) -> Result<Receipt, StorageError> {
        let mut first = FirstStep { sound, set: Some(set) };
        tokio::task::yield_now().await;
        first.set = None;
        sound.commit(set).await
    }
}
