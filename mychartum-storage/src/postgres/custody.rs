//! Custody: what operators' tools ask of the storage. Each change is one transaction that may be repeated.

use core::time::Duration;
use std::sync::Arc;

use async_trait::async_trait;
use deadpool_postgres::Pool;
use mychartum_core::port::custody::{BucketState, BucketStatus, Piece, Turn};
use mychartum_core::port::storage::{Bucket, StorageError, StorageErrorKind as Kind};
use mychartum_core::port::{Custody, Snapshot};
use tokio::time::{Instant, sleep};
use tokio_postgres::{Error, Row};

use super::clearing::Clearing;
use super::columns::{self, Damaged};
use super::custody_sql::Keeping;
use super::failure::{self, Remedy};
use super::installing::Installing;
use super::lookup::NotFound;
use super::options::StatementMode;
use super::postgres_storage::PostgresStorage;
use super::reading_sql::Statement;
use super::session::{Session, Transacting, Value};
use super::snapshot::PostgresSnapshot;
use super::transaction::Settings;
use super::turning::Turning;

/// How many connections operators' tools may use at the same time.
pub(super) const CONNECTIONS: usize = 4;

/// How long a change waits before it is tried again.
const PAUSE: Duration = Duration::from_millis(50);

/// What the changes of custody share.
pub(super) struct Keeper {
    pub(super) pool: Pool,
    pub(super) mode: StatementMode,
    pub(super) sql: Keeping,
    pub(super) writing: Arc<Settings>,
    pub(super) patience: Duration,
}

/// A change that is made inside a transaction. Making it twice is the same as making it once.
#[async_trait]
pub(super) trait Change: Sync {
    /// What it gives.
    type Done: Send;

    /// Makes the change; the transaction is begun before and committed after it.
    async fn make(&self, keeper: &Keeper, session: &Session) -> Result<Self::Done, Stop>;
}

/// Why a change was not made.
#[derive(Debug)]
pub(super) enum Stop {
    /// It is refused.
    Refused(Kind),
    /// A statement failed.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Damaged> for Stop {
    fn from(_: Damaged) -> Self {
        Self::Refused(Kind::Corrupt)
    }
}

impl From<NotFound> for Stop {
    fn from(error: NotFound) -> Self {
        match error {
            NotFound::Failed(error) => Self::Failed(error),
            NotFound::Damaged => Self::Refused(Kind::Corrupt),
        }
    }
}

impl Keeper {
    /// A connection of its own.
    pub(super) async fn session(&self, operation: &'static str) -> Result<Session, StorageError> {
        let connection = self.pool.get().await.map_err(|error| failure::of_pool(&error, operation))?;
        Ok(Session::new(connection, self.mode))
    }

    /// Makes a change in a transaction, and again after a passing fault.
    async fn make<C: Change>(&self, operation: &'static str, change: &C) -> Result<C::Done, StorageError> {
        let deadline = Instant::now() + self.patience;
        let mut doubt = false;
        loop {
            let session = self.session(operation).await.map_err(|error| told(error, operation, doubt))?;
            let transacting = Transacting::new(session);
            let (error, remedy) = match self.try_make(&transacting, change).await {
                Ok(done) => {
                    transacting.ended();
                    return Ok(done);
                }
                Err(Tried::Refused(kind)) => return Err(told(StorageError::new(kind, operation), operation, doubt)),
                Err(Tried::Failed(error)) => (failure::of(&error, operation), failure::remedy(&error)),
                Err(Tried::Unknown(error)) => {
                    doubt = true;
                    (failure::of(&error, operation), Remedy::Reconnect)
                }
            };
            drop(transacting);
            if remedy == Remedy::None || Instant::now() >= deadline {
                return Err(told(error, operation, doubt));
            }
            sleep(PAUSE).await;
        }
    }

    async fn try_make<C: Change>(&self, transacting: &Transacting, change: &C) -> Result<C::Done, Tried> {
        let session = transacting.session().ok_or(Tried::Refused(Kind::Unavailable))?;
        session.run(&self.writing.begin).await.map_err(Tried::Failed)?;
        let done = change.make(self, session).await.map_err(|stop| match stop {
            Stop::Refused(kind) => Tried::Refused(kind),
            Stop::Failed(error) => Tried::Failed(error),
        })?;
        session.run("COMMIT").await.map_err(|error| {
            if failure::ends_the_connection(&error) { Tried::Unknown(error) } else { Tried::Failed(error) }
        })?;
        Ok(done)
    }
}

/// How an attempt ended.
enum Tried {
    Refused(Kind),
    Failed(Error),
    Unknown(Error),
}

/// What the caller is told; after an attempt whose outcome is unknown, nothing else is certain.
const fn told(error: StorageError, operation: &'static str, doubt: bool) -> StorageError {
    if doubt { StorageError::new(Kind::OutcomeUnknown, operation) } else { error }
}

/// Runs a statement that is not hot and gives its rows.
pub(super) async fn ask(session: &Session, statement: &Statement, values: &[Value<'_>]) -> Result<Vec<Row>, Error> {
    session.query(&session.ready(statement).await?, values).await
}

/// The state of a bucket from the columns bucket, state, epoch.
pub(super) fn status(columns: &Row) -> Result<BucketStatus, Damaged> {
    let bucket = u16::try_from(columns.try_get::<_, i16>(0)?).ok().and_then(Bucket::new).ok_or(Damaged)?;
    let state = u8::try_from(columns.try_get::<_, i16>(1)?).ok().and_then(BucketState::from_code).ok_or(Damaged)?;
    Ok(BucketStatus { bucket, state, epoch: columns::unsigned(columns.try_get(2)?)? })
}

/// The state of every bucket, none missing.
pub(super) fn all_buckets(rows: &[Row]) -> Result<Vec<BucketStatus>, Damaged> {
    let all: Vec<BucketStatus> = rows.iter().map(status).collect::<Result<_, _>>()?;
    if all.iter().map(|status| status.bucket).eq(Bucket::all()) { Ok(all) } else { Err(Damaged) }
}

#[async_trait]
impl Custody for PostgresStorage {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StorageError> {
        Ok(Box::new(PostgresSnapshot::begin(Arc::clone(&self.inner.keeper)).await?))
    }

    async fn buckets(&self) -> Result<Vec<BucketStatus>, StorageError> {
        let keeper = &self.inner.keeper;
        let rows = self.inner.readers.ask("buckets", &keeper.sql.buckets, &[]).await?;
        all_buckets(&rows).map_err(|Damaged| Damaged::in_operation("buckets"))
    }

    async fn turn(&self, turns: &[Turn]) -> Result<(), StorageError> {
        self.inner.keeper.make("turn", &Turning { turns }).await
    }

    async fn install(&self, pieces: &[Piece]) -> Result<(), StorageError> {
        Piece::check_all(pieces)?;
        self.inner.keeper.make("install", &Installing { pieces }).await
    }

    async fn clear(&self, status: BucketStatus) -> Result<(), StorageError> {
        while self.inner.keeper.make("clear", &Clearing { expected: status }).await?.is_more() {}
        Ok(())
    }
}
