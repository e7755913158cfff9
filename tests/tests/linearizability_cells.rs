//! A router over three cells while buckets move round and round: its answers are linearizable.
//!
//! The long run, for the night: `MYCHARTUM_LONG=1 cargo test -p mychartum-testkit --test linearizability_cells`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it has done"
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mychartum_core::port::storage::{Partition, StorageError};
use mychartum_core::port::{Custody, Storage as _};
use mychartum_storage::{Cells, CellsOptions, MemoryStorage, SqliteStorage};
use mychartum_testkit::survival::linearizability::{Clients, History, Recorded, Seen};
use mychartum_testkit::survival::rounds;

fn memory() -> Vec<Arc<dyn Custody>> {
    (0..3).map(|_| Arc::new(MemoryStorage::new()) as Arc<dyn Custody>).collect()
}

async fn files(folder: &Path) -> Result<Vec<Arc<dyn Custody>>, StorageError> {
    let mut cells: Vec<Arc<dyn Custody>> = Vec::new();
    for number in 0..3 {
        cells.push(Arc::new(SqliteStorage::open(folder.join(format!("{number}.db"))).await?));
    }
    Ok(cells)
}

/// Moves the bucket of some partitions to the next cell and notes that their epoch was raised meanwhile.
async fn move_on(fleet: &Cells, history: &History, partitions: &[Partition]) {
    let bucket = partitions[0].bucket();
    let to = (fleet.keeper(bucket).unwrap() + 1) % 3;
    let began = history.now();
    fleet.move_bucket(bucket, to, |_| ()).await.unwrap();
    let epoch = fleet.head(partitions[0]).await.unwrap().epoch;
    for partition in partitions {
        history.add(*partition, began, Seen::Raised(epoch));
    }
}

/// Clients on a fleet whose buckets never rest.
async fn check(cells: Vec<Arc<dyn Custody>>, rounds: u32) {
    let fleet = Cells::found(cells, CellsOptions::default()).await.unwrap();
    for seed in 0..u64::from(rounds) {
        let clients = Clients::new(seed).calls(100);
        let history = Arc::new(History::new());
        let over = Arc::new(AtomicBool::new(false));
        let moving = tokio::spawn({
            let (fleet, history, over) = (fleet.clone(), Arc::clone(&history), Arc::clone(&over));
            async move {
                let all = [0, 1, 2].map(|number| clients.partition(number));
                assert_eq!(all[0].bucket(), all[1].bucket());
                let mut moves = 0;
                loop {
                    move_on(&fleet, &history, &all[..2]).await;
                    move_on(&fleet, &history, &all[2..]).await;
                    moves += 2;
                    if over.load(Ordering::SeqCst) {
                        return moves;
                    }
                }
            }
        });
        clients.run_on(Arc::new(Recorded::new(Arc::new(fleet.clone()), Arc::clone(&history)))).await;
        over.store(true, Ordering::SeqCst);
        let moves: u32 = moving.await.unwrap();
        let checked = history.check().unwrap_or_else(|violation| panic!("{violation}"));
        eprintln!("{moves} moves, {checked:?}");
        assert!(checked.applied > 10, "{moves} moves, {checked:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_fleet_in_memory_answers_as_if_calls_came_in_turn() {
    check(memory(), rounds(10, 500)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_fleet_of_files_answers_as_if_calls_came_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    check(files(folder.path()).await.unwrap(), rounds(2, 100)).await;
}
