//! SQLite keeps what it acknowledged when its process is killed; storages that only pretend to are found out.
//!
//! The long run, for the night: `MYCHARTUM_LONG=1 cargo test -p mychartum-testkit --test survival_sqlite_kills`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it has done"
)]

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{
    Bucket, ChangeSet, Collection, Due, Head, Outcome, Partition, Receipt, Row, RowId, Scan, StorageError,
};
use mychartum_storage::SqliteStorage;
use mychartum_testkit::survival::{Kills, Loss, Processes, Subject, rounds, write_until_killed};
use tempfile::TempDir;
use tokio::sync::{Mutex, mpsc};

/// Tells the writers' process which file to open.
const FILE: &str = "MYCHARTUM_TEST_FILE";
/// Tells it what to lay over the storage.
const PRETENCE: &str = "MYCHARTUM_TEST_PRETENCE";

/// What is laid over SQLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pretence {
    Nothing,
    Early,
    Halves,
}

impl Pretence {
    const ALL: [Self; 3] = [Self::Nothing, Self::Early, Self::Halves];

    async fn open(self, path: &Path) -> Result<Arc<dyn Storage>, StorageError> {
        let sound = SqliteStorage::open(path).await?;
        Ok(match self {
            Self::Nothing => Arc::new(sound),
            Self::Early => Arc::new(Early::new(sound)),
            Self::Halves => {
                let tasks = SqliteStorage::open(path.with_extension("tasks")).await?;
                Arc::new(Halves { sound, tasks })
            }
        })
    }
}

struct Sqlite {
    path: PathBuf,
    pretence: Pretence,
    _folder: TempDir,
}

impl Sqlite {
    fn new(pretence: Pretence) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { path: folder.path().join("portal.db"), pretence, _folder: folder }
    }
}

#[async_trait]
impl Subject for Sqlite {
    async fn open(&self) -> Result<Arc<dyn Storage>, StorageError> {
        self.pretence.open(&self.path).await
    }

    async fn close(&self, storage: Arc<dyn Storage>) {
        // Its last clone: dropping it waits for the writer.
        drop(storage);
    }

    /// Every third round two processes share the file.
    fn processes(&self, round: u32) -> Vec<Command> {
        let count = if round % 3 == 2 && self.pretence == Pretence::Nothing { 2 } else { 1 };
        let process = || {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args(["--exact", "the_writers_process", "--nocapture"]).env(FILE, &self.path);
            command.env(PRETENCE, format!("{:?}", self.pretence));
            command
        };
        (0..count).map(|_| process()).collect()
    }

    fn strike(&self, _: u32, processes: &mut Processes) -> io::Result<()> {
        // Of two processes one dies first, and the other meets what it left: locks, a log, shared memory.
        processes.kill_first();
        processes.hear(20);
        processes.kill();
        Ok(())
    }
}

/// Writes until it is killed, as the process that the other tests start.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_writers_process() {
    let open = || async {
        let pretence = std::env::var(PRETENCE).unwrap();
        let pretence = Pretence::ALL.into_iter().find(|known| format!("{known:?}") == pretence).unwrap();
        pretence.open(Path::new(&std::env::var_os(FILE).unwrap())).await
    };
    write_until_killed(open).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_loses_nothing_that_sqlite_acknowledged() {
    let report = Kills::new(rounds(60, 700), 1).run(&Sqlite::new(Pretence::Nothing)).await.unwrap();
    eprintln!("{report}");
    report.assert_sound();
    assert!(report.acknowledged > 10 * report.rounds as usize && report.refused > 0, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storage_that_acknowledges_too_early_is_found_out() {
    let report = Kills::new(60, 2).run(&Sqlite::new(Pretence::Early)).await.unwrap();
    assert!(report.verdict.losses.iter().any(|loss| matches!(loss, Loss::Acknowledged(_))), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storage_that_writes_in_two_is_found_out() {
    let report = Kills::new(60, 3).run(&Sqlite::new(Pretence::Halves)).await.unwrap();
    assert!(report.verdict.losses.iter().any(|loss| matches!(loss, Loss::Half { .. })), "{report}");
}

/// Acknowledges change sets that only wait in a queue.
#[derive(Debug)]
struct Early {
    sound: SqliteStorage,
    heads: Mutex<BTreeMap<Partition, Head>>,
    queue: mpsc::UnboundedSender<ChangeSet>,
}

impl Early {
    fn new(sound: SqliteStorage) -> Self {
        let (queue, mut waiting) = mpsc::unbounded_channel();
        let writer = sound.clone();
        tokio::spawn(async move {
            while let Some(set) = waiting.recv().await {
                writer.commit(&set).await.unwrap();
            }
        });
        Self { sound, heads: Mutex::default(), queue }
    }
}

#[async_trait]
impl Storage for Early {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        let mut heads = self.heads.lock().await;
        let head = match heads.get(&set.partition) {
            Some(head) => *head,
            None => self.sound.head(set.partition).await?,
        };
        if head.revision != set.expect.revision {
            return self.sound.commit(set).await;
        }
        let head = Head { revision: head.revision + 1, audit: set.audit, ..head };
        heads.insert(set.partition, head);
        self.queue.send(set.clone()).unwrap();
        Ok(Receipt { revision: head.revision, outcome: Outcome::Applied })
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        match self.heads.lock().await.get(&partition) {
            Some(head) => Ok(*head),
            None => self.sound.head(partition).await,
        }
    }

    async fn get(
        &self,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        self.sound.get(partition, collection, rows).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        self.sound.scan(scan).await
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        self.sound.due(due).await
    }

    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        self.sound.heads(bucket, after, limit).await
    }
}

/// Keeps due work in a second file: no transaction spans both.
#[derive(Debug)]
struct Halves {
    sound: SqliteStorage,
    tasks: SqliteStorage,
}

impl Halves {
    fn of(&self, collection: Collection) -> &SqliteStorage {
        if collection.is_due() { &self.tasks } else { &self.sound }
    }
}

#[async_trait]
impl Storage for Halves {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        let half = |is_due| ChangeSet {
            puts: set.puts.iter().filter(|put| put.collection.is_due() == is_due).cloned().collect(),
            deletes: set.deletes.iter().filter(|delete| delete.collection.is_due() == is_due).copied().collect(),
            ..set.clone()
        };
        let receipt = self.sound.commit(&half(false)).await?;
        self.tasks.commit(&half(true)).await?;
        Ok(receipt)
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        self.sound.head(partition).await
    }

    async fn get(
        &self,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        self.of(collection).get(partition, collection, rows).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        self.of(scan.collection).scan(scan).await
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        self.of(due.collection).due(due).await
    }

    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        self.sound.heads(bucket, after, limit).await
    }
}
