//! The schema in PostgreSQL: making it, looking at it, and databases that must be refused.
#![cfg(feature = "postgres")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod change_sets;

use change_sets::{note, patient};
use mychartum_core::port::Storage as _;
use mychartum_core::port::storage::{StorageError, StorageErrorKind as Kind};
use mychartum_storage::{PostgresOptions, PostgresStorage};
use mychartum_testkit::postgres_server::{Durability, FreshDatabase, PostgresServer};

fn options(database: &FreshDatabase) -> PostgresOptions {
    PostgresStorage::options(&database.url()).unwrap().readers(1).lanes(1)
}

/// Everything in a database that is not PostgreSQL's own, as text.
fn contents(database: &FreshDatabase) -> String {
    let objects = "SELECT n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 1, 2;
        SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%' ORDER BY 1";
    database.sql(objects).unwrap()
}

/// Opens, which must fail, by both ways, and leave the database as it is.
async fn refused(database: &FreshDatabase, options: PostgresOptions) -> StorageError {
    let before = contents(database);
    let error = options.clone().open().await.unwrap_err();
    assert_eq!(contents(database), before, "a refused database was changed");
    error
}

/// Opens and closes, which makes the schema.
async fn made(database: &FreshDatabase) {
    let storage = options(database).open().await.unwrap();
    storage.commit(&note(patient(1), 1, 10)).await.unwrap();
    storage.close().await;
}

macro_rules! database {
    () => {{
        let Some(server) = PostgresServer::find_or_skip() else { return };
        server.fresh_database().unwrap()
    }};
}

#[tokio::test]
async fn closing_and_dropping_keep_everything() {
    let database = database!();
    made(&database).await;
    let storage = options(&database).open().await.unwrap();
    let clone = storage.clone();
    assert_eq!(clone.head(patient(1)).await.unwrap().revision, 1);
    storage.commit(&note(patient(1), 2, 10)).await.unwrap();
    storage.close().await;
    storage.close().await;
    assert_eq!(clone.head(patient(1)).await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(clone.commit(&note(patient(1), 3, 10)).await.unwrap_err().kind(), Kind::Unavailable);
    let storage = options(&database).open().await.unwrap();
    assert_eq!(storage.head(patient(1)).await.unwrap().revision, 2);
}

#[tokio::test]
async fn many_programs_make_the_schema_at_once() {
    let database = database!();
    let openings: Vec<_> = (0..8).map(|_| tokio::spawn(options(&database).open())).collect();
    for opening in openings {
        opening.await.unwrap().unwrap().close().await;
    }
    assert!(options(&database).check().await.unwrap().is_current());
}

#[tokio::test]
async fn two_schemas_and_prefixes_are_apart() {
    let database = database!();
    let places = [("one", ""), ("one", "a_"), ("one", "b_"), ("two", "a_")];
    let mut open = Vec::new();
    for (schema, prefix) in places {
        open.push(options(&database).schema(schema).prefix(prefix).open().await.unwrap());
    }
    open[1].commit(&note(patient(1), 1, 10)).await.unwrap();
    for (at, storage) in open.iter().enumerate() {
        assert_eq!(storage.head(patient(1)).await.unwrap().revision, u64::from(at == 1), "{at}");
    }
}

#[tokio::test]
async fn a_look_says_what_is_to_be_done_and_changes_nothing() {
    let database = database!();
    let before = contents(&database);
    let check = options(&database).check().await.unwrap();
    assert_eq!(contents(&database), before);
    assert!(!check.is_current() && check.version() == 0 && check.missing().is_empty());
    assert_eq!(check.sql(), options(&database).migration_sql().unwrap());

    // What it prints is what makes the schema.
    database.sql(check.sql()).unwrap();
    let check = options(&database).check().await.unwrap();
    assert!(check.is_current() && check.version() == 1 && check.sql().is_empty(), "{check:?}");
    options(&database).without_migrating().open().await.unwrap();
}

#[tokio::test]
async fn a_role_that_owns_nothing_can_work_on_a_schema_that_others_made() {
    let database = database!();
    database.sql(&options(&database).migration_sql().unwrap()).unwrap();
    let role = format!("clerk_{}", database.name());
    let grant = format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'clerk'; GRANT USAGE ON SCHEMA mychartum TO {role};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA mychartum TO {role}"
    );
    database.sql(&grant).unwrap();
    let url = format!("postgres://{role}:clerk@{}/{}", database.host_and_port(), database.name());
    let storage = PostgresStorage::open(&url).await.unwrap();
    storage.commit(&note(patient(1), 1, 10)).await.unwrap();
    storage.close().await;

    // It cannot make a schema of its own: refused with PostgreSQL's own code.
    let other = PostgresStorage::options(&url).unwrap().schema("other").open().await.unwrap_err();
    assert_eq!((other.kind(), PostgresStorage::sqlstate(&other).as_deref()), (Kind::Unavailable, Some("42501")));
    database.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();
}

#[tokio::test]
async fn a_host_that_forbids_changes_is_told_the_versions() {
    let database = database!();
    let error = refused(&database, options(&database).without_migrating()).await;
    assert_eq!(error.kind(), Kind::Schema { have: 0, need: 1 });
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let database = database!();
    made(&database).await;
    database
        .sql("INSERT INTO mychartum.schema_migration VALUES (2, 'later', decode(repeat('00', 32), 'hex'))")
        .unwrap();
    let error = refused(&database, options(&database)).await;
    assert_eq!(error.kind(), Kind::Schema { have: 2, need: 1 });
    assert_eq!(options(&database).check().await.unwrap_err().kind(), error.kind());
}

#[tokio::test]
async fn another_migration_than_the_known_one_is_refused() {
    let database = database!();
    made(&database).await;
    for damage in [
        "UPDATE mychartum.schema_migration SET sha256 = decode(repeat('00', 32), 'hex')",
        "UPDATE mychartum.schema_migration SET version = 7",
    ] {
        database.sql(damage).unwrap();
        assert_eq!(refused(&database, options(&database)).await.kind(), Kind::Corrupt, "{damage}");
    }
}

#[tokio::test]
async fn a_half_finished_schema_is_refused_and_what_is_missing_is_named() {
    for (damage, missing) in [
        ("DROP TABLE mychartum.row_tag", "table row_tag"),
        ("DROP INDEX mychartum.sealed_row_due", "index sealed_row_due"),
        ("ALTER TABLE mychartum.head DROP COLUMN epoch", "column head.epoch bigint"),
        ("ALTER TABLE mychartum.applied ALTER COLUMN slot TYPE bigint", "column applied.slot smallint"),
        ("ALTER TABLE mychartum.head DROP CONSTRAINT head_pkey", "index head_pkey"),
        ("DELETE FROM mychartum.bucket WHERE bucket = 77", "rows of table bucket"),
        ("DROP TABLE mychartum.applied; CREATE VIEW mychartum.applied AS SELECT 1 AS revision", "table applied"),
        ("DELETE FROM mychartum.schema_migration", "record of table bucket"),
    ] {
        let database = database!();
        made(&database).await;
        database.sql(damage).unwrap();
        assert_eq!(refused(&database, options(&database)).await.kind(), Kind::Corrupt, "{damage}");
        let check = options(&database).check().await.unwrap();
        assert!(!check.is_current());
        assert!(check.missing().iter().any(|name| name == missing), "{damage}: {:?}", check.missing());
    }
}

#[tokio::test]
async fn another_programs_tables_are_refused() {
    for theirs in [
        "CREATE TABLE mychartum.head (id integer)",
        "CREATE VIEW mychartum.bucket AS SELECT 1 AS id",
        "CREATE TABLE mychartum.schema_migration (version integer, name text)",
        "CREATE TABLE mychartum.schema_migration (version text, name text, sha256 bytea)",
    ] {
        let database = database!();
        database.sql(&format!("CREATE SCHEMA mychartum; {theirs}")).unwrap();
        assert_eq!(refused(&database, options(&database)).await.kind(), Kind::Unsupported, "{theirs}");
        assert_eq!(options(&database).check().await.unwrap_err().kind(), Kind::Unsupported, "{theirs}");
    }
    // Beside them, under another prefix, there is room.
    let database = database!();
    database.sql("CREATE SCHEMA mychartum; CREATE TABLE mychartum.head (id integer)").unwrap();
    options(&database).prefix("mc_").open().await.unwrap();
}

#[tokio::test]
async fn another_encoding_is_refused() {
    let Some(server) = PostgresServer::find_or_skip() else { return };
    let neighbour = server.fresh_database().unwrap();
    let name = format!("{}_latin", neighbour.name());
    let create = format!("CREATE DATABASE {name} ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
    server.sql(&create).unwrap();
    let url = neighbour.url().replace(neighbour.name(), &name);
    let error = PostgresStorage::open(&url).await.unwrap_err();
    server.sql(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
    assert_eq!(error.kind(), Kind::Unsupported);
}

#[tokio::test]
async fn a_server_that_never_syncs_is_refused_unless_the_host_says_so() {
    let relaxed = PostgresServer::options().durability(Durability::Off);
    let Some(server) = relaxed.start_or_skip() else { return };
    let database = server.fresh_database().unwrap();
    assert_eq!(refused(&database, options(&database)).await.kind(), Kind::Unsupported);
    options(&database).on_a_server_that_never_syncs_all_can_be_lost().open().await.unwrap();
}

#[tokio::test]
async fn names_that_are_more_than_names_are_refused() {
    let database = database!();
    for set in [options(&database).schema("a\"; DROP"), options(&database).prefix("x'"), options(&database).schema("")]
    {
        assert_eq!(set.migration_sql().unwrap_err().kind(), Kind::Invalid);
        assert_eq!(refused(&database, set).await.kind(), Kind::Invalid);
    }
}

#[tokio::test]
async fn who_is_not_let_in_learns_the_reason_and_no_secret() {
    let database = database!();
    let url = database.url();
    let (before, host) = url.rsplit_once('@').unwrap();
    let (scheme, _) = before.rsplit_once(':').unwrap();
    let wrong = format!("{scheme}:hunter2@{host}");
    let gone = url.replace(database.name(), "no_such_database");
    for (url, state) in [(&wrong, "28P01"), (&gone, "3D000")] {
        let error = PostgresStorage::open(url).await.unwrap_err();
        assert_eq!((error.kind(), PostgresStorage::sqlstate(&error).as_deref()), (Kind::Unavailable, Some(state)));
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    assert!(!format!("{:?}", PostgresStorage::options(&wrong).unwrap()).contains("hunter2"));
    let nobody = PostgresStorage::open("postgres://me@127.0.0.1:1/db").await.unwrap_err();
    assert_eq!((nobody.kind(), nobody.code()), (Kind::Unavailable, None));
}

#[tokio::test]
async fn a_database_that_only_reads_is_unavailable() {
    let database = database!();
    made(&database).await;
    database.sql(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name())).unwrap();
    assert_eq!(refused(&database, options(&database)).await.kind(), Kind::Unavailable);
}

/// No column holds a time and no statement asks for one, so the zone, the style of dates and the language do not matter.
#[tokio::test]
async fn the_servers_ideas_of_time_and_text_do_not_matter() {
    let database = database!();
    for setting in [
        "timezone = 'Pacific/Kiritimati'",
        "datestyle = 'German, DMY'",
        "intervalstyle = 'sql_standard'",
        "bytea_output = 'escape'",
        "standard_conforming_strings = off",
        "extra_float_digits = -15",
        "default_transaction_isolation = 'serializable'",
        "search_path = 'nowhere'",
    ] {
        database.sql(&format!("ALTER DATABASE {} SET {setting}", database.name())).unwrap();
    }
    made(&database).await;
    let storage = options(&database).open().await.unwrap();
    storage.commit(&note(patient(1), 2, 10)).await.unwrap();
    assert_eq!(storage.head(patient(1)).await.unwrap().revision, 2);
    assert!(options(&database).check().await.unwrap().is_current());
}

#[test]
fn outside_of_a_runtime_it_does_not_open() {
    let opening = PostgresStorage::open("postgres://me@localhost/db");
    let mut opening = std::pin::pin!(opening);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match opening.as_mut().poll(&mut context) {
        std::task::Poll::Ready(opened) => assert_eq!(opened.unwrap_err().kind(), Kind::Unavailable),
        std::task::Poll::Pending => panic!("it waits for something that will not come"),
    }
}
