//! Copying everything from one storage into another.
#![cfg(feature = "sqlite")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod houses;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use houses::{NOTES, NOW, all_are, commit, everything, move_in, move_in_a_little, neighbour, patient, put, set};
use mychartum_core::port::custody::{BucketState, BucketStatus, Piece, Turn};
use mychartum_core::port::storage::{
    Bucket, ChangeSet, Collection, Due, Head, Outcome, Partition, Receipt, Row, RowId, Scan, StorageError,
    StorageErrorKind,
};
use mychartum_core::port::{Custody, Snapshot, Storage};
use mychartum_storage::transfer::{Progress, Stage, TransferError, copy, fill};
use mychartum_storage::{MemoryStorage, SqliteStorage};

/// What is wrong with a storage under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    /// From this call of `install` on, nothing is installed any more.
    StopsAt(usize),
    /// It forgets the last row of this call, and says that all is well.
    ForgetsAt(usize),
    /// Another writer is in the way of every second call.
    BusyEverySecondTime,
    /// Another writer is in the way for good.
    Busy,
    /// It breaks when it is to be cleared.
    ClearsNothing,
}

/// A storage in memory with a flaw.
#[derive(Debug)]
struct Flawed {
    inside: MemoryStorage,
    flaw: Mutex<Option<Flaw>>,
    installs: AtomicUsize,
}

impl Flawed {
    fn new(flaw: Flaw) -> Self {
        Self { inside: MemoryStorage::new(), flaw: Mutex::new(Some(flaw)), installs: AtomicUsize::new(0) }
    }

    fn mend(&self) {
        *self.flaw.lock().unwrap() = None;
    }
}

#[async_trait]
impl Storage for Flawed {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        self.inside.commit(set).await
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        self.inside.head(partition).await
    }

    async fn get(&self, partition: Partition, of: Collection, rows: &[RowId]) -> Result<Vec<Row>, StorageError> {
        self.inside.get(partition, of, rows).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        self.inside.scan(scan).await
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        self.inside.due(due).await
    }

    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        Storage::heads(&self.inside, bucket, after, limit).await
    }
}

#[async_trait]
impl Custody for Flawed {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StorageError> {
        self.inside.snapshot().await
    }

    async fn buckets(&self) -> Result<Vec<BucketStatus>, StorageError> {
        self.inside.buckets().await
    }

    async fn turn(&self, turns: &[Turn]) -> Result<(), StorageError> {
        self.inside.turn(turns).await
    }

    async fn install(&self, pieces: &[Piece]) -> Result<(), StorageError> {
        let call = self.installs.fetch_add(1, Ordering::Relaxed);
        let flaw = *self.flaw.lock().unwrap();
        match flaw {
            Some(Flaw::StopsAt(at)) if call >= at => Err(StorageError::new(StorageErrorKind::Unavailable, "install")),
            Some(Flaw::BusyEverySecondTime) if call.is_multiple_of(2) => {
                Err(StorageError::new(StorageErrorKind::Busy, "install"))
            }
            Some(Flaw::Busy) => Err(StorageError::new(StorageErrorKind::Busy, "install")),
            Some(Flaw::ForgetsAt(at)) if call == at => {
                let mut pieces = pieces.to_vec();
                pieces.iter_mut().rev().find_map(|piece| piece.rows.pop()).unwrap();
                self.inside.install(&pieces).await
            }
            _ => self.inside.install(pieces).await,
        }
    }

    async fn clear(&self, status: BucketStatus) -> Result<(), StorageError> {
        if *self.flaw.lock().unwrap() == Some(Flaw::ClearsNothing) {
            return Err(StorageError::new(StorageErrorKind::Unavailable, "clear"));
        }
        self.inside.clear(status).await
    }
}

fn silent() -> impl FnMut(Progress) + Send {
    |_| {}
}

#[tokio::test]
async fn everything_goes_from_engine_to_engine_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let (one, three) = (MemoryStorage::new(), MemoryStorage::new());
    let two = SqliteStorage::open(folder.path().join("two.db")).await.unwrap();
    move_in(&one).await;
    let all = everything(&one).await;
    let counts = copy(&one, &two, NOW, &mut silent()).await.unwrap();
    assert!(all == everything(&two).await);
    assert!(all_are(&two, BucketState::Serving).await);
    assert_eq!(counts.partitions, all.len() as u64);
    assert_eq!(counts.rows, all.iter().map(|(.., rows)| rows.len() as u64).sum::<u64>());
    copy(&two, &three, NOW, &mut silent()).await.unwrap();
    assert!(all == everything(&three).await);
    assert!(all == everything(&one).await, "the source stays as it is");
}

#[tokio::test]
async fn a_copy_goes_on_where_the_source_was_with_a_higher_epoch() {
    let (from, into) = (MemoryStorage::new(), MemoryStorage::new());
    move_in_a_little(&from).await;
    let head = from.head(patient(17)).await.unwrap();
    let next = set(patient(17), head, vec![put(NOTES, 8, vec![8])], vec![]);
    copy(&from, &into, NOW, &mut silent()).await.unwrap();
    let epoch = into.buckets().await.unwrap()[0].epoch;
    assert!(epoch > NOW);
    assert_eq!(into.head(patient(17)).await.unwrap(), Head { epoch, ..head });
    assert_eq!(into.head(patient(1)).await.unwrap(), Head { epoch, ..Head::EMPTY });
    assert_eq!(into.commit(&next).await.unwrap_err().kind(), StorageErrorKind::Conflict);
    // What was acknowledged there is known to be done here.
    let first = set(patient(17), Head::EMPTY, first_rows(), vec![]);
    assert_eq!(into.commit(&first).await.unwrap().outcome, Outcome::Repeated);
    commit(&into, patient(17), vec![put(NOTES, 8, vec![8])], vec![]).await;

    // A clock that went back does not lower the epoch.
    let third = MemoryStorage::new();
    copy(&into, &third, 5, &mut silent()).await.unwrap();
    assert!(third.head(patient(17)).await.unwrap().epoch > epoch);
}

/// What `move_in_a_little` put into patient 17 first.
fn first_rows() -> Vec<mychartum_core::port::storage::Put> {
    vec![put(Collection::KEYS, 0, b"wrapped key 17".to_vec()), put(NOTES, 1, b"sealed".to_vec())]
}

#[tokio::test]
async fn a_storage_that_holds_something_is_left_alone() {
    let (from, into) = (MemoryStorage::new(), MemoryStorage::new());
    move_in_a_little(&from).await;
    commit(&into, patient(5), vec![put(NOTES, 1, vec![])], vec![]).await;
    // One bucket waits for something else.
    let leftover = patient(6).bucket();
    let turn = Turn { bucket: leftover, from: BucketState::Serving, to: BucketState::Arriving, epoch: 3 };
    into.turn(&[turn]).await.unwrap();
    let before = (everything(&into).await, into.buckets().await.unwrap());
    assert_eq!(copy(&from, &into, NOW, &mut silent()).await, Err(TransferError::NotEmpty));
    assert!(before == (everything(&into).await, into.buckets().await.unwrap()));
    let cell = MemoryStorage::new();
    let turn = Turn { bucket: leftover, from: BucketState::Serving, to: BucketState::Elsewhere, epoch: 3 };
    cell.turn(&[turn]).await.unwrap();
    assert_eq!(copy(&from, &cell, NOW, &mut silent()).await, Err(TransferError::NotEmpty), "one of several");
}

#[tokio::test]
async fn a_source_that_is_not_complete_is_not_copied() {
    let from = Flawed::new(Flaw::StopsAt(1));
    let source = MemoryStorage::new();
    move_in(&source).await;
    let broken = copy(&source, &from, NOW, &mut silent()).await.unwrap_err();
    assert!(matches!(broken, TransferError::Storage(error) if error.kind() == StorageErrorKind::Unavailable));
    let into = MemoryStorage::new();
    assert_eq!(copy(&from, &into, NOW, &mut silent()).await, Err(TransferError::Incomplete));
    assert!(all_are(&into, BucketState::Serving).await);
}

#[tokio::test]
async fn an_interrupted_copy_is_served_by_nobody_and_begun_anew() {
    let from = MemoryStorage::new();
    move_in(&from).await;
    for stops in [0, 1, 2] {
        let into = Flawed::new(Flaw::StopsAt(stops));
        copy(&from, &into, NOW, &mut silent()).await.unwrap_err();
        assert!(all_are(&into, BucketState::Arriving).await);
        assert_eq!(into.head(patient(2)).await.unwrap_err().kind(), StorageErrorKind::Busy);
        let refused = into.commit(&set(patient(9), Head::EMPTY, vec![], vec![])).await;
        assert_eq!(refused.unwrap_err().kind(), StorageErrorKind::Busy);
        // Again, and broken off a little later.
        copy(&from, &into, NOW, &mut silent()).await.unwrap_err();
        into.mend();
        copy(&from, &into, NOW, &mut silent()).await.unwrap();
        assert!(everything(&from).await == everything(&into).await);
    }
}

#[tokio::test]
async fn beginning_anew_may_be_interrupted_too() {
    let from = MemoryStorage::new();
    move_in_a_little(&from).await;
    let into = Flawed::new(Flaw::ClearsNothing);
    let filled = fill(&mut *from.snapshot().await.unwrap(), &into, NOW, &mut silent()).await.unwrap();
    drop(filled);
    copy(&from, &into, NOW, &mut silent()).await.unwrap_err();
    assert!(all_are(&into, BucketState::Elsewhere).await);
    into.mend();
    copy(&from, &into, NOW, &mut silent()).await.unwrap();
    assert!(everything(&from).await == everything(&into).await);
}

#[tokio::test]
async fn what_a_storage_forgot_is_found_before_it_is_served() {
    let from = MemoryStorage::new();
    move_in(&from).await;
    for at in [0, 2] {
        let into = Flawed::new(Flaw::ForgetsAt(at));
        assert_eq!(copy(&from, &into, NOW, &mut silent()).await, Err(TransferError::Differs));
        assert!(all_are(&into, BucketState::Arriving).await);
    }
}

#[tokio::test]
async fn of_two_copies_into_one_storage_the_later_counts() {
    let (from, other, into) = (MemoryStorage::new(), MemoryStorage::new(), MemoryStorage::new());
    move_in_a_little(&from).await;
    commit(&other, patient(1), vec![put(NOTES, 1, vec![1])], vec![]).await;
    let first = fill(&mut *from.snapshot().await.unwrap(), &into, NOW, &mut silent()).await.unwrap();
    let second = fill(&mut *other.snapshot().await.unwrap(), &into, 0, &mut silent()).await.unwrap();
    assert_eq!(first.serve().await, Err(TransferError::Overtaken));
    assert!(all_are(&into, BucketState::Arriving).await);
    second.serve().await.unwrap();
    assert!(everything(&other).await == everything(&into).await);
}

#[tokio::test]
async fn two_copies_at_the_same_moment_never_share_an_epoch() {
    let from = MemoryStorage::new();
    move_in_a_little(&from).await;
    let mut epochs = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let into = MemoryStorage::new();
        copy(&from, &into, NOW, &mut silent()).await.unwrap();
        epochs.insert(into.buckets().await.unwrap()[0].epoch);
    }
    assert_eq!(epochs.len(), 20);
}

#[tokio::test]
async fn a_passing_fault_does_not_end_a_copy_and_a_lasting_one_does() {
    let from = MemoryStorage::new();
    move_in(&from).await;
    let into = Flawed::new(Flaw::BusyEverySecondTime);
    copy(&from, &into, NOW, &mut silent()).await.unwrap();
    assert!(everything(&from).await == everything(&into).await);
    let into = Flawed::new(Flaw::Busy);
    let error = copy(&from, &into, NOW, &mut silent()).await.unwrap_err();
    assert!(matches!(error, TransferError::Storage(error) if error.kind() == StorageErrorKind::Busy));
}

#[tokio::test]
async fn a_bucket_that_the_source_keeps_elsewhere_is_elsewhere_for_the_copy() {
    let (from, into) = (MemoryStorage::new(), MemoryStorage::new());
    let gone = patient(1000).bucket();
    let turn = Turn { bucket: gone, from: BucketState::Serving, to: BucketState::Elsewhere, epoch: 4 };
    from.turn(&[turn]).await.unwrap();
    move_in_a_little(&from).await;
    copy(&from, &into, NOW, &mut silent()).await.unwrap();
    for status in into.buckets().await.unwrap() {
        let expected = if status.bucket == gone { BucketState::Elsewhere } else { BucketState::Serving };
        assert!(status.state == expected && status.epoch > NOW);
    }
}

#[tokio::test]
async fn what_was_written_since_is_counted() {
    let (from, into) = (MemoryStorage::new(), MemoryStorage::new());
    move_in(&from).await;
    let filled = fill(&mut *from.snapshot().await.unwrap(), &into, NOW, &mut silent()).await.unwrap();
    assert_eq!(filled.behind(&from).await, Ok(0));
    for whose in [patient(3), neighbour(1), neighbour(515), neighbour(9999), patient(2000)] {
        commit(&from, whose, vec![put(NOTES, 9999, vec![])], vec![]).await;
    }
    assert_eq!(filled.behind(&from).await, Ok(5));
}

#[tokio::test]
async fn progress_grows_to_the_end_of_each_stage() {
    let (from, into) = (MemoryStorage::new(), MemoryStorage::new());
    move_in(&from).await;
    let mut seen: Vec<Progress> = Vec::new();
    let counts = copy(&from, &into, NOW, &mut |progress| seen.push(progress)).await.unwrap();
    for stage in [Stage::Copying, Stage::Checking] {
        let of_stage: Vec<&Progress> = seen.iter().filter(|progress| progress.stage == stage).collect();
        assert!(of_stage.is_sorted_by_key(|progress| (progress.done.partitions, progress.done.rows)), "{stage:?}");
        assert!(of_stage.iter().all(|progress| progress.partitions == counts.partitions));
        assert_eq!(of_stage.last().unwrap().done, counts);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_of_one_moment_while_writers_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let from = SqliteStorage::open(folder.path().join("from.db")).await.unwrap();
    let into = SqliteStorage::open(folder.path().join("into.db")).await.unwrap();
    move_in(&from).await;
    let writer = tokio::spawn({
        let from = from.clone();
        async move {
            for number in 0..200 {
                commit(&from, patient(number % 7), vec![put(NOTES, 50_000 + u64::from(number), vec![7; 50])], vec![])
                    .await;
            }
        }
    });
    let mut snapshot = from.snapshot().await.unwrap();
    let filled = fill(&mut *snapshot, &into, NOW, &mut silent()).await.unwrap();
    writer.await.unwrap();
    filled.serve().await.unwrap();
    let same = fill(&mut *snapshot, &MemoryStorage::new(), NOW, &mut silent()).await.unwrap().counts();
    assert_eq!(everything(&into).await.len() as u64, same.partitions);
    for (_, head, applied, _) in everything(&into).await {
        assert_eq!(applied.last().unwrap().revision, head.revision);
    }
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_goes_to_a_server_and_back() {
    use mychartum_storage::PostgresStorage;
    use mychartum_testkit::postgres_server::PostgresServer;

    let Some(server) = PostgresServer::find_or_skip() else { return };
    let database = server.fresh_database().unwrap();
    let there = PostgresStorage::open(&database.url()).await.unwrap();
    let (home, back) = (MemoryStorage::new(), MemoryStorage::new());
    move_in(&home).await;
    let all = everything(&home).await;
    // Broken off the first time, so that the buckets are cleared too.
    drop(fill(&mut *home.snapshot().await.unwrap(), &there, NOW, &mut silent()).await.unwrap());
    assert_eq!(there.head(patient(2)).await.unwrap_err().kind(), StorageErrorKind::Busy);
    copy(&home, &there, NOW, &mut silent()).await.unwrap();
    assert!(all == everything(&there).await);
    copy(&there, &back, NOW, &mut silent()).await.unwrap();
    assert!(all == everything(&back).await);
    assert_eq!(copy(&home, &there, NOW, &mut silent()).await, Err(TransferError::NotEmpty));
    there.close().await;
}
