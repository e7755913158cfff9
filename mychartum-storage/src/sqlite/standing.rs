//! How a bucket stands, looked at in the same state of the file as what it guards.

use mychartum_core::port::custody::{BucketState, BucketStatus};
use mychartum_core::port::storage::{Bucket, StorageError, StorageErrorKind as Kind};
use rusqlite::Connection;

use super::{columns, failure, statements};

/// Why something was not done.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It broke the contract or an expectation, or the bucket does not stand for it; nothing was written.
    Answer(Kind),
    /// SQLite failed; an open transaction must be rolled back.
    Engine(rusqlite::Error),
}

impl Refusal {
    /// The error of the port, in an operation.
    pub(super) fn in_operation(&self, operation: &'static str) -> StorageError {
        match self {
            Self::Answer(kind) => StorageError::new(*kind, operation),
            Self::Engine(error) => failure::of(error, operation),
        }
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(error)
    }
}

/// How a bucket stands now.
pub(super) fn status(connection: &Connection, bucket: Bucket) -> rusqlite::Result<BucketStatus> {
    connection
        .prepare_cached(statements::STANDING)?
        .query_row([bucket.number()], |row| columns::standing(row, 0, bucket))
}

/// How every bucket stands, in the order of their numbers.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<BucketStatus>> {
    let new = |bucket| BucketStatus { bucket, state: BucketState::Serving, epoch: 0 };
    let mut all: Vec<BucketStatus> = Bucket::all().map(new).collect();
    let mut statement = connection.prepare_cached(statements::STANDINGS)?;
    let stored = statement.query_map([], |row| {
        let bucket = columns::bucket(row, 0)?;
        columns::standing(row, 1, bucket)
    })?;
    for status in stored {
        let status = status?;
        if let Some(place) = all.get_mut(usize::from(status.bucket.number())) {
            *place = status;
        }
    }
    Ok(all)
}

/// Reads from a bucket, if it may be read here.
///
/// The cursor over the bucket's state stays open meanwhile. As long as it does, SQLite shows this connection one state of
/// the file, so that a bucket which was turned away in between never looks empty. That spares the read a transaction of its
/// own, which costs more than the question.
pub(super) fn reading<T>(
    connection: &Connection,
    bucket: Bucket,
    read: impl FnOnce(BucketStatus) -> rusqlite::Result<T>,
) -> Result<T, Refusal> {
    let mut statement = connection.prepare_cached(statements::STANDING)?;
    let mut cursor = statement.query([bucket.number()])?;
    let row = cursor.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let status = columns::standing(row, 0, bucket)?;
    if let Some(kind) = status.state.refuses_reads() {
        return Err(Refusal::Answer(kind));
    }
    let answer = read(status)?;
    drop(cursor);
    Ok(answer)
}
