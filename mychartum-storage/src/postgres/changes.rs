//! The second round trip of a transaction: writes what was decided, and commits.

use mychartum_core::port::storage::{ChangeSet, Collection, RowId, Tag};
use tokio_postgres::Error;

use super::batch::{Batch, Cell, leading};
use super::columns::{Id, Key, tags_to_bytes};
use super::lookup::{Found, Stored};
use super::session::{Call, Session, pipeline};
use super::writing_sql::Writing;

/// All rows that a group of change sets writes, statement by statement.
pub(super) struct Changes<'a> {
    new_heads: Batch<'a, 7>,
    next_heads: Batch<'a, 7>,
    remembered: Batch<'a, 7>,
    untags: Batch<'a, 7>,
    deletes: Batch<'a, 5>,
    puts: Batch<'a, 9>,
    tags: Batch<'a, 7>,
}

/// How writing ended.
#[derive(Debug)]
pub(super) enum Written {
    /// Everything is durable.
    Committed,
    /// A statement failed before the commit: nothing of it stays.
    Failed(Error),
    /// A statement changed another number of rows than it must: table and index disagree. Nothing of it stays.
    Damaged,
    /// The commit itself was answered by an error: nothing of it stays.
    NotCommitted(Error),
    /// The connection ended between the commit and its answer.
    Unknown(Error),
}

impl<'a> Changes<'a> {
    pub(super) const fn new() -> Self {
        Self {
            new_heads: Batch::new(),
            next_heads: Batch::new(),
            remembered: Batch::new(),
            untags: Batch::new(),
            deletes: Batch::new(),
            puts: Batch::new(),
            tags: Batch::new(),
        }
    }

    /// Whether there is nothing to write.
    pub(super) const fn is_empty(&self) -> bool {
        self.remembered.is_empty()
    }

    /// Adds a change set that is to be applied.
    pub(super) fn add(&mut self, set: &'a ChangeSet, digest: &'a [u8; 32], found: &Found, revision: u64, epoch: u64) {
        let key = Key::of(set.partition);
        let heads = if found.head.is_some() { &mut self.next_heads } else { &mut self.new_heads };
        let [bucket, kind, id] = leading(key);
        heads.push([
            bucket,
            kind,
            id,
            Cell::Big(revision.cast_signed()),
            Cell::Big(epoch.cast_signed()),
            Cell::Big(set.audit.count.cast_signed()),
            Cell::Bytes(&set.audit.link),
        ]);
        let [bucket, kind, id] = leading(key);
        self.remembered.push([
            bucket,
            kind,
            id,
            Cell::Small(slot(revision)),
            Cell::Id(Id(set.id.to_bytes())),
            Cell::Bytes(digest),
            Cell::Big(revision.cast_signed()),
        ]);
        for (k, put) in (0..).zip(&set.puts) {
            self.put(key, put, found.rows.get(&k));
        }
        for (k, delete) in (set.puts.len()..).zip(&set.deletes) {
            let [bucket, kind, id] = leading(key);
            let (collection, row) = (Cell::Int(delete.collection.number().into()), Cell::Id(Id(delete.row.to_bytes())));
            self.deletes.push([bucket, kind, id, collection, row]);
            if let Some(stored) = i32::try_from(k).ok().and_then(|k| found.rows.get(&k)) {
                let gone = stored.tags.iter().map(|tag| tag_of(key, delete.collection, *tag, stored.order, delete.row));
                gone.for_each(|tag| self.untags.push(tag));
            }
        }
    }

    fn put(&mut self, key: Key, put: &'a mychartum_core::port::storage::Put, stored: Option<&Stored>) {
        let [bucket, kind, id] = leading(key);
        self.puts.push([
            bucket,
            kind,
            id,
            Cell::Int(put.collection.number().into()),
            Cell::Id(Id(put.row.to_bytes())),
            Cell::Big(put.version.cast_signed()),
            Cell::Big(put.order),
            Cell::Owned(tags_to_bytes(&put.tags)),
            Cell::Bytes(&put.body),
        ]);
        // A tag stands at the row's order: with another order it is another tag.
        let before = stored.map_or(&[][..], |stored| &stored.tags);
        let order = stored.map_or(put.order, |stored| stored.order);
        let moved = order != put.order;
        for tag in before.iter().filter(|tag| moved || !put.tags.contains(tag)) {
            self.untags.push(tag_of(key, put.collection, *tag, order, put.row));
        }
        for tag in put.tags.iter().filter(|tag| moved || !before.contains(tag)) {
            self.tags.push(tag_of(key, put.collection, *tag, put.order, put.row));
        }
    }

    /// Sends everything and the commit.
    ///
    /// New heads come first: if another transaction made the same partition, this one waits there and then fails, and
    /// touches nothing of the other's rows. What is deleted was just read under the lock, so it must be there; where
    /// something is deleted, the commit is sent only after the numbers were compared.
    pub(super) async fn write(&self, session: &Session, sql: &Writing) -> Written {
        match self.try_write(session, sql).await {
            Ok(written) => written,
            Err(error) => Written::Failed(error),
        }
    }

    async fn try_write(&self, session: &Session, sql: &Writing) -> Result<Written, Error> {
        let new_head = session.ready(&sql.new_head).await?;
        let next_head = session.ready(&sql.next_head).await?;
        let remember = session.ready(&sql.remember).await?;
        let untag = session.ready(&sql.untag).await?;
        let delete = session.ready(&sql.delete).await?;
        let put = session.ready(&sql.put).await?;
        let tag = session.ready(&sql.tag).await?;
        let form = sql.form;
        let mut statements = self.new_heads.executions(session, &new_head, form);
        statements.extend(self.next_heads.executions(session, &next_head, form));
        statements.extend(self.untags.executions(session, &untag, form));
        statements.extend(self.deletes.executions(session, &delete, form));
        statements.extend(self.puts.executions(session, &put, form));
        statements.extend(self.tags.executions(session, &tag, form));
        statements.extend(self.remembered.executions(session, &remember, form));
        let (mut calls, expected): (Vec<_>, Vec<_>) = statements.into_iter().unzip();
        let commit: Call<'_, u64> = Box::pin(async move { session.run("COMMIT").await.map(|()| 0) });
        let deletes = !self.untags.is_empty() || !self.deletes.is_empty();
        if deletes {
            let changed = pipeline(calls).await.into_iter().collect::<Result<Vec<_>, _>>()?;
            if changed != expected {
                return Ok(Written::Damaged);
            }
            return Ok(of_commit(Some(commit.await)));
        }
        calls.push(commit);
        let mut outcomes = pipeline(calls).await;
        let committed = (outcomes.len() > expected.len()).then(|| outcomes.pop()).flatten();
        let mut changed = Vec::with_capacity(expected.len());
        for outcome in outcomes {
            match outcome {
                Ok(rows) => changed.push(rows),
                // The server answered this statement by an error, so the transaction is lost whatever came after it.
                Err(error) if error.as_db_error().is_some() || committed.is_none() => {
                    return Ok(Written::Failed(error));
                }
                // The connection ended; the commit may have been carried out.
                Err(error) => return Ok(Written::Unknown(error)),
            }
        }
        Ok(of_commit(committed))
    }
}

fn of_commit(outcome: Option<Result<u64, Error>>) -> Written {
    match outcome {
        Some(Ok(_)) => Written::Committed,
        Some(Err(error)) if super::failure::ends_the_connection(&error) => Written::Unknown(error),
        Some(Err(error)) => Written::NotCommitted(error),
        None => Written::Damaged,
    }
}

/// The place of a revision in the ring of remembered change sets.
pub(super) fn slot(revision: u64) -> i16 {
    // A remainder below 64 fits.
    i16::try_from(revision % ChangeSet::REMEMBERED).unwrap_or_default()
}

/// A row of the table of tags.
pub(super) fn tag_of(key: Key, collection: Collection, tag: Tag, order: i64, row: RowId) -> [Cell<'static>; 7] {
    let [bucket, kind, id] = leading(key);
    [
        bucket,
        kind,
        id,
        Cell::Int(collection.number().into()),
        Cell::Id(Id(tag.to_bytes())),
        Cell::Big(order),
        Cell::Id(Id(row.to_bytes())),
    ]
}
