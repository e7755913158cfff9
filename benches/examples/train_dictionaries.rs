//! Trains the dictionaries that ship with the engine, from the synthetic world alone.
//!
//! ```text
//! cargo run --release -p mychartum-benches --example train_dictionaries -- FOLDER [--check]
//! ```
//!
//! Writes a file a dictionary and `SHA256SUMS` into the folder; with `--check` it writes nothing and says whether what
//! is in the folder is what it would write (exit code 1 if not). The same world and the same version of zstd give the
//! same bytes. A dictionary that has shipped is never written anew: rows need it. A better one gets a new number.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program of our own that cannot go on may panic, and says what it did"
)]

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, NaiveDate, Utc};
use mychartum_benches::{Body, Sent, Written, bodies};
use mychartum_core::packing::{Dictionary, set_apart};
use sha2::{Digest, Sha256};

/// Bytes of a dictionary.
const fn size(dictionary: Dictionary) -> usize {
    match dictionary {
        Dictionary::Originals | Dictionary::Indented => 64 << 10,
        _ => 32 << 10,
    }
}

/// Samples longer than this are left out: what a long text says is not said again elsewhere.
const LONGEST: usize = 4 << 10;

/// As many letters of base64 in a row are a document, not a word.
const DOCUMENT: usize = 200;

/// What a dictionary learns from: rows of several households and populations.
fn corpus(dictionary: Dictionary) -> Vec<Body> {
    let day = |year, month| NaiveDate::from_ymd_opt(year, month, 2).unwrap();
    let (households, populations) = match dictionary {
        Dictionary::Indented => (
            [
                (104, day(2027, 12), Written::Indented(2)),
                (105, day(2026, 8), Written::Indented(4)),
                (106, day(2025, 4), Written::Indented(4)),
            ],
            [(900, day(2026, 2), Written::Indented(2)), (901, day(2027, 6), Written::Indented(4))],
        ),
        _ => (
            [
                (101, day(2024, 3), Written::Compact),
                (102, day(2025, 10), Written::Compact),
                (103, day(2026, 5), Written::Compact),
            ],
            [(900, day(2026, 2), Written::Compact), (901, day(2027, 6), Written::Compact)],
        ),
    };
    let mut all = Vec::new();
    for (seed, today, written) in households {
        all.extend(bodies(&Sent::household(seed, today, written), noon(today)));
    }
    for (seed, today, written) in populations {
        all.extend(bodies(&Sent::population_in_a_bundle(seed, 30, 40, written), noon(today)));
    }
    all
}

fn noon(day: NaiveDate) -> DateTime<Utc> {
    day.and_hms_opt(12, 0, 0).unwrap().and_utc()
}

fn samples(dictionary: Dictionary) -> Vec<Vec<u8>> {
    const NAMES: u16 = 8;
    let wanted = |body: &Body| match dictionary {
        Dictionary::Views => body.is_view() || body.collection.number() == NAMES,
        _ => body.original().is_some(),
    };
    let corpus = corpus(dictionary);
    let texts = corpus.iter().filter(|body| wanted(body)).map(|body| set_apart(&body.plain).0.to_vec());
    let mut samples: Vec<Vec<u8>> = texts.filter(|text| text.len() <= LONGEST && !has_document(text)).collect();
    // The trainer learns from the first three quarters and tries itself on the rest; so both must be of all kinds. An
    // order by hash is as good as a shuffled one, and always the same.
    samples.sort_by_cached_key(|text| Sha256::digest(text));
    samples
}

fn has_document(text: &[u8]) -> bool {
    let of_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.split(|byte| !of_base64(byte)).any(|run| run.len() >= DOCUMENT)
}

fn train(samples: &[Vec<u8>], size: usize, number: u16) -> Vec<u8> {
    let lengths: Vec<usize> = samples.iter().map(Vec::len).collect();
    let mut trained = Vec::with_capacity(size);
    let done = zstd_safe::train_from_buffer(&mut trained, &samples.concat(), &lengths);
    done.unwrap_or_else(|error| panic!("{}", zstd_safe::get_error_name(error)));
    // Its own id, which frames do not name: bytes 4 to 8, little endian (RFC 8878, section 5).
    let id = trained.get_mut(4..8).unwrap();
    id.copy_from_slice(&u32::from(number).to_le_bytes());
    trained
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let folder =
        PathBuf::from(arguments.next().unwrap_or_else(|| panic!("usage: train_dictionaries FOLDER [--check]")));
    let check = arguments.next().is_some_and(|argument| argument == "--check");
    let (mut sums, mut same) = (String::new(), true);
    let mut write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        if check {
            let equal = std::fs::read(&path).is_ok_and(|kept| kept == bytes);
            println!("{name}: {}", if equal { "the same" } else { "differs" });
            same &= equal;
        } else {
            std::fs::write(path, bytes).unwrap();
        }
    };
    for dictionary in Dictionary::ALL {
        let samples = samples(dictionary);
        let trained = train(&samples, size(dictionary), dictionary.number());
        let name = format!("{dictionary:?}-{}.dict", dictionary.number()).to_lowercase();
        let hash: String = Sha256::digest(&trained).iter().map(|byte| format!("{byte:02x}")).collect();
        println!("{name}: {} bytes of {} samples, zstd {}", trained.len(), samples.len(), zstd_safe::version_string());
        sums += &format!("{hash}  {name}\n");
        write(&name, &trained);
    }
    write("SHA256SUMS", sums.as_bytes());
    if same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
