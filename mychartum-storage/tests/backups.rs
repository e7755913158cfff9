//! Backups in files, and what becomes of damaged ones.
#![cfg(feature = "sqlite")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod houses;

use std::io::{Error, ErrorKind, Read, Write};

use houses::{DUE, NOTES, NOW, all_are, commit, everything, move_in, move_in_a_little, patient, put, row_id, set};
use mychartum_core::port::custody::BucketState;
use mychartum_core::port::storage::{Collection, Delete, Due, Head, StorageErrorKind};
use mychartum_core::port::{Custody, Storage as _};
use mychartum_storage::archive::{self, ArchiveError, ArchiveId, Contents};
use mychartum_storage::transfer::{Counts, TransferError};
use mychartum_storage::{MemoryStorage, SqliteStorage};
use sha2::{Digest as _, Sha256};

const ID: ArchiveId = ArchiveId::from_bytes([0xab; 16]);

/// Both archives of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Backup {
    data: Vec<u8>,
    keys: Vec<u8>,
}

impl Backup {
    async fn of(storage: &dyn Custody, id: ArchiveId) -> Self {
        let (mut data, mut keys) = (Vec::new(), Vec::new());
        let mut snapshot = storage.snapshot().await.unwrap();
        archive::write(&mut *snapshot, id, NOW, &mut data, &mut keys, &mut |_| {}).await.unwrap();
        Self { data, keys }
    }

    async fn small() -> Self {
        let storage = MemoryStorage::new();
        move_in_a_little(&storage).await;
        Self::of(&storage, ID).await
    }

    fn check(&self) -> Result<Contents, ArchiveError> {
        archive::check(&mut &self.data[..], &mut &self.keys[..], &mut |_| {})
    }

    async fn restore(&self, into: &dyn Custody) -> Result<Counts, ArchiveError> {
        let (data, keys) = (&mut &self.data[..], &mut &self.keys[..]);
        let filled = archive::restore(data, keys, into, NOW + 1000, &mut |_| {}).await?;
        Ok(filled.serve().await?)
    }
}

#[tokio::test]
async fn what_is_backed_up_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = SqliteStorage::open(folder.path().join("one.db")).await.unwrap();
    move_in(&sqlite).await;
    let backup = Backup::of(&sqlite, ID).await;
    let contents = backup.check().unwrap();
    assert_eq!((contents.id, contents.at, contents.keys.rows), (ID, NOW, 5));

    let memory = MemoryStorage::new();
    let counts = backup.restore(&memory).await.unwrap();
    assert_eq!(counts.rows, contents.data.rows + contents.keys.rows);
    assert!(everything(&sqlite).await == everything(&memory).await);
    let again = SqliteStorage::open(folder.path().join("two.db")).await.unwrap();
    Backup::of(&memory, ID).await.restore(&again).await.unwrap();
    assert!(everything(&sqlite).await == everything(&again).await);
}

#[tokio::test]
async fn an_empty_storage_is_backed_up_too() {
    let backup = Backup::of(&MemoryStorage::new(), ID).await;
    let into = MemoryStorage::new();
    assert_eq!(backup.restore(&into).await.unwrap(), Counts::default());
    assert!(all_are(&into, BucketState::Serving).await);
}

#[tokio::test]
async fn keys_stand_apart_from_the_data() {
    let backup = Backup::small().await;
    let holds = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(!holds(&backup.data, b"wrapped key"));
    assert!(holds(&backup.keys, b"wrapped key 17") && !holds(&backup.keys, b"sealed"));
    assert!(holds(&backup.data, b"sealed again"));
}

#[tokio::test]
async fn work_that_was_done_since_is_due_again() {
    let storage = MemoryStorage::new();
    move_in_a_little(&storage).await;
    let due = Due { bucket: patient(17).bucket(), collection: DUE, before: i64::MAX, limit: 10 };
    let listed = storage.due(&due).await.unwrap();
    assert_eq!(listed.len(), 1);
    let backup = Backup::of(&storage, ID).await;
    commit(&storage, patient(17), vec![], vec![Delete { collection: DUE, row: row_id(1), version: 1 }]).await;
    assert_eq!(storage.due(&due).await.unwrap(), []);
    let restored = MemoryStorage::new();
    backup.restore(&restored).await.unwrap();
    // With the same id, by which whoever does it knows that it was done.
    assert_eq!(restored.due(&due).await.unwrap(), listed);
}

#[tokio::test]
async fn a_restored_older_copy_is_recognised() {
    let storage = MemoryStorage::new();
    move_in_a_little(&storage).await;
    let backup = Backup::of(&storage, ID).await;
    // Prepared on the storage as it was, at the very head that the backup has.
    let prepared = set(patient(17), storage.head(patient(17)).await.unwrap(), vec![put(NOTES, 77, vec![])], vec![]);
    let restored = MemoryStorage::new();
    backup.restore(&restored).await.unwrap();
    assert_eq!(restored.commit(&prepared).await.unwrap_err().kind(), StorageErrorKind::Conflict);
    let head = restored.head(patient(17)).await.unwrap();
    assert!(head.epoch > NOW + 1000);
    // And a backup of the restored one, restored at the same millisecond, is again another.
    let third = MemoryStorage::new();
    Backup::of(&restored, ID).await.restore(&third).await.unwrap();
    assert!(third.head(patient(17)).await.unwrap().epoch > head.epoch);
}

#[tokio::test]
async fn nothing_is_restored_over_something() {
    let backup = Backup::small().await;
    let into = MemoryStorage::new();
    commit(&into, patient(5), vec![put(NOTES, 1, vec![])], vec![]).await;
    let before = everything(&into).await;
    let refused = backup.restore(&into).await;
    assert_eq!(refused, Err(ArchiveError::Transfer(TransferError::NotEmpty)));
    assert!(before == everything(&into).await && all_are(&into, BucketState::Serving).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_of_one_moment_while_writers_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::open(folder.path().join("one.db")).await.unwrap();
    move_in(&storage).await;
    let mut snapshot = storage.snapshot().await.unwrap();
    let before = everything(&storage).await;
    let writer = tokio::spawn({
        let storage = storage.clone();
        async move {
            for number in 0..200 {
                let row = put(NOTES, 50_000 + u64::from(number), vec![7; 50]);
                commit(&storage, patient(number % 11), vec![row], vec![]).await;
            }
        }
    });
    let mut backup = Backup { data: Vec::new(), keys: Vec::new() };
    archive::write(&mut *snapshot, ID, NOW, &mut backup.data, &mut backup.keys, &mut |_| {}).await.unwrap();
    writer.await.unwrap();
    let restored = MemoryStorage::new();
    backup.restore(&restored).await.unwrap();
    assert!(before == everything(&restored).await);
    assert!(before != everything(&storage).await);
}

/// What every refused restore leaves: an untouched storage, or buckets that nobody serves and that a good backup fills.
async fn nothing_is_served(into: &MemoryStorage, what: &str) {
    let statuses = into.buckets().await.unwrap();
    let untouched = statuses.iter().all(|status| status.state == BucketState::Serving && status.epoch == 0);
    let arriving = statuses.iter().all(|status| status.state == BucketState::Arriving);
    assert!(arriving || (untouched && everything(into).await.is_empty()), "{what}");
}

#[tokio::test]
async fn every_changed_byte_is_refused() {
    let good = Backup::small().await;
    good.check().unwrap();
    for (name, length) in [("data", good.data.len()), ("keys", good.keys.len())] {
        for at in 0..length {
            for change in [0x01, 0x80, 0xff] {
                let mut bad = good.clone();
                let part = if name == "data" { &mut bad.data } else { &mut bad.keys };
                part[at] ^= change;
                assert!(bad.check().is_err(), "{name} {at} {change}");
                if change == 0x01 && at % 17 == 0 {
                    let into = MemoryStorage::new();
                    assert!(bad.restore(&into).await.is_err(), "{name} {at}");
                    nothing_is_served(&into, &format!("{name} {at}")).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn every_truncation_and_every_addition_is_refused() {
    let good = Backup::small().await;
    let into = MemoryStorage::new();
    for at in 0..good.data.len() {
        let bad = Backup { data: good.data[..at].to_vec(), ..good.clone() };
        assert_eq!(bad.check(), Err(ArchiveError::Truncated), "data {at}");
        if at % 7 == 0 {
            assert_eq!(bad.restore(&into).await, Err(ArchiveError::Truncated), "data {at}");
            nothing_is_served(&into, "data").await;
        }
    }
    for at in 0..good.keys.len() {
        let bad = Backup { keys: good.keys[..at].to_vec(), ..good.clone() };
        assert_eq!(bad.check(), Err(ArchiveError::Truncated), "keys {at}");
    }
    for more in [&b"\0"[..], b"MyChartum backup"] {
        let bad = Backup { data: [&good.data, more].concat(), ..good.clone() };
        assert_eq!(bad.check(), Err(ArchiveError::Damaged("more after its end")));
        let bad = Backup { keys: [&good.keys, more].concat(), ..good.clone() };
        assert_eq!(bad.check(), Err(ArchiveError::Damaged("more after its end")));
    }
    // After all of that, the good one goes in.
    good.restore(&into).await.unwrap();
}

#[tokio::test]
async fn what_is_no_archive_or_the_wrong_one_is_named() {
    let storage = MemoryStorage::new();
    move_in_a_little(&storage).await;
    let ours = Backup::of(&storage, ID).await;
    let other = Backup::of(&storage, ArchiveId::from_bytes([1; 16])).await;
    let with_data = |data: &[u8]| Backup { data: data.to_vec(), ..ours.clone() }.check().unwrap_err();
    assert_eq!(with_data(b"SQLite format 3\0 and so on, and so on"), ArchiveError::Foreign);
    assert_eq!(with_data(b"x"), ArchiveError::Foreign);
    assert_eq!(with_data(b""), ArchiveError::Truncated);
    assert_eq!(with_data(&ours.keys), ArchiveError::WrongPart);
    let mut newer = ours.data.clone();
    newer[17] = 2;
    assert_eq!(with_data(&newer), ArchiveError::Newer { have: 2, know: 1 });
    let with_keys = |keys: &[u8]| Backup { keys: keys.to_vec(), ..ours.clone() }.check().unwrap_err();
    assert_eq!(with_keys(&other.keys), ArchiveError::Mismatched);
    assert_eq!(with_keys(&ours.data), ArchiveError::WrongPart);
    let into = MemoryStorage::new();
    let mixed = Backup { keys: other.keys, ..ours };
    assert_eq!(mixed.restore(&into).await, Err(ArchiveError::Mismatched));
    assert!(all_are(&into, BucketState::Serving).await, "not even begun");
}

/// An archive taken apart: its header, and its frames with their heads.
fn frames(archive: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (header, mut rest) = archive.split_at(43);
    let mut frames = Vec::new();
    while rest.len() > 32 {
        let length = u32::from_be_bytes(rest[1..5].try_into().unwrap()) as usize;
        let (frame, after) = rest.split_at(5 + length);
        frames.push(frame.to_vec());
        rest = after;
    }
    (header.to_vec(), frames)
}

/// Puts an archive together again, with a digest that fits.
fn together(header: &[u8], frames: &[Vec<u8>]) -> Vec<u8> {
    let mut archive = [header, &frames.concat()].concat();
    let digest = Sha256::digest(&archive);
    archive.extend_from_slice(&digest);
    archive
}

#[tokio::test]
async fn frames_that_are_missing_doubled_or_moved_are_refused_even_with_a_fitting_digest() {
    let good = Backup::small().await;
    for is_data in [true, false] {
        let (header, parts) = frames(if is_data { &good.data } else { &good.keys });
        assert_eq!(&together(&header, &parts), if is_data { &good.data } else { &good.keys });
        let mut made: Vec<Vec<Vec<u8>>> = Vec::new();
        for at in 0..parts.len() {
            let mut missing = parts.clone();
            missing.remove(at);
            let mut doubled = parts.clone();
            doubled.insert(at, parts[at].clone());
            made.extend([missing, doubled]);
            if at > 0 {
                let mut moved = parts.clone();
                moved.swap(at - 1, at);
                made.push(moved);
            }
            for other in 0..parts.len() {
                let mut replaced = parts.clone();
                replaced[at] = parts[other].clone();
                if replaced != parts {
                    made.push(replaced);
                }
            }
        }
        for parts in made {
            let archive = together(&header, &parts);
            let bad = if is_data {
                Backup { data: archive, ..good.clone() }
            } else {
                Backup { keys: archive, ..good.clone() }
            };
            assert!(bad.check().is_err());
            let into = MemoryStorage::new();
            assert!(bad.restore(&into).await.is_err());
            nothing_is_served(&into, "forged").await;
        }
    }
}

#[tokio::test]
async fn every_changed_byte_of_a_frame_with_a_fitting_digest_is_refused_or_harmless() {
    let good = Backup::small().await;
    let (header, parts) = frames(&good.data);
    let (mut refused, mut taken) = (0, 0);
    for frame in 0..parts.len() {
        for at in 0..parts[frame].len() {
            for change in [0x01, 0x7f, 0xff] {
                let mut changed = parts.clone();
                changed[frame][at] ^= change;
                let bad = Backup { data: together(&header, &changed), ..good.clone() };
                // Forged content is found by seals and chains; here nothing may panic, hang or take endless memory.
                if bad.check().is_ok() { taken += 1 } else { refused += 1 }
            }
        }
    }
    assert!(refused > taken / 4 && taken > 0, "{refused} {taken}");
}

#[tokio::test]
async fn a_key_among_the_data_is_refused() {
    let good = Backup::small().await;
    let (header, mut parts) = frames(&good.data);
    let row = parts.iter().position(|frame| frame[0] == 3).unwrap();
    parts[row][5..7].copy_from_slice(&Collection::KEYS.number().to_be_bytes());
    let bad = Backup { data: together(&header, &parts), ..good.clone() };
    assert_eq!(bad.check(), Err(ArchiveError::Damaged("a key among the data")));
}

/// A file that fails after some bytes.
struct Failing {
    left: usize,
    kind: ErrorKind,
}

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.left = self.left.checked_sub(bytes.len()).ok_or_else(|| Error::from(self.kind))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(Error::from(self.kind))
    }
}

#[tokio::test]
async fn a_full_or_broken_disk_is_named() {
    let storage = MemoryStorage::new();
    move_in(&storage).await;
    for left in [0, 100, 5000] {
        let mut data = Failing { left, kind: ErrorKind::StorageFull };
        let mut snapshot = storage.snapshot().await.unwrap();
        let failed = archive::write(&mut *snapshot, ID, NOW, &mut data, &mut Vec::new(), &mut |_| {}).await;
        assert_eq!(failed, Err(ArchiveError::Io(ErrorKind::StorageFull)));
    }
    let mut broken = Failing { left: 0, kind: ErrorKind::PermissionDenied };
    let failed = archive::check(&mut broken, &mut &b""[..], &mut |_| {});
    assert_eq!(failed, Err(ArchiveError::Io(ErrorKind::PermissionDenied)));
}

/// Gives one byte a call, and an interruption before each.
struct Trickle<'a>(&'a [u8], bool);

impl Read for Trickle<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(Error::from(ErrorKind::Interrupted));
        }
        let some = into.len().min(1);
        self.0.read(&mut into[..some])
    }
}

#[tokio::test]
async fn bytes_may_come_as_they_like() {
    let good = Backup::small().await;
    let (mut data, mut keys) = (Trickle(&good.data, false), Trickle(&good.keys, false));
    assert_eq!(archive::check(&mut data, &mut keys, &mut |_| {}), good.check());
}

#[tokio::test]
async fn the_form_of_archives_is_for_ever() {
    let written = Backup::small().await;
    let (data, keys) = (&include_bytes!("golden/backup-1.data")[..], &include_bytes!("golden/backup-1.keys")[..]);
    assert!(written.data == data, "the data of version 1 changed");
    assert!(written.keys == keys, "the keys of version 1 changed");
    let kept = Backup { data: data.to_vec(), keys: keys.to_vec() };
    let into = MemoryStorage::new();
    kept.restore(&into).await.unwrap();
    let expected = MemoryStorage::new();
    move_in_a_little(&expected).await;
    assert!(everything(&into).await == everything(&expected).await);
    let head = into.head(patient(1)).await.unwrap();
    assert!(head.epoch > NOW + 1000 && head == Head { epoch: head.epoch, ..Head::EMPTY });
}
