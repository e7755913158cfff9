//! The latest 50 results of a chart, among a million rows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, and a program has no readers of its items"
)]

use std::path::Path;

use mychartum_benches::{Bench, Filler, Floor, House, Unit, each};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::Section;
use mychartum_core::packing::unpack;
use mychartum_core::port::storage::{Direction, Partition, Row, Scan};
use mychartum_core::portal::{Disclosure, Page};
use mychartum_core::vault::{PartitionKey, SealContext};

const LATEST: u32 = 50;
const RESULTS_A_CHART: u64 = 2_000;

/// How many charts take turns, spread over all.
const READ: u64 = 32;

fn main() {
    let mut bench = Bench::of_args();
    let rows = match std::env::var("MYCHARTUM_BENCH_ROWS") {
        Ok(rows) => rows.parse().expect("MYCHARTUM_BENCH_ROWS is a number"),
        Err(_) if bench.is_quick() => 4_000,
        Err(_) => 1_000_000,
    };
    let results = RESULTS_A_CHART.min(rows / 4).max(LATEST.into());
    let charts = rows / results;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("latest_results-{rows}"));
    let house = House::filled(&folder, charts, usize::try_from(results).unwrap());
    let filler = Filler::new(&house);
    let vault = filler.vault();
    let patients: Vec<_> = (0..READ.min(charts)).map(|n| filler.patient(n * charts / READ.min(charts))).collect();
    let disclosures: Vec<Disclosure> = patients
        .iter()
        .map(|patient| {
            let session = house.sign_in(*patient);
            let permit = house.runtime.block_on(session.ask(*patient, Section::Results, Purpose::Care)).unwrap();
            house.portal.disclose(permit).unwrap()
        })
        .collect();
    let floor = Floor::on(&house.path);

    let mut turn = disclosures.iter().cycle();
    let mut ours = each(|| {
        let chart = turn.next().unwrap();
        let results = house.runtime.block_on(chart.results(Page::latest(LATEST))).unwrap();
        assert_eq!(results.items.len(), LATEST as usize);
        results
    });
    let mut turn = patients.iter().cycle();
    let mut bare = each(|| floor.latest(Partition::patient(*turn.next().unwrap()), Filler::results(), LATEST));
    bench.pair("latest_results", Unit::Nanoseconds, (2_000, 1), &mut ours, &mut bare);

    // What of it is the storage's: the same rows through the port, sealed as they are; opened; and unpacked, but not read.
    let scan = |patient| {
        let direction = Direction::Descending;
        let scan = Scan { direction, ..Scan::new(Partition::patient(patient), Filler::results(), LATEST) };
        house.runtime.block_on(house.storage.scan(&scan)).unwrap()
    };
    let mut turn = patients.iter().cycle();
    let mut sealed = each(|| scan(*turn.next().unwrap()));
    bench.pair("latest_results.storage", Unit::Nanoseconds, (2_000, 1), &mut sealed, &mut bare);
    let keys: Vec<_> = patients.iter().map(|patient| house.key(vault, Partition::patient(*patient))).collect();
    let open = |key: &PartitionKey, row: &Row| vault.open(key, &SealContext::of_row(row), &row.body).unwrap();
    let mut turn = patients.iter().zip(&keys).cycle();
    let mut opened = each(|| {
        let (patient, key) = turn.next().unwrap();
        scan(*patient).iter().for_each(|row| drop(open(key, row)));
    });
    bench.pair("latest_results.opened", Unit::Nanoseconds, (2_000, 1), &mut opened, &mut bare);
    let mut turn = patients.iter().zip(&keys).cycle();
    let mut unpacked = each(|| {
        let (patient, key) = turn.next().unwrap();
        scan(*patient).iter().for_each(|row| drop(unpack(&open(key, row)).unwrap()));
    });
    bench.pair("latest_results.unpacked", Unit::Nanoseconds, (2_000, 1), &mut unpacked, &mut bare);
    bench.finish();
}
