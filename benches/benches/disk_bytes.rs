//! How many bytes of the disk a record takes, beside the bytes of its sealed body.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, prints what it measured, and has no readers of its items"
)]

use std::sync::Arc;

use mychartum_benches::{Bench, PostgresFloor, Writer, runtime};
use mychartum_core::port::Storage;
use mychartum_core::port::storage::Tag;
use mychartum_storage::{PostgresStorage, SqliteStorage};
use mychartum_testkit::postgres_server::PostgresServer;
use rusqlite::Connection;

/// Bytes of a sealed body.
const BODY: usize = 600;

/// What an import of one patient's results writes at once.
const AT_ONCE: u64 = 100;

fn main() {
    let mut bench = Bench::of_args();
    let (charts, records) = if bench.is_quick() { (4, 100) } else { (100, 2_000) };
    let one = [Tag::from_bytes([1; 16])];
    for (name, tags) in [("sqlite", &[][..]), ("sqlite_tagged", &one)] {
        sqlite(&mut bench, name, (charts, records), tags);
    }
    if let Some(server) = PostgresServer::find_or_skip() {
        for (name, tags) in [("postgres", &[][..]), ("postgres_tagged", &one)] {
            postgres(&mut bench, server, name, (charts, records), tags);
        }
    }
    bench.finish();
}

/// The file after its log was moved into it, and after `VACUUM`.
fn sqlite(bench: &mut Bench, name: &str, (charts, records): (u64, u64), tags: &[Tag]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portal.db");
    runtime().block_on(async {
        let storage = SqliteStorage::open(&path).await.unwrap();
        fill(&storage, charts, records, tags).await;
        storage.close().await;
    });
    let count = (charts * records) as f64;
    let of_file = || std::fs::metadata(&path).unwrap().len() as f64 / count;
    bench.line(&format!("disk_bytes.{name}_bytes"), of_file(), BODY as f64);
    let connection = Connection::open(&path).unwrap();
    let sql = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC";
    let mut statement = connection.prepare(sql).unwrap();
    let tables = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    by_table(bench, name, tables.map(Result::unwrap), count);
    drop(statement);
    connection.execute_batch("VACUUM").unwrap();
    bench.line(&format!("disk_bytes.{name}_vacuumed_bytes"), of_file(), BODY as f64);
}

/// All tables and indexes after `VACUUM`, and what went through the log meanwhile.
fn postgres(bench: &mut Bench, server: &PostgresServer, name: &str, (charts, records): (u64, u64), tags: &[Tag]) {
    let runtime = runtime();
    let database = server.fresh_database().unwrap();
    let storage = runtime.block_on(PostgresStorage::open(&database.url())).unwrap();
    let floor = PostgresFloor::connect(&runtime, &database.url());
    let written = "SELECT 'log', (pg_current_wal_insert_lsn() - '0/0')::bigint";
    let tables = "SELECT relname::text, pg_relation_size(oid) FROM pg_class
        WHERE relnamespace = 'mychartum'::regnamespace AND relkind IN ('r', 'i') AND relname <> 'bare_row'
        ORDER BY 2 DESC";
    let count = (charts * records) as f64;
    let (log, tables) = runtime.block_on(async {
        let before = floor.numbers(written).await.remove(0).1;
        fill(&storage, charts, records, tags).await;
        let log = floor.numbers(written).await.remove(0).1 - before;
        floor.run("VACUUM ANALYZE").await;
        floor.run("CHECKPOINT").await;
        storage.close().await;
        (log as f64 / count, floor.numbers(tables).await)
    });
    let all: i64 = tables.iter().map(|(_, bytes)| bytes).sum();
    bench.line(&format!("disk_bytes.{name}_bytes"), all as f64 / count, BODY as f64);
    bench.line(&format!("disk_bytes.{name}_log_bytes"), log, BODY as f64);
    by_table(bench, name, tables.into_iter(), count);
}

/// Fills partitions in turn, a burst each, as deliveries arrive.
async fn fill(storage: &dyn Storage, charts: u64, records: u64, tags: &[Tag]) {
    let writers: Vec<Arc<Writer>> = (0..charts).map(|number| Arc::new(Writer::new(number))).collect();
    for _ in 0..records / AT_ONCE {
        for writer in &writers {
            writer.commit(storage, writer.rows(AT_ONCE, BODY, tags)).await;
        }
    }
}

/// Which tables and indexes the bytes lie in.
fn by_table(bench: &Bench, name: &str, tables: impl Iterator<Item = (String, i64)>, count: f64) {
    for (table, bytes) in tables.filter(|_| !bench.is_quick()) {
        println!("{name} {table} {:.1} bytes a record", bytes as f64 / count);
    }
}
