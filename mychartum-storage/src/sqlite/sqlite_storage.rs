//! The handle that hosts hold.

use core::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use async_trait::async_trait;
use mychartum_core::port::custody::{BucketStatus, Piece, Turn};
use mychartum_core::port::storage::{
    Bucket, ChangeSet, Collection, Due, Head, Partition, Receipt, Row, RowId, Scan, StorageError, StorageErrorKind,
};
use mychartum_core::port::{Custody, Snapshot, Storage};
use tokio::sync::{mpsc, oneshot};

use super::custody::Rest;
use super::options::SqliteOptions;
use super::readers::Readers;
use super::snapshot::SqliteSnapshot;
use super::writer::{Commit, Job, Task};
use super::{blocking, connect, failure, read, standing, writer};

/// Keeps everything in one SQLite file.
///
/// One thread writes; the change sets that wait for it share one sync of the disk. Reads run on connections of their own
/// and are not held up by writes. Clones share both. Several processes may open the same file: one writes at a time.
///
/// Reads run on tokio's blocking threads when called inside a tokio runtime, and in place otherwise.
///
/// When the last clone is dropped, the writer finishes what was queued, and the thread that drops waits for it. Call
/// [`close`](Self::close) first to wait without holding up an async thread.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("portal.db");
/// use mychartum_core::port::Storage as _;
/// use mychartum_core::port::storage::{Head, Partition};
/// use mychartum_storage::SqliteStorage;
///
/// let storage = SqliteStorage::open(&path).await?;
/// assert_eq!(storage.head(Partition::SYSTEM).await?, Head::EMPTY);
/// storage.close().await;
/// # Ok::<(), mychartum_core::port::storage::StorageError>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct SqliteStorage {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    options: SqliteOptions,
    readers: Readers,
    writer: Mutex<Option<Writer>>,
}

struct Writer {
    queue: mpsc::Sender<Job>,
    thread: JoinHandle<()>,
}

impl SqliteStorage {
    /// The default settings, to be changed before opening.
    pub const fn options() -> SqliteOptions {
        SqliteOptions::DEFAULT
    }

    /// Opens a file with the default settings, creating it (readable by its owner only) when it is not there.
    ///
    /// # Errors
    /// - `Schema` for a file of a newer version of this library, which stays untouched.
    /// - `Unsupported` for another program's database, a file system without shared memory, or an SQLite before 3.51.3.
    /// - `Corrupt` for a file that is no database, is damaged, or has another migration than the known one.
    /// - `Busy` for a file that another process keeps locked.
    /// - `Unavailable` for a folder that is missing or cannot be written; `Full` for a full disk.
    pub async fn open(path: impl AsRef<Path> + Send) -> Result<Self, StorageError> {
        Self::options().open(path).await
    }

    pub(super) async fn open_with(path: PathBuf, options: SqliteOptions) -> Result<Self, StorageError> {
        blocking::run("open", move || {
            // A snapshot opens the file again later, whatever the working folder is then.
            let path = std::path::absolute(path).map_err(|error| failure::of_io(&error, "open"))?;
            let connection = connect::writer(&path, &options)?;
            let readers: Result<Vec<_>, _> = (0..options.readers).map(|_| connect::reader(&path, &options)).collect();
            let readers = Readers::new(readers?);
            let (queue, thread) = writer::start(connection, options.group)?;
            let writer = Mutex::new(Some(Writer { queue, thread }));
            Ok(Self { inner: Arc::new(Inner { path, options, readers, writer }) })
        })
        .await
    }

    /// Finishes what was begun and closes the file, for all clones; later calls are `Unavailable`.
    ///
    /// Change sets that were queued are still applied and answered. Closing twice does nothing.
    pub async fn close(&self) {
        let writer = self.inner.writer().take();
        // Readers first: the connection that closes last moves the rest of the log into the file.
        self.inner.readers.close().await;
        if let Some(writer) = writer {
            let _ = blocking::run("close", move || {
                writer.finish();
                Ok(())
            })
            .await;
        }
    }
}

impl Writer {
    /// Lets the queue run out and waits for the thread. A writer that panicked has nothing left to finish.
    fn finish(self) {
        drop(self.queue);
        let _ = self.thread.join();
    }
}

impl Inner {
    /// Waits until the writer's queue has room.
    async fn place_in_queue(&self, operation: &'static str) -> Result<mpsc::OwnedPermit<Job>, StorageError> {
        let closed = StorageError::new(StorageErrorKind::Unavailable, operation);
        let queue = self.writer().as_ref().map(|writer| writer.queue.clone()).ok_or(closed)?;
        queue.reserve_owned().await.map_err(|_| closed)
    }

    /// Has the writer perform a task.
    async fn perform(&self, task: Task) -> Result<Rest, StorageError> {
        let operation = task.operation();
        let place = self.place_in_queue(operation).await?;
        let (answer, answered) = oneshot::channel();
        place.send(Job::Task(task, answer));
        answered.await.unwrap_or(Err(writer::unknown(operation)))
    }

    fn writer(&self) -> MutexGuard<'_, Option<Writer>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.readers.close_idle();
        let writer = self.writer().take();
        if let Some(writer) = writer {
            writer.finish();
        }
    }
}

impl fmt::Debug for SqliteStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStorage").finish_non_exhaustive()
    }
}

#[async_trait]
impl Storage for SqliteStorage {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        set.check()?;
        let place = self.inner.place_in_queue("commit").await?;
        // From here on the change set is the writer's: dropping this future changes nothing about it.
        let (answer, answered) = oneshot::channel();
        place.send(Job::Commit(Commit { set: set.clone(), digest: set.digest(), answer }));
        answered.await.unwrap_or(Err(writer::unknown("commit")))
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        self.inner.readers.read("head", move |connection| read::head(connection, partition)).await
    }

    async fn get(
        &self,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        let rows = rows.to_vec();
        let get = move |connection: &_| read::get(connection, partition, collection, &rows);
        self.inner.readers.read("get", get).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        if scan.limit == 0 {
            return Err(StorageError::new(StorageErrorKind::Invalid, "scan"));
        }
        let scan = scan.clone();
        self.inner.readers.read("scan", move |connection| read::scan(connection, &scan)).await
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        if due.limit == 0 || !due.collection.is_due() {
            return Err(StorageError::new(StorageErrorKind::Invalid, "due"));
        }
        let due = *due;
        self.inner.readers.read("due", move |connection| read::due(connection, &due)).await
    }

    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        if limit == 0 {
            return Err(StorageError::new(StorageErrorKind::Invalid, "heads"));
        }
        self.inner.readers.read("heads", move |connection| read::heads(connection, bucket, after, limit)).await
    }
}

#[async_trait]
impl Custody for SqliteStorage {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StorageError> {
        if self.inner.writer().is_none() {
            return Err(StorageError::new(StorageErrorKind::Unavailable, "snapshot"));
        }
        let (path, options) = (self.inner.path.clone(), self.inner.options.clone());
        let snapshot = blocking::run("snapshot", move || SqliteSnapshot::open(&path, &options)).await?;
        Ok(Box::new(snapshot))
    }

    async fn buckets(&self) -> Result<Vec<BucketStatus>, StorageError> {
        self.inner.readers.read("buckets", |connection| Ok(standing::all(connection)?)).await
    }

    async fn turn(&self, turns: &[Turn]) -> Result<(), StorageError> {
        self.inner.perform(Task::Turn(turns.to_vec())).await.map(drop)
    }

    async fn install(&self, pieces: &[Piece]) -> Result<(), StorageError> {
        Piece::check_all(pieces)?;
        self.inner.perform(Task::Install(pieces.to_vec())).await.map(drop)
    }

    async fn clear(&self, status: BucketStatus) -> Result<(), StorageError> {
        while self.inner.perform(Task::Clear(status)).await? == Rest::More {}
        Ok(())
    }
}
