//! How many bytes of the disk a record, a patient, a disclosure and an imported item take, beside the bytes that they must.
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

use mychartum_benches::{Bench, Filler, House, PostgresFloor, Sent, Writer, runtime};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::Section;
use mychartum_core::port::storage::{Collection, Direction, Partition, Scan, Tag};
use mychartum_storage::{MemoryStorage, PostgresStorage};
use mychartum_testkit::postgres_server::{FreshDatabase, PostgresServer};
use rusqlite::Connection;
use tempfile::TempDir;

/// Bytes of a sealed body.
const BODY: usize = 600;
/// What an import of one patient's results writes at once.
const AT_ONCE: u64 = 100;
const ENTRIES: Collection = Collection::new(3);
const KEYS: Collection = Collection::new(2);

/// A new house, and what can say how large it is.
struct Kept {
    house: House,
    engine: Engine,
}

enum Engine {
    /// A file; the second connection looks at it.
    Sqlite {
        connection: Connection,
        _folder: TempDir,
    },
    Postgres {
        floor: Box<PostgresFloor>,
        _database: Box<FreshDatabase>,
    },
}

impl Kept {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let house = House::open(folder.path());
        let connection = Connection::open(&house.path).unwrap();
        Self { house, engine: Engine::Sqlite { connection, _folder: folder } }
    }

    fn postgres(server: &PostgresServer) -> Self {
        let database = server.fresh_database().unwrap();
        let runtime = runtime();
        let storage = runtime.block_on(PostgresStorage::open(&database.url())).unwrap();
        let house = House::over(runtime, Arc::new(storage));
        let floor = PostgresFloor::connect(&house.runtime, &database.url());
        Self { house, engine: Engine::Postgres { floor: Box::new(floor), _database: Box::new(database) } }
    }

    /// The bytes of every table and index, largest first, after the log was moved into them and dead rows were taken away.
    fn tables(&self) -> Vec<(String, i64)> {
        match &self.engine {
            Engine::Sqlite { connection, .. } => {
                connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
                let sql = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC";
                let mut tables = connection.prepare(sql).unwrap();
                tables.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
            }
            Engine::Postgres { floor, .. } => self.house.runtime.block_on(async {
                floor.run("VACUUM ANALYZE").await;
                floor.run("CHECKPOINT").await;
                let tables = "SELECT relname::text, pg_relation_size(oid) FROM pg_class
                    WHERE relnamespace = 'mychartum'::regnamespace AND relkind IN ('r', 'i') ORDER BY 2 DESC";
                floor.numbers(tables).await
            }),
        }
    }

    /// Where PostgreSQL's log ends; SQLite's is part of its file.
    fn log(&self) -> Option<i64> {
        let Engine::Postgres { floor, .. } = &self.engine else { return None };
        let end = floor.numbers("SELECT 'log', (pg_current_wal_insert_lsn() - '0/0')::bigint");
        self.house.runtime.block_on(end).first().map(|(_, end)| *end)
    }

    /// Bytes on the disk.
    fn bytes(&self) -> f64 {
        self.tables().iter().map(|(_, bytes)| bytes).sum::<i64>() as f64
    }
}

fn main() {
    let mut bench = Bench::of_args();
    let server = PostgresServer::find_or_skip();
    let engines: [(&str, &dyn Fn() -> Option<Kept>); 2] =
        [("sqlite", &|| Some(Kept::sqlite())), ("postgres", &|| server.map(Kept::postgres))];
    for (engine, open) in engines {
        let one = [Tag::from_bytes([1; 16])];
        for (name, tags) in [("record", &[][..]), ("tagged", &one)] {
            if let Some(kept) = open() {
                records(&mut bench, &format!("disk_bytes.{engine}.{name}"), &kept, tags);
            }
        }
        if let Some(kept) = open() {
            patients(&mut bench, &format!("disk_bytes.{engine}"), &kept);
        }
        if let Some(kept) = open() {
            imported(&mut bench, &format!("disk_bytes.{engine}"), &kept);
        }
    }
    memory(&mut bench);
    bench.finish();
}

/// Fills partitions in turn, a burst each, as deliveries arrive.
fn fill(house: &House, (charts, records): (u64, u64), tags: &[Tag]) -> f64 {
    let writers: Vec<Writer> = (0..charts).map(Writer::new).collect();
    house.runtime.block_on(async {
        for _ in 0..records / AT_ONCE {
            for writer in &writers {
                writer.commit(&house.storage, writer.rows(AT_ONCE, BODY, tags)).await;
            }
        }
    });
    (charts * records) as f64
}

const fn size(bench: &Bench) -> (u64, u64) {
    if bench.is_quick() { (4, 100) } else { (100, 2_000) }
}

/// A record of 600 sealed bytes, in a chart of many.
fn records(bench: &mut Bench, name: &str, kept: &Kept, tags: &[Tag]) {
    let log = kept.log();
    let count = fill(&kept.house, size(bench), tags);
    if let Some((before, after)) = log.zip(kept.log()) {
        bench.line(&format!("{name}.log_bytes"), (after - before) as f64 / count, BODY as f64);
    }
    bench.line(&format!("{name}_bytes"), kept.bytes() / count, BODY as f64);
    if !bench.is_quick() {
        for (table, bytes) in kept.tables() {
            println!("{name} {table} {:.1} bytes a record", bytes as f64 / count);
        }
    }
    if let Engine::Sqlite { connection, .. } = &kept.engine {
        connection.execute_batch("VACUUM").unwrap();
        bench.line(&format!("{name}.vacuumed_bytes"), kept.bytes() / count, BODY as f64);
    }
}

/// A patient of whom nothing is known yet: head, key, and the entry of it. Then the entries of disclosures.
fn patients(bench: &mut Bench, name: &str, kept: &Kept) {
    let (patients, readers, openings) = if bench.is_quick() { (20, 2, 3) } else { (20_000, 50, 200) };
    let filler = Filler::new(&kept.house);
    let newest = |collection| {
        let partition = Partition::patient(filler.patient(0));
        let scan = Scan { direction: Direction::Descending, ..Scan::new(partition, collection, 1) };
        kept.house.runtime.block_on(kept.house.storage.scan(&scan)).unwrap().remove(0).body.len() as f64
    };
    let before = kept.bytes();
    kept.house.runtime.block_on(filler.charts(patients, 0));
    let after = kept.bytes();
    bench.line(&format!("{name}.patient_bytes"), (after - before) / patients as f64, newest(KEYS) + newest(ENTRIES));

    let readers: Vec<_> = (0..readers).map(|number| filler.patient(number)).collect();
    let sessions: Vec<_> = readers.iter().map(|patient| (*patient, kept.house.sign_in(*patient))).collect();
    let before = kept.bytes();
    kept.house.runtime.block_on(async {
        for _ in 0..openings {
            for (patient, session) in &sessions {
                drop(session.ask(*patient, Section::Results, Purpose::Care).await.unwrap());
            }
        }
    });
    let one = (kept.bytes() - before) / (openings * sessions.len()) as f64;
    bench.line(&format!("{name}.disclosure_bytes"), one, newest(ENTRIES));
}

/// Items of a population as they are after an import, views, originals, tags, keys and all, beside the FHIR that came.
fn imported(bench: &mut Bench, name: &str, kept: &Kept) {
    let (people, results) = if bench.is_quick() { (2, 20) } else { (100, 200) };
    let sent = Sent::population(1, people, results);
    let before = kept.bytes();
    let items = (people * results) as f64;
    kept.house.runtime.block_on(async {
        for sent in &sent {
            sent.deliver(&kept.house.portal).await;
        }
    });
    let fhir: usize = sent.iter().map(Sent::bytes).sum();
    bench.line(&format!("{name}.imported_bytes"), (kept.bytes() - before) / items, fhir as f64 / items);
    if !bench.is_quick() {
        for (table, bytes) in kept.tables() {
            println!("{name}.imported {table} {:.1} bytes an item", bytes as f64 / items);
        }
    }
}

/// Records in the storage that keeps everything in memory, by the pages that the process holds.
fn memory(bench: &mut Bench) {
    // Pages of 4 KiB; where the system does not tell there is nothing to measure.
    let pages = || std::fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse::<u64>().ok();
    let house = House::over(runtime(), Arc::new(MemoryStorage::new()));
    let before = pages();
    let count = fill(&house, size(bench), &[]);
    if let Some((before, after)) = before.zip(pages()) {
        let bytes = after.saturating_sub(before) * 4096;
        bench.line("disk_bytes.memory.record_bytes", bytes as f64 / count, BODY as f64);
    }
}
