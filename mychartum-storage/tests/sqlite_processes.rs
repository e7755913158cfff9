//! The SQLite storage and other processes: sharing a file, and being killed.
#![cfg(feature = "sqlite")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and the other process reports by printing"
)]

mod change_sets;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use change_sets::{NOTES, note, patient};
use mychartum_core::port::Storage as _;
use mychartum_core::port::storage::{Scan, StorageErrorKind};
use mychartum_storage::SqliteStorage;

/// Tells the other process which file to open.
const FILE: &str = "MYCHARTUM_TEST_FILE";
/// Tells the other process whose notes to write.
const PATIENT: &str = "MYCHARTUM_TEST_PATIENT";
/// Tells the other process how many to write.
const COUNT: &str = "MYCHARTUM_TEST_COUNT";

/// Starts this program again, as a process that runs only `the_other_process`.
fn start(path: &Path, patient: u64, count: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_other_process", "--nocapture"])
        .env(FILE, path)
        .env(PATIENT, patient.to_string())
        .env(COUNT, count.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Commits notes one after another and prints each revision once it is acknowledged.
#[tokio::test]
async fn the_other_process() {
    // Only as a process of its own, which the other tests start and name the file to, it has something to do.
    let Some(file) = std::env::var_os(FILE) else { return };
    let storage = SqliteStorage::open(file).await.unwrap();
    let whose = patient(std::env::var(PATIENT).unwrap().parse().unwrap());
    let count: u64 = std::env::var(COUNT).unwrap().parse().unwrap();
    println!();
    for revision in 1..=count {
        while let Err(error) = storage.commit(&note(whose, revision, 600)).await {
            assert_eq!(error.kind(), StorageErrorKind::Busy);
        }
        println!("revision {revision}");
    }
    storage.close().await;
}

fn acknowledged(line: &str) -> Option<u64> {
    line.strip_prefix("revision ")?.parse().ok()
}

#[tokio::test]
async fn a_killed_process_loses_nothing_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portal.db");
    for (whose, kill_after) in [(1, 1), (2, 7), (3, 40)] {
        let mut child = start(&path, whose, u64::MAX);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        lines.by_ref().filter_map(|line| acknowledged(&line)).find(|revision| *revision == kill_after).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let last = lines.filter_map(|line| acknowledged(&line)).last().unwrap_or(kill_after);

        let storage = SqliteStorage::open(&path).await.unwrap();
        let head = storage.head(patient(whose)).await.unwrap();
        assert!(head.revision >= last, "{} of {last}", head.revision);
        let rows = storage.scan(&Scan::new(patient(whose), NOTES, u32::MAX)).await.unwrap();
        assert_eq!(rows.len() as u64, head.revision);
        assert_eq!(head.audit, note(patient(whose), head.revision, 0).audit);
        storage.close().await;
    }
}

#[tokio::test]
async fn two_processes_write_to_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portal.db");
    let storage = SqliteStorage::open(&path).await.unwrap();
    let mut child = start(&path, 1, 30);
    for revision in 1..=30 {
        while let Err(error) = storage.commit(&note(patient(2), revision, 600)).await {
            assert_eq!(error.kind(), StorageErrorKind::Busy);
        }
    }
    // The pipe is read to its end, so the other process never waits for it.
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.filter_map(|line| acknowledged(&line)).last(), Some(30));
    assert!(child.wait().unwrap().success());
    for whose in [1, 2] {
        assert_eq!(storage.head(patient(whose)).await.unwrap().revision, 30);
        let rows = storage.scan(&Scan::new(patient(whose), NOTES, 100)).await.unwrap();
        assert_eq!(rows.len(), 30);
    }
}
