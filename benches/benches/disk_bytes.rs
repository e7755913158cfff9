//! How many bytes of a file a record takes, beside the bytes of its sealed body.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, prints what it measured, and has no readers of its items"
)]

use std::path::Path;
use std::sync::Arc;

use mychartum_benches::{Bench, Writer, runtime};
use mychartum_core::port::Storage;
use mychartum_core::port::storage::Tag;
use mychartum_storage::SqliteStorage;
use rusqlite::Connection;

/// Bytes of a sealed body.
const BODY: usize = 600;

/// What an import of one patient's results writes at once.
const AT_ONCE: u64 = 100;

fn main() {
    let mut bench = Bench::of_args();
    let (charts, records) = if bench.is_quick() { (4, 100) } else { (100, 2_000) };
    let one = [Tag::from_bytes([1; 16])];
    for (name, tags) in [("disk_bytes.sqlite", &[][..]), ("disk_bytes.sqlite_tagged", &one)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("portal.db");
        let runtime = runtime();
        runtime.block_on(async {
            let storage = SqliteStorage::open(&path).await.unwrap();
            fill(&storage, charts, records, tags).await;
            storage.close().await;
        });
        let count = (charts * records) as f64;
        let of_file = || std::fs::metadata(&path).unwrap().len() as f64 / count;
        bench.line(&format!("{name}_bytes"), of_file(), BODY as f64);
        if !bench.is_quick() {
            by_table(name, &path, count);
        }
        Connection::open(&path).unwrap().execute_batch("VACUUM").unwrap();
        bench.line(&format!("{name}_vacuumed_bytes"), of_file(), BODY as f64);
    }
    bench.finish();
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

/// Which table and index the bytes lie in.
fn by_table(name: &str, path: &Path, count: f64) {
    let connection = Connection::open(path).unwrap();
    let sql = "SELECT name, sum(pgsize), sum(unused) FROM dbstat GROUP BY name ORDER BY 2 DESC";
    let mut statement = connection.prepare(sql).unwrap();
    let tables = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    for (table, bytes, unused) in tables.unwrap().map(|row| -> (String, f64, f64) { row.unwrap() }) {
        println!("{name} {table}: {:.1} bytes a record, {:.1} of them unused", bytes / count, unused / count);
    }
}
