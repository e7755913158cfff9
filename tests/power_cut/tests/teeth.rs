//! The harness has teeth: where syncs are skipped it finds what is lost, and the judge finds what is wrong.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it lost"
)]

mod stage;

use std::sync::Arc;

use mychartum_power_cut::client::Manner;
use mychartum_power_cut::cutting::{Cut, cut_at};
use mychartum_power_cut::judge::{Damage, judge};
use mychartum_power_cut::{Dice, Event, Known, Medium, Obedience, Recording, Script, scratch};
use rusqlite::Connection;

use stage::{Stage, amount, seed};

/// A recording with checkpoints in it, and a script that goes on after it.
async fn recorded(seed: u64) -> (Recording, Arc<Script>) {
    let script = Arc::new(Script::new(seed, 4, 60));
    let stage = Stage::new();
    let storage = stage.open().await;
    stage.play(&storage, &script, &[0; 4], 50, Manner::Together).await;
    stage.close(storage).await;
    (stage.end(), script)
}

/// Cuts one recording on a disk that is less than honest; counts losses, and other harm.
async fn cuts(obedience: Obedience) -> (Vec<Cut>, usize, usize) {
    let seed = seed();
    let (recording, script) = recorded(seed).await;
    let places = recording.places(amount(24, 100), &mut Dice::new(seed));
    let cuts = cut_at(&places, &recording, &script, &Known::nothing(4), obedience, seed).await.unwrap();
    let lost = cuts.iter().filter(|cut| cut.is_loss()).count();
    let harmed = cuts.iter().filter(|cut| cut.is_harm()).count();
    eprintln!("{obedience:?}: of {} cuts {lost} lost what was acknowledged, {harmed} did other harm", cuts.len());
    (cuts, lost, harmed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_syncs_of_commits_acknowledged_change_sets_are_lost_and_nothing_else() {
    let (_, lost, harmed) = cuts(Obedience::NotAtCommit).await;
    assert!(lost > 0, "as with `synchronous = NORMAL`");
    assert_eq!(harmed, 0, "what is left is a clean beginning of what was");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_syncs_of_checkpoints_the_file_is_harmed() {
    let (_, lost, harmed) = cuts(Obedience::NotOfTheFile).await;
    assert!(lost + harmed > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_syncs_of_the_folder_the_log_is_lost() {
    let (_, lost, _) = cuts(Obedience::NotOfTheFolder).await;
    assert!(lost > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_any_sync_nearly_everything_is_lost() {
    let (cuts, lost, harmed) = cuts(Obedience::Never).await;
    assert!(lost > 0 && (lost + harmed) * 2 > cuts.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_recording_gives_back_the_files_as_they_are() {
    let script = Arc::new(Script::new(seed(), 2, 20));
    let stage = Stage::new();
    let storage = stage.open().await;
    stage.play(&storage, &script, &[0; 2], 10, Manner::Alone).await;
    let recording = stage.watched.so_far();
    let mut medium = Medium::new(&recording, Obedience::Honest, 0);
    medium.advance(recording.events().len());
    for name in ["portal.db", "portal.db-wal"] {
        let real = std::fs::read(stage.folder().join(name)).unwrap();
        assert_eq!(medium.written().file(name), Some(&real[..]), "{name}: every write was seen");
    }
    stage.close(storage).await;
    let recording = stage.end();
    let mut medium = Medium::new(&recording, Obedience::Honest, 0);
    medium.advance(recording.events().len());
    assert_eq!(medium.written().file("portal.db-wal"), None);
    assert_eq!(medium.written().file("portal.db"), Some(&std::fs::read(stage.file()).unwrap()[..]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_synced_is_lost_in_part_torn_or_kept() {
    let stage = Stage::new();
    let connection = Connection::open(stage.file()).unwrap();
    connection
        .execute_batch("PRAGMA synchronous = OFF; CREATE TABLE a (b); INSERT INTO a VALUES (zeroblob(9000))")
        .unwrap();
    drop(connection);
    let recording = stage.end();
    let written = |event: &Event| matches!(event, Event::Write { .. });
    assert!(recording.events().iter().filter(|event| written(event)).count() > 4);
    let mut medium = Medium::new(&recording, Obedience::Honest, 0);
    medium.advance(recording.events().len());
    let whole = medium.written();
    let whole = whole.file("portal.db").unwrap();
    let (mut nothing, mut all, mut torn) = (0, 0, 0);
    for number in 0..200 {
        let found = medium.cut(&mut Dice::new(number));
        match found.file("portal.db") {
            None | Some([]) => nothing += 1,
            Some(found) if found == whole => all += 1,
            Some(_) => torn += 1,
        }
    }
    assert!(nothing > 10 && all > 10 && torn > 50, "{nothing} {all} {torn}");
}

/// What a storage could do wrong, done by hand to a file that is right.
const WRONGS: [(&str, &str); 11] = [
    ("a row is missing", "DELETE FROM sealed_row WHERE collection = 7"),
    ("an audit entry is missing", "DELETE FROM sealed_row WHERE collection = 1 AND ord = 2"),
    ("a body has changed", "UPDATE sealed_row SET body = zeroblob(length(body)) WHERE collection = 7"),
    ("an order has changed", "UPDATE sealed_row SET ord = ord + 5000 WHERE collection = 7"),
    ("a version has changed", "UPDATE sealed_row SET version = version + 1 WHERE collection = 32769"),
    ("a task is forgotten", "DELETE FROM sealed_row WHERE collection = 32769"),
    ("a tag finds nothing", "DELETE FROM row_tag"),
    (
        "a tag finds too much",
        "INSERT INTO row_tag SELECT bucket, kind, partition_id, collection, x'01010101010101010101010101010101', ord, row_id FROM sealed_row WHERE collection = 1",
    ),
    ("the chain's end has changed", "UPDATE head SET audit_link = zeroblob(32)"),
    ("a head is missing", "DELETE FROM head"),
    ("nothing is remembered", "DELETE FROM applied"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_judge_finds_what_is_wrong() {
    let script = Arc::new(Script::new(seed(), 2, 20));
    let stage = Stage::new();
    let storage = stage.open().await;
    let revisions = stage.play(&storage, &script, &[0; 2], 10, Manner::Alone).await;
    stage.close(storage).await;
    stage.end();
    let right = std::fs::read(stage.file()).unwrap();
    let known = Known::exactly(revisions.clone());
    for (name, sql) in WRONGS {
        let folder = scratch().unwrap();
        let path = folder.path().join("portal.db");
        std::fs::write(&path, &right).unwrap();
        let connection = Connection::open(&path).unwrap();
        assert!(connection.execute(sql, []).unwrap() > 0, "{name}");
        connection.close().unwrap();
        assert!(judge(folder.path(), &script, &known).await.is_err(), "{name}");
    }
    let folder = scratch().unwrap();
    std::fs::write(folder.path().join("portal.db"), &right).unwrap();
    let more = Known::exactly(revisions.iter().map(|revision| revision + 1).collect());
    assert!(matches!(judge(folder.path(), &script, &more).await, Err(Damage::Lost { .. })));
    let fewer = Known::exactly(revisions.iter().map(|revision| revision - 1).collect());
    assert!(matches!(judge(folder.path(), &script, &fewer).await, Err(Damage::Invented { .. })));
    assert_eq!(judge(folder.path(), &script, &known).await, Ok(revisions));
}
