//! Many writers sharing one sync of the disk, beside one writer that waits for each; and how even one writer's commits are.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, and a program has no readers of its items"
)]

use core::time::Duration;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use mychartum_benches::{Bench, Floor, House, Percentiles, Unit, Writer};
use mychartum_core::port::storage::Collection;

const WRITERS: u64 = 64;
const BODY: usize = 300;

/// A file system in memory, where a sync costs nothing: what is left is ours and SQLite's.
const IN_MEMORY: &str = "/dev/shm";

fn main() {
    let mut bench = Bench::of_args();
    let each = if bench.is_quick() { 2 } else { 8 };
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path());
    let writers: Vec<Arc<Writer>> = (1..=WRITERS).map(|number| Arc::new(Writer::new(number))).collect();
    let single = Writer::new(0);

    // A call is as many commits on both sides: every writer's, or as many by one.
    let count = WRITERS * each;
    let mut together = |times: u64| -> Duration {
        let start = Instant::now();
        house.runtime.block_on(async {
            let tasks: Vec<_> = writers
                .iter()
                .map(|writer| {
                    let (writer, storage) = (Arc::clone(writer), Arc::clone(&house.storage));
                    house.runtime.spawn(async move {
                        for _ in 0..times * each {
                            writer.commit(&storage, writer.rows(1, BODY, &[])).await;
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        start.elapsed()
    };
    let mut alone = |times: u64| -> Duration {
        let start = Instant::now();
        house.runtime.block_on(async {
            for _ in 0..times * count {
                single.commit(&house.storage, single.rows(1, BODY, &[])).await;
            }
        });
        start.elapsed()
    };
    bench.pair("durable_commits.64_writers", Unit::PerSecond(count), (8, 1), &mut together, &mut alone);

    // And what one commit costs beside a bare insert of an equal row, each durable.
    let floor = Floor::copy(&house.path, &folder.path().join("floor.db"));
    let mut order = 0;
    let mut bare = mychartum_benches::each(|| {
        order += 1;
        floor.insert(single.partition, Collection::new(4), order, &[0xa5; BODY]);
    });
    let one = || house.runtime.block_on(single.commit(&house.storage, single.rows(1, BODY, &[])));
    bench.pair("durable_commits.one", Unit::Nanoseconds, (200, 1), &mut mychartum_benches::each(one), &mut bare);

    slowest(&mut bench, "durable_commits.slowest", folder.path());
    if let Ok(folder) = tempfile::tempdir_in(IN_MEMORY) {
        slowest(&mut bench, "durable_commits.slowest_in_memory", folder.path());
    }
    bench.finish();
}

/// The slowest of a hundred commits beside the middle one, over enough of them for the log to be moved many times.
fn slowest(bench: &mut Bench, name: &str, folder: &Path) {
    let commits = if bench.is_quick() { 20 } else { 20_000 };
    let folder = folder.join("slowest");
    std::fs::create_dir(&folder).unwrap();
    let house = House::open(&folder);
    // Partitions take turns, so that pages all over the file change.
    let writers: Vec<Writer> = (0..500).map(Writer::new).collect();
    let mut all = Percentiles::default();
    house.runtime.block_on(async {
        for writer in writers.iter().cycle().take(commits) {
            let rows = writer.rows(1, BODY, &[]);
            let start = Instant::now();
            writer.commit(&house.storage, rows).await;
            all.push(start.elapsed());
        }
    });
    bench.line(&format!("{name}_ns"), all.nanoseconds(99), all.nanoseconds(50));
}
