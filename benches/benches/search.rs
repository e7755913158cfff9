//! A whole chart searched: every result read, opened, unpacked and looked through, beside the same without looking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, and a program has no readers of its items"
)]

use mychartum_benches::{Bench, Filler, House, Unit, each};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::Section;
use mychartum_core::packing::unpack;
use mychartum_core::port::storage::{Partition, Row, Scan};
use mychartum_core::portal::Page;
use mychartum_core::vault::SealContext;

/// In one of the six analytes' names.
const WORD: &str = "potassium";

fn main() {
    let mut bench = Bench::of_args();
    let results = if bench.is_quick() { 60 } else { 2_000 };
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path());
    let filler = Filler::new(&house);
    house.runtime.block_on(filler.charts(4, results));
    let patient = filler.patient(2);
    let partition = Partition::patient(patient);
    let (key, vault) = (house.key(filler.vault(), partition), filler.vault());
    let limit = u32::try_from(results).unwrap();
    let expected = results / 6..=results / 6 + 1;

    let scan = Scan::new(partition, Filler::results(), limit);
    let bodies = || {
        let rows = house.runtime.block_on(house.storage.scan(&scan)).unwrap();
        assert_eq!(rows.len(), results);
        let open = |row: &Row| unpack(&vault.open(&key, &SealContext::of_row(row), &row.body).unwrap()).unwrap();
        rows.iter().map(open).collect::<Vec<_>>()
    };
    let mut floor = each(bodies);
    let mut ours = each(|| {
        let found = bodies().iter().filter(|body| is_in(body, WORD.as_bytes())).count();
        assert!(expected.contains(&found), "{found}");
    });
    bench.pair("search.chart", Unit::Nanoseconds, (300, 1), &mut ours, &mut floor);

    // As a host does it today: all results as typed views through a disclosure, and their names compared.
    let session = house.sign_in(patient);
    let permit = house.runtime.block_on(session.ask(patient, Section::Results, Purpose::Care)).unwrap();
    let chart = house.portal.disclose(permit).unwrap();
    let mut views = each(|| {
        let page = house.runtime.block_on(chart.results(Page::latest(limit))).unwrap();
        let named = |text: Option<&str>| text.is_some_and(|text| is_in(text.as_bytes(), WORD.as_bytes()));
        let found =
            page.items.iter().filter(|item| named(item.view.code.text.as_ref().map(|text| text.as_str()))).count();
        assert!(expected.contains(&found), "{found}");
    });
    bench.pair("search.chart_views", Unit::Nanoseconds, (100, 1), &mut views, &mut floor);
    bench.finish();
}

/// Whether a word in small letters is in a text, however that writes it.
fn is_in(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}
