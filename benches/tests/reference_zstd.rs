//! Packed bodies are zstd as RFC 8878 says: the reference implementation reads ours, and we read its.
//!
//! So the crate that does it can be exchanged and every row still opens. It lives here because the reference is C,
//! which nothing else should have to compile.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use chrono::{DateTime, NaiveDate};
use mychartum_benches::{Body, Sent, Written, bodies};
use mychartum_core::packing::{Dictionary, Packing, pack, set_apart, unpack};
use zstd_safe::{CCtx, DCtx};

/// What a frame begins with (RFC 8878, section 3.1.1), and packed bodies leave out.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A packed body as its document says, read without any of the engine's code.
struct Parts<'a> {
    dictionary: u16,
    length: usize,
    ids: &'a [u8],
    frame: &'a [u8],
}

fn varint(bytes: &mut &[u8]) -> usize {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let (byte, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        number |= usize::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            break;
        }
    }
    number
}

fn parts(packed: &[u8]) -> Parts<'_> {
    let end = packed.iter().rposition(|byte| *byte != 0).unwrap();
    assert_eq!((packed[0], packed[end]), (2, 0x80));
    let mut rest = &packed[3..end];
    let length = varint(&mut rest);
    let of_ids = varint(&mut rest);
    let (ids, frame) = rest.split_at(of_ids);
    Parts { dictionary: u16::from_be_bytes([packed[1], packed[2]]), length, ids, frame }
}

fn varied() -> Vec<Body> {
    let today = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    let at = DateTime::from_timestamp_micros(1_790_123_456_789_012).unwrap();
    let mut all = bodies(&Sent::household(7, today, Written::Compact), at);
    all.extend(bodies(&Sent::household(8, today, Written::Indented(4)), at));
    all
}

fn packing(body: &Body) -> Packing {
    if body.original().is_some() { Packing::Original } else { Packing::View }
}

#[test]
fn the_reference_reads_ours() {
    let mut reference = DCtx::create();
    let mut seen = [0_u32; 4];
    for body in varied() {
        let packed = pack(&body.plain, packing(&body));
        let parts = parts(&packed);
        let dictionary = Dictionary::with_number(parts.dictionary).expect("every row of the household gets shorter");
        let (text, ids) = set_apart(&body.plain);
        assert_eq!((parts.length, parts.ids), (body.plain.len(), &**ids));
        let frame = [&MAGIC, parts.frame].concat();
        let mut read = Vec::with_capacity(parts.length);
        reference.decompress_using_dict(&mut read, &frame, dictionary.bytes()).unwrap();
        assert!(read == **text);
        seen[usize::from(parts.dictionary)] += 1;
    }
    assert!(seen[1..].iter().all(|seen| *seen > 500), "{seen:?}");
}

#[test]
fn we_read_what_the_reference_writes() {
    for body in varied().iter().step_by(7) {
        let packed = pack(&body.plain, packing(body));
        let parts = parts(&packed);
        let dictionary = Dictionary::with_number(parts.dictionary).unwrap();
        let (text, _) = set_apart(&body.plain);
        for level in [1, 3, 9, 19] {
            let mut frame = Vec::with_capacity(zstd_safe::compress_bound(text.len()));
            CCtx::create().compress_using_dict(&mut frame, &text, dictionary.bytes(), level).unwrap();
            let frame = frame.strip_prefix(&MAGIC).unwrap();
            // The header and the ids of ours; another frame behind them.
            let end = packed.iter().rposition(|byte| *byte != 0).unwrap();
            let theirs = [&packed[..end - parts.frame.len()], frame, &[0x80]].concat();
            assert!(**unpack(&theirs).unwrap() == *body.plain, "level {level}");
        }
    }
}
