//! Several programs on one database, futures that are dropped, locks that others hold, and sessions that are ended.
#![cfg(feature = "postgres")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod change_sets;

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use change_sets::{NOTES, note, patient};
use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::custody::{BucketState, Turn};
use mychartum_core::port::storage::{Expect, Outcome, Scan, StorageErrorKind as Kind};
use mychartum_core::port::{Custody as _, Storage as _};
use mychartum_storage::{PostgresOptions, PostgresStorage};
use mychartum_testkit::postgres_server::{FreshDatabase, PostgresServer};
use tokio::sync::{Barrier, mpsc};
use tokio_postgres::{Client, NoTls};

fn options(database: &FreshDatabase) -> PostgresOptions {
    PostgresStorage::options(&database.url()).unwrap().readers(2).lanes(2)
}

/// A session beside the storage.
async fn session(database: &FreshDatabase) -> Client {
    let (client, connection) = tokio_postgres::connect(&database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

macro_rules! database {
    () => {{
        let Some(server) = PostgresServer::find_or_skip() else { return };
        server.fresh_database().unwrap()
    }};
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_programs_with_the_same_expectation_one_wins() {
    let database = database!();
    let mut programs = Vec::new();
    for _ in 0..4 {
        programs.push(options(&database).open().await.unwrap());
    }
    for round in 1..=20_u64 {
        // New partitions are the hard case: there is no head to lock. Later rounds of each have one.
        let (partition, revision) = (patient(round.div_ceil(2)), if round % 2 == 1 { 1 } else { 2 });
        let begin = Arc::new(Barrier::new(programs.len()));
        let racers = programs.iter().zip(1u8..).map(|(program, racer)| {
            let (program, begin) = (program.clone(), Arc::clone(&begin));
            let mut set = note(partition, revision, 10);
            set.id = ChangeSetId::from_bytes([racer + u8::try_from(round).unwrap() * 10; 16]);
            set.puts[0].body = vec![racer; 10];
            tokio::spawn(async move {
                begin.wait().await;
                (racer, program.commit(&set).await)
            })
        });
        let racers: Vec<_> = racers.collect();
        let mut winner = None;
        for racer in racers {
            match racer.await.unwrap() {
                (racer, Ok(receipt)) => {
                    assert_eq!((receipt.revision, receipt.outcome), (revision, Outcome::Applied));
                    assert_eq!(winner.replace(racer), None, "two won");
                }
                (_, Err(error)) => assert_eq!(error.kind(), Kind::Conflict, "round {round}"),
            }
        }
        let rows = programs[0].scan(&Scan::new(partition, NOTES, 10)).await.unwrap();
        assert_eq!(rows.len(), usize::try_from(revision).unwrap());
        assert_eq!(rows[rows.len() - 1].body, vec![winner.unwrap(); 10], "a loser wrote");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_the_same_change_set_from_many_programs_one_applies() {
    let database = database!();
    let mut programs = Vec::new();
    for _ in 0..4 {
        programs.push(options(&database).open().await.unwrap());
    }
    for round in 1..=20 {
        let set = note(patient(round), 1, 10);
        let calls: Vec<_> = programs
            .iter()
            .map(|program| {
                let (program, set) = (program.clone(), set.clone());
                tokio::spawn(async move { program.commit(&set).await })
            })
            .collect();
        let mut applied = 0;
        for call in calls {
            let receipt = call.await.unwrap().unwrap();
            assert_eq!(receipt.revision, 1);
            applied += u32::from(receipt.outcome == Outcome::Applied);
        }
        assert_eq!(applied, 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn programs_that_write_to_the_same_partitions_in_groups_do_not_lock_each_other_out() {
    let database = database!();
    let mut programs = Vec::new();
    for _ in 0..3 {
        programs.push(options(&database).lanes(3).open().await.unwrap());
    }
    let writers = programs.iter().flat_map(|program| (0..12u8).map(move |writer| (program.clone(), writer)));
    let writers: Vec<_> = writers
        .zip(1u8..)
        .map(|((program, _), name)| {
            tokio::spawn(async move {
                let mut done = BTreeMap::new();
                for step in 0..20u8 {
                    let partition = patient(u64::from(step.wrapping_mul(7).wrapping_add(name) % 10));
                    loop {
                        let head = program.head(partition).await.unwrap();
                        let mut set = note(partition, head.revision + 1, 20);
                        set.expect = Expect { revision: head.revision, epoch: head.epoch };
                        let mut id = [name; 16];
                        id[0] = step;
                        set.id = ChangeSetId::from_bytes(id);
                        match program.commit(&set).await {
                            Ok(receipt) => {
                                done.insert((partition, receipt.revision), name);
                                break;
                            }
                            Err(error) => {
                                let state = PostgresStorage::sqlstate(&error);
                                assert_eq!(error.kind(), Kind::Conflict, "{error} {state:?}");
                            }
                        }
                    }
                }
                done
            })
        })
        .collect();
    let mut all = BTreeMap::new();
    for writer in writers {
        for (place, name) in writer.await.unwrap() {
            assert_eq!(all.insert(place, name), None, "two change sets have one revision");
        }
    }
    assert_eq!(all.len(), 3 * 12 * 20);
    for number in 0..10 {
        let written = all.keys().filter(|(partition, _)| *partition == patient(number)).count();
        assert_eq!(programs[0].head(patient(number)).await.unwrap().revision, u64::try_from(written).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sessions_that_are_ended_lose_and_double_nothing() {
    let database = database!();
    let storage = options(&database).lanes(3).patience(Duration::from_secs(30)).open().await.unwrap();
    let killer = session(&database).await;
    // After every third commit some sessions are ended, whatever they are doing.
    let (done, mut commits) = mpsc::unbounded_channel();
    let killing = tokio::spawn(async move {
        let (mut seen, mut killed) = (0, 0);
        while commits.recv().await.is_some() {
            seen += 1;
            if seen % 3 == 0 {
                let some = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 2";
                killed += killer.query(some, &[]).await.unwrap().len();
            }
        }
        killed
    });
    let writers: Vec<_> = (0..6)
        .map(|number| {
            let (storage, done) = (storage.clone(), done.clone());
            tokio::spawn(async move {
                for revision in 1..=30 {
                    let set = note(patient(number), revision, 50);
                    loop {
                        match storage.commit(&set).await {
                            Ok(receipt) => {
                                assert_eq!(receipt.revision, revision);
                                break;
                            }
                            Err(error) => assert!(
                                error.kind().may_retry() || error.kind() == Kind::Unavailable,
                                "{error} at {revision}"
                            ),
                        }
                    }
                    done.send(()).unwrap();
                    // A read in between meets ended sessions too.
                    if let Ok(head) = storage.head(patient(number)).await {
                        assert_eq!(head.revision, revision);
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    drop(done);
    assert!(killing.await.unwrap() > 10);
    for number in 0..6 {
        assert_eq!(storage.head(patient(number)).await.unwrap().revision, 30);
        assert_eq!(storage.scan(&Scan::new(patient(number), NOTES, 100)).await.unwrap().len(), 30);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partition_that_another_program_holds_is_busy_and_others_go_on() {
    let database = database!();
    let hasty = options(&database).busy_timeout(Duration::from_millis(50)).patience(Duration::ZERO);
    let storage = hasty.open().await.unwrap();
    storage.commit(&note(patient(1), 1, 10)).await.unwrap();
    let mut other = session(&database).await;
    let holding = other.transaction().await.unwrap();
    holding.query("SELECT 1 FROM mychartum.head FOR UPDATE", &[]).await.unwrap();
    let error = storage.commit(&note(patient(1), 2, 10)).await.unwrap_err();
    assert_eq!((error.kind(), PostgresStorage::sqlstate(&error).as_deref()), (Kind::Busy, Some("55P03")));
    storage.commit(&note(patient(2), 1, 10)).await.unwrap();
    assert_eq!(storage.head(patient(1)).await.unwrap().revision, 1, "reads wait for nobody");
    holding.rollback().await.unwrap();
    storage.commit(&note(patient(1), 2, 10)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_is_busy_in_time() {
    let database = database!();
    let small = options(&database)
        .lanes(1)
        .group(1)
        .acquire_timeout(Duration::from_millis(50))
        .busy_timeout(Duration::from_secs(60));
    let storage = small.open().await.unwrap();
    storage.commit(&note(patient(1), 1, 10)).await.unwrap();
    let mut other = session(&database).await;
    let holding = other.transaction().await.unwrap();
    holding.query("SELECT 1 FROM mychartum.head FOR UPDATE", &[]).await.unwrap();
    // One is with the lane, one waits in the queue, and there is no third place.
    let sets = [note(patient(1), 2, 10), note(patient(2), 1, 10), note(patient(3), 1, 10)];
    let mut first = Box::pin(storage.commit(&sets[0]));
    let mut second = Box::pin(storage.commit(&sets[1]));
    assert!(is_pending(&mut first).await && is_pending(&mut second).await);
    assert_eq!(storage.commit(&sets[2]).await.unwrap_err().kind(), Kind::Busy);
    holding.rollback().await.unwrap();
    assert_eq!(first.await.unwrap().revision, 2);
    assert_eq!(second.await.unwrap().revision, 1);
}

/// Whether a future still waits after it was looked at once.
async fn is_pending<F: Future + Unpin>(future: &mut F) -> bool {
    poll_fn(|context| Poll::Ready(Pin::new(&mut *future).poll(context).is_pending())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropped_reads_leave_their_connection_in_good_order() {
    let database = database!();
    let storage = options(&database).readers(1).open().await.unwrap();
    for revision in 1..=8 {
        storage.commit(&note(patient(1), revision, 200_000)).await.unwrap();
    }
    let all = Scan::new(patient(1), NOTES, 10);
    for polls in 0..30 {
        let mut scan = std::pin::pin!(storage.scan(&all));
        for _ in 0..polls {
            if !is_pending(&mut scan).await {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(storage.scan(&all).await.unwrap().len(), 8);
    assert_eq!(storage.head(patient(1)).await.unwrap().revision, 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_that_takes_too_long_is_busy_and_the_next_one_is_not() {
    let database = database!();
    let hasty = options(&database).readers(1).statement_timeout(Duration::from_millis(200)).patience(Duration::ZERO);
    let storage = hasty.open().await.unwrap();
    let mut other = session(&database).await;
    let holding = other.transaction().await.unwrap();
    holding.execute("LOCK TABLE mychartum.head IN ACCESS EXCLUSIVE MODE", &[]).await.unwrap();
    assert_eq!(storage.head(patient(1)).await.unwrap_err().kind(), Kind::Busy);
    holding.rollback().await.unwrap();
    assert_eq!(storage.head(patient(1)).await.unwrap().revision, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_queued_when_all_handles_went_is_still_written() {
    let database = database!();
    let storage = options(&database).open().await.unwrap();
    let mut other = session(&database).await;
    storage.commit(&note(patient(1), 1, 10)).await.unwrap();
    let holding = other.transaction().await.unwrap();
    holding.query("SELECT 1 FROM mychartum.head FOR UPDATE", &[]).await.unwrap();
    let set = note(patient(1), 2, 10);
    let mut commit = Box::pin(storage.commit(&set));
    // Far enough that the change set is a lane's.
    assert!(is_pending(&mut commit).await);
    drop(commit);
    drop(storage);
    holding.rollback().await.unwrap();
    let storage = options(&database).open().await.unwrap();
    // The same again waits for the same head, so it comes after whatever the first one did.
    let again = storage.commit(&set).await.unwrap();
    assert_eq!(again.revision, 2);
    assert_eq!(storage.scan(&Scan::new(patient(1), NOTES, 10)).await.unwrap().len(), 2);
}

/// A turn that is given up while it waits must not leave its transaction to whoever uses the connection next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_turn_is_undone_and_leaves_no_transaction_behind() {
    let database = database!();
    let storage = options(&database).busy_timeout(Duration::from_secs(60)).open().await.unwrap();
    storage.commit(&note(patient(1), 1, 10)).await.unwrap();
    let leave = |number| {
        let bucket = patient(number).bucket();
        [Turn { bucket, from: BucketState::Serving, to: BucketState::Leaving, epoch: 1 }]
    };
    let mut other = session(&database).await;
    let watcher = session(&database).await;
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let left = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND (state LIKE 'idle in transaction%' OR wait_event_type = 'Lock')";
    for _ in 0..3 {
        let holding = other.transaction().await.unwrap();
        // Heads can be locked, and not be written.
        holding.execute("LOCK TABLE mychartum.head IN SHARE MODE", &[]).await.unwrap();
        let turns = leave(1);
        let mut turning = Box::pin(storage.turn(&turns));
        // The turn has written the state of the bucket and now waits to raise the epochs.
        while watcher.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            assert!(is_pending(&mut turning).await);
        }
        drop(turning);
        holding.rollback().await.unwrap();
        storage.turn(&leave(2)).await.unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while watcher.query_one(left, &[]).await.unwrap().get::<_, i64>(0) > 0 {
            assert!(Instant::now() < deadline, "a transaction was left behind");
        }
        let states = storage.buckets().await.unwrap();
        let state = states.iter().find(|status| status.bucket == patient(1).bucket()).unwrap().state;
        assert_eq!(state, BucketState::Serving);
    }
    storage.commit(&note(patient(1), 2, 10)).await.unwrap();
}
