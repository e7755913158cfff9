//! A hundred records of one patient sealed and committed, beside a bare prepared insert into the same tables and indexes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, and a program has no readers of its items"
)]

use core::time::Duration;
use std::cell::Cell;

use mychartum_benches::{Bench, Chart, Filler, Floor, House, Unit, Writer, cpu, each_cpu};
use mychartum_core::port::storage::Tag;
use mychartum_core::vault::OVERHEAD;

const RECORDS: usize = 100;

/// Bytes of a record after it was sealed.
const SEALED: usize = 600;

fn main() {
    let mut bench = Bench::of_args();
    let charts = if bench.is_quick() { 2 } else { 64 };
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path());
    let filler = Filler::new(&house);
    let floor = Floor::same_layout(&house.path, &folder.path().join("floor.db"));

    // Charts take turns on both sides, so that a set is not always put at the end of the file.
    let mut open: Vec<(Chart, Vec<Tag>)> = (0..charts)
        .map(|number| {
            let chart = filler.begin(filler.patient(number));
            let tags = filler.tags(&chart);
            (chart, tags)
        })
        .collect();
    let plain = vec![0x5a; SEALED - OVERHEAD];
    let bodies = Filler::bodies(RECORDS);
    let mut order = 0;
    let mut turn = (0..open.len()).cycle();
    let mut sealed = |body: &dyn Fn(&[u8]) -> Vec<u8>| {
        let (chart, tags) = turn.next().and_then(|chart| open.get_mut(chart)).unwrap();
        for ((_, one), tag) in bodies.iter().zip(tags.iter().cycle()) {
            order += 1;
            filler.add(chart, order, &[*tag], &body(one));
        }
        house.runtime.block_on(filler.commit(chart));
    };
    let writers: Vec<Writer> = (0..charts).map(Writer::new).collect();
    let tags: Vec<Tag> = (0..6).map(|n| Tag::from_bytes([n; 16])).collect();
    let turn = Cell::new(0);
    let bare = |bytes: usize, times: u64| -> Duration {
        (0..times)
            .map(|_| {
                let writer = writers.get(turn.replace(turn.get() + 1) % writers.len()).unwrap();
                // What is inserted is made beforehand: the bodies are sealed already.
                let puts = writer.rows(RECORDS as u64, bytes, &tags);
                let start = cpu();
                floor.insert_all(writer.partition, &puts);
                cpu() - start
            })
            .sum()
    };
    bench.pair(
        "sealed_set.cpu_of_100",
        Unit::Nanoseconds,
        (400, 1),
        &mut each_cpu(|| sealed(&|_| plain.clone())),
        &mut |times| bare(SEALED, times),
    );
    // The way a portal writes: packed too, and shorter for it on both sides.
    let packed: usize = bodies.iter().map(|(_, body)| Filler::pack(body).len() + OVERHEAD).sum();
    bench.pair(
        "sealed_set.packed.cpu_of_100",
        Unit::Nanoseconds,
        (400, 1),
        &mut each_cpu(|| sealed(&Filler::pack)),
        &mut |times| bare(packed / RECORDS, times),
    );

    // What of it is the storage's: rows that are sealed already, through the port.
    let mut turn = writers.iter().cycle();
    let mut stored = |times: u64| -> Duration {
        (0..times)
            .map(|_| {
                let writer = turn.next().unwrap();
                let puts = writer.rows(RECORDS as u64, SEALED, &tags);
                let start = cpu();
                house.runtime.block_on(writer.commit(&house.storage, puts));
                cpu() - start
            })
            .sum()
    };
    bench.pair("sealed_set.stored.cpu_of_100", Unit::Nanoseconds, (400, 1), &mut stored, &mut |times| {
        bare(SEALED, times)
    });
    bench.finish();
}
