//! The SQLite storage and its buckets: snapshots beside writers, and clearing beside them.
#![cfg(feature = "sqlite")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod change_sets;

use std::path::PathBuf;

use change_sets::{NOTES, note, patient};
use mychartum_core::port::custody::{BucketState, BucketStatus, Piece, Turn};
use mychartum_core::port::storage::{AuditHead, Bucket, Head, Partition, PartitionKind, Row, RowId, StorageErrorKind};
use mychartum_core::port::{Custody as _, Storage as _};
use mychartum_storage::SqliteStorage;
use tempfile::TempDir;

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portal.db");
    (folder, path)
}

/// A partition of bucket 0 with this number.
fn arriving(number: u32) -> Partition {
    let mut id = [0; 16];
    id[12..].copy_from_slice(&number.to_be_bytes());
    Partition::new(PartitionKind::Patient, id)
}

/// The first piece of a partition, with so many rows.
fn piece(partition: Partition, rows: u32) -> Piece {
    let row = |number: u32| {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        Row {
            partition,
            collection: NOTES,
            row: RowId::from_bytes(id),
            version: 1,
            order: number.into(),
            tags: vec![mychartum_core::port::storage::Tag::from_bytes(id)],
            body: vec![1; 10],
        }
    };
    let head = Head { revision: 1, audit: AuditHead { count: 1, link: [1; 32] }, epoch: 1 };
    Piece { partition, epoch: 1, first: Some((head, Vec::new())), rows: (0..rows).map(row).collect() }
}

const ZERO: Bucket = Bucket::new(0).unwrap();

fn turn(from: BucketState, to: BucketState, epoch: u64) -> Turn {
    Turn { bucket: ZERO, from, to, epoch }
}

#[tokio::test]
async fn a_snapshot_outlives_commits_checkpoints_and_the_storage() {
    let (_folder, path) = place();
    let storage = SqliteStorage::open(&path).await.unwrap();
    storage.commit(&note(patient(1), 1, 100)).await.unwrap();
    let mut snapshot = storage.snapshot().await.unwrap();
    // More than a thousand pages, so that the writer moves what it can of its log.
    for revision in 2..=12 {
        storage.commit(&note(patient(1), revision, 1 << 20)).await.unwrap();
    }
    let seen = |heads: Vec<(Partition, Head)>| heads.into_iter().map(|(_, head)| head.revision).collect::<Vec<_>>();
    let bucket = patient(1).bucket();
    assert_eq!(seen(snapshot.heads(bucket, None, 10).await.unwrap()), [1]);
    assert_eq!(seen(storage.heads(bucket, None, 10).await.unwrap()), [12]);
    storage.close().await;
    assert_eq!(snapshot.rows(patient(1), None, 10).await.unwrap().len(), 1);
    assert_eq!(storage.snapshot().await.unwrap_err().kind(), StorageErrorKind::Unavailable);
}

#[tokio::test]
async fn a_snapshot_is_of_the_file_that_was_opened_and_of_other_processes_too() {
    let (_folder, path) = place();
    let (ours, theirs) = (SqliteStorage::open(&path).await.unwrap(), SqliteStorage::open(&path).await.unwrap());
    theirs.commit(&note(patient(1), 1, 100)).await.unwrap();
    let mut snapshot = ours.snapshot().await.unwrap();
    theirs.commit(&note(patient(1), 2, 100)).await.unwrap();
    assert_eq!(snapshot.applied(patient(1)).await.unwrap().len(), 1);
    drop(snapshot);
    assert_eq!(ours.snapshot().await.unwrap().applied(patient(1)).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_page_of_rows_ends_where_its_bodies_are_long_enough() {
    let (_folder, path) = place();
    let storage = SqliteStorage::open(&path).await.unwrap();
    for revision in 1..=9 {
        storage.commit(&note(patient(1), revision, 1 << 20)).await.unwrap();
    }
    let mut snapshot = storage.snapshot().await.unwrap();
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = snapshot.rows(patient(1), after, 100).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.collection, last.row));
        pages.push(page.len());
    }
    assert_eq!(pages, [4, 4, 1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clearing_lets_others_commit_in_between_and_may_be_broken_off() {
    let (_folder, path) = place();
    let storage = SqliteStorage::open(&path).await.unwrap();
    storage.turn(&[turn(BucketState::Serving, BucketState::Arriving, 1)]).await.unwrap();
    for number in 0..6 {
        storage.install(&[piece(arriving(number), 2000)]).await.unwrap();
    }
    {
        let status = BucketStatus { bucket: ZERO, state: BucketState::Arriving, epoch: 1 };
        // Dropped at its first wait, the clearing has one slice in the queue and asks for no more.
        let clear = storage.clear(status);
        tokio::pin!(clear);
        tokio::select! { biased; _ = &mut clear => panic!("12,000 rows are several slices"), () = std::future::ready(()) => {} }
    }
    storage.commit(&note(patient(1), 1, 100)).await.unwrap();
    assert_eq!(storage.snapshot().await.unwrap().heads(ZERO, None, 10).await.unwrap().len(), 6, "heads go last");
    let back = storage.turn(&[turn(BucketState::Arriving, BucketState::Elsewhere, 1)]).await;
    back.unwrap();
    let emptied = storage.turn(&[turn(BucketState::Elsewhere, BucketState::Arriving, 1)]).await;
    assert_eq!(emptied.unwrap_err().kind(), StorageErrorKind::Invalid, "half cleared is not empty");

    let clearing = tokio::spawn({
        let storage = storage.clone();
        let status = BucketStatus { bucket: ZERO, state: BucketState::Elsewhere, epoch: 1 };
        async move { storage.clear(status).await }
    });
    let mut between = 0;
    let mut revision = 1;
    while !clearing.is_finished() {
        revision += 1;
        storage.commit(&note(patient(1), revision, 100)).await.unwrap();
        between += 1;
    }
    clearing.await.unwrap().unwrap();
    assert!(between > 3, "{between}");
    let mut snapshot = storage.snapshot().await.unwrap();
    assert_eq!(snapshot.heads(ZERO, None, 10).await.unwrap(), []);
    assert_eq!(snapshot.rows(arriving(0), None, 10).await.unwrap(), []);
    storage.turn(&[turn(BucketState::Elsewhere, BucketState::Arriving, 1)]).await.unwrap();
}

#[tokio::test]
async fn the_last_of_many_turns_undoes_all_when_it_does_not_fit() {
    let (_folder, path) = place();
    let storage = SqliteStorage::open(&path).await.unwrap();
    let mut turns: Vec<Turn> = Bucket::all()
        .map(|bucket| Turn { bucket, from: BucketState::Serving, to: BucketState::Arriving, epoch: 5 })
        .collect();
    turns.last_mut().unwrap().from = BucketState::Elsewhere;
    assert_eq!(storage.turn(&turns).await.unwrap_err().kind(), StorageErrorKind::Conflict);
    assert!(storage.buckets().await.unwrap().iter().all(|status| status.epoch == 0));
    turns.last_mut().unwrap().from = BucketState::Serving;
    storage.turn(&turns).await.unwrap();
    storage.turn(&turns).await.unwrap();
    assert!(storage.buckets().await.unwrap().iter().all(|status| status.epoch == 5));
    assert_eq!(storage.head(patient(1)).await.unwrap_err().kind(), StorageErrorKind::Busy);
    assert_eq!(storage.commit(&note(patient(1), 1, 1)).await.unwrap_err().kind(), StorageErrorKind::Busy);
}
