//! Our sealed SQLite beside SQLCipher: inserting, reading hot and cold, opening, and the bytes on the disk.
//!
//! ```sh
//! cargo run --release --manifest-path benches/sqlcipher/Cargo.toml -- --bench      # measures
//! cargo run --manifest-path benches/sqlcipher/Cargo.toml                           # each once on little data
//! ```
//!
//! Both sides are one build of SQLCipher's SQLite: ours opens its file without a key, and then it is plain SQLite. What is sealed
//! and what is not differs, and is said in `docs/benchmarks.md`.

mod cipher;

use std::path::Path;
use std::time::{Duration, Instant};

use cipher::{Cipher, Key};
use mychartum_benches::{Bench, Chart, Filler, House, Unit, each};
use mychartum_core::kernel::id::PatientId;
use mychartum_core::packing::unpack;
use mychartum_core::port::storage::{Direction, Partition, Scan, Tag};
use mychartum_core::vault::SealContext;

/// Records of one insert.
const RECORDS: usize = 100;
const LATEST: u32 = 50;

/// Charts of both sides, with equal plain bodies.
struct Sides {
    ours: House,
    filler: Filler,
    charts: Vec<(Chart, Vec<Tag>)>,
    patients: Vec<PatientId>,
    theirs: Cipher,
    bodies: Vec<Vec<u8>>,
    /// How many rows each chart has.
    rows: i64,
}

impl Sides {
    fn new(folder: &Path, charts: u64) -> Self {
        let ours = House::open(folder);
        let filler = Filler::new(&ours);
        let theirs = Cipher::open(&folder.join("cipher.db"), Key::Raw);
        println!("SQLCipher {}, SQLite {}", theirs.version(), rusqlite::version());
        let patients: Vec<_> = (0..charts).map(|number| filler.patient(number)).collect();
        let charts = patients.iter().map(|patient| filler.begin(*patient));
        let charts = charts.map(|chart| (filler.tags(&chart), chart)).map(|(tags, chart)| (chart, tags)).collect();
        let bodies = Filler::bodies(RECORDS).into_iter().map(|(_, body)| body).collect();
        Self { ours, filler, charts, patients, theirs, bodies, rows: 0 }
    }

    /// A hundred records into every chart of ours; the time of it.
    fn insert_ours(&mut self) -> Duration {
        let start = Instant::now();
        for (chart, tags) in &mut self.charts {
            for ((body, order), tag) in self.bodies.iter().zip(self.rows..).zip(tags.iter().cycle()) {
                self.filler.add(chart, order, &[*tag], &Filler::pack(body));
            }
            self.ours.runtime.block_on(self.filler.commit(chart));
        }
        start.elapsed()
    }

    /// The same into theirs.
    fn insert_theirs(&mut self) -> Duration {
        let start = Instant::now();
        for (chart, _) in &self.charts {
            self.theirs.insert(chart.partition, self.rows, &self.bodies);
        }
        self.rows += i64::try_from(RECORDS).unwrap();
        start.elapsed()
    }

    /// The latest records of a chart of ours, opened.
    fn read_ours(house: &House, filler: &Filler, patient: PatientId) {
        let partition = Partition::patient(patient);
        let key = house.key(filler.vault(), partition);
        let scan = Scan { direction: Direction::Descending, ..Scan::new(partition, Filler::results(), LATEST) };
        let rows = house.runtime.block_on(house.storage.scan(&scan)).unwrap();
        assert_eq!(rows.len(), LATEST as usize);
        for row in rows {
            let opened = filler.vault().open(&key, &SealContext::of_row(&row), &row.body).unwrap();
            std::hint::black_box(unpack(&opened).unwrap());
        }
    }
}

fn main() {
    let mut bench = Bench::of_args();
    let (charts, inserts) = if bench.is_quick() { (2, 1) } else { (100, 20) };
    let folder = tempfile::tempdir().unwrap();
    let mut sides = Sides::new(folder.path(), charts);

    let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..inserts {
        // Ours first in every round: the file grows alike on both sides.
        ours += sides.insert_ours();
        theirs += sides.insert_theirs();
    }
    let sets = f64::from(inserts) * sides.charts.len() as f64;
    bench.line("sqlcipher.insert_100_ns", ours.as_nanos() as f64 / sets, theirs.as_nanos() as f64 / sets);

    let Sides { ours, filler, patients, theirs, .. } = sides;
    let (mut of_ours, mut of_theirs) = (patients.iter().cycle(), patients.iter().cycle());
    bench.pair(
        "sqlcipher.read_hot",
        Unit::Nanoseconds,
        (2_000, 1),
        &mut each(|| Sides::read_ours(&ours, &filler, *of_ours.next().unwrap())),
        &mut each(|| assert_eq!(theirs.latest(Partition::patient(*of_theirs.next().unwrap()), LATEST).len(), 50)),
    );
    theirs.checkpoint();
    drop((ours, theirs));

    // A new process's first page: opened, one chart read, nothing in any cache of ours or theirs.
    let (mut of_ours, mut of_theirs) = (patients.iter().cycle(), patients.iter().cycle());
    let path = folder.path().join("cipher.db");
    let mut cold = |times: u64| -> Duration {
        let timed = (0..times).map(|_| {
            let house = House::open(folder.path());
            let filler = Filler::new(&house);
            let start = Instant::now();
            Sides::read_ours(&house, &filler, *of_ours.next().unwrap());
            start.elapsed()
        });
        timed.sum()
    };
    let mut cold_theirs = |times: u64| -> Duration {
        let timed = (0..times).map(|_| {
            let theirs = Cipher::open(&path, Key::Raw);
            let start = Instant::now();
            assert_eq!(theirs.latest(Partition::patient(*of_theirs.next().unwrap()), LATEST).len(), LATEST as usize);
            start.elapsed()
        });
        timed.sum()
    };
    bench.pair("sqlcipher.read_cold", Unit::Nanoseconds, (100, 1), &mut cold, &mut cold_theirs);

    let mut open = each(|| House::open(folder.path()));
    bench.pair("sqlcipher.open_raw_key", Unit::Nanoseconds, (30, 1), &mut open, &mut each(|| Cipher::open(&path, Key::Raw)));
    let passphrase = folder.path().join("passphrase.db");
    let mut theirs = each(|| Cipher::open(&passphrase, Key::Passphrase));
    bench.pair("sqlcipher.open_passphrase", Unit::Nanoseconds, (10, 1), &mut open, &mut theirs);

    let bytes = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().len() as f64;
    bench.line("sqlcipher.file_bytes", bytes("portal.db"), bytes("cipher.db"));
    bench.finish();
}
