//! `your_own_storage` from outside, and its journal cut short at every byte.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod program;
#[allow(dead_code, reason = "the program is run from outside; here its storage is used")]
#[path = "../your_own_storage.rs"]
mod your_own_storage;

use std::fs;
use std::process::Command;

use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::Storage as _;
use mychartum_core::port::storage::{
    AuditHead, ChangeSet, Collection, Expect, Partition, PartitionKind, Put, RowId, Scan, StorageErrorKind, Tag,
};

use your_own_storage::JournalStorage;

const WHOSE: Partition = Partition::new(PartitionKind::Patient, [7; 16]);
const NOTES: Collection = Collection::new(7);

/// The change set that makes this revision: one more note.
fn note(revision: u8) -> ChangeSet {
    ChangeSet {
        id: ChangeSetId::from_bytes([revision; 16]),
        partition: WHOSE,
        expect: Expect { revision: u64::from(revision) - 1, epoch: 0 },
        puts: vec![Put {
            collection: NOTES,
            row: RowId::from_bytes([revision; 16]),
            version: 1,
            order: i64::from(revision),
            tags: vec![Tag::from_bytes([1; 16])],
            body: vec![revision; 40],
        }],
        deletes: Vec::new(),
        audit: AuditHead { count: u64::from(revision), link: [revision; 32] },
    }
}

#[test]
fn it_keeps_every_promise_and_says_so() {
    let run = program::run("your_own_storage", &[]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.starts_with("storage conformance\n"), "{}", run.stdout);
    assert!(run.stdout.trim_end().ends_with(" passed, 0 failed"), "{}", run.stdout);
}

#[test]
fn it_does_not_say_so_where_it_cannot_try() {
    let nowhere = tempfile::tempdir().unwrap().path().join("gone");
    let output = Command::new(program::example("your_own_storage")).env("TMPDIR", nowhere).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
}

#[tokio::test]
async fn a_line_that_is_not_whole_is_cut_off_and_the_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let storage = JournalStorage::open(&path).unwrap();
    let mut ends = vec![0];
    for revision in 1..=3 {
        storage.commit(&note(revision)).await.unwrap();
        ends.push(fs::read(&path).unwrap().len());
    }
    let whole = fs::read(&path).unwrap();
    for length in 0..=whole.len() {
        // The rest did not arrive; or the file grew and holds zeros.
        for tail in [0, 1, 700] {
            fs::write(&path, [&whole[..length], &vec![0; tail]].concat()).unwrap();
            let storage = JournalStorage::open(&path).unwrap();
            let revision = ends.iter().filter(|end| **end <= length).count() - 1;
            assert_eq!(storage.head(WHOSE).await.unwrap().revision, revision as u64, "{length} bytes, {tail} zeros");
            assert_eq!(storage.scan(&Scan::new(WHOSE, NOTES, 10)).await.unwrap().len(), revision);
            assert_eq!(fs::read(&path).unwrap(), whole[..ends[revision]], "what is not whole is gone");
            storage.commit(&note(revision as u8 + 1)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn damage_before_the_last_line_is_told_and_nothing_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let storage = JournalStorage::open(&path).unwrap();
    for revision in 1..=3 {
        storage.commit(&note(revision)).await.unwrap();
    }
    let whole = fs::read(&path).unwrap();
    let second = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for at in [10, second / 2, second + 10] {
        let mut damaged = whole.clone();
        damaged[at] = if damaged[at] == b'1' { b'2' } else { b'1' };
        fs::write(&path, &damaged).unwrap();
        assert_eq!(JournalStorage::open(&path).unwrap_err().kind(), StorageErrorKind::Corrupt, "{at}");
        assert_eq!(fs::read(&path).unwrap(), damaged);
    }
}
