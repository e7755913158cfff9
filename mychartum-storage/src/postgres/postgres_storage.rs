//! The handle that hosts hold.

use core::fmt;
use core::time::Duration;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use deadpool_postgres::Pool;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{
    Bucket, ChangeSet, Collection, Due, Head, Partition, Receipt, Row, RowId, Scan, StorageError, StorageErrorKind,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::address::Address;
use super::custody::Keeper;
use super::custody_sql::Keeping;
use super::lane::{self, Lane};
use super::options::PostgresOptions;
use super::queue::{Job, Queue};
use super::read::Readers;
use super::reading_sql::Reading;
use super::transaction::Settings;
use super::writing_sql::{Form, Writing};
use super::{connect, custody, failure, migrate};

/// Keeps everything in a PostgreSQL database.
///
/// A few lanes write, each on a connection of its own; the change sets that wait share a transaction. Reads run on
/// connections of their own and are not held up by writes. Clones share both. Several programs may use the same tables.
///
/// It must be opened inside a tokio runtime, on which its lanes then run. When the last clone is dropped, the lanes finish
/// what was queued; call [`close`](Self::close) to wait for that.
///
/// ```no_run
/// # async fn open() -> Result<(), mychartum_core::port::storage::StorageError> {
/// use mychartum_core::port::Storage as _;
/// use mychartum_core::port::storage::{Head, Partition};
/// use mychartum_storage::PostgresStorage;
///
/// let storage = PostgresStorage::open("postgres://portal@localhost/portal").await?;
/// assert_eq!(storage.head(Partition::SYSTEM).await?, Head::EMPTY);
/// storage.close().await;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PostgresStorage {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) readers: Readers,
    pub(super) keeper: Arc<Keeper>,
    writers: Pool,
    queue: Arc<Queue>,
    lanes: Mutex<Vec<JoinHandle<()>>>,
    acquire_timeout: Duration,
}

impl PostgresStorage {
    /// The default settings for a server, to be changed before opening.
    ///
    /// `url` is `postgres://role:password@server:5432/database`, or `host=server user=role dbname=database`.
    ///
    /// # Errors
    /// `Invalid` if it is neither.
    pub fn options(url: &str) -> Result<PostgresOptions, StorageError> {
        Address::parse(url).map(PostgresOptions::new)
    }

    /// Opens a database with the default settings, making the tables when they are not there.
    ///
    /// # Errors
    /// - `Schema` for tables of a newer version of this library, or of an older one that may not be changed.
    /// - `Unsupported` for another program's tables, a server before PostgreSQL 14, an encoding that is not UTF8, or a server
    ///   that runs with `fsync` off.
    /// - `Corrupt` for tables that are half there, or another migration than the known one.
    /// - `Invalid` for an address that is none or needs TLS, or names that are not plain.
    /// - `Unavailable` for a server that cannot be reached or does not let us in, or outside of a tokio runtime.
    pub async fn open(url: &str) -> Result<Self, StorageError> {
        Self::options(url)?.open().await
    }

    pub(super) async fn open_with(options: PostgresOptions) -> Result<Self, StorageError> {
        let names = options.names()?;
        let pool = connect::pool(&options, options.readers)?;
        let session = connect::first(&pool).await?;
        let facts = connect::facts(&session).await?;
        facts.refuse_unfit(options.syncs)?;
        migrate::migrate(session, &names, options.migrates).await?;
        let form = if options.one_bucket || facts.citus { Form::Single } else { Form::Many };
        let queue = Arc::new(Queue::new(form, options.group, options.group.saturating_mul(options.lanes * 2)));
        let writing = Writing::new(&names, form);
        let settings = Arc::new(Settings::new(writing, options.statement_timeout, options.busy_timeout));
        let writers = connect::pool(&options, options.lanes)?;
        let lanes = (0..options.lanes).map(|_| {
            let lane = Lane {
                queue: Arc::clone(&queue),
                pool: writers.clone(),
                mode: options.statements,
                settings: Arc::clone(&settings),
                patience: options.patience,
                session: None,
            };
            tokio::spawn(lane.run())
        });
        let lanes = Mutex::new(lanes.collect());
        let readers = Readers {
            pool,
            mode: options.statements,
            sql: Reading::new(&names),
            limit: options.statement_timeout,
            patience: options.patience,
        };
        let keeper = Arc::new(Keeper {
            pool: connect::pool(&options, custody::CONNECTIONS)?,
            mode: options.statements,
            sql: Keeping::new(&names),
            writing: settings,
            patience: options.patience,
        });
        let acquire_timeout = options.acquire_timeout;
        Ok(Self { inner: Arc::new(Inner { readers, keeper, writers, queue, lanes, acquire_timeout }) })
    }

    /// Finishes what was begun and closes all connections, for all clones; later calls are `Unavailable`.
    ///
    /// Change sets that were queued are still applied and answered. Closing twice does nothing.
    pub async fn close(&self) {
        self.inner.queue.close();
        let lanes = core::mem::take(&mut *self.inner.lanes.lock().unwrap_or_else(PoisonError::into_inner));
        for lane in lanes {
            // A lane that panicked has nothing left to finish.
            let _ = lane.await;
        }
        self.inner.writers.close();
        self.inner.keeper.pool.close();
        self.inner.readers.pool.close();
    }

    /// The five characters of the SQLSTATE that an error of this storage carries as its code.
    ///
    /// The code is the SQLSTATE read as a number in base 36: `StorageError` has room for a number only.
    ///
    /// ```
    /// # use mychartum_core::port::storage::{StorageError, StorageErrorKind};
    /// # use mychartum_storage::PostgresStorage;
    /// let full = StorageError::new(StorageErrorKind::Full, "commit").with_code(8_539_344);
    /// assert_eq!(PostgresStorage::sqlstate(&full).as_deref(), Some("53100"));
    /// ```
    #[must_use]
    pub fn sqlstate(error: &StorageError) -> Option<String> {
        failure::decode(error.code()?)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl fmt::Debug for PostgresStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStorage").finish_non_exhaustive()
    }
}

#[async_trait]
impl Storage for PostgresStorage {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        set.check()?;
        let busy = StorageError::new(StorageErrorKind::Busy, "commit");
        let place = timeout(self.inner.acquire_timeout, self.inner.queue.place()).await.map_err(|_| busy)??;
        // From here on the change set is a lane's: dropping this future changes nothing about it.
        let (answer, answered) = oneshot::channel();
        self.inner.queue.push(Job { set: set.clone(), digest: set.digest(), answer, place })?;
        answered.await.unwrap_or(Err(lane::unknown()))
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        self.inner.readers.head(partition).await
    }

    async fn get(
        &self,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        self.inner.readers.get(partition, collection, rows).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        if scan.limit == 0 {
            return Err(StorageError::new(StorageErrorKind::Invalid, "scan"));
        }
        self.inner.readers.scan(scan).await
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        if due.limit == 0 || !due.collection.is_due() {
            return Err(StorageError::new(StorageErrorKind::Invalid, "due"));
        }
        self.inner.readers.due(due).await
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
        self.inner.readers.heads(bucket, after, limit).await
    }
}
