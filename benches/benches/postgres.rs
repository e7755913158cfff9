//! PostgreSQL: batches, pages and durable commits through our storage, beside raw tokio-postgres on the same server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, and a program has no readers of its items"
)]

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use mychartum_benches::{Bench, Filler, House, PostgresFloor, Unit, Writer, runtime};
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{Direction, Partition, Scan};
use mychartum_storage::PostgresStorage;
use mychartum_testkit::postgres_server::{FreshDatabase, PostgresServer};

const LATEST: u32 = 50;
const WRITERS: u64 = 64;
/// Bytes of a body in a batch.
const LARGE: usize = 600;
/// Bytes of a body in a commit of one row.
const SMALL: usize = 300;

fn main() {
    let mut bench = Bench::of_args();
    // Without a server it says so, and there is nothing to measure.
    let Some(server) = PostgresServer::find_or_skip() else { return };
    let database = server.fresh_database().unwrap();
    let house = open(&database);
    let floor = PostgresFloor::connect(&house.runtime, &database.url());
    batches(&mut bench, &house, &floor);
    pages(&mut bench, &house, &floor);
    commits(&mut bench, &house, &floor);
    bench.finish();
}

fn open(database: &FreshDatabase) -> House {
    let runtime = runtime();
    let storage = runtime.block_on(PostgresStorage::open(&database.url())).unwrap();
    House::over(runtime, Arc::new(storage))
}

/// A thousand rows of one patient in one change set, beside `COPY BINARY` of the same rows.
fn batches(bench: &mut Bench, house: &House, floor: &PostgresFloor) {
    let rows = if bench.is_quick() { 20 } else { 1_000 };
    let writers: Vec<Writer> = (0..50).map(Writer::new).collect();
    let (mut of_ours, mut of_floor) = (writers.iter().cycle(), writers.iter().cycle());
    let mut ours = |times: u64| -> Duration {
        let writers = of_ours.by_ref().take(usize::try_from(times).unwrap());
        let timed = writers.map(|writer| {
            let puts = writer.rows(rows, LARGE, &[]);
            let start = Instant::now();
            house.runtime.block_on(writer.commit(&house.storage, puts));
            start.elapsed()
        });
        timed.sum()
    };
    let mut bare = |times: u64| -> Duration {
        let writers = of_floor.by_ref().take(usize::try_from(times).unwrap());
        let timed = writers.map(|writer| {
            let puts = writer.rows(rows, LARGE, &[]);
            let start = Instant::now();
            house.runtime.block_on(floor.copy_in(writer.partition, &puts));
            start.elapsed()
        });
        timed.sum()
    };
    bench.pair("postgres.batch_of_1000", Unit::PerSecond(rows), (50, 1), &mut ours, &mut bare);
}

/// The latest 50 results of a chart through the port, beside the same rows of the same table by a prepared statement.
fn pages(bench: &mut Bench, house: &House, floor: &PostgresFloor) {
    let (charts, results) = if bench.is_quick() { (4, 60) } else { (100, 2_000) };
    let filler = Filler::new(house);
    house.runtime.block_on(async {
        filler.charts(charts, results).await;
        floor.run("VACUUM ANALYZE").await;
    });
    let partitions: Vec<_> = (0..charts).map(|number| Partition::patient(filler.patient(number))).collect();
    let (mut of_ours, mut of_floor) = (partitions.iter().cycle(), partitions.iter().cycle());
    let mut ours = mychartum_benches::each(|| {
        let partition = *of_ours.next().unwrap();
        let scan = Scan { direction: Direction::Descending, ..Scan::new(partition, Filler::results(), LATEST) };
        let rows = house.runtime.block_on(house.storage.scan(&scan)).unwrap();
        assert_eq!(rows.len(), LATEST as usize);
        rows
    });
    let mut bare = mychartum_benches::each(|| {
        let partition = *of_floor.next().unwrap();
        let rows = house.runtime.block_on(floor.latest(partition, Filler::results(), LATEST.into()));
        assert_eq!(rows.len(), LATEST as usize);
        rows
    });
    bench.pair("postgres.latest_results", Unit::Nanoseconds, (2_000, 1), &mut ours, &mut bare);
}

/// Small durable commits: of 64 writers together, and of one, each beside one connection that inserts row after row.
fn commits(bench: &mut Bench, house: &House, floor: &PostgresFloor) {
    let each = if bench.is_quick() { 1 } else { 8 };
    let count = WRITERS * each;
    let writers: Vec<Arc<Writer>> = (100..100 + WRITERS).map(|number| Arc::new(Writer::new(number))).collect();
    let commit =
        async |writer: &Writer, storage: &dyn Storage| writer.commit(storage, writer.rows(1, SMALL, &[])).await;
    let mut together = |times: u64| -> Duration {
        let start = Instant::now();
        house.runtime.block_on(async {
            let tasks = writers.iter().map(|writer| {
                let (writer, storage) = (Arc::clone(writer), Arc::clone(&house.storage));
                tokio::spawn(async move {
                    for _ in 0..times * each {
                        writer.commit(&storage, writer.rows(1, SMALL, &[])).await;
                    }
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await.unwrap();
            }
        });
        start.elapsed()
    };
    let single = Writer::new(99);
    let insert = async || {
        for put in single.rows(1, SMALL, &[]) {
            floor.insert(single.partition, &put).await;
        }
    };
    let mut one_by_one = |times: u64| -> Duration {
        let start = Instant::now();
        house.runtime.block_on(async {
            for _ in 0..times * count {
                insert().await;
            }
        });
        start.elapsed()
    };
    bench.pair("postgres.64_writers", Unit::PerSecond(count), (8, 1), &mut together, &mut one_by_one);
    let mut ours = mychartum_benches::each(|| house.runtime.block_on(commit(&single, &house.storage)));
    let mut bare = mychartum_benches::each(|| house.runtime.block_on(insert()));
    bench.pair("postgres.one", Unit::Nanoseconds, (200, 1), &mut ours, &mut bare);
}
