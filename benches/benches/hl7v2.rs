//! HL7 v2 messages parsed, and parsed with everything taken out that a portal shows, beside a search for the separators.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, and a program has no readers of its items"
)]

use core::fmt::Write as _;

use mychartum_adapters::hl7v2::{Message, Settings};
use mychartum_benches::{Bench, Unit, each, extract, oru};

/// Messages a call: one alone is too short for the clock.
const MESSAGES: u64 = 100;

fn main() {
    let mut bench = Bench::of_args();
    let settings = Settings::default();
    let usual = oru();
    assert!((3_300..3_500).contains(&usual.len()), "{}", usual.len());

    let mut floor = each(|| (0..MESSAGES).map(|_| separators(usual.as_bytes())).sum::<usize>());
    let mut parsed = each(|| {
        let parse = || Message::parse(std::hint::black_box(usual.as_bytes()), &settings).unwrap();
        (0..MESSAGES).map(|_| parse().segments().len()).sum::<usize>()
    });
    bench.pair("hl7v2.parse", Unit::PerSecond(MESSAGES), (200, 10), &mut parsed, &mut floor);
    let mut extracted = each(|| {
        let parse = || Message::parse(std::hint::black_box(usual.as_bytes()), &settings).unwrap();
        (0..MESSAGES).map(|_| extract(&parse())).sum::<usize>()
    });
    bench.pair("hl7v2.extract", Unit::PerSecond(MESSAGES), (200, 10), &mut extracted, &mut floor);

    // A document of 200 kB in one field.
    let mut large = usual.clone();
    write!(large, "OBX|99|ED|11502-2^Report^LN||LAB^AP^PDF^Base64^{}||||||F\r", "JVBERi0x".repeat(25_000)).unwrap();
    let mut floor = each(|| separators(large.as_bytes()));
    let mut ours = each(|| extract(&Message::parse(std::hint::black_box(large.as_bytes()), &settings).unwrap()));
    bench.pair("hl7v2.extract_200_kb", Unit::PerSecond(1), (200, 100), &mut ours, &mut floor);
    bench.finish();
}

/// Finds every separator of fields and segments, and keeps nothing.
fn separators(bytes: &[u8]) -> usize {
    memchr::memchr2_iter(b'|', b'\r', std::hint::black_box(bytes)).count()
}
