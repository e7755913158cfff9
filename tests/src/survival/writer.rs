//! The writers of a workload.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mychartum_core::port::Storage;
use mychartum_core::port::storage::{ChangeSet, Receipt, StorageError, StorageErrorKind};
use tokio::task::JoinSet;

use super::chance::Chance;
use super::step::REMEMBERED;
use super::{Event, Step, Witness, Workload};

/// How often a call is made again before the writer gives up.
const TRIES: u32 = 10_000;

/// Runs writers over a storage until they are told to stop, or the storage fails.
#[derive(Debug, Clone)]
pub struct Writers {
    workload: Workload,
    first_author: u64,
    stop: Arc<AtomicBool>,
}

impl Writers {
    /// Writers whose numbers begin with `first_author`; no two runs over the same partitions may share numbers.
    #[must_use]
    pub fn new(workload: Workload, first_author: u64) -> Self {
        Self { workload, first_author, stop: Arc::default() }
    }

    /// Lets every writer end after the step that it is at.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    /// Writes until [`stop`](Self::stop), until the witness hears no more, or until the storage fails; gives each writer's
    /// reason to end, `None` for having been stopped.
    pub async fn run(&self, storage: Arc<dyn Storage>, witness: Arc<dyn Witness>) -> Vec<Option<StorageError>> {
        let mut writers = JoinSet::new();
        for number in 0..self.workload.writer_count() {
            let author = self.first_author + u64::from(number);
            let writer = Writer {
                workload: self.workload,
                number,
                author,
                chance: Chance::new(self.workload.seed(), author),
                stop: Arc::clone(&self.stop),
                storage: Arc::clone(&storage),
                witness: Arc::clone(&witness),
            };
            writers.spawn(writer.run());
        }
        writers.join_all().await
    }
}

struct Writer {
    workload: Workload,
    number: u32,
    author: u64,
    chance: Chance,
    stop: Arc<AtomicBool>,
    storage: Arc<dyn Storage>,
    witness: Arc<dyn Witness>,
}

impl Writer {
    async fn run(self) -> Option<StorageError> {
        for number in 1.. {
            if self.stop.load(Ordering::SeqCst) {
                break;
            }
            match self.step(number).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return Some(error),
            }
        }
        None
    }

    /// One step; false when nobody hears of it any more.
    async fn step(&self, number: u64) -> Result<bool, StorageError> {
        let place = self.workload.next(self.number, &self.chance);
        let partition = self.workload.partition(place);
        let head = retrying(|| self.storage.head(partition)).await?;
        let (step, set) = self.workload.step(place, head, self.author, number);
        if self.witness.tell(Event::Trying(step)).is_err() {
            return Ok(false);
        }
        let answer = self.commit(step, &set).await;
        let event = match answer {
            // A receipt for another revision is for the judge to find: it looks for the step where the receipt says.
            Ok(receipt) => Event::Acknowledged(Step { revision: receipt.revision, ..step }),
            Err(error) if error.kind() == StorageErrorKind::OutcomeUnknown => Event::Unknown(step),
            Err(_) => Event::Refused(step),
        };
        let heard = self.witness.tell(event).is_ok();
        match answer {
            Err(error) if error.kind() != StorageErrorKind::Conflict => Err(error),
            _ => Ok(heard),
        }
    }

    /// Commits, again while the storage says that this may help. An outcome that was unknown once and is not settled in the
    /// end stays unknown, whatever the last answer was.
    async fn commit(&self, step: Step, set: &ChangeSet) -> Result<Receipt, StorageError> {
        let mut unknown = None;
        for _ in 0..TRIES {
            let error = match self.storage.commit(set).await {
                Ok(receipt) => return Ok(receipt),
                Err(error) => error,
            };
            match error.kind() {
                StorageErrorKind::OutcomeUnknown => {
                    unknown = Some(error);
                    if self.witness.tell(Event::Unknown(step)).is_err() {
                        return Err(error);
                    }
                }
                // A change set that had been applied would have been recognised by its id, unless that is forgotten by now.
                StorageErrorKind::Conflict if !self.is_forgotten(step).await => return Err(error),
                kind if kind.may_retry() => {}
                _ => return Err(unknown.unwrap_or(error)),
            }
            if self.stop.load(Ordering::SeqCst) {
                return Err(unknown.unwrap_or(error));
            }
            tokio::task::yield_now().await;
        }
        Err(unknown.unwrap_or(StorageError::new(StorageErrorKind::Busy, "commit")))
    }

    /// Whether so much was written since that the storage need not know the step any more.
    async fn is_forgotten(&self, step: Step) -> bool {
        let head = retrying(|| self.storage.head(self.workload.partition(step.partition))).await;
        head.is_ok_and(|head| head.revision >= step.revision + REMEMBERED)
    }
}

/// Calls again while the storage says that this may help.
pub(super) async fn retrying<T, F>(call: impl Fn() -> F) -> Result<T, StorageError>
where
    F: Future<Output = Result<T, StorageError>>,
{
    let mut tries = 0;
    loop {
        match call().await {
            Err(error) if error.kind().may_retry() && tries < TRIES => tries += 1,
            answer => return answer,
        }
        tokio::task::yield_now().await;
    }
}
