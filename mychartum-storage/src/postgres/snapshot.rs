//! A view of everything at one moment: a transaction that only reads, on a connection of its own, and ends with it.

use core::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::Snapshot;
use mychartum_core::port::custody::{Applied, BucketStatus, Piece};
use mychartum_core::port::storage::{
    Bucket, Collection, Head, Partition, Row, RowId, StorageError, StorageErrorKind as Kind,
};

use super::columns::{self, Damaged, Id, Key};
use super::custody::{Keeper, all_buckets, ask};
use super::failure;
use super::reading_sql::Statement;
use super::session::{Session, Transacting, Value};

const OPERATION: &str = "snapshot";

/// The first statement after `BEGIN` chooses the moment. A snapshot may be looked at for long, with pauses.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
    SET LOCAL idle_in_transaction_session_timeout = 0;
    SET LOCAL statement_timeout = 0;
    SELECT 1";

/// What a database held when it was asked.
pub(super) struct PostgresSnapshot {
    keeper: Arc<Keeper>,
    transacting: Transacting,
}

impl PostgresSnapshot {
    /// Takes a connection and the moment.
    pub(super) async fn begin(keeper: Arc<Keeper>) -> Result<Self, StorageError> {
        let session = keeper.session(OPERATION).await?;
        let snapshot = Self { keeper, transacting: Transacting::new(session) };
        snapshot.session()?.run(BEGIN).await.map_err(|error| failure::of(&error, OPERATION))?;
        Ok(snapshot)
    }

    fn session(&self) -> Result<&Session, StorageError> {
        self.transacting.session().ok_or(StorageError::new(Kind::Unavailable, OPERATION))
    }

    async fn ask(&self, statement: &Statement, values: &[Value<'_>]) -> Result<Vec<tokio_postgres::Row>, StorageError> {
        ask(self.session()?, statement, values).await.map_err(|error| failure::of(&error, OPERATION))
    }
}

impl fmt::Debug for PostgresSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresSnapshot").finish_non_exhaustive()
    }
}

#[async_trait]
impl Snapshot for PostgresSnapshot {
    async fn buckets(&mut self) -> Result<Vec<BucketStatus>, StorageError> {
        let rows = self.ask(&self.keeper.sql.buckets, &[]).await?;
        all_buckets(&rows).map_err(damaged)
    }

    async fn heads(
        &mut self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        at_least_one(limit)?;
        // No kind is below 0.
        let (kind, id) = after.map_or((-1, Id([0; 16])), |after| (i16::from(after.kind().code()), Id(after.id())));
        let (bucket, limit) = (bucket.number().cast_signed(), i64::from(limit));
        let rows = self.ask(&self.keeper.sql.heads, &[&bucket, &kind, &id, &limit]).await?;
        let head = |row: &_| Ok((columns::partition(row, 0)?, columns::head(row, 2)?));
        rows.iter().map(head).collect::<Result<_, _>>().map_err(damaged)
    }

    async fn rows(
        &mut self,
        partition: Partition,
        after: Option<(Collection, RowId)>,
        limit: u32,
    ) -> Result<Vec<Row>, StorageError> {
        at_least_one(limit)?;
        let key = Key::of(partition);
        // No collection is below 0.
        let (collection, id) =
            after.map_or((-1, Id([0; 16])), |(collection, row)| (i32::from(collection.number()), Id(row.to_bytes())));
        let (limit, enough) = (i64::from(limit), i64::try_from(Piece::ENOUGH_BYTES).unwrap_or(i64::MAX));
        let values: [Value<'_>; 7] = [&key.bucket, &key.kind, &key.id, &collection, &id, &limit, &enough];
        let rows = self.ask(&self.keeper.sql.rows, &values).await?;
        let row = |row: &tokio_postgres::Row| {
            let collection = u16::try_from(row.try_get::<_, i32>(5)?).map_err(|_| Damaged)?;
            columns::row(row, 0, partition, Collection::new(collection))
        };
        rows.iter().map(row).collect::<Result<_, _>>().map_err(damaged)
    }

    async fn applied(&mut self, partition: Partition) -> Result<Vec<Applied>, StorageError> {
        let key = Key::of(partition);
        let rows = self.ask(&self.keeper.sql.applied, &[&key.bucket, &key.kind, &key.id]).await?;
        let applied = |row: &tokio_postgres::Row| {
            let Id(id) = row.try_get(0)?;
            let (digest, revision) = (columns::array(row.try_get(1)?)?, columns::unsigned(row.try_get(2)?)?);
            Ok(Applied { id: ChangeSetId::from_bytes(id), digest, revision })
        };
        rows.iter().map(applied).collect::<Result<_, _>>().map_err(damaged)
    }
}

fn damaged(_: Damaged) -> StorageError {
    Damaged::in_operation(OPERATION)
}

fn at_least_one(limit: u32) -> Result<(), StorageError> {
    if limit == 0 { Err(StorageError::new(Kind::Invalid, OPERATION)) } else { Ok(()) }
}
