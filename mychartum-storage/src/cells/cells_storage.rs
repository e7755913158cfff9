//! The router: a storage over cells.

use core::fmt;
use core::time::Duration;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use mychartum_core::port::custody::{BucketState, Turn};
use mychartum_core::port::storage::{
    Bucket, ChangeSet, Collection, Due, Head, Partition, Receipt, Row, RowId, Scan, StorageError, StorageErrorKind,
};
use mychartum_core::port::{Custody, Snapshot, Storage};
use tokio::sync::Mutex;

use super::error::CellsError;
use super::fleet_snapshot::FleetSnapshot;
use super::map::{Map, Place};
use super::waiting::Waiting;

/// How a fleet of cells is routed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct CellsOptions {
    patience: Duration,
}

impl Default for CellsOptions {
    fn default() -> Self {
        Self { patience: Duration::from_secs(10) }
    }
}

impl CellsOptions {
    /// How long a call waits for a bucket that is between two cells before it answers `Busy`; ten seconds unless told.
    pub const fn patience(mut self, limit: Duration) -> Self {
        self.patience = limit;
        self
    }
}

/// Several storages as one: every bucket is kept by one cell, and each call goes to the cell that keeps its bucket.
///
/// A cell is any storage with [`Custody`], in practice a PostgreSQL of its own with its replicas. Nothing but the cells knows
/// which of them keeps a bucket: the router asks them when it opens, and again when a cell answers `Elsewhere`. So several
/// hosts can route the same fleet, each with its own map, and a map that is out of date costs one more question, never a
/// wrong answer.
///
/// While one cell cannot be reached, its buckets are `Unavailable` and all others go on.
#[derive(Clone)]
pub struct Cells {
    pub(super) inner: Arc<Fleet>,
}

pub(super) struct Fleet {
    pub(super) cells: Vec<Arc<dyn Custody>>,
    map: RwLock<Arc<Map>>,
    /// Held while the cells are asked, so that many calls that find the map out of date ask once.
    asking: Mutex<()>,
    options: CellsOptions,
}

impl Cells {
    /// Makes a new fleet of empty storages and gives each an equal part of the buckets. Interrupted, it can be called again
    /// with the same cells in the same order.
    ///
    /// # Errors
    /// [`CellsError::NotEmpty`], [`CellsError::Count`], or what a cell says.
    pub async fn found(cells: Vec<Arc<dyn Custody>>, options: CellsOptions) -> Result<Self, CellsError> {
        count(&cells)?;
        let share = usize::from(Bucket::COUNT).div_ceil(cells.len());
        for (number, cell) in cells.iter().enumerate() {
            give_away(number, &**cell, |bucket| usize::from(bucket.number()) / share != number).await?;
        }
        Self::open(cells, options).await
    }

    /// Opens a fleet. Cells that cannot be reached are left out until they can.
    ///
    /// # Errors
    /// [`CellsError::ServedTwice`], [`CellsError::ServedNowhere`], [`CellsError::Count`]; what a cell says when none can be
    /// reached.
    pub async fn open(cells: Vec<Arc<dyn Custody>>, options: CellsOptions) -> Result<Self, CellsError> {
        count(&cells)?;
        let map = RwLock::new(Arc::new(Map::of(&[])));
        let fleet = Self { inner: Arc::new(Fleet { cells, map, asking: Mutex::new(()), options }) };
        fleet.inner.ask().await?;
        for (bucket, place) in fleet.inner.map().places() {
            match place {
                Place::Twice(one, other) => return Err(CellsError::ServedTwice { bucket, one, other }),
                Place::Nowhere => return Err(CellsError::ServedNowhere(bucket)),
                Place::At(_) | Place::Between | Place::Unknown => {}
            }
        }
        Ok(fleet)
    }

    /// Makes an empty storage ready to join a fleet: it gives all of its buckets away. Then open the fleet with it, and
    /// [move](Self::move_bucket) buckets to it.
    ///
    /// # Errors
    /// [`CellsError::NotEmpty`] (naming cell 0), or what the cell says.
    pub async fn prepare(cell: &dyn Custody) -> Result<(), CellsError> {
        give_away(0, cell, |_| true).await
    }

    /// How many cells the fleet has.
    #[must_use]
    pub fn count(&self) -> usize {
        self.inner.cells.len()
    }

    /// The number of the cell that keeps a bucket, as far as the router knows now.
    #[must_use]
    pub fn keeper(&self, bucket: Bucket) -> Option<usize> {
        match self.inner.map().place(bucket) {
            Place::At(cell) => Some(cell),
            _ => None,
        }
    }

    /// Buckets that are between two cells because a move was broken off; [`move_bucket`](Self::move_bucket) to the cell where
    /// they are arriving completes it.
    #[must_use]
    pub fn between(&self) -> Vec<Bucket> {
        self.inner.map().places().filter(|(_, place)| *place == Place::Between).map(|(bucket, _)| bucket).collect()
    }

    /// A view of the whole fleet: each cell as it was at one moment, and not all of them at the same one.
    ///
    /// # Errors
    /// What a cell says; `Busy` when a bucket is between two cells, `Unavailable` when a cell cannot be reached.
    pub async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StorageError> {
        let mut snapshots = Vec::with_capacity(self.inner.cells.len());
        for cell in &self.inner.cells {
            snapshots.push(cell.snapshot().await?);
        }
        Ok(Box::new(FleetSnapshot::of(snapshots).await?))
    }
}

fn count(cells: &[Arc<dyn Custody>]) -> Result<(), CellsError> {
    if (1..=1024).contains(&cells.len()) { Ok(()) } else { Err(CellsError::Count) }
}

/// Turns those buckets of an empty cell that it shall not keep.
async fn give_away(number: usize, cell: &dyn Custody, gives: impl Fn(Bucket) -> bool) -> Result<(), CellsError> {
    let said = CellsError::of(number);
    let statuses = cell.buckets().await.map_err(&said)?;
    let turns: Vec<Turn> = statuses
        .iter()
        .filter(|status| status.state == BucketState::Serving && gives(status.bucket))
        .map(|status| Turn {
            bucket: status.bucket,
            from: BucketState::Serving,
            to: BucketState::Elsewhere,
            epoch: status.epoch,
        })
        .collect();
    match cell.turn(&turns).await {
        Err(error) if error.kind() == StorageErrorKind::Invalid => Err(CellsError::NotEmpty(number)),
        answer => answer.map_err(said),
    }
}

impl Fleet {
    pub(super) fn map(&self) -> Arc<Map> {
        Arc::clone(&self.map.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks all cells which buckets they keep, unless somebody else did while this call waited for its turn.
    pub(super) async fn ask(&self) -> Result<(), CellsError> {
        let before = self.map();
        let _asking = self.asking.lock().await;
        if !Arc::ptr_eq(&before, &self.map()) {
            return Ok(());
        }
        let mut map = self.look_once().await?;
        // A bucket that moved between two answers may seem to be served twice: look again.
        for _ in 0..2 {
            if !map.places().any(|(_, place)| matches!(place, Place::Twice(..) | Place::Nowhere)) {
                break;
            }
            map = self.look_once().await?;
        }
        *self.map.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(map);
        Ok(())
    }

    async fn look_once(&self) -> Result<Map, CellsError> {
        let mut said = Vec::with_capacity(self.cells.len());
        let mut failed = None;
        for (number, cell) in self.cells.iter().enumerate() {
            said.push(match cell.buckets().await {
                Ok(statuses) => Some(statuses),
                Err(error) => {
                    failed = Some(CellsError::Cell { cell: number, error });
                    None
                }
            });
        }
        match failed {
            Some(error) if said.iter().all(Option::is_none) => Err(error),
            _ => Ok(Map::of(&said)),
        }
    }

    /// The cell to ask about a bucket.
    fn cell(&self, bucket: Bucket, operation: &'static str) -> Result<&Arc<dyn Custody>, StorageError> {
        let kind = match self.map().place(bucket) {
            Place::At(number) => match self.cells.get(number) {
                Some(cell) => return Ok(cell),
                None => StorageErrorKind::Integrity,
            },
            Place::Between | Place::Nowhere => StorageErrorKind::Elsewhere,
            Place::Unknown => StorageErrorKind::Unavailable,
            Place::Twice(..) => StorageErrorKind::Integrity,
        };
        Err(StorageError::new(kind, operation))
    }

    fn waiting(&self) -> Waiting {
        Waiting::new(self.options.patience)
    }

    /// After an error that may come from a bucket on its way: looks where the bucket is now, and waits if it is nowhere.
    /// `Ok` means to try again.
    async fn catch_up(&self, bucket: Bucket, error: StorageError, waiting: &mut Waiting) -> Result<(), StorageError> {
        let kind = error.kind();
        if !matches!(kind, StorageErrorKind::Elsewhere | StorageErrorKind::Busy | StorageErrorKind::Unavailable) {
            return Err(error);
        }
        let before = self.map().place(bucket);
        self.ask().await.map_err(|_| error)?;
        let now = self.map().place(bucket);
        match (kind, now) {
            // It went to another cell, or back to work.
            (_, Place::At(_)) if now != before => Ok(()),
            (StorageErrorKind::Unavailable, _) | (_, Place::Unknown | Place::Twice(..)) => Err(error),
            (StorageErrorKind::Busy, Place::At(number)) if self.is_at_work(number, bucket).await => Err(error),
            _ if waiting.a_little().await => Ok(()),
            _ => Err(if kind == StorageErrorKind::Elsewhere {
                StorageError::new(StorageErrorKind::Busy, "route")
            } else {
                error
            }),
        }
    }

    /// Whether a bucket is serving at this cell: then the cell itself is busy, and the caller shall decide.
    async fn is_at_work(&self, number: usize, bucket: Bucket) -> bool {
        let Some(cell) = self.cells.get(number) else { return true };
        let Ok(statuses) = cell.buckets().await else { return true };
        statuses.iter().any(|status| status.bucket == bucket && status.state == BucketState::Serving)
    }
}

impl fmt::Debug for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cells").field("cells", &self.inner.cells).finish_non_exhaustive()
    }
}

/// Asks the cell that keeps a bucket, and again when the bucket moved meanwhile.
macro_rules! routed {
    ($self:ident, $bucket:expr, $operation:literal, |$cell:ident| $call:expr) => {{
        let fleet = &*$self.inner;
        let bucket = $bucket;
        let mut waiting = fleet.waiting();
        loop {
            let answer = match fleet.cell(bucket, $operation) {
                Ok($cell) => $call.await,
                Err(error) => Err(error),
            };
            match answer {
                Ok(answer) => break Ok(answer),
                Err(error) => fleet.catch_up(bucket, error, &mut waiting).await?,
            }
        }
    }};
}

#[async_trait]
impl Storage for Cells {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        routed!(self, set.partition.bucket(), "commit", |cell| cell.commit(set))
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        routed!(self, partition.bucket(), "head", |cell| cell.head(partition))
    }

    async fn get(
        &self,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        routed!(self, partition.bucket(), "get", |cell| cell.get(partition, collection, rows))
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        routed!(self, scan.partition.bucket(), "scan", |cell| cell.scan(scan))
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        routed!(self, due.bucket, "due", |cell| cell.due(due))
    }

    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        routed!(self, bucket, "heads", |cell| cell.heads(bucket, after, limit))
    }
}
