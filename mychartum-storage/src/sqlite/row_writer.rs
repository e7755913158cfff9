//! Writing rows with their tags, each in its place in the cluster.

use mychartum_core::port::storage::{Collection, Put, Row, RowId, Tag};
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, params};

use super::columns::{self, Key};
use super::statements;

/// What is there where a row is put or deleted.
pub(super) struct Stored {
    pub(super) version: u64,
    order: i64,
    tags: Vec<Tag>,
}

/// What is stored under a row's id, if anything.
pub(super) fn stored(
    connection: &Connection,
    key: &Key,
    collection: Collection,
    row: RowId,
) -> rusqlite::Result<Option<Stored>> {
    let place = (key.bucket, key.kind, key.id, collection.number(), row.to_bytes());
    let found = connection.prepare_cached(statements::STORED)?.query_row(place, |row| {
        Ok(Stored { version: columns::unsigned(row, 0)?, order: row.get(1)?, tags: columns::tags(row, 2)? })
    });
    found.optional()
}

/// A row as it is to be stored.
pub(super) struct Written<'a> {
    collection: Collection,
    row: RowId,
    version: u64,
    order: i64,
    tags: &'a [Tag],
    body: &'a [u8],
}

impl<'a> From<&'a Put> for Written<'a> {
    fn from(put: &'a Put) -> Self {
        let Put { collection, row, version, order, tags, body } = put;
        Self { collection: *collection, row: *row, version: *version, order: *order, tags, body }
    }
}

impl<'a> From<&'a Row> for Written<'a> {
    fn from(row: &'a Row) -> Self {
        let Row { partition: _, collection, row, version, order, tags, body } = row;
        Self { collection: *collection, row: *row, version: *version, order: *order, tags, body }
    }
}

/// Writes rows of one partition and their tags; the statements are fetched once a change set.
pub(super) struct RowWriter<'a> {
    key: &'a Key,
    insert: CachedStatement<'a>,
    update: CachedStatement<'a>,
    delete: CachedStatement<'a>,
    insert_tag: CachedStatement<'a>,
    delete_tag: CachedStatement<'a>,
}

impl<'a> RowWriter<'a> {
    pub(super) fn prepare(connection: &'a Connection, key: &'a Key) -> rusqlite::Result<Self> {
        Ok(Self {
            key,
            insert: connection.prepare_cached(statements::INSERT)?,
            update: connection.prepare_cached(statements::UPDATE)?,
            delete: connection.prepare_cached(statements::DELETE)?,
            insert_tag: connection.prepare_cached(statements::INSERT_TAG)?,
            delete_tag: connection.prepare_cached(statements::DELETE_TAG)?,
        })
    }

    /// Puts a row in the place of the stored one, if there is one.
    pub(super) fn put(&mut self, put: &Written<'_>, stored: Option<&Stored>) -> rusqlite::Result<()> {
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
            columns::tags_to_blob(put.tags),
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

    /// Removes a stored row.
    pub(super) fn delete(&mut self, collection: Collection, row: RowId, stored: &Stored) -> rusqlite::Result<()> {
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
