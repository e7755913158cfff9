//! What an audited opening of a chart costs as charts grow long and patients become many.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, and a program has no readers of its items"
)]

use std::path::Path;
use std::time::Instant;

use mychartum_benches::{Bench, Filler, House, Percentiles};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::Section;
use mychartum_core::kernel::id::PatientId;
use mychartum_core::portal::{Page, Session};

/// How many people open their own charts in turn, where there are as many.
const READERS: u64 = 1_000;

/// One of the sizes that are compared.
#[derive(Debug, Clone, Copy)]
struct Size {
    /// What the line is named after.
    of: u64,
    charts: u64,
    /// In each chart.
    results: usize,
}

/// A portal of one size, with its readers signed in.
struct Grown {
    size: Size,
    house: House,
    readers: Vec<(PatientId, Session)>,
    page: u32,
    opened: Percentiles,
}

impl Grown {
    /// Fills the portal, or takes up the one of an earlier run.
    fn new(name: &str, size: Size, page: u32) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("growth-{name}-{}", size.of));
        let house = House::filled(&folder, size.charts, size.results);
        let filler = Filler::new(&house);
        let count = READERS.min(size.charts);
        let patients = (0..count).map(|number| filler.patient(number * size.charts / count));
        let readers = patients.map(|patient| (patient, house.sign_in(patient))).collect();
        Self { size, house, readers, page, opened: Percentiles::default() }
    }

    /// Asked, written down durably, disclosed, read.
    fn open(&self, turn: usize) {
        let (patient, session) = self.readers.get(turn % self.readers.len()).unwrap();
        self.house.runtime.block_on(async {
            let permit = session.ask(*patient, Section::Results, Purpose::Care).await.unwrap();
            let chart = self.house.portal.disclose(permit).unwrap();
            let results = chart.results(Page::latest(self.page)).await.unwrap();
            assert_eq!(results.items.len(), self.page as usize);
        });
    }
}

fn main() {
    let mut bench = Bench::of_args();
    let steps: &[u64] = if bench.is_quick() { &[1, 2] } else { &[1, 10, 100, 1_000] };
    // The same twenty charts, longer and longer.
    let rows = |step: &u64| Size { of: step * 1_000, charts: 20, results: usize::try_from(step * 50).unwrap() };
    grow(&mut bench, "rows", steps.iter().map(rows), 50);
    // Charts of ten results, more and more of them.
    let patients = |step: &u64| Size { of: step * 100, charts: step * 100, results: 10 };
    grow(&mut bench, "patients", steps.iter().map(patients), 10);
    bench.finish();
}

/// Opens charts of all sizes turn by turn, and puts each size beside the smallest.
fn grow(bench: &mut Bench, name: &str, sizes: impl Iterator<Item = Size>, page: u32) {
    let mut all: Vec<Grown> = sizes.map(|size| Grown::new(name, size, page)).collect();
    let (warm, rounds) = if bench.is_quick() { (1, 2) } else { (1_000, 5_000) };
    for grown in &all {
        (0..warm).for_each(|turn| grown.open(turn));
    }
    for turn in 0..rounds {
        for grown in &mut all {
            let start = Instant::now();
            grown.open(turn);
            grown.opened.push(start.elapsed());
        }
    }
    let (smallest, larger) = all.split_first().unwrap();
    for grown in larger {
        bench.percentiles(&format!("growth.{name}_{}", grown.size.of), &grown.opened, &smallest.opened);
    }
}
