//! Faults where much is written at once: in the storage's own checkpoint, and where the log outgrows its shared index.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod stage;

use std::sync::Arc;

use mychartum_core::port::Storage as _;
use mychartum_core::port::storage::{Outcome, StorageErrorKind as Kind};
use mychartum_power_cut::client::Manner;
use mychartum_power_cut::cutting::{complaint, cut_at};
use mychartum_power_cut::judge::{compare, judge};
use mychartum_power_cut::{Call, Dice, Event, Fault, Known, Mark, Obedience, Plan, Script, Span};

use stage::{Stage, amount, seed};

/// Pages enough for an idle writer to move the log.
const OVER_A_CHECKPOINT: usize = 9 << 20;

/// Pages enough for a second piece of the shared index: it begins with page 4,063 of the log.
const OVER_AN_INDEX: usize = 32 << 20;

/// The call in a checkpoint that fails, after it began.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// The sync of the log before it.
    Log,
    /// The first page, or any other.
    Page(u64),
    /// The sync of the file after it.
    File,
}

/// What fails in a checkpoint fails nobody's commit, and is made up for later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkpoint_that_fails_is_nobodys_loss() {
    let seed = seed();
    let script = Arc::new(Script::new(seed, 1, 8).with_heavy(3, OVER_A_CHECKPOINT));
    // Where the calls of the checkpoint stand, of a run in which all goes well.
    let clean = run(&script, seed, None).await;
    let syncs = |until: usize| clean[..until].iter().filter(|event| matches!(event, Event::Sync { .. })).count() as u64;
    let writes =
        |until: usize| clean[..until].iter().filter(|event| matches!(event, Event::Write { .. })).count() as u64;
    let begins = clean.iter().position(|event| *event == Event::CheckpointBegins).unwrap();
    let ends = clean.iter().position(|event| *event == Event::CheckpointEnds).unwrap();
    let pages = writes(ends) - writes(begins);
    assert!(pages > 1000, "{pages}");
    let mut dice = Dice::new(seed);
    let mut places = vec![Place::Log, Place::Page(1), Place::Page(pages), Place::File];
    places.extend((0..amount(2, 30)).map(|_| Place::Page(1 + dice.below(pages as usize) as u64)));
    for place in places {
        for span in [Span::Once, Span::FromThenOn] {
            let (fault, at) = match place {
                Place::Log => (Fault::Syncs, syncs(begins)),
                Place::File => (Fault::Syncs, syncs(ends) + 1),
                Place::Page(number) => (Fault::Full, writes(begins) + number),
            };
            run(&script, seed, Some(Plan { fault, at, span })).await;
        }
    }
}

/// Plays on both sides of a checkpoint, with a plan that strikes in it; gives the events from the plan on.
async fn run(script: &Arc<Script>, seed: u64, plan: Option<Plan>) -> Vec<Event> {
    let stage = Stage::new();
    let storage = stage.open().await;
    let before = stage.play(&storage, script, &[0], 2, Manner::Alone).await;
    let begun = stage.watched.so_far().events().len();
    stage.watched.plan(plan);
    let heavy = stage.play(&storage, script, &before, 1, Manner::Alone).await;
    // The writer moves the log when nobody waits, and answers again when it is done. What is only repeated is not
    // written.
    let done = || match plan {
        Some(_) => !stage.watched.struck().is_empty(),
        None => stage.watched.so_far().events().get(begun..).is_some_and(|new| new.contains(&Event::CheckpointEnds)),
    };
    for _ in 0..1000 {
        assert_eq!(storage.commit(script.set(0, 3).unwrap()).await.unwrap().outcome, Outcome::Repeated);
        if done() {
            break;
        }
    }
    let struck = stage.watched.struck();
    stage.watched.plan(None);
    let after = stage.play(&storage, script, &heavy, 2, Manner::Alone).await;
    compare(&storage, script, &Known::exactly(after.clone()))
        .await
        .unwrap_or_else(|damage| panic!("{plan:?}: {damage}"));
    stage.close(storage).await;
    let recording = stage.end();
    assert_eq!(struck.is_empty(), plan.is_none(), "{plan:?}");
    let places = recording.places(amount(2, 6), &mut Dice::new(seed));
    let cuts = cut_at(&places, &recording, script, &Known::nothing(1), Obedience::Honest, seed).await.unwrap();
    if let Some(complaint) = complaint(&cuts, &recording, seed) {
        panic!("{plan:?}: {complaint}");
    }
    judge(stage.folder(), script, &Known::exactly(after)).await.unwrap_or_else(|damage| panic!("{plan:?}: {damage}"));
    recording.events()[begun..].to_vec()
}

/// The commit is in the log and synced when the index for it cannot be mapped: it may be found after a cut, so that its
/// outcome is unknown.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_index_cannot_be_mapped_has_an_unknown_outcome() {
    let seed = seed();
    let script = Arc::new(Script::new(seed, 1, 6).with_heavy(3, OVER_AN_INDEX));
    let stage = Stage::new();
    let storage = stage.open().await;
    stage.play(&storage, &script, &[0], 2, Manner::Alone).await;
    let set = script.set(0, 3).unwrap();
    stage.watched.mark(Mark::Attempted(0, 3));
    stage.watched.plan(Some(Plan { fault: Fault::NoMemory, at: 1, span: Span::Once }));
    let error = storage.commit(set).await.unwrap_err();
    assert_eq!(stage.watched.struck(), [Call::MapShared]);
    stage.watched.plan(None);
    let recording = stage.watched.so_far();
    let end = vec![recording.events().len()];
    let cuts = cut_at(&end, &recording, &script, &Known::nothing(1), Obedience::Honest, seed).await.unwrap();
    assert_eq!(cuts[0].found, Ok(vec![3]), "it is on the disk");
    assert_eq!(error.kind(), Kind::OutcomeUnknown, "{error}");

    let receipt = storage.commit(set).await.unwrap();
    assert_eq!((receipt.revision, receipt.outcome), (3, Outcome::Applied));
    stage.close(storage).await;
    stage.end();
    judge(stage.folder(), &script, &Known::exactly(vec![3])).await.unwrap();
}
