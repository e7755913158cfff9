//! How large rows are, packed and sealed, and what packing takes; each beside the same row as it was, sealed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, prints what it measured, and has no readers of its items"
)]

use std::path::Path;
use std::sync::Arc;

use mychartum_adapters::system::SystemEntropy;
use mychartum_benches::{Bench, Body, Sent, Unit, Written, bodies, each, items};
use mychartum_core::kernel::id::{PatientId, TenantId};
use mychartum_core::packing::{Packing, pack, unpack};
use mychartum_core::port::storage::{Collection, Partition, RowId};
use mychartum_core::vault::{OVERHEAD, SealContext, SecretKey, TenantKey, Vault, VaultSettings};

/// Where a chart's results, vital signs, medications and documents are.
const KINDS: [(&str, u16); 4] = [("results", 0x101), ("vitals", 0x102), ("medications", 0x105), ("documents", 0x10a)];

fn main() {
    let mut bench = Bench::of_args();
    let people = if bench.is_quick() { 2 } else { 50 };
    let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    let at = chrono::DateTime::from_timestamp_micros(1_790_123_456_789_012).unwrap();
    let mut sets = vec![
        ("household".to_owned(), bodies(&Sent::household(7, today, Written::Compact), at)),
        ("population".to_owned(), bodies(&Sent::population(1, people, 100), at)),
    ];
    // Records of others, which are measured and not shipped: folders with FHIR JSON or NDJSON.
    for folder in std::env::var("MYCHARTUM_BENCH_FHIR").iter().flat_map(|folders| folders.split(':')) {
        let name = Path::new(folder).file_name().unwrap().to_string_lossy().into_owned();
        sets.push((name, bodies(&Sent::folder(Path::new(folder)), at)));
    }
    println!("bytes a record; plain and stored are of view and original together, stored is packed, padded and sealed");
    println!(
        "{:32} {:>6} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "set.kind", "items", "fhir", "plain", "view", "original", "stored", "before", "st/fhir"
    );
    for (set, bodies) in &sets {
        let items = items(bodies);
        for (kind, collection) in KINDS.into_iter().chain([("all", 0)]) {
            let of = |item: &&(&Body, &Body)| collection == 0 || item.0.collection == Collection::new(collection);
            let those: Vec<_> = items.iter().filter(of).collect();
            if !those.is_empty() {
                let (stored, fhir) = table_line(&format!("{set}.{kind}"), &those);
                if kind == "results" {
                    bench.line(&format!("row_size.{set}.result_bytes"), stored, fhir);
                }
            }
        }
    }
    let (_, bodies) = sets.into_iter().nth(1).unwrap();
    time(&mut bench, &bodies);
    bench.finish();
}

/// Prints a line of the table; gives the bytes that view and original take sealed, and those of the original as it came.
fn table_line(name: &str, items: &[&(&Body, &Body)]) -> (f64, f64) {
    let mean = |of: &dyn Fn(&Body, &Body) -> usize| {
        items.iter().map(|(view, original)| of(view, original)).sum::<usize>() as f64 / items.len() as f64
    };
    let fhir = mean(&|_, original| original.original().unwrap().len());
    let plain = mean(&|view, original| view.plain.len() + original.plain.len());
    let stored = mean(&|view, original| view.sealed + original.sealed);
    println!(
        "{name:32} {:6} {fhir:8.0} {plain:8.0} {:8.0} {:8.0} {stored:8.0} {:8.0} {:8.2}",
        items.len(),
        mean(&|view, _| view.packed),
        mean(&|_, original| original.packed),
        plain + 2.0 * OVERHEAD as f64,
        stored / fhir,
    );
    (stored, fhir)
}

/// Packing and sealing beside sealing, and the way back, over laboratory results in turn.
fn time(bench: &mut Bench, bodies: &[Body]) {
    let partition = Partition::patient(PatientId::from_bytes([2; 16]));
    let tenant = TenantKey::new(TenantId::from_bytes([1; 16]), &SecretKey::from_bytes([2; 32]));
    let vault = Vault::new(tenant, Arc::new(SystemEntropy), VaultSettings::default());
    let (key, _) = vault.new_partition_key(partition).unwrap();
    let results = items(bodies);
    let results = results.iter().filter(|(view, _)| view.collection == Collection::new(0x101)).take(200);
    let (views, originals): (Vec<&Body>, Vec<&Body>) = results.copied().unzip();
    for (name, bodies, packing) in [("view", views, Packing::View), ("original", originals, Packing::Original)] {
        let context = SealContext {
            partition,
            collection: Collection::new(0x101),
            row: RowId::from_bytes([4; 16]),
            version: 1,
            order: 0,
            tags: &[],
        };
        let seal = |body: &[u8]| key.seal(&context, body, &SystemEntropy).unwrap();
        let rows: Vec<(Vec<u8>, Vec<u8>)> =
            bodies.iter().map(|body| (seal(&pack(&body.plain, packing)), seal(&body.plain))).collect();
        let (mut ours, mut floor) = (bodies.iter().cycle(), bodies.iter().cycle());
        bench.pair(
            &format!("row_size.pack_{name}"),
            Unit::Nanoseconds,
            (2_000, 20),
            &mut each(|| seal(&pack(&ours.next().unwrap().plain, packing))),
            &mut each(|| seal(&floor.next().unwrap().plain)),
        );
        let (mut ours, mut floor) = (rows.iter().cycle(), rows.iter().cycle());
        bench.pair(
            &format!("row_size.unpack_{name}"),
            Unit::Nanoseconds,
            (2_000, 20),
            &mut each(|| unpack(&key.open(&context, &ours.next().unwrap().0).unwrap()).unwrap()),
            &mut each(|| key.open(&context, &floor.next().unwrap().1).unwrap()),
        );
    }
}
