//! Taking FHIR deliveries in: read, filed and durable in SQLite; and read only; each beside plain JSON parsing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, and a program has no readers of its items"
)]

use core::time::Duration;
use std::time::Instant;

use mychartum_adapters::fhir::{FhirDelivery, Input, Limits, deliver};
use mychartum_benches::{Bench, House, Unit, each};
use mychartum_core::chart::SourceId;
use mychartum_testkit::world::{World, population};
use serde_json::Value;

/// What one source sends in one go.
struct Sent {
    source: SourceId,
    documents: Vec<(String, String)>,
}

impl Sent {
    fn bytes(&self) -> u64 {
        self.documents.iter().map(|(_, text)| text.len() as u64).sum()
    }

    fn open(&self) -> FhirDelivery {
        let inputs = self.documents.iter().map(|(name, text)| Input::bytes(name, text.as_bytes())).collect();
        let delivery = FhirDelivery::open(inputs, Limits::default(), &mut |_| {});
        assert!(delivery.refused().is_empty());
        delivery
    }
}

fn household() -> Vec<Sent> {
    let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    let mut sent: Vec<Sent> = Vec::new();
    for delivery in World::household(7, today).deliveries() {
        let source = SourceId::parse(delivery.source).unwrap();
        let document = (delivery.name, delivery.text);
        match sent.iter_mut().find(|sent| sent.source == source) {
            Some(sent) => sent.documents.push(document),
            None => sent.push(Sent { source, documents: vec![document] }),
        }
    }
    sent
}

fn people(patients: usize, results: usize) -> Vec<Sent> {
    let text: String = population(1, patients, results).flat_map(|line| [line, "\n".to_owned()]).collect();
    let documents = vec![("population.ndjson".to_owned(), text)];
    vec![Sent { source: SourceId::parse("population").unwrap(), documents }]
}

/// Imports into a new portal; making that portal and taking it away is not counted.
fn import(sent: &[Sent]) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path());
    let start = Instant::now();
    house.runtime.block_on(async {
        for sent in sent {
            let delivery = sent.open();
            let mut intake = house.portal.intake(sent.source.clone()).unwrap();
            assert!(deliver(&mut intake, &delivery, &mut |_| {}).await.unwrap().is_empty());
            assert!(intake.finish().adds_up());
        }
    });
    start.elapsed()
}

/// Reads into parcels, which are counted and dropped.
fn read(sent: &[Sent]) -> usize {
    sent.iter().map(|sent| sent.open().parcels().count()).sum()
}

/// The floor: every resource as a tree of JSON, with no meaning looked for.
fn parse(sent: &[Sent]) {
    for (name, text) in sent.iter().flat_map(|sent| &sent.documents) {
        if name.ends_with(".ndjson") {
            text.lines().for_each(|line| drop(serde_json::from_str::<Value>(line).unwrap()));
        } else {
            drop(serde_json::from_str::<Value>(text).unwrap());
        }
    }
}

fn main() {
    let mut bench = Bench::of_args();
    let (patients, results) = if bench.is_quick() { (5, 20) } else { (100, 200) };
    for (name, sent) in [("household", household()), ("population", people(patients, results))] {
        let unit = Unit::MegabytesPerSecond(sent.iter().map(Sent::bytes).sum());
        let mut floor = each(|| parse(&sent));
        let mut ours = |times: u64| (0..times).map(|_| import(&sent)).sum();
        bench.pair(&format!("import.{name}"), unit, (9, 1), &mut ours, &mut floor);
        bench.pair(&format!("import.read.{name}"), unit, (21, 1), &mut each(|| read(&sent)), &mut floor);
    }
    bench.finish();
}
