//! Connections cut at each message of a commit, and errors at each statement: whole or not at all, and never twice.
#![cfg(feature = "postgres")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod change_sets;
mod proxy;

use std::time::Duration;

use change_sets::{NOTES, note, patient, row};
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{
    ChangeSet, Collection, Delete, Outcome, Partition, Receipt, Scan, StorageErrorKind as Kind, Tag,
};
use mychartum_storage::{PostgresOptions, PostgresStorage, StatementMode};
use mychartum_testkit::postgres_server::{FreshDatabase, PostgresServer};
use proxy::{Cut, Proxy};

const FIRST: Receipt = Receipt { revision: 1, outcome: Outcome::Applied };

fn options(url: &str) -> PostgresOptions {
    PostgresStorage::options(url).unwrap().readers(1).lanes(1)
}

macro_rules! database {
    () => {{
        let Some(server) = PostgresServer::find_or_skip() else { return };
        server.fresh_database().unwrap()
    }};
}

/// The third change set of a partition: a new row, a changed one, a moved one with other tags, and a deleted one.
fn third(partition: Partition) -> ChangeSet {
    let mut set = note(partition, 3, 30);
    let mut changed = note(partition, 1, 5).puts.remove(0);
    changed.version = 2;
    let mut moved = note(partition, 2, 6).puts.remove(0);
    moved.version = 2;
    moved.order = 100;
    moved.tags = vec![Tag::from_bytes([8; 16])];
    let mut other = changed.clone();
    other.collection = Collection::new(8);
    other.version = 1;
    set.puts.extend([changed, moved, other]);
    set
}

/// What a partition holds, to be compared.
async fn held(storage: &dyn Storage, partition: Partition) -> String {
    let mut all = format!("{:?}", storage.head(partition).await.unwrap());
    for collection in [NOTES, Collection::new(8)] {
        for tag in [None, Some(Tag::from_bytes([7; 16])), Some(Tag::from_bytes([8; 16]))] {
            let scan = Scan { tag, ..Scan::new(partition, collection, 100) };
            all.push_str(&format!("\n{:?}", storage.scan(&scan).await.unwrap()));
        }
    }
    all
}

/// Cuts the connection of the lane at every message of a commit, before it and after it. Each commit is answered as applied,
/// and what is there is what one commit makes of it.
async fn cut_everywhere(database: &FreshDatabase, set: impl Fn(PostgresOptions) -> PostgresOptions) {
    let proxy = Proxy::start(database.host_and_port()).await;
    let storage = set(options(&database.url_through(&proxy.host_and_port()))).open().await.unwrap();
    let witness = options(&database.url()).open().await.unwrap();
    let mut number = 0;
    let mut fresh = || {
        number += 1;
        patient(number)
    };
    let (sample, model) = (fresh(), fresh());
    // Prepares what is prepared once a connection.
    let mut messages = Vec::new();
    for partition in [sample, model] {
        messages.clear();
        for (revision, set) in (1..).zip([note(partition, 1, 10), note(partition, 2, 20), third(partition)]) {
            proxy.arm(None);
            assert_eq!(storage.commit(&set).await.unwrap().revision, revision);
            messages.push(proxy.seen());
        }
    }
    let wanted = held(&witness, model).await;
    let mut cuts = 0;
    for (at, messages) in messages.iter().enumerate() {
        assert!(messages.len() > 6 && messages.contains(&b'Q'), "{messages:?}");
        for place in 0..messages.len() {
            for cut in [Cut::Before, Cut::After] {
                let partition = fresh();
                for (step, set) in [note(partition, 1, 10), note(partition, 2, 20), third(partition)].iter().enumerate()
                {
                    proxy.arm((step == at).then_some((place, cut)));
                    let receipt = storage.commit(set).await.unwrap();
                    assert!(proxy.has_cut(), "{place} {cut:?}");
                    let revision = u64::try_from(step).unwrap() + 1;
                    assert_eq!(receipt, Receipt { revision, ..FIRST }, "{place} {cut:?} {messages:?}");
                    let again = storage.commit(set).await.unwrap();
                    assert_eq!(again, Receipt { revision, outcome: Outcome::Repeated });
                }
                let held = held(&witness, partition).await;
                let same = held.replace(&format!("{partition:?}"), &format!("{model:?}")) == wanted;
                assert!(same, "{place} {cut:?}\n{held}\n{wanted}");
                cuts += 1;
            }
        }
    }
    assert!(cuts > 40, "{cuts}");
    storage.close().await;
    witness.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_cut_at_any_message_loses_and_doubles_nothing() {
    let database = database!();
    cut_everywhere(&database, |options| options).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn also_with_unnamed_statements_of_one_bucket() {
    let database = database!();
    cut_everywhere(&database, |options| options.statements(StatementMode::Unnamed).one_bucket_a_transaction()).await;
}

/// Where nothing answers any more after the commit was sent, the caller is told that the outcome is unknown.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_connection_the_outcome_of_a_sent_commit_is_unknown() {
    let database = database!();
    let proxy = Proxy::start(database.host_and_port()).await;
    let url = database.url_through(&proxy.host_and_port());
    let storage = options(&url).patience(Duration::from_millis(20)).open().await.unwrap();
    let witness = options(&database.url()).open().await.unwrap();
    let mut revision = 0;
    for cut in [Cut::Before, Cut::After] {
        // Prepares what is prepared once a connection, and counts the messages of a commit.
        for _ in 0..3 {
            revision += 1;
            proxy.arm(None);
            storage.commit(&note(patient(1), revision, 10)).await.unwrap();
        }
        let last = proxy.seen().len() - 1;
        proxy.arm(Some((last, cut)));
        proxy.take_no_more();
        let set = note(patient(1), revision + 1, 10);
        let error = storage.commit(&set).await.unwrap_err();
        assert_eq!(error.kind(), Kind::OutcomeUnknown, "{cut:?}");
        let applied = witness.head(patient(1)).await.unwrap().revision == revision + 1;
        assert_eq!(applied, cut == Cut::After);
        // Repeating the same change set is how a caller finds out.
        proxy.arm(None);
        revision += 1;
        let outcome = if applied { Outcome::Repeated } else { Outcome::Applied };
        assert_eq!(storage.commit(&set).await.unwrap(), Receipt { revision, outcome });
    }
    // A connection lost before the commit was sent is no doubt: nothing was written.
    proxy.arm(Some((2, Cut::After)));
    proxy.take_no_more();
    assert_eq!(storage.commit(&note(patient(1), revision + 1, 10)).await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(witness.head(patient(1)).await.unwrap().revision, revision);
}

/// Reads go on where a connection is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_whose_connection_is_cut_is_asked_again() {
    let database = database!();
    let proxy = Proxy::start(database.host_and_port()).await;
    let storage = options(&database.url_through(&proxy.host_and_port())).open().await.unwrap();
    storage.commit(&note(patient(1), 1, 10)).await.unwrap();
    let scan = Scan::new(patient(1), NOTES, 10);
    storage.scan(&scan).await.unwrap();
    proxy.arm(None);
    storage.scan(&scan).await.unwrap();
    for place in 0..proxy.seen().len() {
        for cut in [Cut::Before, Cut::After] {
            proxy.arm(Some((place, cut)));
            assert_eq!(storage.scan(&scan).await.unwrap().len(), 1);
            assert!(proxy.has_cut());
            storage.scan(&scan).await.unwrap();
        }
    }
}

/// When a trap springs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Statement,
    Commit,
}

/// Makes a table fail with a SQLSTATE, for one partition only, as often as told. The count survives a rollback.
fn trap(database: &FreshDatabase, table: &str, event: &str, at: At, partition: Partition, state: &str, times: u32) {
    let id: String = partition.id().iter().map(|byte| format!("{byte:02x}")).collect();
    let row = if event == "DELETE" { "OLD" } else { "NEW" };
    let trigger = match at {
        At::Statement => format!("CREATE TRIGGER trap BEFORE {event} ON mychartum.{table}"),
        At::Commit => {
            format!("CREATE CONSTRAINT TRIGGER trap AFTER {event} ON mychartum.{table} DEFERRABLE INITIALLY DEFERRED")
        }
    };
    let sql = format!(
        "DROP SEQUENCE IF EXISTS public.sprung; CREATE SEQUENCE public.sprung;
        CREATE OR REPLACE FUNCTION public.spring() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {row}.partition_id = '{id}'::uuid AND nextval('public.sprung') <= {times} THEN
                RAISE EXCEPTION 'sprung by %', '{id}' USING ERRCODE = '{state}';
            END IF;
            RETURN {row};
        END $$;
        {trigger} FOR EACH ROW EXECUTE FUNCTION public.spring()"
    );
    database.sql(&sql).unwrap();
}

fn untrap(database: &FreshDatabase, table: &str) {
    database.sql(&format!("DROP TRIGGER trap ON mychartum.{table}")).unwrap();
}

const FOR_EVER: u32 = 1_000_000;

/// Tables, events on them, and the first change set of a partition, counted from 1, that meets the event.
const TRAPS: [(&str, &str, At, usize); 11] = [
    ("head", "INSERT", At::Statement, 1),
    ("head", "UPDATE", At::Statement, 2),
    ("sealed_row", "INSERT", At::Statement, 1),
    ("sealed_row", "UPDATE", At::Statement, 3),
    ("sealed_row", "DELETE", At::Statement, 4),
    ("row_tag", "INSERT", At::Statement, 1),
    ("row_tag", "DELETE", At::Statement, 3),
    ("applied", "INSERT", At::Statement, 1),
    ("head", "INSERT", At::Commit, 1),
    ("head", "UPDATE", At::Commit, 2),
    ("row_tag", "DELETE", At::Commit, 3),
];

/// Four change sets that together meet every event.
fn four(partition: Partition) -> [ChangeSet; 4] {
    let mut last = note(partition, 4, 10);
    last.deletes.push(Delete { collection: Collection::new(8), row: row(1), version: 1 });
    [note(partition, 1, 10), note(partition, 2, 20), third(partition), last]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_at_any_statement_fails_that_change_set_alone_and_whole() {
    let database = database!();
    let storage = options(&database.url()).open().await.unwrap();
    let mut number = 0;
    for (table, event, at, step) in TRAPS {
        for (state, kind) in [("53100", Kind::Full), ("58030", Kind::Unavailable), ("XX001", Kind::Corrupt)] {
            number += 10;
            let trapped = patient(number);
            let sets = four(trapped);
            for set in &sets[..step - 1] {
                storage.commit(set).await.unwrap();
            }
            let before = held(&storage, trapped).await;
            trap(&database, table, event, at, trapped, state, FOR_EVER);
            // Neighbours come along in the same group, or just before and after it.
            let neighbours = (1..6).map(|other| {
                let storage = storage.clone();
                tokio::spawn(async move { storage.commit(&note(patient(number + other), 1, 10)).await })
            });
            let neighbours: Vec<_> = neighbours.collect();
            let error = storage.commit(&sets[step - 1]).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{table} {event} {at:?} {state}");
            assert_eq!(PostgresStorage::sqlstate(&error).as_deref(), Some(state));
            assert!(!format!("{error} {error:?}").contains("sprung"));
            for neighbour in neighbours {
                assert_eq!(neighbour.await.unwrap().unwrap(), FIRST);
            }
            assert_eq!(held(&storage, trapped).await, before, "{table} {event} {at:?} {state}");
            untrap(&database, table);
            for set in &sets[step - 1..] {
                assert_eq!(storage.commit(set).await.unwrap().outcome, Outcome::Applied);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_race_is_run_again_inside() {
    let database = database!();
    let storage = options(&database.url()).open().await.unwrap();
    let mut number = 0;
    for (table, event, at, step) in TRAPS {
        for state in ["40001", "40P01", "55P03"] {
            number += 1;
            let sets = four(patient(number));
            for set in &sets[..step - 1] {
                storage.commit(set).await.unwrap();
            }
            trap(&database, table, event, at, patient(number), state, 3);
            let receipt = storage.commit(&sets[step - 1]).await.unwrap();
            assert_eq!(receipt, Receipt { revision: u64::try_from(step).unwrap(), ..FIRST }, "{table} {event} {state}");
            untrap(&database, table);
        }
    }
    // Where it does not pass, the caller is told in time.
    let impatient = options(&database.url()).patience(Duration::from_millis(50)).open().await.unwrap();
    trap(&database, "head", "INSERT", At::Statement, patient(1000), "40001", FOR_EVER);
    let error = impatient.commit(&note(patient(1000), 1, 10)).await.unwrap_err();
    assert_eq!((error.kind(), PostgresStorage::sqlstate(&error).as_deref()), (Kind::Busy, Some("40001")));
    untrap(&database, "head");
}

/// What the server is told to do about durability, everywhere where it can be told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_commit_is_synced_whatever_the_database_is_set_to() {
    let database = database!();
    let storage = options(&database.url()).open().await.unwrap();
    let record = "CREATE TABLE public.seen (setting text);
        CREATE FUNCTION public.record() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO public.seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
        CREATE TRIGGER record AFTER INSERT ON mychartum.head FOR EACH ROW EXECUTE FUNCTION public.record()";
    database.sql(record).unwrap();
    storage.close().await;
    for (number, (set, wanted)) in
        (1..).zip([("off", "on"), ("on", "on"), ("remote_apply", "remote_apply"), ("local", "local")])
    {
        database.sql(&format!("ALTER DATABASE {} SET synchronous_commit = {set}", database.name())).unwrap();
        let storage = options(&database.url()).open().await.unwrap();
        storage.commit(&note(patient(number), 1, 10)).await.unwrap();
        storage.close().await;
        assert_eq!(database.sql("SELECT setting FROM public.seen").unwrap(), wanted, "{set}");
        database.sql("DELETE FROM public.seen").unwrap();
    }
}
