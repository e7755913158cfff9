//! A storage of your own in under 200 lines of code: a journal that is synced before each receipt, maps in memory to
//! read from, and the conformance suite run against it. Exit code: 0 when every promise is kept, 1 when one is not.
//!
//! ```text
//! cargo run --example your_own_storage
//! ```
//!
//! What it does not do: the journal only grows, everything is in memory, every question looks at every row, it is for
//! one process at a time, and a call holds its thread. After an error of the disk it takes nothing more until it is
//! opened again.
#![allow(clippy::print_stdout, reason = "a program for the command line prints")]

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{
    AuditHead, Bucket, ChangeSet, Collection, Delete, Direction, Due, Expect, Head, Outcome, Partition, PartitionKind,
    Position, Put, Receipt, Row, RowId, Scan, StorageError, StorageErrorKind as Kind, Tag,
};
use mychartum_testkit::conformance::storage::{Factory, run_all};
use tempfile::TempDir;

/// Everything in memory, and the journal from which it can be made again. Clones share both.
#[derive(Debug, Clone)]
pub(crate) struct JournalStorage(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// `None` after an error: nobody knows what the disk holds then. Opening will tell.
    journal: Option<File>,
    heads: BTreeMap<Partition, Head>,
    rows: BTreeMap<(Partition, Collection, RowId), Row>,
    /// The digest and revision of each change set. A receipt can be asked for again for ever, not only 64 times.
    applied: BTreeMap<(Partition, [u8; 16]), ([u8; 32], u64)>,
}

impl JournalStorage {
    /// Opens a journal, or begins one, and plays it. A last line that is not whole was never acknowledged and is cut
    /// off.
    ///
    /// # Errors
    /// `Corrupt` for damage before the last line, `Unavailable`.
    pub(crate) fn open(path: &Path) -> Result<Self, StorageError> {
        let failed = |_: io::Error| StorageError::new(Kind::Unavailable, "open");
        let mut journal = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
        let mut bytes = Vec::new();
        journal.read_to_end(&mut bytes).map_err(failed)?;
        let mut state = State::default();
        let mut end = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            match read(line).filter(|_| line.ends_with(b"\n")) {
                Some(set) => drop(state.apply(&set)),
                None if end + line.len() == bytes.len() => break,
                None => return Err(StorageError::new(Kind::Corrupt, "open")),
            }
            end += line.len();
        }
        journal.set_len(end as u64).map_err(failed)?;
        // What a killed process wrote may be in the system's memory only. It must be on the disk before anyone sees it,
        // and so must the name of a new file.
        journal.sync_all().map_err(failed)?;
        let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        state.journal = Some(journal);
        Ok(Self(Arc::new(Mutex::new(state))))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn head(&self, partition: Partition) -> Head {
        self.heads.get(&partition).copied().unwrap_or(Head::EMPTY)
    }

    fn commit(&mut self, set: &ChangeSet) -> Result<Receipt, Kind> {
        if let Some((digest, revision)) = self.applied.get(&(set.partition, set.id.to_bytes())) {
            let receipt = Receipt { revision: *revision, outcome: Outcome::Repeated };
            return if *digest == set.digest() { Ok(receipt) } else { Err(Kind::Invalid) };
        }
        let head = self.head(set.partition);
        let version =
            |place: (Collection, RowId)| self.rows.get(&(set.partition, place.0, place.1)).map_or(0, |row| row.version);
        let expected = set.expect == Expect { revision: head.revision, epoch: head.epoch }
            && set.puts.iter().all(|put| put.version == version((put.collection, put.row)) + 1)
            && set.deletes.iter().all(|delete| delete.version == version((delete.collection, delete.row)));
        if !expected {
            return Err(Kind::Conflict);
        }
        let mut journal = self.journal.take().ok_or(Kind::Unavailable)?;
        let written = write(set).and_then(|line| journal.write_all(&line)).and_then(|()| journal.sync_data());
        written.map_err(|_| Kind::OutcomeUnknown)?;
        self.journal = Some(journal);
        Ok(self.apply(set))
    }

    /// The first rows that a question asks for.
    fn find(&self, asked: impl Fn(&Row) -> bool, order: impl Fn(&Row, &Row) -> Ordering, limit: u32) -> Vec<Row> {
        let mut found: Vec<&Row> = self.rows.values().filter(|row| asked(row)).collect();
        found.sort_unstable_by(|one, other| order(one, other));
        found.into_iter().take(limit as usize).cloned().collect()
    }

    fn apply(&mut self, set: &ChangeSet) -> Receipt {
        let partition = set.partition;
        for delete in &set.deletes {
            self.rows.remove(&(partition, delete.collection, delete.row));
        }
        for Put { collection, row, version, order, tags, body } in set.puts.iter().cloned() {
            let stored = Row { partition, collection, row, version, order, tags, body };
            self.rows.insert((partition, collection, row), stored);
        }
        let Head { revision, epoch, .. } = self.head(partition);
        self.heads.insert(partition, Head { revision: revision + 1, audit: set.audit, epoch });
        self.applied.insert((partition, set.id.to_bytes()), (set.digest(), revision + 1));
        Receipt { revision: revision + 1, outcome: Outcome::Applied }
    }
}

/// A change set as the plainest values: digest, id, partition, expected head, audit head, puts, deletes.
type Line = ([u8; 32], [u8; 16], (u8, [u8; 16]), [u64; 2], (u64, [u8; 32]), Vec<PutLine>, Vec<(u16, [u8; 16], u64)>);
type PutLine = (u16, [u8; 16], u64, i64, Vec<[u8; 16]>, Vec<u8>);

/// A change set as one line of JSON. Bodies become lists of numbers: easy to read, and three times as long.
fn write(set: &ChangeSet) -> io::Result<Vec<u8>> {
    let tags = |put: &Put| put.tags.iter().map(|tag| tag.to_bytes()).collect();
    let put =
        |put: &Put| (put.collection.number(), put.row.to_bytes(), put.version, put.order, tags(put), put.body.clone());
    let delete = |delete: &Delete| (delete.collection.number(), delete.row.to_bytes(), delete.version);
    let line: Line = (
        set.digest(),
        set.id.to_bytes(),
        (set.partition.kind().code(), set.partition.id()),
        [set.expect.revision, set.expect.epoch],
        (set.audit.count, set.audit.link),
        set.puts.iter().map(put).collect(),
        set.deletes.iter().map(delete).collect(),
    );
    let mut bytes = serde_json::to_vec(&line)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The change set in a line; `None` where it is not whole or not as it was written.
fn read(line: &[u8]) -> Option<ChangeSet> {
    let (digest, id, (kind, partition), [revision, epoch], (count, link), puts, deletes): Line =
        serde_json::from_slice(line).ok()?;
    let put = |(collection, row, version, order, tags, body): PutLine| Put {
        collection: Collection::new(collection),
        row: RowId::from_bytes(row),
        version,
        order,
        tags: tags.into_iter().map(Tag::from_bytes).collect(),
        body,
    };
    let delete = |(collection, row, version)| Delete {
        collection: Collection::new(collection),
        row: RowId::from_bytes(row),
        version,
    };
    let set = ChangeSet {
        id: ChangeSetId::from_bytes(id),
        partition: Partition::new(PartitionKind::from_code(kind)?, partition),
        expect: Expect { revision, epoch },
        puts: puts.into_iter().map(put).collect(),
        deletes: deletes.into_iter().map(delete).collect(),
        audit: AuditHead { count, link },
    };
    (set.digest() == digest).then_some(set)
}

#[async_trait]
impl Storage for JournalStorage {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        set.check()?;
        self.state().commit(set).map_err(|kind| StorageError::new(kind, "commit"))
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        Ok(self.state().head(partition))
    }

    async fn get(&self, whose: Partition, kind: Collection, rows: &[RowId]) -> Result<Vec<Row>, StorageError> {
        let state = self.state();
        Ok(rows.iter().filter_map(|row| state.rows.get(&(whose, kind, *row)).cloned()).collect())
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        let order = |one: Position, other: Position| match scan.direction {
            Direction::Ascending => one.cmp(&other),
            Direction::Descending => other.cmp(&one),
        };
        let asked = |row: &Row| {
            (row.partition, row.collection) == (scan.partition, scan.collection)
                && scan.tag.is_none_or(|tag| row.tags.contains(&tag))
                && scan.from.is_none_or(|from| row.order >= from)
                && scan.until.is_none_or(|until| row.order < until)
                && scan.after.is_none_or(|after| order(row.position(), after).is_gt())
        };
        valid(scan.limit > 0, "scan")?;
        Ok(self.state().find(asked, |one, other| order(one.position(), other.position()), scan.limit))
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        let place = |row: &Row| (row.order, row.partition, row.row);
        let asked = |row: &Row| {
            row.partition.bucket() == due.bucket && row.collection == due.collection && row.order < due.before
        };
        valid(due.limit > 0 && due.collection.is_due(), "due")?;
        Ok(self.state().find(asked, |one, other| place(one).cmp(&place(other)), due.limit))
    }

    async fn heads(
        &self,
        of: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        valid(limit > 0, "heads")?;
        let state = self.state();
        let all = state.heads.iter().filter(|(it, _)| it.bucket() == of && after.is_none_or(|after| **it > after));
        Ok(all.take(limit as usize).map(|(partition, head)| (*partition, *head)).collect())
    }
}

fn valid(question: bool, operation: &'static str) -> Result<(), StorageError> {
    question.then_some(()).ok_or(StorageError::new(Kind::Invalid, operation))
}

/// A journal for each case of the suite, one case after another.
pub(crate) struct Journals {
    folder: TempDir,
    begun: AtomicUsize,
}

#[async_trait]
impl Factory for Journals {
    async fn fresh(&self) -> Result<Arc<dyn Storage>, StorageError> {
        let number = self.begun.fetch_add(1, SeqCst) + 1;
        Ok(Arc::new(JournalStorage::open(&self.folder.path().join(number.to_string()))?))
    }

    async fn reopen(&self, storage: Arc<dyn Storage>) -> Result<Arc<dyn Storage>, StorageError> {
        drop(storage);
        Ok(Arc::new(JournalStorage::open(&self.folder.path().join(self.begun.load(SeqCst).to_string()))?))
    }
}

#[tokio::main]
async fn main() -> io::Result<ExitCode> {
    let report = run_all(&Journals { folder: tempfile::tempdir()?, begun: AtomicUsize::new(0) }).await;
    println!("{report}");
    Ok(if report.failed() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
