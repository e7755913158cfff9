//! Power cuts while a bucket is given away and taken back: each step that was acknowledged was made, none is half.
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

use mychartum_core::port::custody::{BucketState, BucketStatus, Piece, Turn};
use mychartum_core::port::storage::{Bucket, Collection, Head, Partition, Row, RowId, Scan};
use mychartum_core::port::{Custody, Storage as _};
use mychartum_power_cut::client::Manner;
use mychartum_power_cut::{Dice, Known, Mark, Medium, Obedience, Script, scratch};
use mychartum_storage::SqliteStorage;

use stage::{Stage, amount, seed};

/// What is done with the bucket, one after another.
#[derive(Debug, Clone, Copy)]
enum Step {
    Turn(BucketState, u64),
    Clear,
    Install,
}

const STEPS: [Step; 7] = [
    Step::Turn(BucketState::Leaving, 5),
    Step::Turn(BucketState::Elsewhere, 5),
    Step::Clear,
    Step::Turn(BucketState::Arriving, 9),
    Step::Install,
    Step::Turn(BucketState::Serving, 9),
    Step::Turn(BucketState::Leaving, 12),
];

/// How the bucket stands after so many steps.
fn status(bucket: Bucket, steps: u64) -> BucketStatus {
    let mut turns = STEPS.iter().take(steps as usize).filter_map(|step| match step {
        Step::Turn(state, epoch) => Some((*state, *epoch)),
        Step::Clear | Step::Install => None,
    });
    let (state, epoch) = turns.next_back().unwrap_or((BucketState::Serving, 0));
    BucketStatus { bucket, state, epoch }
}

async fn perform(storage: &dyn Custody, bucket: Bucket, number: u64, pieces: &[Piece]) {
    let before = status(bucket, number - 1);
    match STEPS[number as usize - 1] {
        Step::Turn(to, epoch) => storage.turn(&[Turn { bucket, from: before.state, to, epoch }]).await.unwrap(),
        Step::Clear => storage.clear(before).await.unwrap(),
        Step::Install => storage.install(pieces).await.unwrap(),
    }
}

/// The partitions of the bucket, as they are installed again.
async fn pieces(storage: &dyn Custody, partitions: &[Partition]) -> Vec<Piece> {
    let mut snapshot = storage.snapshot().await.unwrap();
    let mut pieces = Vec::new();
    for partition in partitions {
        let (mut rows, mut after): (Vec<Row>, Option<(Collection, RowId)>) = (Vec::new(), None);
        loop {
            let page = snapshot.rows(*partition, after, 1000).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some((last.collection, last.row));
            rows.extend(page);
        }
        let heads = snapshot.heads(partition.bucket(), None, 10).await.unwrap();
        let head = heads.into_iter().find(|(listed, _)| listed == partition).unwrap().1;
        let applied = snapshot.applied(*partition).await.unwrap();
        pieces.push(Piece { partition: *partition, epoch: 9, first: Some((head, applied)), rows });
    }
    pieces
}

/// Heads without their epochs, and all rows.
async fn content(storage: &SqliteStorage, partitions: &[Partition]) -> Vec<(Head, Vec<Row>)> {
    let mut all = Vec::new();
    for partition in partitions {
        let mut rows = Vec::new();
        for collection in Script::COLLECTIONS {
            rows.extend(storage.scan(&Scan::new(*partition, collection, u32::MAX)).await.unwrap());
        }
        all.push((Head { epoch: 0, ..storage.head(*partition).await.unwrap() }, rows));
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_moves_is_here_or_there_and_whole() {
    let seed = seed();
    let script = Arc::new(Script::new(seed, 3, 20));
    let stage = Stage::new();
    let storage = stage.open().await;
    stage.play(&storage, &script, &[0; 3], 12, Manner::Alone).await;
    let partitions = [0, 1].map(|partition| script.sets(partition)[0].partition);
    let bucket = partitions[0].bucket();
    let wanted = content(&storage, &partitions).await;
    let pieces = pieces(&storage, &partitions).await;
    for number in 1..=STEPS.len() as u64 {
        stage.watched.mark(Mark::Attempted(0, 1000 + number));
        perform(&storage, bucket, number, &pieces).await;
        stage.watched.mark(Mark::Acknowledged(0, 1000 + number));
    }
    storage.close().await;
    let recording = stage.end();

    let begun = recording
        .events()
        .iter()
        .position(|event| *event == mychartum_power_cut::Event::Mark(Mark::Attempted(0, 1001)));
    let (begun, end) = (begun.unwrap(), recording.events().len());
    let places = (begun..=end).step_by(amount(4, 1));
    let mut medium = Medium::new(&recording, Obedience::Honest, seed);
    let mut dice = Dice::new(seed);
    let mut seen = Vec::new();
    for place in places {
        medium.advance(place);
        let folder = scratch().unwrap();
        medium.cut(&mut dice).lay_out(folder.path(), &mut dice).unwrap();
        let storage = SqliteStorage::open(folder.path().join("portal.db")).await.unwrap();
        let known = recording.known(place, Known::nothing(3));
        let least = known.acknowledged[0].saturating_sub(1000);
        let most = known.attempted[0].saturating_sub(1000);
        let found = storage.buckets().await.unwrap().into_iter().find(|status| status.bucket == bucket).unwrap();
        let possible: Vec<u64> = (least..=most).filter(|steps| status(bucket, *steps) == found).collect();
        assert!(!possible.is_empty(), "seed {seed}, place {place}: {found:?} after {least} to {most} steps");
        // The work is taken up where it is: the step that was under way is done again, and those after it.
        for number in least + 1..=STEPS.len() as u64 {
            if possible[0] < number || !matches!(STEPS[number as usize - 1], Step::Turn(..)) {
                perform(&storage, bucket, number, &pieces).await;
            }
        }
        assert!(content(&storage, &partitions).await == wanted, "seed {seed}, place {place}: the content differs");
        for partition in partitions {
            assert_eq!(storage.head(partition).await.unwrap().epoch, 12);
        }
        seen.push(found.state);
        storage.close().await;
    }
    for state in BucketState::ALL {
        assert!(seen.contains(&state), "{state:?} was never found");
    }
}
