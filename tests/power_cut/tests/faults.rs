//! Calls to the disk that fail: one at a time, and all from one on. Errors have the right kind, nothing that was
//! acknowledged is lost, nothing is half, and the storage works when the fault is gone.
//!
//! Each trial plays the same short piece of work and fails another call. The ordinary run tries some calls, the long
//! run (`MYCHARTUM_LONG=1`) every one.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it tried"
)]

mod stage;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use mychartum_core::port::Storage as _;
use mychartum_core::port::storage::{Due, Scan, StorageError, StorageErrorKind as Kind};
use mychartum_power_cut::client::Manner;
use mychartum_power_cut::cutting::{complaint, cut_at};
use mychartum_power_cut::judge::{Damage, FILE, compare, judge};
use mychartum_power_cut::{Dice, Fault, Known, Mark, Obedience, Plan, Script, Span, Watched, scratch};
use mychartum_storage::SqliteStorage;
use rusqlite::Connection;
use tempfile::TempDir;

use stage::{Stage, amount, long, seed};

/// How many partitions, and how many change sets each has before a trial begins.
const PARTITIONS: usize = 3;
const BEFORE: u64 = 4;

/// The folder that a trial begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beginning {
    /// No database yet.
    Nothing,
    /// A database that was closed.
    Closed,
    /// A database with a log: the process was killed, or the power went.
    WithLog,
}

/// When calls begin to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    /// While the storage is opened.
    Opening,
    /// When it is open.
    Work,
    /// When it is being closed.
    Closing,
}

/// What all trials share.
struct Piece {
    script: Arc<Script>,
    closed: Vec<u8>,
    with_log: Vec<(String, Vec<u8>)>,
}

impl Piece {
    async fn new(seed: u64) -> Self {
        let script = Arc::new(Script::new(seed, PARTITIONS, 12));
        let stage = Stage::new();
        let storage = stage.open().await;
        stage.play(&storage, &script, &[0; PARTITIONS], BEFORE, Manner::Alone).await;
        let with_log = [FILE.to_owned(), format!("{FILE}-wal")]
            .map(|name| (name.clone(), std::fs::read(stage.folder().join(name)).unwrap()));
        stage.close(storage).await;
        stage.end();
        Self { script, closed: std::fs::read(stage.file()).unwrap(), with_log: with_log.to_vec() }
    }

    fn lay_out(&self, beginning: Beginning) -> (TempDir, u64) {
        let folder = scratch().unwrap();
        match beginning {
            Beginning::Nothing => return (folder, 0),
            Beginning::Closed => std::fs::write(folder.path().join(FILE), &self.closed).unwrap(),
            Beginning::WithLog => {
                self.with_log.iter().for_each(|(name, bytes)| std::fs::write(folder.path().join(name), bytes).unwrap());
            }
        }
        (folder, BEFORE)
    }
}

/// What one trial saw.
#[derive(Default)]
struct Seen {
    /// What failed with which kind of error, and how often.
    errors: BTreeMap<(&'static str, String), u64>,
    /// How many calls the fault would have concerned.
    concerned: u64,
}

impl Seen {
    fn note<T>(&mut self, operation: &'static str, fault: Fault, answer: Result<T, StorageError>) -> Option<T> {
        match answer {
            Ok(value) => Some(value),
            Err(error) => {
                assert!(allowed(fault, operation).contains(&error.kind()), "{fault:?}: {operation} gave {error}");
                *self.errors.entry((operation, format!("{:?}", error.kind()))).or_default() += 1;
                None
            }
        }
    }
}

/// The kinds of errors that an operation may fail with under a fault.
fn allowed(fault: Fault, operation: &str) -> &'static [Kind] {
    match (fault, operation) {
        (Fault::Broken | Fault::Syncs, "commit") => &[Kind::Unavailable, Kind::OutcomeUnknown],
        (Fault::Syncs, "open") => &[Kind::Unavailable],
        (Fault::Syncs, _) => &[],
        (Fault::Broken, _) => &[Kind::Unavailable],
        // A full or read-only disk can still be read.
        (Fault::Full, "commit" | "open") => &[Kind::Full],
        (Fault::ReadOnly, "commit" | "open") => &[Kind::Unavailable],
        (Fault::Full | Fault::ReadOnly, _) => &[],
        // A file that ends too early is damaged, as far as can be seen.
        (Fault::ShortRead, "commit") => &[Kind::Unavailable, Kind::Corrupt, Kind::OutcomeUnknown],
        (Fault::ShortRead, _) => &[Kind::Unavailable, Kind::Corrupt],
        (Fault::NoMemory, "commit") => &[Kind::Unavailable, Kind::OutcomeUnknown],
        (Fault::NoMemory, _) => &[Kind::Unavailable],
    }
}

/// One trial.
struct Trial<'a> {
    piece: &'a Piece,
    watched: Arc<Watched>,
    fault: Fault,
    known: Known,
    seen: Seen,
}

impl Trial<'_> {
    /// Plays the piece of work once with a plan, and checks everything.
    async fn run(piece: &Piece, beginning: Beginning, from: From, plan: Plan, seed: u64) -> Seen {
        let (folder, before) = piece.lay_out(beginning);
        let watched = Watched::begin(folder.path()).unwrap();
        let known = Known::exactly(vec![before; PARTITIONS]);
        let mut trial = Trial {
            piece,
            watched: Arc::clone(&watched),
            fault: plan.fault,
            known: known.clone(),
            seen: Seen::default(),
        };
        if from == From::Opening {
            watched.plan(Some(plan));
        }
        let opened = SqliteStorage::options().readers(2).page_cache(64).open(folder.path().join(FILE)).await;
        if let Some(storage) = trial.seen.note("open", plan.fault, opened) {
            if from == From::Work {
                watched.plan(Some(plan));
            }
            trial.work(&storage, folder.path()).await;
            if from == From::Closing {
                watched.plan(Some(plan));
            } else {
                trial.seen.concerned = watched.concerned();
                watched.plan(None);
                if plan.fault != Fault::ShortRead {
                    trial.again(&storage).await;
                }
            }
            storage.close().await;
        }
        trial.seen.concerned = trial.seen.concerned.max(watched.concerned());
        watched.plan(None);
        trial.judge(folder, &known, plan, seed).await
    }

    /// Writes and reads on, whatever fails.
    async fn work(&mut self, storage: &SqliteStorage, folder: &Path) {
        for step in 0..3 {
            for partition in 0..PARTITIONS {
                let revision = self.known.acknowledged[partition] + 1;
                for _ in 0..3 {
                    if self.commit(storage, partition, revision).await {
                        break;
                    }
                }
            }
            self.read(storage).await;
            if step == 1 {
                // What an operator's tool does when it fails is of no interest; what it leaves behind is.
                if let Ok(tool) = Connection::open(folder.join(FILE)) {
                    let _ = tool.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i64>(0));
                }
            }
        }
    }

    async fn commit(&mut self, storage: &SqliteStorage, partition: usize, revision: u64) -> bool {
        let set = self.piece.script.set(partition, revision).unwrap();
        self.watched.mark(Mark::Attempted(partition, revision));
        let answer = storage.commit(set).await;
        match answer {
            Ok(receipt) => {
                assert_eq!(receipt.revision, revision);
                self.watched.mark(Mark::Acknowledged(partition, revision));
                self.known.acknowledged[partition] = revision;
                self.known.attempted[partition] = revision;
            }
            Err(error) if error.kind() == Kind::OutcomeUnknown => self.known.attempted[partition] = revision,
            // Any other error says that nothing was written, if it was not unknown before.
            Err(_) if self.known.attempted[partition] < revision => {
                self.watched.mark(Mark::Refused(partition, revision));
            }
            Err(_) => {}
        }
        self.seen.note("commit", self.fault, answer).is_some()
    }

    async fn read(&mut self, storage: &SqliteStorage) {
        for partition in 0..PARTITIONS {
            let whose = self.piece.script.sets(partition)[0].partition;
            let head = storage.head(whose).await;
            if let Some(head) = self.seen.note("head", self.fault, head) {
                assert_eq!(head.revision, self.known.acknowledged[partition], "what was acknowledged is seen");
            }
            let rows = storage.scan(&Scan::new(whose, Script::AUDIT, 1000)).await;
            if let Some(rows) = self.seen.note("scan", self.fault, rows) {
                assert_eq!(rows.len() as u64, self.known.acknowledged[partition], "and nothing else");
            }
            let due = Due { bucket: whose.bucket(), collection: Script::TASKS, before: i64::MAX, limit: 1000 };
            self.seen.note("due", self.fault, storage.due(&due).await);
        }
    }

    /// The fault is gone: everything works, with the same handle. After a short read it may have to be opened again,
    /// since SQLite keeps the page that it took for empty.
    async fn again(&mut self, storage: &SqliteStorage) {
        for partition in 0..PARTITIONS {
            let revision = self.known.acknowledged[partition] + 1;
            let set = self.piece.script.set(partition, revision).unwrap();
            self.watched.mark(Mark::Attempted(partition, revision));
            let receipt = storage.commit(set).await.unwrap();
            assert_eq!(receipt.revision, revision);
            self.watched.mark(Mark::Acknowledged(partition, revision));
            self.known.acknowledged[partition] = revision;
            self.known.attempted[partition] = revision;
        }
        compare(storage, &self.piece.script, &self.known).await.unwrap_or_else(|damage| panic!("{damage}"));
    }

    /// Judges the folder as it is, and as power cuts would have left it.
    async fn judge(self, folder: TempDir, before: &Known, plan: Plan, seed: u64) -> Seen {
        let script = &self.piece.script;
        let recording = self.watched.end();
        match judge(folder.path(), script, &self.known).await {
            Err(damage) if !(plan.fault == Fault::ShortRead && is_told(&damage)) => {
                panic!("{plan:?}: {damage}, seed {seed}")
            }
            _ => {}
        }
        let mut dice = Dice::apart(seed, plan.at);
        let places = recording.places(amount(1, 4), &mut dice);
        let mut cuts = cut_at(&places, &recording, script, before, Obedience::Honest, dice.next()).await.unwrap();
        if plan.fault == Fault::ShortRead {
            cuts.retain(|cut| !cut.found.as_ref().is_err_and(is_told));
        }
        if let Some(complaint) = complaint(&cuts, &recording, seed) {
            panic!("{plan:?}: {complaint}");
        }
        self.seen
    }
}

/// Whether damage is told, by the storage or by SQLite's check, and nothing is wrong in silence.
///
/// A file that ends where SQLite knows of a page is a damaged one, and SQLite may take the missing page for an empty one, of
/// its list of free pages for instance, and go on from there. So a short read may leave damage behind.
fn is_told(damage: &Damage) -> bool {
    match damage {
        Damage::Refused { error, .. } => error.kind() == Kind::Corrupt,
        Damage::Unsound(_) => true,
        Damage::Lost { .. } | Damage::Invented { .. } | Damage::Half { .. } => false,
    }
}

/// Runs a trial for some or all calls that a fault concerns.
async fn every_call(
    beginning: Beginning,
    from: From,
    fault: Fault,
    span: Span,
) -> BTreeMap<(&'static str, String), u64> {
    let seed = seed();
    let piece = Piece::new(seed).await;
    let count = Trial::run(&piece, beginning, from, Plan::counting(fault), seed).await;
    assert!(count.errors.is_empty(), "{:?}", count.errors);
    let most = match (long(), span) {
        (false, _) => 5,
        (true, Span::Once) => u64::MAX,
        (true, Span::FromThenOn) => 100,
    };
    let tries = count.concerned.min(most);
    let mut dice = Dice::new(seed);
    let mut all: BTreeMap<(&'static str, String), u64> = BTreeMap::new();
    for number in 0..tries {
        // One of each stretch, so that the ordinary run sees all parts of the work.
        let (first, next) = (number * count.concerned / tries, (number + 1) * count.concerned / tries);
        let at = first + 1 + dice.below((next - first) as usize) as u64;
        let seen = Trial::run(&piece, beginning, from, Plan { fault, at, span }, seed).await;
        seen.errors.into_iter().for_each(|(what, count)| *all.entry(what).or_default() += count);
    }
    eprintln!("{beginning:?}, {from:?}, {fault:?}, {span:?}: {tries} of {} calls failed: {all:?}", count.concerned);
    all
}

/// All beginnings and moments for a fault.
async fn everywhere(fault: Fault) {
    for span in [Span::Once, Span::FromThenOn] {
        for beginning in [Beginning::Nothing, Beginning::Closed, Beginning::WithLog] {
            every_call(beginning, From::Opening, fault, span).await;
        }
        every_call(Beginning::Closed, From::Work, fault, span).await;
        every_call(Beginning::WithLog, From::Closing, fault, span).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_calls() {
    everywhere(Fault::Broken).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn syncs_that_fail() {
    everywhere(Fault::Syncs).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk() {
    everywhere(Fault::Full).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_becomes_read_only() {
    everywhere(Fault::ReadOnly).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn short_reads() {
    everywhere(Fault::ShortRead).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_memory_for_the_shared_index() {
    everywhere(Fault::NoMemory).await;
}

/// SQLite answers the switch to the log before it is committed. If it fails then, the file keeps its rollback journal,
/// and commits would be acknowledged before they are safe.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storage_that_opens_has_its_log() {
    let mut opened = 0;
    for at in 1..=100 {
        let stage = Stage::new();
        stage.watched.plan(Some(Plan { fault: Fault::Broken, at, span: Span::Once }));
        let storage = SqliteStorage::open(stage.file()).await;
        stage.watched.plan(None);
        if let Ok(storage) = storage {
            opened += 1;
            let script = Arc::new(Script::new(1, 1, 1));
            stage.play(&storage, &script, &[0], 1, Manner::Alone).await;
            assert!(stage.folder().join(format!("{FILE}-wal")).exists(), "call {at}");
            storage.close().await;
        }
        stage.end();
    }
    assert!(opened < 90, "most of these calls are needed");
}
