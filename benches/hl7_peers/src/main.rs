//! Our HL7 v2 reader beside hl7-parser and rust-hl7, on the same message.
//!
//! ```sh
//! cargo run --release --manifest-path benches/hl7_peers/Cargo.toml -- --bench    # measures
//! cargo run --release --manifest-path benches/hl7_peers/Cargo.toml -- --test     # each once on little data
//! ```
//!
//! What is measured is in `docs/benchmarks.md`.

use hl7_parser::message::Segment;
use mychartum_adapters::hl7v2::{Message, Settings};
use mychartum_benches::{Bench, Unit, each, extract, oru};

/// Messages a call of ours; a peer's call has one, for it takes as long.
const OURS: u64 = 40;

fn main() {
    let mut bench = Bench::of_args();
    let (text, settings) = (oru(), Settings::default());
    let parse = || Message::parse(std::hint::black_box(text.as_bytes()), &settings).expect("our own message");
    assert_eq!(extract(&parse()), with_hl7_parser(&text), "both take out the same");

    let per_message = |all: core::time::Duration| all / u32::try_from(OURS).unwrap_or(u32::MAX);
    let mut ours = |times| per_message(each(|| (0..OURS).map(|_| parse().segments().len()).sum::<usize>())(times));
    let mut peer =
        each(|| hl7_parser::Message::parse(std::hint::black_box(&text)).expect("our own message").segments().count());
    bench.pair("hl7v2.parse.hl7_parser", Unit::PerSecond(1), (200, 5), &mut ours, &mut peer);
    let mut peer = each(|| {
        let message =
            rusthl7::message::Message::try_from(std::hint::black_box(text.as_str())).expect("our own message");
        message.segments.len()
    });
    bench.pair("hl7v2.parse.rust_hl7", Unit::PerSecond(1), (200, 5), &mut ours, &mut peer);

    let mut ours = |times| per_message(each(|| (0..OURS).map(|_| extract(&parse())).sum::<usize>())(times));
    let mut peer = each(|| with_hl7_parser(std::hint::black_box(&text)));
    bench.pair("hl7v2.extract.hl7_parser", Unit::PerSecond(1), (200, 5), &mut ours, &mut peer);
    bench.finish();
}

/// The same texts as `mychartum_benches::extract` takes out, with hl7-parser; escape sequences decoded.
fn with_hl7_parser(text: &str) -> usize {
    let message = hl7_parser::Message::parse(text).expect("our own message");
    let decoded = |raw: &str| message.separators.decode(raw).to_string().len();
    let part = |segment: &Segment<'_>, field: usize, component: usize| {
        let found = segment.field(field).and_then(|field| field.component(component));
        found.map_or(0, |component| decoded(component.raw_value()))
    };
    let whole =
        |segment: &Segment<'_>, field: usize| segment.field(field).map_or(0, |field| decoded(field.raw_value()));
    let header = message.segment("MSH").expect("a header");
    let mut sum = whole(header, 10) + part(header, 9, 1) + part(header, 9, 2);
    for segment in message.segments() {
        sum += match segment.name {
            "PID" => {
                let of = |repeat: &hl7_parser::message::Repeat<'_>, component: usize| {
                    repeat.component(component).map_or(0, |component| decoded(component.raw_value()))
                };
                let ids = segment.field(3).map_or(0, |field| field.repeats().map(|id| of(id, 1) + of(id, 4)).sum());
                ids + part(segment, 5, 1) + part(segment, 5, 2) + part(segment, 7, 1)
            }
            "OBR" => part(segment, 4, 1) + part(segment, 4, 2) + part(segment, 25, 1),
            "OBX" => {
                let code: usize = [1, 2, 3].map(|component| part(segment, 3, component)).iter().sum();
                let rest = [2, 5, 7, 8, 11, 14].map(|field| whole(segment, field));
                code + part(segment, 6, 1) + rest.iter().sum::<usize>()
            }
            "NTE" => whole(segment, 3),
            _ => 0,
        };
    }
    sum
}
