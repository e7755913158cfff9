//! A storage in memory: the plainest reading of the port's seventeen promises.

use core::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use mychartum_core::port::custody::{BucketStatus, Piece, Turn};
use mychartum_core::port::storage::{
    Bucket, ChangeSet, Collection, Direction, Due, Head, Partition, Receipt, Row, RowId, Scan, StorageError,
    StorageErrorKind,
};
use mychartum_core::port::{Custody, Snapshot, Storage};

use super::contents::Contents;
use super::snapshot::MemorySnapshot;
use super::state::State;

/// Keeps everything in memory, for tests and as a reference.
///
/// It keeps every promise of the port but one half of promise 1: the data live as long as the last clone of this value, so
/// they survive no crash. Clones share their data. One lock guards all, and scans look at every row of a partition: it is
/// written to be obviously right, not fast.
#[derive(Clone, Default)]
pub struct MemoryStorage {
    state: Arc<Mutex<State>>,
}

impl MemoryStorage {
    /// An empty storage.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No code between locking and unlocking leaves a partition half changed, so a poisoned lock guards sound data.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStorage").finish_non_exhaustive()
    }
}

#[async_trait]
impl Storage for MemoryStorage {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        set.check()?;
        let mut state = self.state();
        let status = state.status(set.partition.bucket());
        if let Some(kind) = status.state.refuses_commits() {
            return Err(StorageError::new(kind, "commit"));
        }
        let answer = match state.partitions.get_mut(&set.partition) {
            Some(contents) => contents.apply(set),
            None => {
                let mut contents = Contents::new(status.epoch);
                contents.apply(set).inspect(|_| {
                    state.partitions.insert(set.partition, contents);
                })
            }
        };
        answer.map_err(|kind| StorageError::new(kind, "commit"))
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        let state = self.state();
        state.may_read(partition.bucket(), "head")?;
        let unknown = Head { epoch: state.status(partition.bucket()).epoch, ..Head::EMPTY };
        Ok(state.partitions.get(&partition).map_or(unknown, |contents| contents.head))
    }

    async fn get(
        &self,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        let state = self.state();
        state.may_read(partition.bucket(), "get")?;
        let Some(contents) = state.partitions.get(&partition) else { return Ok(Vec::new()) };
        Ok(rows.iter().filter_map(|row| contents.rows.get(&(collection, *row)).cloned()).collect())
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        if scan.limit == 0 {
            return Err(StorageError::new(StorageErrorKind::Invalid, "scan"));
        }
        let state = self.state();
        state.may_read(scan.partition.bucket(), "scan")?;
        let Some(contents) = state.partitions.get(&scan.partition) else { return Ok(Vec::new()) };
        let mut found: Vec<&Row> = contents.rows.values().filter(|row| answers(row, scan)).collect();
        found.sort_unstable_by_key(|row| row.position());
        if scan.direction == Direction::Descending {
            found.reverse();
        }
        Ok(found.into_iter().take(scan.limit as usize).cloned().collect())
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        if due.limit == 0 || !due.collection.is_due() {
            return Err(StorageError::new(StorageErrorKind::Invalid, "due"));
        }
        let state = self.state();
        state.may_read(due.bucket, "due")?;
        let mut found: Vec<&Row> = state
            .of_bucket(due.bucket)
            .flat_map(|(_, contents)| contents.rows.values())
            .filter(|row| row.collection == due.collection && row.order < due.before)
            .collect();
        found.sort_unstable_by_key(|row| (row.order, row.partition, row.row));
        Ok(found.into_iter().take(due.limit as usize).cloned().collect())
    }

    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        if limit == 0 {
            return Err(StorageError::new(StorageErrorKind::Invalid, "heads"));
        }
        let state = self.state();
        state.may_read(bucket, "heads")?;
        Ok(state.heads(bucket, after, limit))
    }
}

#[async_trait]
impl Custody for MemoryStorage {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StorageError> {
        Ok(Box::new(MemorySnapshot(self.state().clone())))
    }

    async fn buckets(&self) -> Result<Vec<BucketStatus>, StorageError> {
        let state = self.state();
        Ok(Bucket::all().map(|bucket| state.status(bucket)).collect())
    }

    async fn turn(&self, turns: &[Turn]) -> Result<(), StorageError> {
        self.state().turn(turns)
    }

    async fn install(&self, pieces: &[Piece]) -> Result<(), StorageError> {
        self.state().install(pieces)
    }

    async fn clear(&self, status: BucketStatus) -> Result<(), StorageError> {
        self.state().clear(status)
    }
}

/// Whether a row of the scan's partition is one that the scan asks for.
fn answers(row: &Row, scan: &Scan) -> bool {
    row.collection == scan.collection
        && scan.tag.is_none_or(|tag| row.tags.contains(&tag))
        && scan.from.is_none_or(|from| row.order >= from)
        && scan.until.is_none_or(|until| row.order < until)
        && scan.after.is_none_or(|after| match scan.direction {
            Direction::Ascending => row.position() > after,
            Direction::Descending => row.position() < after,
        })
}
