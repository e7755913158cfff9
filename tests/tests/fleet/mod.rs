//! Cells that fail and yield on command, and writers that know what was acknowledged.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use async_trait::async_trait;
use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::custody::BucketState::{self, Elsewhere, Leaving, Serving};
use mychartum_core::port::custody::{BucketStatus, Piece, Turn};
use mychartum_core::port::storage::{
    AuditHead, Bucket, ChangeSet, Collection, Due, Expect, Head, Partition, PartitionKind, Put, Receipt, Row, RowId,
    Scan, StorageError, StorageErrorKind,
};
use mychartum_core::port::{Custody, Snapshot, Storage};
use mychartum_storage::{Cells, CellsOptions, MemoryStorage};
use mychartum_testkit::conformance::storage::Factory;

pub(crate) fn memory_cells(count: usize) -> Vec<Arc<dyn Custody>> {
    (0..count).map(|_| Arc::new(MemoryStorage::new()) as Arc<dyn Custody>).collect()
}

/// Cells made by a function; they share the count of steps.
pub(crate) fn shaky_cells<C>(count: usize, make: impl Fn(Arc<AtomicI64>) -> Arc<C>) -> Vec<Arc<C>>
where
    C: ?Sized,
{
    let steps = Arc::new(AtomicI64::new(i64::MAX));
    (0..count).map(|_| make(Arc::clone(&steps))).collect()
}

/// A cell in memory that gives way to others at every call, or fails at one.
#[derive(Debug)]
pub(crate) struct Shaky {
    sound: MemoryStorage,
    yields: bool,
    /// Counts down at each call that an operator's tool makes; from zero on, all fail.
    steps: Arc<AtomicI64>,
    fails_after: AtomicBool,
    silent: AtomicBool,
}

impl Shaky {
    pub(crate) fn steady(steps: Arc<AtomicI64>) -> Arc<Self> {
        Arc::new(Self::new(steps, false))
    }

    pub(crate) fn yielding(steps: Arc<AtomicI64>) -> Arc<dyn Custody> {
        Arc::new(Self::new(steps, true))
    }

    fn new(steps: Arc<AtomicI64>, yields: bool) -> Self {
        let (fails_after, silent) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { sound: MemoryStorage::new(), yields, steps, fails_after, silent }
    }

    /// From the given step on everything fails: before it is done, or that one after it was done.
    pub(crate) fn fail_at(cells: &[Arc<Self>], step: i64, after: bool) -> Arc<AtomicI64> {
        let steps = Arc::clone(&cells[0].steps);
        cells.iter().for_each(|cell| cell.fails_after.store(after, Ordering::SeqCst));
        steps.store(step, Ordering::SeqCst);
        steps
    }

    pub(crate) fn recover(steps: &AtomicI64) {
        steps.store(i64::MAX, Ordering::SeqCst);
    }

    pub(crate) fn silence(&self, silent: bool) {
        self.silent.store(silent, Ordering::SeqCst);
    }

    async fn step<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T, StorageError>>,
    ) -> Result<T, StorageError> {
        self.give_way().await?;
        let left = self.steps.fetch_sub(1, Ordering::SeqCst);
        if left < 0 || (left == 0 && !self.fails_after.load(Ordering::SeqCst)) {
            return Err(StorageError::new(StorageErrorKind::Unavailable, operation));
        }
        let answer = call.await?;
        if left == 0 {
            return Err(StorageError::new(StorageErrorKind::OutcomeUnknown, operation));
        }
        self.give_way().await?;
        Ok(answer)
    }

    async fn give_way(&self) -> Result<(), StorageError> {
        if self.silent.load(Ordering::SeqCst) {
            return Err(StorageError::new(StorageErrorKind::Unavailable, "reach"));
        }
        if self.yields {
            for _ in 0..RandomState::new().hash_one(0u8) % 4 {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Storage for Shaky {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        self.give_way().await?;
        self.sound.commit(set).await
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        self.give_way().await?;
        self.sound.head(partition).await
    }

    async fn get(
        &self,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        self.give_way().await?;
        self.sound.get(partition, collection, rows).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        self.give_way().await?;
        self.sound.scan(scan).await
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        self.give_way().await?;
        self.sound.due(due).await
    }

    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        self.give_way().await?;
        self.sound.heads(bucket, after, limit).await
    }
}

#[async_trait]
impl Custody for Shaky {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StorageError> {
        self.step("snapshot", self.sound.snapshot()).await
    }

    async fn buckets(&self) -> Result<Vec<BucketStatus>, StorageError> {
        self.step("buckets", self.sound.buckets()).await
    }

    async fn turn(&self, turns: &[Turn]) -> Result<(), StorageError> {
        self.step("turn", self.sound.turn(turns)).await
    }

    async fn install(&self, pieces: &[Piece]) -> Result<(), StorageError> {
        self.step("install", self.sound.install(pieces)).await
    }

    async fn clear(&self, status: BucketStatus) -> Result<(), StorageError> {
        self.step("clear", self.sound.clear(status)).await
    }
}

const NOTES: Collection = Collection::new(0x0101);

/// Writes to partitions of one bucket in turn, a row a change set, and remembers what was acknowledged.
#[derive(Debug)]
pub(crate) struct Writer {
    partitions: Vec<Partition>,
    written: BTreeMap<Partition, Vec<RowId>>,
    next: usize,
}

impl Writer {
    pub(crate) fn new(bucket: Bucket, partitions: usize) -> Self {
        let partition = || {
            let mut id = sixteen();
            id[0] = (bucket.number() >> 4) as u8;
            id[1] = ((bucket.number() << 4) as u8) | (id[1] & 0x0f);
            Partition::new(PartitionKind::Patient, id)
        };
        let partitions: Vec<_> = core::iter::repeat_with(partition).take(partitions).collect();
        Self { partitions, written: BTreeMap::new(), next: 0 }
    }

    pub(crate) fn partition(&self, number: usize) -> Partition {
        self.partitions[number]
    }

    pub(crate) fn acknowledged(&self) -> usize {
        self.written.values().map(Vec::len).sum()
    }

    /// Writes one change set, as the library does: made anew after a conflict, repeated after a passing fault.
    pub(crate) async fn write<S: Storage + ?Sized>(&mut self, storage: &S) -> Result<(), StorageError> {
        let partition = self.partitions[self.next % self.partitions.len()];
        self.next += 1;
        let row = RowId::from_bytes(sixteen());
        loop {
            let head = storage.head(partition).await?;
            let done = self.written.get(&partition).map_or(0, Vec::len) as u64;
            assert_eq!(head.revision, done, "a partition is not as its only writer left it");
            let set = ChangeSet {
                id: ChangeSetId::from_bytes(sixteen()),
                partition,
                expect: Expect { revision: head.revision, epoch: head.epoch },
                puts: vec![Put {
                    collection: NOTES,
                    row,
                    version: 1,
                    order: head.revision as i64,
                    tags: Vec::new(),
                    body: row.to_bytes().to_vec(),
                }],
                deletes: Vec::new(),
                audit: AuditHead { count: head.revision + 1, link: [1; 32] },
            };
            match storage.commit(&set).await {
                Ok(_) => {
                    self.written.entry(partition).or_default().push(row);
                    return Ok(());
                }
                Err(error) if error.kind() == StorageErrorKind::Conflict => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The same, where the bucket may be stuck between two cells.
    pub(crate) async fn write_unless_stuck<S: Storage + ?Sized>(&mut self, storage: &S) -> Result<(), StorageError> {
        match self.write(storage).await {
            Err(error) if !matches!(error.kind(), StorageErrorKind::Busy | StorageErrorKind::Elsewhere) => {
                panic!("{error}")
            }
            answer => answer,
        }
    }

    /// Every acknowledged row is there, in order, and nothing else.
    pub(crate) async fn check<S: Storage + ?Sized>(&self, storage: &S) {
        for (partition, rows) in &self.written {
            let found = storage.scan(&Scan::new(*partition, NOTES, 10_000)).await.unwrap();
            let found: Vec<RowId> = found.iter().map(|row| row.row).collect();
            assert_eq!(&found, rows);
            assert_eq!(storage.head(*partition).await.unwrap().revision, rows.len() as u64);
        }
    }
}

pub(crate) fn bucket_of(partition: Partition) -> u16 {
    partition.bucket().number()
}

fn sixteen() -> [u8; 16] {
    let number = |salt: u8| u128::from(RandomState::new().hash_one(salt));
    (number(0) << 64 | number(1)).to_be_bytes()
}

/// Buckets go round and round while eight writers write to them through routers of their own.
pub(crate) async fn carousel(cells: &[Arc<dyn Custody>], rounds: usize) {
    let route = || Cells::open(cells.to_vec(), CellsOptions::default());
    Cells::found(cells.to_vec(), CellsOptions::default()).await.unwrap();
    let buckets = [5, 1500, 4000].map(|number| Bucket::new(number).unwrap());
    let done = Arc::new(AtomicBool::new(false));
    let mut writers = Vec::new();
    for number in 0..8 {
        let (fleet, done, mut writer) =
            (route().await.unwrap(), Arc::clone(&done), Writer::new(buckets[number % 3], 3));
        writers.push(tokio::spawn(async move {
            while !done.load(Ordering::SeqCst) {
                writer.write(&fleet).await.unwrap();
                writer.check(&fleet).await;
            }
            (fleet, writer)
        }));
    }
    let mover = route().await.unwrap();
    for round in 0..rounds {
        for (at, bucket) in buckets.into_iter().enumerate() {
            mover.move_bucket(bucket, (round + at) % cells.len(), |_| ()).await.unwrap();
            tokio::task::yield_now().await;
        }
    }
    done.store(true, Ordering::SeqCst);
    for writer in writers {
        let (fleet, writer) = writer.await.unwrap();
        assert!(writer.acknowledged() > 0, "a writer did not get through");
        writer.check(&fleet).await;
        writer.check(&mover).await;
    }
    for bucket in buckets {
        one_keeper(cells, bucket).await;
    }
}

/// A fleet, shared by all cases of the storage suite.
pub(crate) struct Three(pub(crate) Cells);

#[async_trait]
impl Factory for Three {
    async fn fresh(&self) -> Result<Arc<dyn Storage>, StorageError> {
        Ok(Arc::new(self.0.clone()))
    }

    async fn reopen(&self, storage: Arc<dyn Storage>) -> Result<Arc<dyn Storage>, StorageError> {
        Ok(storage)
    }
}

async fn states<C: Custody + ?Sized>(cells: &[Arc<C>], bucket: Bucket) -> Vec<BucketState> {
    let mut states = Vec::new();
    for cell in cells {
        states.push(cell.buckets().await.unwrap()[usize::from(bucket.number())].state);
    }
    states
}

pub(crate) async fn at_most_one_serves<C: Custody + ?Sized>(cells: &[Arc<C>], bucket: Bucket) {
    let states = states(cells, bucket).await;
    let kept = states.iter().filter(|state| matches!(state, Serving | Leaving)).count();
    assert!(kept <= 1, "{states:?}");
}

/// One cell serves the bucket, and nothing of it is anywhere else.
pub(crate) async fn one_keeper<C: Custody + ?Sized>(cells: &[Arc<C>], bucket: Bucket) {
    let states = states(cells, bucket).await;
    assert_eq!(states.iter().filter(|state| **state == Serving).count(), 1, "{states:?}");
    for (cell, state) in cells.iter().zip(states) {
        if state != Serving {
            assert_eq!(state, Elsewhere);
            assert!(cell.snapshot().await.unwrap().heads(bucket, None, 1).await.unwrap().is_empty());
        }
    }
}
