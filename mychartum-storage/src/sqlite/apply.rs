//! One change set inside an open transaction: everything is checked before anything is written.

use mychartum_core::port::storage::{
    ChangeSet, Collection, Head, Outcome, Put, Receipt, RowId, StorageErrorKind as Kind, Tag,
};
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, params};

use super::{columns, read, statements};

/// Why a change set was not applied.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It broke the contract or an expectation; the transaction is as before.
    Answer(Kind),
    /// SQLite failed; the transaction must be rolled back.
    Engine(rusqlite::Error),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(error)
    }
}

/// What is there where a row is put or deleted.
struct Stored {
    version: u64,
    order: i64,
    tags: Vec<Tag>,
}

/// Applies a change set, whose limits were checked, to the transaction that is open on the connection.
///
/// # Errors
/// [`Refusal::Answer`] before anything was written, [`Refusal::Engine`] at any point.
pub(super) fn apply(connection: &Connection, set: &ChangeSet, digest: [u8; 32]) -> Result<Receipt, Refusal> {
    let key = columns::Key::of(set.partition);
    if let Some((earlier, revision)) = remembered(connection, &key, set)? {
        return if earlier == digest {
            Ok(Receipt { revision, outcome: Outcome::Repeated })
        } else {
            Err(Refusal::Answer(Kind::Invalid))
        };
    }
    let head = read::head(connection, set.partition)?;
    if set.expect.revision != head.revision || set.expect.epoch != head.epoch {
        return Err(Refusal::Answer(Kind::Conflict));
    }
    let (puts, deletes) = expected_rows(connection, &key, set)?;
    let mut writer = RowWriter::prepare(connection, &key)?;
    for (delete, stored) in set.deletes.iter().zip(&deletes) {
        writer.delete(delete.collection, delete.row, stored)?;
    }
    for (put, stored) in set.puts.iter().zip(&puts) {
        writer.put(put, stored.as_ref())?;
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
    let mut statement = connection.prepare_cached(statements::STORED)?;
    let mut stored = |collection: Collection, row: RowId| {
        let place = (key.bucket, key.kind, key.id, collection.number(), row.to_bytes());
        let found = statement.query_row(place, |row| {
            Ok(Stored { version: columns::unsigned(row, 0)?, order: row.get(1)?, tags: columns::tags(row, 2)? })
        });
        found.optional()
    };
    let mut puts = Vec::with_capacity(set.puts.len());
    for put in &set.puts {
        let there = stored(put.collection, put.row)?;
        let version = there.as_ref().map_or(0, |there| there.version);
        if put.version.checked_sub(1) != Some(version) {
            return Err(Refusal::Answer(Kind::Conflict));
        }
        puts.push(there);
    }
    let mut deletes = Vec::with_capacity(set.deletes.len());
    for delete in &set.deletes {
        match stored(delete.collection, delete.row)? {
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

/// Writes rows and their tags; the statements are fetched once a change set.
struct RowWriter<'a> {
    key: &'a columns::Key,
    insert: CachedStatement<'a>,
    update: CachedStatement<'a>,
    delete: CachedStatement<'a>,
    insert_tag: CachedStatement<'a>,
    delete_tag: CachedStatement<'a>,
}

impl<'a> RowWriter<'a> {
    fn prepare(connection: &'a Connection, key: &'a columns::Key) -> rusqlite::Result<Self> {
        Ok(Self {
            key,
            insert: connection.prepare_cached(statements::INSERT)?,
            update: connection.prepare_cached(statements::UPDATE)?,
            delete: connection.prepare_cached(statements::DELETE)?,
            insert_tag: connection.prepare_cached(statements::INSERT_TAG)?,
            delete_tag: connection.prepare_cached(statements::DELETE_TAG)?,
        })
    }

    fn put(&mut self, put: &Put, stored: Option<&Stored>) -> rusqlite::Result<()> {
        let same_place = stored.filter(|stored| stored.order == put.order);
        if let (Some(stored), None) = (stored, same_place) {
            // A new order is a new place in the cluster.
            self.delete(put.collection, put.row, stored)?;
        }
        let statement = if same_place.is_some() { &mut self.update } else { &mut self.insert };
        let changed = statement.execute(params![
            self.key.bucket,
            self.key.kind,
            self.key.id,
            put.collection.number(),
            put.order,
            put.row.to_bytes(),
            put.version.cast_signed(),
            columns::tags_to_blob(&put.tags),
            put.body,
        ])?;
        one_row(changed)?;
        let kept = same_place.map_or(&[][..], |stored| &stored.tags);
        for tag in kept.iter().filter(|tag| !put.tags.contains(tag)) {
            self.untag(put.collection, put.row, put.order, *tag)?;
        }
        for tag in put.tags.iter().filter(|tag| !kept.contains(tag)) {
            let key = self.key;
            let (collection, row) = (put.collection.number(), put.row.to_bytes());
            self.insert_tag.execute((key.bucket, key.kind, key.id, collection, tag.to_bytes(), put.order, row))?;
        }
        Ok(())
    }

    fn delete(&mut self, collection: Collection, row: RowId, stored: &Stored) -> rusqlite::Result<()> {
        let key = self.key;
        let place = (key.bucket, key.kind, key.id, collection.number(), stored.order, row.to_bytes());
        one_row(self.delete.execute(place)?)?;
        stored.tags.iter().try_for_each(|tag| self.untag(collection, row, stored.order, *tag))
    }

    fn untag(&mut self, collection: Collection, row: RowId, order: i64, tag: Tag) -> rusqlite::Result<()> {
        let key = self.key;
        let place = (key.bucket, key.kind, key.id, collection.number(), tag.to_bytes(), order, row.to_bytes());
        one_row(self.delete_tag.execute(place)?)
    }
}

/// A row that was just read must be there to be changed; if not, table and index disagree.
fn one_row(changed: usize) -> rusqlite::Result<()> {
    if changed == 1 { Ok(()) } else { Err(rusqlite::Error::QueryReturnedNoRows) }
}
