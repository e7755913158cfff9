//! The reader against real sample messages of four public collections.
//!
//! The samples are not in the repository. They are looked for in `../shared/data` beside the workspace, or where
//! `MYCHARTUM_SAMPLES` says. Without them each test says that it was skipped; on CI that is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says when it was skipped"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mychartum_adapters::hl7v2::{
    Acknowledgement, Batch, Disposition, Message, NoticeKind, PartKind, Settings, Stamp, Terminators, Timestamp,
};

fn samples() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let path = std::env::var_os("MYCHARTUM_SAMPLES").map_or_else(beside, PathBuf::from).join("hl7v2");
    if path.is_dir() {
        return Some(path);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "the sample data is missing");
    eprintln!("SKIPPED: the sample data is missing");
    None
}

/// All files with their names in their collection.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for collection in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for path in fs::read_dir(&collection).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

/// The lines of a file that begin with a name, by a plain search.
fn lines<'b>(bytes: &'b [u8], name: &str) -> Vec<&'b [u8]> {
    let starts = format!("{name}|");
    bytes.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| line.starts_with(starts.as_bytes())).collect()
}

#[test]
fn every_message_is_read_whole_and_written_as_it_came() {
    let Some(folder) = samples() else { return };
    let files = files(&folder);
    assert!(files.len() >= 118, "{}", files.len());
    let mut messages = 0;
    for (name, bytes) in &files {
        // Where line ends are mixed, both count: the lines are then what a plain search finds.
        let settings = Settings { terminators: Terminators::CrAndLf, ..Settings::default() };
        let batch = Batch::split(bytes, &settings);
        let together: Vec<u8> = batch.parts().iter().flat_map(|part| part.bytes).copied().collect();
        assert!(together == *bytes, "{name}");
        assert!(batch.notices().is_empty(), "{name}: {:?}", batch.notices());
        let (mut headers, mut results) = (0, 0);
        for part in batch.messages() {
            for settings in [settings, Settings::default()] {
                let message = part.parse(&settings).unwrap_or_else(|error| panic!("{name}: {error}"));
                let mut written = Vec::new();
                message.write_to(&mut written);
                assert!(written == part.bytes, "{name}");
            }
            let message = part.parse(&settings).unwrap();
            headers += 1;
            results += message.segments().named("OBX").count();
            assert!(!message.code().is_empty() && message.code().chars().all(|c| c.is_ascii_uppercase()), "{name}");
            for segment in message.segments() {
                // The last field of a line, by cutting it at every bar.
                let cut: Vec<_> = segment.raw().split(|byte| *byte == b'|').collect();
                let header = usize::from(segment.is("MSH"));
                assert_eq!(segment.fields(), cut.len() - 1 + header, "{name}");
                assert_eq!(segment.field(segment.fields()).raw(), *cut.last().unwrap(), "{name}");
            }
        }
        let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        assert_eq!((headers, results), (lines(plain, "MSH").len(), lines(plain, "OBX").len()), "{name}");
        messages += headers;
    }
    assert!(messages >= 119, "{messages}");
}

#[test]
fn mixed_line_ends_are_noticed() {
    let Some(folder) = samples() else { return };
    for (name, bytes) in files(&folder) {
        let body = bytes.trim_ascii_end();
        let mixed = body.contains(&b'\r') && body.contains(&b'\n') && !body.windows(2).any(|pair| pair == b"\r\n");
        let batch = Batch::split(&bytes, &Settings::default());
        let noticed = batch.messages().any(|part| {
            let message = part.parse(&Settings::default()).unwrap();
            message.notices().iter().any(|notice| notice.kind == NoticeKind::SegmentInText)
        });
        assert_eq!(noticed, mixed, "{name}");
    }
}

#[test]
fn the_batch_has_its_two_messages() {
    let Some(folder) = samples() else { return };
    let bytes = fs::read(folder.join("reportstream/batch_message.hl7")).unwrap();
    let settings = Settings::default();
    let batch = Batch::split(&bytes, &settings);
    assert_eq!(batch.parts().iter().filter(|part| part.kind == PartKind::Envelope).count(), 4);
    let messages: Vec<_> = batch.messages().map(|part| part.parse(&settings).unwrap()).collect();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages.iter().map(|message| message.segments().named("OBX").count()).sum::<usize>(), 10);
}

#[test]
fn what_is_known_of_single_messages_is_found() {
    let Some(folder) = samples() else { return };
    let bytes = fs::read(folder.join("reportstream/valid_hl7.hl7")).unwrap();
    let message = Message::parse(&bytes, &Settings::default()).unwrap();
    let status =
        |wanted: &str| message.segments().named("OBX").filter(|result| result.field(11).text() == wanted).count();
    assert_eq!((status("C"), status("F"), status("P")), (10, 10, 6));
    assert_eq!(message.segments().groups(&["OBR"]).count(), 5);
    assert_eq!(message.segments().named("NTE").count(), 49);
    assert_eq!(message.delimiters().truncation, Some(b'#'));
    let vancomycin = message.segments().named("OBX").find(|result| result.field(5).text() == ">=^32").unwrap();
    assert_eq!(vancomycin.field(5).component(2).text(), "32");
    assert_eq!((vancomycin.field(8).component(1).text(), vancomycin.field(11).text()), ("R".into(), "P".into()));

    let bytes = fs::read(folder.join("hl7-standard/input.hl7")).unwrap();
    let message = Message::parse(&bytes, &Settings::default()).unwrap();
    assert_eq!(message.delimiters().escape, None);
    let bytes = fs::read(folder.join("lfh/sample_win.hl7")).unwrap();
    let message = Message::parse(&bytes, &Settings::default()).unwrap();
    assert_eq!(message.delimiters().subcomponent, Some(b'&'));
    assert_eq!(message.segments().len(), 8);
}

#[test]
fn every_message_is_acknowledged_and_most_times_are_read() {
    let Some(folder) = samples() else { return };
    let (mut read, mut all) = (0, 0);
    for (name, bytes) in files(&folder) {
        let settings = Settings::default();
        for part in Batch::split(&bytes, &settings).messages() {
            let message = part.parse(&settings).unwrap();
            let stamp = Stamp { time: chrono::DateTime::UNIX_EPOCH, control_id: "1" };
            let answer = Acknowledgement::of(&message, Disposition::Accepted, stamp);
            for frame in answer.into_frames() {
                let answer = Message::parse(&frame, &settings).unwrap_or_else(|error| panic!("{name}: {error}"));
                let msa = answer.segments().find_named("MSA").unwrap();
                assert_eq!(msa.field(2).text(), message.control_id(), "{name}");
            }
            if let Some(time) = message.header().field(7).component(1).value() {
                all += 1;
                read += usize::from(Timestamp::read(&time, chrono_tz::America::Chicago).is_ok());
            }
        }
    }
    assert!(all > 100 && read * 100 >= all * 95, "{read} of {all}");
}
