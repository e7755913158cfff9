//! A storage that fails at steps that a test chooses, and keeps its contract while it does.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{
    Bucket, ChangeSet, Collection, Due, Head, Partition, Receipt, Row, RowId, Scan, StorageError, StorageErrorKind,
};
use tokio::sync::Notify;

/// How one call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failing {
    /// Nothing happens, and the storage says that it cannot be reached.
    Before,
    /// The call does all that it should, and its answer is lost: a commit's outcome is not known. A read fails as with [`Before`](Self::Before).
    After,
    /// The call is held up before anything happens, until it is released or its caller is killed.
    HeldBefore,
    /// The call does all that it should, and its answer is held up.
    HeldAfter,
}

/// A sound storage whose calls fail where a plan says so.
///
/// Unlike the storages of [`bad_storage`](crate::bad_storage) it breaks no promise of the port: what it says not to have done it has
/// not done, and where it does not know it says so. What stands above it has to come through that.
#[derive(Debug)]
pub struct UnsteadyStorage {
    sound: Arc<dyn Storage>,
    plan: Mutex<Plan>,
    held: Notify,
    released: Notify,
}

#[derive(Debug, Default)]
struct Plan {
    /// How many calls go well before each failure, and how it fails.
    next: VecDeque<(u32, Failing)>,
    calls: u64,
    failures: u64,
}

impl UnsteadyStorage {
    /// A storage that does not fail yet.
    #[must_use]
    pub fn over(sound: Arc<dyn Storage>) -> Self {
        Self { sound, plan: Mutex::default(), held: Notify::new(), released: Notify::new() }
    }

    /// Plans one more failure: after so many calls that go well, counted from the failure before it in the plan.
    pub fn fail_after(&self, calls: u32, failing: Failing) {
        self.plan().next.push_back((calls, failing));
    }

    /// Forgets what was planned: from now on it is steady.
    pub fn calm(&self) {
        self.plan().next.clear();
    }

    /// Waits until a call is held up: the moment to kill its caller, or whoever waits for that.
    pub async fn held(&self) {
        self.held.notified().await;
    }

    /// Lets the calls go on that are held up.
    pub fn release(&self) {
        self.released.notify_waiters();
    }

    async fn hold(&self) {
        let released = self.released.notified();
        self.held.notify_one();
        released.await;
    }

    /// How many calls there were so far.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.plan().calls
    }

    /// How many of them failed.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.plan().failures
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        // A test that failed elsewhere is to be told of by its own message.
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How this call fails, if it does.
    fn step(&self) -> Option<Failing> {
        let mut plan = self.plan();
        plan.calls += 1;
        match plan.next.front_mut() {
            None => None,
            Some((0, failing)) => {
                let failing = *failing;
                plan.next.pop_front();
                plan.failures += 1;
                Some(failing)
            }
            Some((left, _)) => {
                *left -= 1;
                None
            }
        }
    }

    /// What comes before a read.
    async fn before_read(&self, operation: &'static str) -> Result<(), StorageError> {
        match self.step() {
            None => Ok(()),
            Some(Failing::Before | Failing::After) => Err(StorageError::new(StorageErrorKind::Unavailable, operation)),
            Some(Failing::HeldBefore | Failing::HeldAfter) => {
                self.hold().await;
                Ok(())
            }
        }
    }
}

#[async_trait]
impl Storage for UnsteadyStorage {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        match self.step() {
            None => self.sound.commit(set).await,
            Some(Failing::Before) => Err(StorageError::new(StorageErrorKind::Unavailable, "commit")),
            Some(Failing::After) => {
                self.sound.commit(set).await?;
                Err(StorageError::new(StorageErrorKind::OutcomeUnknown, "commit"))
            }
            Some(Failing::HeldBefore) => {
                self.hold().await;
                self.sound.commit(set).await
            }
            Some(Failing::HeldAfter) => {
                let receipt = self.sound.commit(set).await;
                self.hold().await;
                receipt
            }
        }
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        self.before_read("head").await?;
        self.sound.head(partition).await
    }

    async fn get(
        &self,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        self.before_read("get").await?;
        self.sound.get(partition, collection, rows).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        self.before_read("scan").await?;
        self.sound.scan(scan).await
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        self.before_read("due").await?;
        self.sound.due(due).await
    }

    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        self.before_read("heads").await?;
        self.sound.heads(bucket, after, limit).await
    }
}
