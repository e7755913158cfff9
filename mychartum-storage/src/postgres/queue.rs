//! The queue of change sets: bounded, and shared by the lanes that write.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mychartum_core::port::storage::{ChangeSet, Partition, Receipt, StorageError, StorageErrorKind};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};

use super::writing_sql::Form;

/// What a lane answers for one change set.
pub(super) type Answer = Result<Receipt, StorageError>;

/// A change set in the queue. It is owned, so whoever asked may go away.
pub(super) struct Job {
    pub(super) set: ChangeSet,
    pub(super) digest: [u8; 32],
    pub(super) answer: oneshot::Sender<Answer>,
    /// Its place in the queue; free again when the answer is there.
    pub(super) place: OwnedSemaphorePermit,
}

/// After so many bytes of bodies a group takes no further change set.
const ENOUGH_BYTES: usize = 8 << 20;

/// The change sets that wait, and the partitions that are being written to.
///
/// A partition is in one lane at a time: its change sets are applied in the order in which they came, and lanes of one
/// program do not wait for each other's locks.
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Notify,
    places: Arc<Semaphore>,
    form: Form,
    group: usize,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    busy: HashSet<Partition>,
    closed: bool,
}

impl Queue {
    /// A queue with room for `places` change sets, given out in groups of at most `group`.
    pub(super) fn new(form: Form, group: usize, places: usize) -> Self {
        let places = Arc::new(Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS)));
        Self { state: Mutex::default(), changed: Notify::new(), places, form, group }
    }

    /// Waits for a place.
    ///
    /// # Errors
    /// `Unavailable` when the queue is closed.
    pub(super) async fn place(&self) -> Result<OwnedSemaphorePermit, StorageError> {
        Arc::clone(&self.places).acquire_owned().await.map_err(|_| closed())
    }

    /// Puts a change set at the end.
    ///
    /// # Errors
    /// `Unavailable` when the queue is closed.
    pub(super) fn push(&self, job: Job) -> Result<(), StorageError> {
        let mut state = self.state();
        if state.closed {
            return Err(closed());
        }
        state.waiting.push_back(job);
        drop(state);
        self.changed.notify_waiters();
        Ok(())
    }

    /// Waits for change sets and takes a group of them, no two for the same partition; `None` when the queue is closed
    /// and empty. What was taken must be [`done`](Self::done) afterwards.
    pub(super) async fn take(&self) -> Option<Vec<Job>> {
        loop {
            let mut changed = core::pin::pin!(self.changed.notified());
            // From here on no change is missed.
            changed.as_mut().enable();
            {
                let mut state = self.state();
                let group = state.take(self.form, self.group);
                if !group.is_empty() {
                    return Some(group);
                }
                if state.closed && state.waiting.is_empty() {
                    return None;
                }
            }
            changed.await;
        }
    }

    /// Frees the partitions of a group.
    pub(super) fn done(&self, partitions: &[Partition]) {
        let mut state = self.state();
        for partition in partitions {
            state.busy.remove(partition);
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Takes no more change sets; those that wait are still given out.
    pub(super) fn close(&self) {
        self.places.close();
        self.state().closed = true;
        self.changed.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self, form: Form, limit: usize) -> Vec<Job> {
        let mut group: Vec<Job> = Vec::new();
        let mut left = VecDeque::new();
        let mut bytes = 0;
        while let Some(job) = self.waiting.pop_front() {
            if group.len() >= limit || bytes >= ENOUGH_BYTES {
                left.push_back(job);
                break;
            }
            let partition = job.set.partition;
            let other_bucket = |first: &Job| first.set.partition.bucket() != partition.bucket();
            let apart = form == Form::Single && group.first().is_some_and(other_bucket);
            // Once a change set of a partition stays, later ones of the same partition stay behind it.
            if apart || self.busy.contains(&partition) {
                left.push_back(job);
                continue;
            }
            self.busy.insert(partition);
            bytes += job.set.puts.iter().map(|put| put.body.len()).sum::<usize>();
            group.push(job);
        }
        while let Some(job) = left.pop_back() {
            self.waiting.push_front(job);
        }
        group
    }
}

const fn closed() -> StorageError {
    StorageError::new(StorageErrorKind::Unavailable, "commit")
}

#[cfg(test)]
mod tests {
    use super::*;
    use mychartum_core::kernel::id::ChangeSetId;
    use mychartum_core::port::storage::{AuditHead, Collection, Expect, PartitionKind, Put, RowId};

    /// Partition `number` lies in bucket `number * 16`.
    fn partition(number: u8) -> Partition {
        Partition::new(PartitionKind::Patient, [number; 16])
    }

    async fn push(queue: &Queue, number: u8, id: u8, bytes: usize) -> oneshot::Receiver<Answer> {
        let (answer, answered) = oneshot::channel();
        let put = Put {
            collection: Collection::new(1),
            row: RowId::from_bytes([id; 16]),
            version: 1,
            order: 0,
            tags: Vec::new(),
            body: vec![0; bytes],
        };
        let set = ChangeSet {
            id: ChangeSetId::from_bytes([id; 16]),
            partition: partition(number),
            expect: Expect { revision: 0, epoch: 0 },
            puts: vec![put],
            deletes: Vec::new(),
            audit: AuditHead::EMPTY,
        };
        let place = queue.place().await.unwrap();
        queue.push(Job { digest: set.digest(), set, answer, place }).unwrap();
        answered
    }

    async fn taken(queue: &Queue) -> Vec<u8> {
        queue.take().await.unwrap().iter().map(|job| job.set.id.to_bytes()[0]).collect()
    }

    #[tokio::test]
    async fn a_partition_is_in_one_group_at_a_time_and_in_order() {
        let queue = Queue::new(Form::Many, 10, 100);
        for (number, id) in [(1, 1), (1, 2), (2, 3), (1, 4), (3, 5)] {
            push(&queue, number, id, 0).await;
        }
        assert_eq!(taken(&queue).await, [1, 3, 5]);
        queue.done(&[partition(2), partition(3)]);
        push(&queue, 2, 6, 0).await;
        assert_eq!(taken(&queue).await, [6]);
        queue.done(&[partition(1)]);
        assert_eq!(taken(&queue).await, [2]);
        queue.done(&[partition(1)]);
        assert_eq!(taken(&queue).await, [4]);
    }

    #[tokio::test]
    async fn groups_end_after_their_number_and_after_enough_bytes() {
        let queue = Queue::new(Form::Many, 2, 100);
        for number in 1..=3 {
            push(&queue, number, number, 0).await;
        }
        assert_eq!(taken(&queue).await, [1, 2]);
        assert_eq!(taken(&queue).await, [3]);
        let queue = Queue::new(Form::Many, 10, 100);
        for number in 1..=3 {
            push(&queue, number, number, ENOUGH_BYTES / 2).await;
        }
        assert_eq!(taken(&queue).await, [1, 2]);
        assert_eq!(taken(&queue).await, [3]);
    }

    #[tokio::test]
    async fn in_the_single_form_a_group_has_one_bucket() {
        let queue = Queue::new(Form::Single, 10, 100);
        for (number, id) in [(1, 1), (2, 2), (1, 3)] {
            push(&queue, number, id, 0).await;
        }
        assert_eq!(taken(&queue).await, [1]);
        assert_eq!(taken(&queue).await, [2]);
    }

    #[tokio::test]
    async fn a_closed_queue_gives_what_it_has_and_takes_nothing() {
        let queue = Queue::new(Form::Many, 10, 100);
        push(&queue, 1, 1, 0).await;
        let place = queue.place().await.unwrap();
        queue.close();
        assert_eq!(queue.place().await.unwrap_err().kind(), StorageErrorKind::Unavailable);
        let jobs = queue.take().await.unwrap();
        let late = jobs.into_iter().next().unwrap();
        assert_eq!(queue.push(Job { place, ..late }).unwrap_err().kind(), StorageErrorKind::Unavailable);
        assert!(queue.take().await.is_none());
    }

    #[tokio::test]
    async fn places_are_bounded_and_come_back_with_the_answer() {
        let queue = Queue::new(Form::Many, 10, 1);
        push(&queue, 1, 1, 0).await;
        let mut waiting = core::pin::pin!(queue.place());
        assert!(
            core::future::poll_fn(|context| core::task::Poll::Ready(waiting.as_mut().poll(context))).await.is_pending()
        );
        drop(queue.take().await);
        drop(waiting.await.unwrap());
    }
}
