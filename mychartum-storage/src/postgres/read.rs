//! The five questions of the port, each one statement, asked again on another connection when one is lost.

use core::time::Duration;
use std::collections::HashMap;

use deadpool_postgres::Pool;
use mychartum_core::port::custody::BucketState;
use mychartum_core::port::storage::{
    Bucket, Collection, Direction, Due, Head, Partition, Row, RowId, Scan, StorageError, StorageErrorKind as Kind,
};
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::Row as Columns;

use super::bounds::Bounds;
use super::columns::{self, Damaged, Id, Key};
use super::failure::{self, Remedy};
use super::options::StatementMode;
use super::reading_sql::{Reading, Statement};
use super::session::{Session, Value};

/// How long a reader waits before it asks on another connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Connections that only read, and what they ask.
pub(super) struct Readers {
    pub(super) pool: Pool,
    pub(super) mode: StatementMode,
    pub(super) sql: Reading,
    pub(super) limit: Duration,
    pub(super) patience: Duration,
}

impl Readers {
    pub(super) async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        let key = Key::of(partition);
        let rows = self.ask("head", &self.sql.head, &[&key.bucket, &key.kind, &key.id]).await?;
        let bucket = readable(&rows, "head")?;
        let head = match bucket.try_get::<_, Option<i64>>(2) {
            Ok(Some(_)) => columns::head(bucket, 2),
            Ok(None) => epoch(bucket).map(|epoch| Head { epoch, ..Head::EMPTY }),
            Err(_) => Err(Damaged),
        };
        head.map_err(|Damaged| Damaged::in_operation("head"))
    }

    pub(super) async fn get(
        &self,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        let key = Key::of(partition);
        let ids: Vec<Id> = rows.iter().map(|row| Id(row.to_bytes())).collect();
        let number = i32::from(collection.number());
        let found = self.ask("get", &self.sql.get, &[&key.bucket, &key.kind, &key.id, &number, &ids]).await?;
        readable(&found, "get")?;
        let found = rows_of(&found, |columns| columns::row(columns, 1, partition, collection));
        let found = found.map_err(|Damaged| Damaged::in_operation("get"))?;
        let by_id: HashMap<RowId, &Row> = found.iter().map(|row| (row.row, row)).collect();
        Ok(rows.iter().filter_map(|row| by_id.get(row).copied().cloned()).collect())
    }

    pub(super) async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        let Some(Bounds { order, id, last }) = Bounds::of(scan) else {
            // Nothing can be there, but the bucket may be elsewhere.
            return self.head(scan.partition).await.map(|_| Vec::new());
        };
        let key = Key::of(scan.partition);
        let (collection, limit) = (i32::from(scan.collection.number()), i64::from(scan.limit));
        let tag = scan.tag.map(|tag| Id(tag.to_bytes()));
        let mut values: Vec<Value<'_>> = vec![&key.bucket, &key.kind, &key.id, &collection, &order, &id, &last, &limit];
        values.extend(tag.as_ref().map(|tag| tag as Value<'_>));
        let sql = match (scan.tag, scan.direction) {
            (None, Direction::Ascending) => &self.sql.scan_up,
            (None, Direction::Descending) => &self.sql.scan_down,
            (Some(_), Direction::Ascending) => &self.sql.tag_up,
            (Some(_), Direction::Descending) => &self.sql.tag_down,
        };
        let found = self.ask("scan", sql, &values).await?;
        readable(&found, "scan")?;
        // A tag without its row: an index of our own disagrees with its table.
        let lost = |columns: &Columns| {
            scan.tag.is_some()
                && matches!(columns.try_get::<_, Option<Id>>(6), Ok(Some(_)))
                && !matches!(columns.try_get::<_, Option<Id>>(1), Ok(Some(_)))
        };
        if found.iter().any(lost) {
            return Err(Damaged::in_operation("scan"));
        }
        let rows = rows_of(&found, |columns| columns::row(columns, 1, scan.partition, scan.collection));
        let mut rows = rows.map_err(|Damaged| Damaged::in_operation("scan"))?;
        // The join keeps the order of the index; SQL does not promise it, so it is looked at.
        match scan.direction {
            Direction::Ascending => sort(&mut rows, |row| row.position()),
            Direction::Descending => sort(&mut rows, |row| core::cmp::Reverse(row.position())),
        }
        Ok(rows)
    }

    pub(super) async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        let (bucket, collection) = (due.bucket.number().cast_signed(), i32::from(due.collection.number()));
        let limit = i64::from(due.limit);
        let found = self.ask("due", &self.sql.due, &[&bucket, &collection, &due.before, &limit]).await?;
        readable(&found, "due")?;
        let row = |columns: &Columns| columns::row(columns, 1, columns::partition(columns, 6)?, due.collection);
        let mut rows = rows_of(&found, row).map_err(|Damaged| Damaged::in_operation("due"))?;
        sort(&mut rows, |row| (row.order, row.partition, row.row));
        Ok(rows)
    }

    pub(super) async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        // No kind is below 0.
        let (kind, id) = after.map_or((-1, Id([0; 16])), |after| (i16::from(after.kind().code()), Id(after.id())));
        let (bucket, limit) = (bucket.number().cast_signed(), i64::from(limit));
        let found = self.ask("heads", &self.sql.heads, &[&bucket, &kind, &id, &limit]).await?;
        readable(&found, "heads")?;
        let head = |columns: &Columns| Ok((columns::partition(columns, 1)?, columns::head(columns, 3)?));
        let mut heads = rows_of(&found, head).map_err(|Damaged| Damaged::in_operation("heads"))?;
        sort(&mut heads, |(partition, _)| *partition);
        Ok(heads)
    }

    /// Asks until there is an answer, an error that stays, or no time left.
    pub(super) async fn ask(
        &self,
        operation: &'static str,
        statement: &Statement,
        values: &[Value<'_>],
    ) -> Result<Vec<Columns>, StorageError> {
        let deadline = Instant::now() + self.patience;
        loop {
            let (error, remedy) = match self.pool.get().await {
                Ok(connection) => {
                    let session = Session::new(connection, self.mode);
                    let asking = async { session.query(&session.ready(statement).await?, values).await };
                    match timeout(self.limit, asking).await {
                        Ok(Ok(rows)) => return Ok(rows),
                        Ok(Err(error)) => {
                            let remedy = failure::remedy(&error);
                            if remedy == Remedy::Reconnect {
                                session.discard();
                            }
                            (failure::of(&error, operation), remedy)
                        }
                        Err(_) => {
                            // The server may still be at it: nobody else shall wait behind it.
                            session.discard();
                            (StorageError::new(Kind::Busy, operation), Remedy::None)
                        }
                    }
                }
                Err(error) => {
                    let remedy = match failure::of_pool(&error, operation).kind() {
                        Kind::Busy => Remedy::None,
                        _ => failure::remedy_of_pool(&error),
                    };
                    (failure::of_pool(&error, operation), remedy)
                }
            };
            if remedy == Remedy::None || Instant::now() >= deadline {
                return Err(error);
            }
            sleep(PAUSE).await;
        }
    }
}

/// The first row of an answer, which there always is, if its bucket can be read here.
fn readable<'a>(rows: &'a [Columns], operation: &'static str) -> Result<&'a Columns, StorageError> {
    let damaged = Damaged::in_operation(operation);
    let bucket = rows.first().ok_or(damaged)?;
    let state: i16 = bucket.try_get(0).map_err(|_| damaged)?;
    let state = u8::try_from(state).ok().and_then(BucketState::from_code).ok_or(damaged)?;
    match state.refuses_reads() {
        None => Ok(bucket),
        Some(kind) => Err(StorageError::new(kind, operation)),
    }
}

fn epoch(bucket: &Columns) -> Result<u64, Damaged> {
    columns::unsigned(bucket.try_get(1)?)
}

/// What the rows of an answer hold; the row of the bucket alone, with nulls, holds nothing.
fn rows_of<T>(found: &[Columns], read: impl Fn(&Columns) -> Result<T, Damaged>) -> Result<Vec<T>, Damaged> {
    let nothing = |columns: &Columns| {
        columns.columns().get(1).is_some_and(|column| match *column.type_() {
            tokio_postgres::types::Type::INT2 => matches!(columns.try_get::<_, Option<i16>>(1), Ok(None)),
            _ => matches!(columns.try_get::<_, Option<Id>>(1), Ok(None)),
        })
    };
    found.iter().filter(|columns| !nothing(columns)).map(read).collect()
}

fn sort<T, K: Ord>(rows: &mut [T], key: impl Fn(&T) -> K) {
    if !rows.is_sorted_by_key(&key) {
        rows.sort_unstable_by_key(key);
    }
}
