//! A fleet of cells: routed like one storage, moved while writers write, broken off anywhere.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod fleet;

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;

use fleet::{Shaky, Three, Writer, at_most_one_serves, bucket_of, carousel, memory_cells, one_keeper, shaky_cells};
use mychartum_core::port::custody::BucketState::{Arriving, Elsewhere, Serving};
use mychartum_core::port::custody::Turn;
use mychartum_core::port::storage::{Bucket, StorageErrorKind};
use mychartum_core::port::{Custody, Storage};
use mychartum_storage::{Cells, CellsError, CellsOptions, MemoryStorage};
use mychartum_testkit::conformance::storage::run_all;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_cells_keep_all_promises_of_a_storage() {
    let cells = Cells::found(memory_cells(3), CellsOptions::default()).await.unwrap();
    run_all(&Three(cells)).await.assert_passed();
}

#[tokio::test]
async fn a_new_fleet_shares_the_buckets_and_founding_it_again_changes_nothing() {
    let cells = memory_cells(3);
    for _ in 0..2 {
        let fleet = Cells::found(cells.clone(), CellsOptions::default()).await.unwrap();
        let mut kept = BTreeMap::new();
        for bucket in Bucket::all() {
            *kept.entry(fleet.keeper(bucket).unwrap()).or_insert(0) += 1;
        }
        assert_eq!(kept, BTreeMap::from([(0, 1366), (1, 1366), (2, 1364)]));
    }
}

#[tokio::test]
async fn what_does_not_belong_together_is_refused() {
    let opened = |cells| async { Cells::open(cells, CellsOptions::default()).await.map(drop).unwrap_err() };
    assert_eq!(opened(Vec::new()).await, CellsError::Count);
    let first = Bucket::new(0).unwrap();
    assert_eq!(opened(memory_cells(2)).await, CellsError::ServedTwice { bucket: first, one: 0, other: 1 });

    let cells = memory_cells(2);
    Cells::found(cells.clone(), CellsOptions::default()).await.unwrap();
    assert_eq!(opened(vec![Arc::clone(&cells[1])]).await, CellsError::ServedNowhere(first));

    // A cell that keeps something cannot be founded anew, and one that joins must be empty.
    let mut writer = Writer::new(first, 1);
    writer.write(&*cells[0]).await.unwrap();
    let mut strangers = memory_cells(1);
    strangers.push(Arc::clone(&cells[0]));
    let founded = Cells::found(strangers, CellsOptions::default()).await.map(drop).unwrap_err();
    assert_eq!(founded, CellsError::NotEmpty(1));
    assert_eq!(Cells::prepare(&*cells[0]).await.unwrap_err(), CellsError::NotEmpty(0));
    let fleet = Cells::open(cells, CellsOptions::default()).await.unwrap();
    assert_eq!(fleet.move_bucket(first, 7, |_| ()).await.unwrap_err(), CellsError::NoSuchCell(7));
}

#[tokio::test]
async fn a_storage_at_work_becomes_a_fleet_by_adding_empty_cells() {
    let one: Arc<dyn Custody> = Arc::new(MemoryStorage::new());
    let buckets = [0, 1, 2].map(|number| Bucket::new(number).unwrap());
    let mut writers = buckets.map(|bucket| Writer::new(bucket, 2));
    for writer in &mut writers {
        writer.write(&*one).await.unwrap();
        writer.write(&*one).await.unwrap();
    }
    let new: Arc<dyn Custody> = Arc::new(MemoryStorage::new());
    Cells::prepare(&*new).await.unwrap();
    let fleet = Cells::open(vec![one, new], CellsOptions::default()).await.unwrap();
    let moved = fleet.move_bucket(buckets[1], 1, |_| ()).await.unwrap();
    assert_eq!((moved.partitions, moved.rows), (2, 2));
    assert_eq!(buckets.map(|bucket| fleet.keeper(bucket)), [Some(0), Some(1), Some(0)]);
    for writer in &mut writers {
        writer.write(&fleet).await.unwrap();
        writer.check(&fleet).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_while_buckets_move() {
    carousel(&shaky_cells(3, Shaky::yielding), 20).await;
}

/// A move fails at its first, second, third ... step, before or after the step was made, and the process ends. Then the same
/// move is made again, or the bucket is told to stay.
#[tokio::test]
async fn a_move_can_be_broken_off_anywhere() {
    let bucket = Bucket::new(9).unwrap();
    let (mut completed, mut broken) = (0, 0);
    for take_up in [true, false] {
        for after in [false, true] {
            for step in 0..40 {
                let cells = shaky_cells(2, Shaky::steady);
                let fleet = Cells::found(as_custody(&cells), CellsOptions::default()).await.unwrap();
                let mut writer = Writer::new(bucket, 3);
                for _ in 0..6 {
                    writer.write(&fleet).await.unwrap();
                }
                let steps = Shaky::fail_at(&cells, step, after);
                let outcome = fleet.move_bucket(bucket, 1, |_| ()).await;
                Shaky::recover(&steps);
                at_most_one_serves(&as_custody(&cells), bucket).await;

                let fleet = Cells::open(as_custody(&cells), CellsOptions::default()).await.unwrap();
                let between = fleet.between();
                if outcome.is_ok() {
                    completed += 1;
                } else {
                    broken += 1;
                }
                let to = if take_up || !between.is_empty() { 1 } else { 0 };
                fleet.move_bucket(bucket, to, |_| ()).await.unwrap();
                assert_eq!(fleet.keeper(bucket), Some(to), "step {step}, after {after}");
                one_keeper(&as_custody(&cells), bucket).await;
                writer.check(&fleet).await;
                writer.write(&fleet).await.unwrap();
                writer.check(&fleet).await;
                assert!(fleet.between().is_empty());
            }
        }
    }
    assert!(completed > 0 && broken > 40, "{completed} {broken}");
}

/// Several movers want one bucket in different places at once; whatever they do to each other, one cell keeps it and nothing
/// is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn movers_that_meet_do_no_harm() {
    let bucket = Bucket::new(77).unwrap();
    for _ in 0..30 {
        let cells = shaky_cells(3, Shaky::yielding);
        let fleet =
            Cells::found(cells.clone(), CellsOptions::default().patience(Duration::from_millis(50))).await.unwrap();
        let mut writer = Writer::new(bucket, 4);
        writer.write(&fleet).await.unwrap();
        let movers: Vec<_> = [0, 1, 1, 2, 2]
            .into_iter()
            .map(|to| {
                let cells = cells.clone();
                tokio::spawn(async move {
                    let mover = Cells::open(cells, CellsOptions::default()).await?;
                    mover.move_bucket(bucket, to, |_| ()).await
                })
            })
            .collect();
        for _ in 0..5 {
            // A move that two gave up may leave the bucket between two cells for good: then nobody may serve it.
            if writer.write_unless_stuck(&fleet).await.is_err() {
                break;
            }
        }
        for mover in movers {
            match mover.await.unwrap() {
                Ok(_) | Err(CellsError::UnderWay(_) | CellsError::ServedNowhere(_) | CellsError::Cell { .. }) => {}
                Err(other) => panic!("{other}"),
            }
        }
        at_most_one_serves(&cells, bucket).await;
        let fleet = Cells::open(cells.clone(), CellsOptions::default()).await.unwrap();
        for to in 0..3 {
            if fleet.move_bucket(bucket, to, |_| ()).await.is_ok() {
                break;
            }
        }
        one_keeper(&cells, bucket).await;
        writer.check(&fleet).await;
    }
}

/// A host whose map is out of date is told so, never served from what is left behind.
#[tokio::test]
async fn a_stale_map_costs_a_question_and_no_wrong_answer() {
    let cells = memory_cells(2);
    let (one, two) = (
        Cells::found(cells.clone(), CellsOptions::default()).await.unwrap(),
        Cells::open(cells.clone(), CellsOptions::default()).await.unwrap(),
    );
    let bucket = Bucket::new(3).unwrap();
    let mut writer = Writer::new(bucket, 1);
    writer.write(&one).await.unwrap();
    one.move_bucket(bucket, 1, |_| ()).await.unwrap();
    writer.write(&one).await.unwrap();
    assert_eq!(two.keeper(bucket), Some(0));
    writer.check(&two).await;
    assert_eq!(two.keeper(bucket), Some(1));
    // And one that talks to the old cell alone is refused.
    let alone = cells[0].head(writer.partition(0)).await.unwrap_err();
    assert_eq!(alone.kind(), StorageErrorKind::Elsewhere);
}

#[tokio::test]
async fn a_silent_cell_takes_only_its_own_buckets_with_it() {
    let cells = shaky_cells(2, Shaky::steady);
    let fleet = Cells::found(as_custody(&cells), CellsOptions::default()).await.unwrap();
    let (here, there) = (Bucket::new(1).unwrap(), Bucket::new(4000).unwrap());
    let (mut one, mut two) = (Writer::new(here, 1), Writer::new(there, 1));
    one.write(&fleet).await.unwrap();
    two.write(&fleet).await.unwrap();
    cells[1].silence(true);
    for fleet in [fleet.clone(), Cells::open(as_custody(&cells), CellsOptions::default()).await.unwrap()] {
        one.write(&fleet).await.unwrap();
        let error = fleet.head(two.partition(0)).await.unwrap_err();
        assert_eq!(error.kind(), StorageErrorKind::Unavailable);
    }
    cells[1].silence(false);
    two.write(&fleet).await.unwrap();
    two.check(&fleet).await;
}

#[tokio::test]
async fn two_cells_that_serve_one_bucket_serve_it_no_more() {
    let cells = memory_cells(2);
    let fleet = Cells::found(cells.clone(), CellsOptions::default()).await.unwrap();
    let bucket = Bucket::new(5).unwrap();
    // What an operator can do by hand, such as restoring a cell from an old backup beside its fleet.
    for (from, to) in [(Elsewhere, Arriving), (Arriving, Serving)] {
        cells[1].turn(&[Turn { bucket, from, to, epoch: 9 }]).await.unwrap();
    }
    let error = Cells::open(cells.clone(), CellsOptions::default()).await.map(drop).unwrap_err();
    assert_eq!(error, CellsError::ServedTwice { bucket, one: 0, other: 1 });
    assert!(matches!(fleet.move_bucket(bucket, 0, |_| ()).await, Err(CellsError::ServedTwice { .. })));
}

#[tokio::test]
async fn a_fleet_has_a_snapshot() {
    let cells = memory_cells(3);
    let fleet = Cells::found(cells.clone(), CellsOptions::default()).await.unwrap();
    let mut writers: Vec<Writer> =
        [0, 2000, 4095].into_iter().map(|number| Writer::new(Bucket::new(number).unwrap(), 1)).collect();
    for writer in &mut writers {
        writer.write(&fleet).await.unwrap();
    }
    fleet.move_bucket(Bucket::new(0).unwrap(), 2, |_| ()).await.unwrap();
    let mut snapshot = fleet.snapshot().await.unwrap();
    assert!(snapshot.buckets().await.unwrap().iter().all(|status| status.state == Serving));
    for writer in &writers {
        let partition = writer.partition(0);
        assert_eq!(snapshot.heads(partition.bucket(), None, 10).await.unwrap().len(), 1);
        assert_eq!(snapshot.rows(partition, None, 10).await.unwrap().len(), 1);
        assert_eq!(snapshot.applied(partition).await.unwrap().len(), 1);
    }
    assert_eq!(bucket_of(writers[1].partition(0)), 2000);
}

fn as_custody(cells: &[Arc<Shaky>]) -> Vec<Arc<dyn Custody>> {
    cells.iter().map(|cell| Arc::clone(cell) as Arc<dyn Custody>).collect()
}
