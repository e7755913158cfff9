//! A router over three cells while buckets move round and round: its answers are linearizable, and nothing is lost, also
//! when the process that writes and moves is killed.
//!
//! The long run, for the night: `MYCHARTUM_LONG=1 cargo test -p mychartum-testkit --test survival_cells`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it has done"
)]

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use mychartum_core::port::storage::{Bucket, Partition, StorageError, StorageErrorKind};
use mychartum_core::port::{Custody, Storage};
use mychartum_storage::{Cells, CellsOptions, MemoryStorage, SqliteStorage};
use mychartum_testkit::survival::linearizability::{Clients, History, Recorded, Seen};
use mychartum_testkit::survival::{
    Kills, Processes, Subject, Workload, rounds, workload_of_this_process, write_until_killed,
};
use tempfile::TempDir;

/// Tells the writers' process in which folder the cells' files are.
const FOLDER: &str = "MYCHARTUM_TEST_FOLDER";

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

/// Three files, and a process that writes to them and moves their buckets.
struct Fleet {
    folder: TempDir,
}

/// Opens the fleet as an operator does after a crash: moves that were broken off are taken up or given up.
async fn open(folder: &Path, buckets: &BTreeSet<Bucket>) -> Result<Cells, StorageError> {
    let unavailable = |error| {
        eprintln!("{error}");
        StorageError::new(StorageErrorKind::Unavailable, "open")
    };
    let fleet = Cells::open(files(folder).await?, CellsOptions::default()).await.map_err(unavailable)?;
    for bucket in buckets {
        let mut settled = Err(StorageError::new(StorageErrorKind::Busy, "open"));
        for to in 0..3 {
            if settled.is_err() {
                settled = fleet.move_bucket(*bucket, to, |_| ()).await.map_err(unavailable);
            }
        }
        settled?;
    }
    Ok(fleet)
}

fn buckets(workload: Workload) -> BTreeSet<Bucket> {
    (0..workload.partition_count()).map(|number| workload.partition(number).bucket()).collect()
}

#[async_trait]
impl Subject for Fleet {
    async fn open(&self) -> Result<Arc<dyn Storage>, StorageError> {
        let cells = Cells::open(files(self.folder.path()).await?, CellsOptions::default()).await.unwrap();
        let between = cells.between().into_iter().collect();
        drop(cells);
        Ok(Arc::new(open(self.folder.path(), &between).await?))
    }

    async fn close(&self, storage: Arc<dyn Storage>) {
        drop(storage);
    }

    fn processes(&self, _: u32) -> Vec<Command> {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "the_writers_process", "--nocapture"]).env(FOLDER, self.folder.path());
        vec![command]
    }

    fn strike(&self, _: u32, processes: &mut Processes) -> io::Result<()> {
        processes.kill();
        Ok(())
    }
}

/// Writes and moves until it is killed, as the process that the other tests start.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_writers_process() {
    let open = || async {
        let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
        let buckets = buckets(workload_of_this_process().unwrap());
        let fleet = open(&folder, &buckets).await?;
        let moving = fleet.clone();
        tokio::spawn(async move {
            for bucket in buckets.iter().cycle() {
                let to = (moving.keeper(*bucket).unwrap() + 1) % 3;
                moving.move_bucket(*bucket, to, |_| ()).await.unwrap();
            }
        });
        Ok(Arc::new(fleet) as Arc<dyn Storage>)
    };
    write_until_killed(open).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_while_it_writes_and_moves_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    drop(Cells::found(files(folder.path()).await.unwrap(), CellsOptions::default()).await.unwrap());
    let report = Kills::new(rounds(15, 200), 4).run(&Fleet { folder }).await.unwrap();
    eprintln!("{report}");
    report.assert_sound();
    assert!(report.acknowledged > 5 * report.rounds as usize, "{report}");
}
