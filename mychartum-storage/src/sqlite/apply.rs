//! One change set inside an open transaction: everything is checked before anything is written.

use mychartum_core::port::storage::{ChangeSet, Head, Outcome, Receipt, StorageErrorKind as Kind};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::row_writer::{RowWriter, Stored, Written, stored};
use super::standing::{self, Refusal};
use super::{columns, read, statements};

/// Applies a change set, whose limits were checked, to the transaction that is open on the connection.
///
/// # Errors
/// [`Refusal::Answer`] before anything was written, [`Refusal::Engine`] at any point.
pub(super) fn apply(connection: &Connection, set: &ChangeSet, digest: [u8; 32]) -> Result<Receipt, Refusal> {
    let status = standing::status(connection, set.partition.bucket())?;
    if let Some(kind) = status.state.refuses_commits() {
        return Err(Refusal::Answer(kind));
    }
    let key = columns::Key::of(set.partition);
    if let Some((earlier, revision)) = remembered(connection, &key, set)? {
        return if earlier == digest {
            Ok(Receipt { revision, outcome: Outcome::Repeated })
        } else {
            Err(Refusal::Answer(Kind::Invalid))
        };
    }
    let unknown = Head { epoch: status.epoch, ..Head::EMPTY };
    let head = read::stored_head(connection, set.partition)?.unwrap_or(unknown);
    if set.expect.revision != head.revision || set.expect.epoch != head.epoch {
        return Err(Refusal::Answer(Kind::Conflict));
    }
    let (puts, deletes) = expected_rows(connection, &key, set)?;
    let mut writer = RowWriter::prepare(connection, &key)?;
    for (delete, stored) in set.deletes.iter().zip(&deletes) {
        writer.delete(delete.collection, delete.row, stored)?;
    }
    for (put, stored) in set.puts.iter().zip(&puts) {
        writer.put(&Written::from(put), stored.as_ref())?;
    }
    let revision = head.revision.checked_add(1).ok_or(Refusal::Answer(Kind::Unsupported))?;
    advance(connection, &key, set, Head { revision, audit: set.audit, epoch: head.epoch }, digest)?;
    Ok(Receipt { revision, outcome: Outcome::Applied })
}

/// The digest and revision of a change set with this id, if it is among the last ones.
fn remembered(
    connection: &Connection,
    key: &columns::Key,
    set: &ChangeSet,
) -> rusqlite::Result<Option<([u8; 32], u64)>> {
    let mut statement = connection.prepare_cached(statements::APPLIED)?;
    let id = set.id.to_bytes();
    statement
        .query_row((key.bucket, key.kind, key.id, id), |row| Ok((row.get(0)?, columns::unsigned(row, 1)?)))
        .optional()
}

type Expected = (Vec<Option<Stored>>, Vec<Stored>);

/// What is stored where the set puts and deletes, if all versions are the expected ones.
fn expected_rows(connection: &Connection, key: &columns::Key, set: &ChangeSet) -> Result<Expected, Refusal> {
    let mut puts = Vec::with_capacity(set.puts.len());
    for put in &set.puts {
        let there = stored(connection, key, put.collection, put.row)?;
        let version = there.as_ref().map_or(0, |there| there.version);
        if put.version.checked_sub(1) != Some(version) {
            return Err(Refusal::Answer(Kind::Conflict));
        }
        puts.push(there);
    }
    let mut deletes = Vec::with_capacity(set.deletes.len());
    for delete in &set.deletes {
        match stored(connection, key, delete.collection, delete.row)? {
            Some(there) if there.version == delete.version => deletes.push(there),
            _ => return Err(Refusal::Answer(Kind::Conflict)),
        }
    }
    Ok((puts, deletes))
}

/// The new head, and the memory of this change set in the place of the one 64 revisions ago.
fn advance(
    connection: &Connection,
    key: &columns::Key,
    set: &ChangeSet,
    head: Head,
    digest: [u8; 32],
) -> rusqlite::Result<()> {
    let revision = head.revision.cast_signed();
    connection.prepare_cached(statements::PUT_HEAD)?.execute(params![
        key.bucket,
        key.kind,
        key.id,
        revision,
        head.epoch.cast_signed(),
        head.audit.count.cast_signed(),
        head.audit.link,
    ])?;
    let slot = (head.revision % ChangeSet::REMEMBERED).cast_signed();
    let id = set.id.to_bytes();
    let memory = params![key.bucket, key.kind, key.id, slot, id, digest, revision];
    connection.prepare_cached(statements::REMEMBER)?.execute(memory).map(drop)
}
