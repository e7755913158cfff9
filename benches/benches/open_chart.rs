//! A chart opened as a patient does: asked, written down durably, disclosed, the latest 50 results read.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, and a program has no readers of its items"
)]

use mychartum_benches::{Bench, Filler, Floor, House, Unit, each};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::Section;
use mychartum_core::port::storage::{Collection, Direction, Partition, Scan};
use mychartum_core::portal::Page;

const LATEST: u32 = 50;
const ENTRIES: Collection = Collection::new(3);

fn main() {
    let mut bench = Bench::of_args();
    let (charts, many, few) = if bench.is_quick() { (20, 200, 5) } else { (1_000, 2_000, 20) };
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path());
    let filler = Filler::new(&house);
    let patient = filler.patient(charts / 2);
    house.runtime.block_on(async {
        for number in 0..charts {
            let results = if number == charts / 2 { many } else { few };
            filler.chart(filler.patient(number), results).await;
        }
    });
    let session = house.sign_in(patient);
    let partition = Partition::patient(patient);
    let floor = Floor::copy(&house.path, &folder.path().join("floor.db"));
    // As many bytes as our own sealed audit entry has.
    let newest = Scan { direction: Direction::Descending, ..Scan::new(partition, ENTRIES, 1) };
    let ask = || house.runtime.block_on(session.ask(patient, Section::Results, Purpose::Care)).unwrap();
    drop(house.portal.disclose(ask()));
    let entry = house.runtime.block_on(house.storage.scan(&newest)).unwrap().remove(0).body;
    let mut order = 1_000_000;
    let mut insert = || {
        order += 1;
        floor.insert(partition, ENTRIES, order, &entry);
    };
    let read = || {
        let rows = floor.latest(partition, Filler::results(), LATEST);
        assert_eq!(rows.len(), LATEST as usize);
        rows
    };

    bench.pair(
        "open_chart",
        Unit::Nanoseconds,
        (200, 1),
        &mut each(|| {
            house.runtime.block_on(async {
                let permit = session.ask(patient, Section::Results, Purpose::Care).await.unwrap();
                let chart = house.portal.disclose(permit).unwrap();
                let results = chart.results(Page::latest(LATEST)).await.unwrap();
                assert_eq!(results.items.len(), LATEST as usize);
                results
            })
        }),
        &mut each(|| {
            insert();
            read()
        }),
    );
    // The two halves of it.
    bench.pair("open_chart.ask", Unit::Nanoseconds, (200, 1), &mut each(ask), &mut each(&mut insert));
    let chart = house.portal.disclose(ask()).unwrap();
    bench.pair(
        "open_chart.results",
        Unit::Nanoseconds,
        (2_000, 1),
        &mut each(|| house.runtime.block_on(chart.results(Page::latest(LATEST))).unwrap()),
        &mut each(read),
    );
    bench.finish();
}
