//! A page of a chart read while another is written without a pause, beside the same read while nobody writes.
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

use mychartum_benches::{Bench, Filler, House, Unit, Writer};
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{Direction, Partition, Scan};
use tokio::sync::watch;

const LATEST: u32 = 50;
const BODY: usize = 600;

/// What the writer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Rest,
    Write,
}

fn main() {
    let mut bench = Bench::of_args();
    let (charts, results) = if bench.is_quick() { (4, 60) } else { (100, 2_000) };
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path());
    let filler = Filler::new(&house);
    house.runtime.block_on(filler.charts(charts, results));
    let patients: Vec<_> = (0..charts).map(|number| filler.patient(number)).collect();

    let (tell, told) = watch::channel(Told::Rest);
    let (say, mut said) = watch::channel(Told::Rest);
    let writing = house.runtime.spawn(write(Arc::clone(&house.storage), told, say));
    let mut turn = patients.iter().cycle();
    let mut read = |wanted: Told, times: u64| -> Duration {
        // The writer has begun, or has ended its last commit, before the first read.
        tell.send(wanted).unwrap();
        house.runtime.block_on(said.wait_for(|said| *said == wanted)).unwrap();
        let start = Instant::now();
        for _ in 0..times {
            let partition = Partition::patient(*turn.next().unwrap());
            let direction = Direction::Descending;
            let scan = Scan { direction, ..Scan::new(partition, Filler::results(), LATEST) };
            let rows = house.runtime.block_on(house.storage.scan(&scan)).unwrap();
            assert_eq!(rows.len(), LATEST as usize);
        }
        start.elapsed()
    };
    let read = core::cell::RefCell::new(&mut read);
    bench.pair(
        "busy_writer.read",
        Unit::Nanoseconds,
        (2_000, 1),
        &mut |times| read.borrow_mut()(Told::Write, times),
        &mut |times| read.borrow_mut()(Told::Rest, times),
    );
    writing.abort();
    bench.finish();
}

/// Commits one row after the other while it is told to, and says when it has begun and when it rests.
async fn write(storage: Arc<dyn Storage>, mut told: watch::Receiver<Told>, say: watch::Sender<Told>) {
    let writers: Vec<Writer> = (0..500).map(Writer::new).collect();
    let mut turn = writers.iter().cycle();
    while told.wait_for(|told| *told == Told::Write).await.is_ok() {
        while *told.borrow() == Told::Write {
            let writer = turn.next().unwrap();
            writer.commit(&storage, writer.rows(1, BODY, &[])).await;
            say.send_replace(Told::Write);
        }
        say.send_replace(Told::Rest);
    }
}
