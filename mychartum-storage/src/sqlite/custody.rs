//! Turning, installing and clearing buckets inside an open transaction.

use mychartum_core::port::custody::{Applied, BucketState, BucketStatus, Piece, Turn};
use mychartum_core::port::storage::{ChangeSet, Head, StorageErrorKind as Kind};
use rusqlite::{Connection, params};

use super::columns::Key;
use super::row_writer::{RowWriter, Written, stored};
use super::standing::{self, Refusal};
use super::{read, statements};

/// How many rows of a table one slice of a clearing removes, about.
const SLICE: u32 = 1000;

/// Whether a task is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    Done,
    /// A slice is done, and there is more.
    More,
}

/// Turns buckets one after the other; after a refusal the transaction must be rolled back.
pub(super) fn turn(connection: &Connection, turns: &[Turn]) -> Result<(), Refusal> {
    for turn in turns {
        let bucket = turn.bucket.number();
        let holds = connection.prepare_cached(statements::HOLDS)?.query_row([bucket], |row| row.get(0))?;
        let now = standing::status(connection, turn.bucket)?;
        let then = turn.applied_to(now, holds).map_err(|error| Refusal::Answer(error.kind()))?;
        let Some(then) = then else { continue };
        let epoch = then.epoch.cast_signed();
        connection.prepare_cached(statements::PUT_STANDING)?.execute((bucket, then.state.code(), epoch))?;
        // Also where the bucket's epoch stays: heads that were installed have the epochs that they had elsewhere.
        connection.prepare_cached(statements::RAISE)?.execute((bucket, epoch))?;
    }
    Ok(())
}

/// Installs pieces, whose limits were checked; after a refusal the transaction must be rolled back.
pub(super) fn install(connection: &Connection, pieces: &[Piece]) -> Result<(), Refusal> {
    for piece in pieces {
        let status = standing::status(connection, piece.partition.bucket())?;
        // More rows need a head before them.
        let follows = piece.first.is_some() || read::stored_head(connection, piece.partition)?.is_some();
        if status.state != BucketState::Arriving || status.epoch != piece.epoch || !follows {
            return Err(Refusal::Answer(Kind::Invalid));
        }
        let key = Key::of(piece.partition);
        if let Some((head, applied)) = &piece.first {
            begin(connection, &key, head, applied)?;
        }
        let mut writer = RowWriter::prepare(connection, &key)?;
        for row in &piece.rows {
            let there = stored(connection, &key, row.collection, row.row)?;
            writer.put(&Written::from(row), there.as_ref())?;
        }
    }
    Ok(())
}

/// Replaces whatever a partition held by its head and the change sets that it remembers.
fn begin(connection: &Connection, key: &Key, head: &Head, applied: &[Applied]) -> rusqlite::Result<()> {
    for sql in statements::EMPTY_PARTITION {
        connection.prepare_cached(sql)?.execute((key.bucket, key.kind, key.id))?;
    }
    connection.prepare_cached(statements::PUT_HEAD)?.execute(params![
        key.bucket,
        key.kind,
        key.id,
        head.revision.cast_signed(),
        head.epoch.cast_signed(),
        head.audit.count.cast_signed(),
        head.audit.link,
    ])?;
    let mut remember = connection.prepare_cached(statements::REMEMBER)?;
    for Applied { id, digest, revision } in applied {
        let slot = (revision % ChangeSet::REMEMBERED).cast_signed();
        let (id, revision) = (id.to_bytes(), revision.cast_signed());
        remember.execute(params![key.bucket, key.kind, key.id, slot, id, digest, revision])?;
    }
    Ok(())
}

/// Removes a slice of what a bucket holds, if it stands as expected.
pub(super) fn clear_slice(connection: &Connection, expected: BucketStatus) -> Result<Rest, Refusal> {
    let bucket = expected.bucket;
    let now = standing::status(connection, bucket)?;
    now.may_be_cleared(expected).map_err(|error| Refusal::Answer(error.kind()))?;
    for (slice, rest) in statements::EMPTY_BUCKET.into_iter().zip(statements::EMPTY_REST) {
        if connection.prepare_cached(slice)?.execute((bucket.number(), SLICE))? > 0 {
            return Ok(Rest::More);
        }
        connection.prepare_cached(rest)?.execute([bucket.number()])?;
    }
    Ok(Rest::Done)
}
