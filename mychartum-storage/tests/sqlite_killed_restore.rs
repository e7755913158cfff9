//! A process that is killed in the middle of a restore, again and again, until one is let through.
#![cfg(feature = "sqlite")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and the other process reports by printing"
)]

mod houses;

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use houses::{NOW, all_are, everything, move_in, patient};
use mychartum_core::port::custody::BucketState;
use mychartum_core::port::storage::StorageErrorKind;
use mychartum_core::port::{Custody as _, Storage as _};
use mychartum_storage::archive::{self, ArchiveId};
use mychartum_storage::{MemoryStorage, SqliteStorage};

/// Tells the other process in which folder to work.
const FOLDER: &str = "MYCHARTUM_TEST_FOLDER";

/// Starts this program again, as a process that runs only `the_other_process`.
fn start(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_other_process", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Restores the folder's backup into its database and prints a line at each step.
#[tokio::test]
async fn the_other_process() {
    // Only as a process of its own, which the other test starts and names the folder to, it has something to do.
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let open = |name: &str| BufReader::new(File::open(folder.join(name)).unwrap());
    let storage = SqliteStorage::open(folder.join("portal.db")).await.unwrap();
    let (mut data, mut keys) = (open("backup"), open("backup.keys"));
    println!();
    let mut report = |progress| println!("at {progress:?}");
    let filled = archive::restore(&mut data, &mut keys, &storage, NOW, &mut report).await.unwrap();
    println!("at the end");
    filled.serve().await.unwrap();
    println!("at work");
    storage.close().await;
}

#[tokio::test]
async fn a_killed_restore_is_served_by_nobody_and_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let house = MemoryStorage::new();
    move_in(&house).await;
    let all = everything(&house).await;
    let create = |name: &str| BufWriter::new(File::create(folder.path().join(name)).unwrap());
    let (mut data, mut keys) = (create("backup"), create("backup.keys"));
    let mut snapshot = house.snapshot().await.unwrap();
    let id = ArchiveId::from_bytes([5; 16]);
    archive::write(&mut *snapshot, id, NOW, &mut data, &mut keys, &mut |_| {}).await.unwrap();
    drop((data, keys));

    let mut is_served = false;
    for kill_after in [1, 40, 530, 700, 1100, usize::MAX] {
        let mut child = start(folder.path());
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let steps = lines.filter(|line| line.starts_with("at ")).take(kill_after).count();
        child.kill().unwrap();
        child.wait().unwrap();

        let storage = SqliteStorage::open(folder.path().join("portal.db")).await.unwrap();
        is_served = all_are(&storage, BucketState::Serving).await;
        if is_served {
            assert!(everything(&storage).await == all, "served after {steps} steps");
            break;
        }
        let between = [BucketState::Arriving, BucketState::Elsewhere];
        let states = storage.buckets().await.unwrap();
        assert!(between.iter().any(|state| states.iter().all(|status| status.state == *state)), "{steps}");
        let refused = storage.head(patient(2)).await.unwrap_err().kind();
        assert!(matches!(refused, StorageErrorKind::Busy | StorageErrorKind::Elsewhere), "{steps}");
        storage.close().await;
    }
    assert!(is_served);
}
