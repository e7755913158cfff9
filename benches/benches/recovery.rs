//! Backing up, restoring, and moving a bucket, beside SQLite copying the same rows by itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, and a program has no readers of its items"
)]

use core::time::Duration;
use std::cell::Cell;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use mychartum_benches::{Bench, Floor, Unit, Writer, runtime};
use mychartum_core::port::Custody;
use mychartum_core::port::storage::{Bucket, Tag};
use mychartum_storage::archive::{self, ArchiveId};
use mychartum_storage::{Cells, CellsOptions, PostgresStorage, SqliteStorage};
use mychartum_testkit::postgres_server::PostgresServer;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const BODY: usize = 600;
const AT_ONCE: u64 = 100;
/// Of a copy; the present, in milliseconds since 1970.
const AT: u64 = 1_790_000_000_000;

/// A storage with charts in one bucket, as full as that of a large host.
struct Source {
    runtime: Runtime,
    folder: TempDir,
    storage: SqliteStorage,
    bytes: u64,
}

impl Source {
    fn new(charts: usize, records: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = runtime();
        let path = folder.path().join("portal.db");
        let storage = runtime.block_on(SqliteStorage::open(&path)).unwrap();
        runtime.block_on(fill(&storage, charts, records));
        let bytes = charts as u64 * records * BODY as u64;
        Self { runtime, folder, storage, bytes }
    }

    fn unit(&self) -> Unit {
        Unit::MegabytesPerSecond(self.bytes)
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("portal.db")
    }

    /// Runs something with an empty folder, and takes its time.
    fn timed(&self, call: impl AsyncFn(&Path)) -> Duration {
        let folder = tempfile::tempdir().unwrap();
        let start = Instant::now();
        self.runtime.block_on(call(folder.path()));
        start.elapsed()
    }
}

/// Rows with a tag each, in partitions of bucket 0.
async fn fill(storage: &SqliteStorage, charts: usize, records: u64) {
    let tag = [Tag::from_bytes([1; 16])];
    let in_first = |writer: &Writer| writer.partition.bucket().number() == 0;
    for writer in (0..).map(Writer::new).filter(in_first).take(charts) {
        for _ in 0..records.div_ceil(AT_ONCE) {
            writer.commit(storage, writer.rows(AT_ONCE.min(records), BODY, &tag)).await;
        }
    }
}

fn main() {
    let mut bench = Bench::of_args();
    let (charts, records, rounds) = if bench.is_quick() { (2, 20, 1) } else { (50, 2_000, 5) };
    let source = Source::new(charts, records);
    backups(&mut bench, &source, rounds);
    moves(&mut bench, &source, rounds);
    bench.finish();
}

async fn write(source: &SqliteStorage, folder: &Path) {
    let [mut data, mut keys] = ["data", "keys"].map(|name| File::create(folder.join(name)).unwrap());
    let mut snapshot = source.snapshot().await.unwrap();
    let id = ArchiveId::from_bytes([1; 16]);
    archive::write(&mut *snapshot, id, AT, &mut data, &mut keys, &mut |_| {}).await.unwrap();
    data.sync_all().unwrap();
    keys.sync_all().unwrap();
}

async fn restore(from: &Path, into: &dyn Custody) {
    let [mut data, mut keys] = ["data", "keys"].map(|name| File::open(from.join(name)).unwrap());
    let filled = archive::restore(&mut data, &mut keys, into, AT, &mut |_| {}).await.unwrap();
    filled.serve().await.unwrap();
}

/// Written to a file and synced, and restored into a new storage: read back and compared, but no seal opened.
fn backups(bench: &mut Bench, source: &Source, rounds: usize) {
    let mut vacuum = |times: u64| -> Duration {
        (0..times)
            .map(|_| source.timed(async |folder| Floor::on(&source.path()).vacuum_into(&folder.join("copy.db"))))
            .sum()
    };
    let mut written = |times: u64| -> Duration {
        (0..times).map(|_| source.timed(async |folder| write(&source.storage, folder).await)).sum()
    };
    bench.rounds("recovery.backup", source.unit(), (rounds, 1), &mut written, &mut vacuum);

    let kept = tempfile::tempdir().unwrap();
    source.runtime.block_on(write(&source.storage, kept.path()));
    let mut restored = |times: u64| -> Duration {
        let into = async |folder: &Path| {
            let storage = SqliteStorage::open(folder.join("portal.db")).await.unwrap();
            restore(kept.path(), &storage).await;
            storage.close().await;
        };
        (0..times).map(|_| source.timed(into)).sum()
    };
    let mut copied = |times: u64| -> Duration {
        let copy = async |folder: &Path| {
            Floor::same_layout(&source.path(), &folder.join("floor.db")).insert_from(&source.path())
        };
        (0..times).map(|_| source.timed(copy)).sum()
    };
    bench.rounds("recovery.restore", source.unit(), (rounds, 1), &mut restored, &mut copied);

    let Some(server) = PostgresServer::find_or_skip() else { return };
    let mut restored = |times: u64| -> Duration {
        let timed = (0..times).map(|_| {
            let database = server.fresh_database().unwrap();
            source.runtime.block_on(async {
                let storage = PostgresStorage::open(&database.url()).await.unwrap();
                let start = Instant::now();
                restore(kept.path(), &storage).await;
                let took = start.elapsed();
                storage.close().await;
                took
            })
        });
        timed.sum()
    };
    bench.rounds("recovery.restore_postgres", source.unit(), (rounds, 1), &mut restored, &mut copied);
}

/// A bucket carried from one cell to another and back; each way is a call.
fn moves(bench: &mut Bench, source: &Source, rounds: usize) {
    // The floor's source is a copy: every second move leaves nothing in ours.
    let kept = tempfile::tempdir().unwrap();
    let whole = kept.path().join("whole.db");
    Floor::on(&source.path()).vacuum_into(&whole);
    let mut copied = |times: u64| -> Duration {
        let copy = async |folder: &Path| {
            Floor::same_layout(&source.path(), &folder.join("floor.db")).insert_from(&whole);
        };
        (0..times).map(|_| source.timed(copy)).sum()
    };
    let mut measure = |name: &str, other: Arc<dyn Custody>| {
        let (fleet, at) = source.runtime.block_on(async {
            Cells::prepare(&*other).await.unwrap();
            let cells: Vec<Arc<dyn Custody>> = vec![Arc::new(source.storage.clone()), other];
            (Cells::open(cells, CellsOptions::default()).await.unwrap(), Cell::new(0))
        });
        let mut moved = |times: u64| -> Duration {
            let timed = (0..times).map(|_| {
                at.set(1 - at.get());
                let start = Instant::now();
                let first = Bucket::all().next().unwrap();
                source.runtime.block_on(fleet.move_bucket(first, at.get(), |_| {})).unwrap();
                start.elapsed()
            });
            timed.sum()
        };
        bench.rounds(name, source.unit(), (rounds, 1), &mut moved, &mut copied);
        if at.get() == 1 {
            moved(1);
        }
    };
    let folder = tempfile::tempdir().unwrap();
    let other = source.runtime.block_on(SqliteStorage::open(folder.path().join("portal.db"))).unwrap();
    measure("recovery.move_bucket", Arc::new(other));
    let Some(server) = PostgresServer::find_or_skip() else { return };
    let database = server.fresh_database().unwrap();
    let other = source.runtime.block_on(PostgresStorage::open(&database.url())).unwrap();
    measure("recovery.move_bucket_postgres", Arc::new(other));
}
