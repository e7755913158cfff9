//! A snapshot: a connection of its own with an open read transaction.

use core::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use mychartum_core::port::Snapshot;
use mychartum_core::port::custody::{Applied, BucketStatus, Piece};
use mychartum_core::port::storage::{Bucket, Collection, Head, Partition, Row, RowId, StorageError, StorageErrorKind};
use rusqlite::Connection;

use super::columns::{self, Key};
use super::options::SqliteOptions;
use super::{blocking, connect, failure, read, standing, statements};

/// The file as it was at one moment. Commits go on meanwhile; the write-ahead log grows by them until the snapshot ends.
pub(super) struct SqliteSnapshot {
    /// Shared with a question that was asked and is not waited for any more.
    connection: Arc<Mutex<Connection>>,
}

impl SqliteSnapshot {
    /// Opens a connection and takes hold of the present state of the file.
    ///
    /// # Errors
    /// `Unavailable`, `Busy`.
    pub(super) fn open(path: &Path, options: &SqliteOptions) -> Result<Self, StorageError> {
        let connection = connect::reader(path, options)?;
        // A transaction begins with its first read.
        let begun = connection.execute_batch("BEGIN; SELECT count(*) FROM bucket;");
        begun.map_err(|error| failure::of(&error, "snapshot"))?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StorageError> {
        let connection = Arc::clone(&self.connection);
        blocking::run("snapshot", move || {
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            question(&connection).map_err(|error| failure::of(&error, "snapshot"))
        })
        .await
    }
}

impl fmt::Debug for SqliteSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteSnapshot").finish_non_exhaustive()
    }
}

#[async_trait]
impl Snapshot for SqliteSnapshot {
    async fn buckets(&mut self) -> Result<Vec<BucketStatus>, StorageError> {
        self.ask(standing::all).await
    }

    async fn heads(
        &mut self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        at_least_one(limit)?;
        self.ask(move |connection| read::stored_heads(connection, bucket, after, limit)).await
    }

    async fn rows(
        &mut self,
        partition: Partition,
        after: Option<(Collection, RowId)>,
        limit: u32,
    ) -> Result<Vec<Row>, StorageError> {
        at_least_one(limit)?;
        self.ask(move |connection| rows(connection, partition, after, limit)).await
    }

    async fn applied(&mut self, partition: Partition) -> Result<Vec<Applied>, StorageError> {
        self.ask(move |connection| {
            let key = Key::of(partition);
            let mut statement = connection.prepare_cached(statements::ALL_APPLIED)?;
            statement.query_map((key.bucket, key.kind, key.id), columns::applied)?.collect()
        })
        .await
    }
}

/// A page of a partition's rows, which ends where its bodies are long enough.
fn rows(
    connection: &Connection,
    partition: Partition,
    after: Option<(Collection, RowId)>,
    limit: u32,
) -> rusqlite::Result<Vec<Row>> {
    let key = Key::of(partition);
    // No collection has a number below 0.
    let (collection, row) =
        after.map_or((-1, Vec::new()), |(collection, row)| (i64::from(collection.number()), row.to_bytes().to_vec()));
    let mut statement = connection.prepare_cached(statements::ROWS)?;
    let mut found = statement.query((key.bucket, key.kind, key.id, collection, row, limit))?;
    let (mut page, mut bytes) = (Vec::new(), 0);
    while bytes < Piece::ENOUGH_BYTES
        && let Some(row) = found.next()?
    {
        let row = columns::row(row, partition, Collection::new(row.get(5)?))?;
        bytes += row.body.len();
        page.push(row);
    }
    Ok(page)
}

fn at_least_one(limit: u32) -> Result<(), StorageError> {
    if limit == 0 { Err(StorageError::new(StorageErrorKind::Invalid, "snapshot")) } else { Ok(()) }
}
