//! Power cuts: what was acknowledged is there, nothing is half, and the file is sound, wherever the power goes.
//!
//! `MYCHARTUM_LONG=1` cuts many more times, and with a new seed each time; `MYCHARTUM_SEED` repeats one.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says how often it cut"
)]

mod stage;

use std::sync::Arc;

use mychartum_core::port::Storage as _;
use mychartum_core::port::storage::Outcome;
use mychartum_power_cut::client::Manner;
use mychartum_power_cut::cutting::{complaint, cut_at};
use mychartum_power_cut::judge::compare;
use mychartum_power_cut::{Dice, Event, Known, Mark, Medium, Obedience, Recording, Script, Watched, scratch};
use mychartum_storage::SqliteStorage;
use rusqlite::Connection;

use stage::{Stage, amount, seed};

/// Cuts a recording of an honest disk, and complains of the first harm.
async fn survives(recording: &Recording, script: &Script, before: &Known, places: &[usize], seed: u64) {
    let cuts = cut_at(places, recording, script, before, Obedience::Honest, seed).await.unwrap();
    eprintln!("{} cuts in {} events, seed {seed}", cuts.len(), recording.events().len());
    if let Some(complaint) = complaint(&cuts, recording, seed) {
        panic!("{complaint}");
    }
}

fn checkpoints(recording: &Recording) -> usize {
    recording.events().iter().filter(|event| **event == Event::CheckpointBegins).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_database_is_founded() {
    let seed = seed();
    let script = Arc::new(Script::new(seed, 2, 4));
    let stage = Stage::new();
    let storage = stage.open().await;
    stage.play(&storage, &script, &[0, 0], 2, Manner::Alone).await;
    stage.close(storage).await;
    let recording = stage.end();
    let every = (0..=recording.events().len()).step_by(amount(3, 1));
    let places: Vec<usize> = every.flat_map(|place| vec![place; amount(1, 5)]).collect();
    survives(&recording, &script, &Known::nothing(2), &places, seed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_change_sets_are_written_one_by_one() {
    let seed = seed();
    let script = Arc::new(Script::new(seed, 3, 90));
    let stage = Stage::new();
    let storage = stage.open().await;
    stage.play(&storage, &script, &[0; 3], 80, Manner::Alone).await;
    stage.close(storage).await;
    let recording = stage.end();
    assert!(checkpoints(&recording) >= 2, "the log was moved while it worked, and at the end");
    let places = recording.places(amount(20, 200), &mut Dice::new(seed));
    survives(&recording, &script, &Known::nothing(3), &places, seed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_many_write_at_once() {
    let seed = seed();
    let script = Arc::new(Script::new(seed, 8, 60));
    let stage = Stage::new();
    let storage = stage.open().await;
    stage.play(&storage, &script, &[0; 8], 50, Manner::Together).await;
    stage.close(storage).await;
    let recording = stage.end();
    assert!(checkpoints(&recording) >= 2, "the log was moved while it worked, and at the end");
    let places = recording.places(amount(20, 200), &mut Dice::new(seed));
    survives(&recording, &script, &Known::nothing(8), &places, seed).await;
}

/// An operator's tool empties the log, starts it over, and reads for a long time, all while the storage writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_another_connection_starts_the_log_over() {
    let seed = seed();
    let script = Arc::new(Script::new(seed, 3, 50));
    let stage = Stage::new();
    let storage = stage.open().await;
    let tool = Connection::open(stage.file()).unwrap();
    let mut revisions = vec![0; 3];
    for mode in ["PASSIVE", "RESTART", "FULL", "TRUNCATE", "RESTART", "PASSIVE", "TRUNCATE", "PASSIVE"] {
        tool.execute_batch("BEGIN").unwrap();
        let _: i64 = tool.query_row("SELECT count(*) FROM head", [], |row| row.get(0)).unwrap();
        revisions = stage.play(&storage, &script, &revisions, 3, Manner::Together).await;
        let other = Connection::open(stage.file()).unwrap();
        // The first reader is in the way: only a part can be moved.
        let _: i64 = other.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(0)).unwrap();
        tool.execute_batch("COMMIT").unwrap();
        let _: i64 = other.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get(0)).unwrap();
        revisions = stage.play(&storage, &script, &revisions, 2, Manner::Together).await;
    }
    drop(tool);
    stage.close(storage).await;
    let recording = stage.end();
    assert!(checkpoints(&recording) >= 8);
    let places = recording.places(amount(20, 200), &mut Dice::new(seed));
    survives(&recording, &script, &Known::nothing(3), &places, seed).await;
}

/// The power goes, comes back, and goes again: while the log is read back, while it is moved, while work goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn again_when_it_is_just_back() {
    let seed = seed();
    let script = Arc::new(Script::new(seed, 4, 60));
    let stage = Stage::new();
    let storage = stage.open().await;
    stage.play(&storage, &script, &[0; 4], 40, Manner::Together).await;
    stage.close(storage).await;
    let first = stage.end();
    let mut dice = Dice::new(seed);
    let mut medium = Medium::new(&first, Obedience::Honest, seed);
    for (number, place) in first.places(amount(5, 40), &mut dice).into_iter().enumerate() {
        medium.advance(place);
        let folder = scratch().unwrap();
        medium.cut(&mut dice).lay_out(folder.path(), &mut dice).unwrap();
        let stage = Stage::in_folder(folder);
        let storage = stage.open().await;
        let known = first.known(place, Known::nothing(4));
        let found = compare(&storage, &script, &known).await.unwrap_or_else(|damage| panic!("{damage}, seed {seed}"));
        stage.play(&storage, &script, &found, 3, Manner::Together).await;
        stage.close(storage).await;
        let second = stage.end();
        let places = second.places(amount(5, 10), &mut dice);
        // What was found is on the disk: nothing was in the system's memory when the power came back.
        survives(&second, &script, &Known::exactly(found), &places, seed.wrapping_add(number as u64)).await;
    }
}

/// A process is killed between writing a commit and syncing it. The next one finds that commit, since what was written
/// is still in the system's memory, and acknowledges it when it is repeated. Then the power goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_another_process_took_over() {
    let seed = seed();
    let script = Arc::new(Script::new(seed, 2, 12));
    let stage = Stage::new();
    let storage = stage.open().await;
    stage.play(&storage, &script, &[0; 2], 10, Manner::Alone).await;
    let first = stage.end();
    storage.close().await;
    let unsynced = |number: &usize| {
        let next = &first.events()[*number..];
        matches!(next, [Event::Sync { .. }, Event::Mark(Mark::Acknowledged(..)), ..])
    };
    let kills: Vec<usize> = (0..first.events().len()).filter(unsynced).collect();
    assert_eq!(kills.len(), 20, "each commit is synced once, right before its receipt");
    let mut dice = Dice::new(seed);
    for kill in kills.into_iter().step_by(amount(4, 1)) {
        let mut medium = Medium::new(&first, Obedience::Honest, seed);
        medium.advance(kill);
        let folder = scratch().unwrap();
        medium.written().lay_out(folder.path(), &mut Dice::new(seed)).unwrap();
        let watched = Watched::resume(folder.path(), &first, kill).unwrap();
        let storage = SqliteStorage::open(folder.path().join("portal.db")).await.unwrap();
        let known = first.known(kill, Known::nothing(2));
        let found = compare(&storage, &script, &known).await.unwrap();
        assert_eq!(found, known.attempted, "what was written is seen");
        for (partition, revision) in found.iter().enumerate() {
            let Some(last) = script.set(partition, *revision) else { continue };
            assert_eq!(storage.commit(last).await.unwrap().outcome, Outcome::Repeated);
            watched.mark(Mark::Acknowledged(partition, *revision));
        }
        let acknowledged = watched.so_far().events().len();
        storage.close().await;
        let second = watched.end();
        let end = second.events().len();
        let places: Vec<usize> =
            (0..amount(6, 20)).map(|_| acknowledged + dice.below((end - acknowledged).min(12) + 1)).collect();
        let mut places = [places, vec![acknowledged; amount(2, 10)]].concat();
        places.sort_unstable();
        survives(&second, &script, &Known::nothing(2), &places, seed).await;
    }
}
