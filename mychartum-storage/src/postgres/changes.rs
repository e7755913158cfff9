//! The second round trip of a transaction: writes what was decided, and commits.

use std::collections::BTreeMap;

use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::custody::Applied;
use mychartum_core::port::storage::{
    AuditHead, ChangeSet, Collection, Head, Partition, Row, RowId, StorageErrorKind, Tag,
};
use tokio_postgres::Error;

use super::batch::{Batch, Cell, leading};
use super::columns::{Id, Key, tags_to_bytes};
use super::custody::Stop;
use super::failure;
use super::lookup::{Found, Stored};
use super::session::{Call, Ready, Session, pipeline};
use super::writing_sql::{Form, Writing};

/// All rows that a group of change sets writes, statement by statement.
pub(super) struct Changes<'a> {
    new_heads: Batch<'a, 7>,
    next_heads: Batch<'a, 7>,
    remembered: Batch<'a, 7>,
    untags: Batch<'a, 7>,
    deletes: Batch<'a, 5>,
    inserts: Batch<'a, 9>,
    replaces: Batch<'a, 9>,
    tags: Batch<'a, 7>,
}

/// How writing ended.
#[derive(Debug)]
pub(super) enum Written {
    /// Everything is durable.
    Committed,
    /// A statement failed before the commit: nothing of it stays.
    Failed(Error),
    /// Another program was first to make one of the partitions. Nothing of it stays.
    Raced,
    /// A statement changed another number of rows than it must: table and index disagree. Nothing of it stays.
    Damaged,
    /// The commit itself was answered by an error: nothing of it stays.
    NotCommitted(Error),
    /// The connection ended between the commit and its answer.
    Unknown(Error),
}

/// The statements that write, ready to be sent.
struct ReadyAll<'a> {
    new_head: Ready<'a>,
    next_head: Ready<'a>,
    remember: Ready<'a>,
    untag: Ready<'a>,
    delete: Ready<'a>,
    insert: Ready<'a>,
    replace: Ready<'a>,
    tag: Ready<'a>,
}

impl<'a> ReadyAll<'a> {
    async fn new(session: &Session, sql: &'a Writing) -> Result<Self, Error> {
        Ok(Self {
            new_head: session.ready(&sql.new_head).await?,
            next_head: session.ready(&sql.next_head).await?,
            remember: session.ready(&sql.remember).await?,
            untag: session.ready(&sql.untag).await?,
            delete: session.ready(&sql.delete).await?,
            insert: session.ready(&sql.insert).await?,
            replace: session.ready(&sql.replace).await?,
            tag: session.ready(&sql.tag).await?,
        })
    }
}

impl<'a> Changes<'a> {
    pub(super) const fn new() -> Self {
        Self {
            new_heads: Batch::new(),
            next_heads: Batch::new(),
            remembered: Batch::new(),
            untags: Batch::new(),
            deletes: Batch::new(),
            inserts: Batch::new(),
            replaces: Batch::new(),
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
        heads.push(head_of(key, revision, epoch, &set.audit));
        self.remembered.push(remembered(key, set.id, digest, revision));
        for (k, put) in (0..).zip(&set.puts) {
            let (collection, row) = (put.collection, put.row);
            let content = Content { version: put.version, order: put.order, tags: &put.tags, body: &put.body };
            self.put(key, collection, row, &content, found.rows.get(&k));
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

    /// Adds the head and the remembered change sets of a partition that is not there, verbatim.
    pub(super) fn install(&mut self, partition: Partition, head: &'a Head, applied: &'a [Applied]) {
        let key = Key::of(partition);
        self.new_heads.push(head_of(key, head.revision, head.epoch, &head.audit));
        // Of two change sets with one place in the ring the later one is remembered.
        let ring: BTreeMap<i16, &Applied> = applied.iter().map(|applied| (slot(applied.revision), applied)).collect();
        for applied in ring.into_values() {
            self.remembered.push(remembered(key, applied.id, &applied.digest, applied.revision));
        }
    }

    /// Adds a row, verbatim, where another one may be stored.
    pub(super) fn put_row(&mut self, row: &'a Row, stored: Option<&Stored>) {
        let content = Content { version: row.version, order: row.order, tags: &row.tags, body: &row.body };
        self.put(Key::of(row.partition), row.collection, row.row, &content, stored);
    }

    fn put(&mut self, key: Key, collection: Collection, row: RowId, content: &Content<'a>, stored: Option<&Stored>) {
        let [bucket, kind, id] = leading(key);
        let rows = if stored.is_some() { &mut self.replaces } else { &mut self.inserts };
        rows.push([
            bucket,
            kind,
            id,
            Cell::Int(collection.number().into()),
            Cell::Id(Id(row.to_bytes())),
            Cell::Big(content.version.cast_signed()),
            Cell::Big(content.order),
            Cell::Owned(tags_to_bytes(content.tags)),
            Cell::Bytes(content.body),
        ]);
        // A tag stands at the row's order: with another order it is another tag.
        let before = stored.map_or(&[][..], |stored| &stored.tags);
        let order = stored.map_or(content.order, |stored| stored.order);
        let moved = order != content.order;
        for tag in before.iter().filter(|tag| moved || !content.tags.contains(tag)) {
            self.untags.push(tag_of(key, collection, *tag, order, row));
        }
        for tag in content.tags.iter().filter(|tag| moved || !before.contains(tag)) {
            self.tags.push(tag_of(key, collection, *tag, content.order, row));
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

    /// Sends everything but a commit.
    pub(super) async fn write_within(&self, session: &Session, sql: &Writing) -> Result<(), Stop> {
        let ready = ReadyAll::new(session, sql).await?;
        let (calls, expected): (Vec<_>, Vec<_>) = self.statements(session, &ready, sql.form).into_iter().unzip();
        let changed = pipeline(calls).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        if changed == expected { Ok(()) } else { Err(Stop::Refused(StorageErrorKind::Corrupt)) }
    }

    /// All statements in their order, each with the number of rows that it must change.
    fn statements<'c>(
        &'c self,
        session: &'c Session,
        ready: &'c ReadyAll<'c>,
        form: Form,
    ) -> Vec<(Call<'c, u64>, u64)> {
        let mut statements = self.new_heads.executions(session, &ready.new_head, form);
        statements.extend(self.next_heads.executions(session, &ready.next_head, form));
        statements.extend(self.untags.executions(session, &ready.untag, form));
        statements.extend(self.deletes.executions(session, &ready.delete, form));
        statements.extend(self.inserts.executions(session, &ready.insert, form));
        statements.extend(self.replaces.executions(session, &ready.replace, form));
        statements.extend(self.tags.executions(session, &ready.tag, form));
        statements.extend(self.remembered.executions(session, &ready.remember, form));
        statements
    }

    async fn try_write(&self, session: &Session, sql: &Writing) -> Result<Written, Error> {
        let ready = ReadyAll::new(session, sql).await?;
        let (mut calls, expected): (Vec<_>, Vec<_>) = self.statements(session, &ready, sql.form).into_iter().unzip();
        let making = self.new_heads.count(sql.form);
        let failed = |(place, error): (usize, Error)| {
            if place < making && failure::is_taken(&error) { Written::Raced } else { Written::Failed(error) }
        };
        let commit: Call<'_, u64> = Box::pin(async move { session.run("COMMIT").await.map(|()| 0) });
        let deletes = !self.untags.is_empty() || !self.deletes.is_empty();
        if deletes {
            return Ok(match numbers(pipeline(calls).await) {
                Ok(changed) if changed == expected => of_commit(Some(commit.await)),
                Ok(_) => Written::Damaged,
                Err(first) => failed(first),
            });
        }
        calls.push(commit);
        let mut outcomes = pipeline(calls).await;
        let committed = (outcomes.len() > expected.len()).then(|| outcomes.pop()).flatten();
        Ok(match numbers(outcomes) {
            Ok(_) => of_commit(committed),
            // The server answered a statement by an error, so the transaction is lost whatever came after it.
            Err(first) if first.1.as_db_error().is_some() || committed.is_none() => failed(first),
            // The connection ended; the commit may have been carried out.
            Err((_, error)) => Written::Unknown(error),
        })
    }
}

/// How many rows each statement changed, or the first error with the place of its statement.
fn numbers(outcomes: Vec<Result<u64, Error>>) -> Result<Vec<u64>, (usize, Error)> {
    outcomes.into_iter().enumerate().map(|(place, outcome)| outcome.map_err(|error| (place, error))).collect()
}

fn of_commit(outcome: Option<Result<u64, Error>>) -> Written {
    match outcome {
        Some(Ok(_)) => Written::Committed,
        Some(Err(error)) if failure::ends_the_connection(&error) => Written::Unknown(error),
        Some(Err(error)) => Written::NotCommitted(error),
        None => Written::Damaged,
    }
}

/// What a row holds.
struct Content<'a> {
    version: u64,
    order: i64,
    tags: &'a [Tag],
    body: &'a [u8],
}

/// A row of the table of heads.
fn head_of(key: Key, revision: u64, epoch: u64, audit: &AuditHead) -> [Cell<'_>; 7] {
    let [bucket, kind, id] = leading(key);
    let (revision, epoch) = (Cell::Big(revision.cast_signed()), Cell::Big(epoch.cast_signed()));
    [bucket, kind, id, revision, epoch, Cell::Big(audit.count.cast_signed()), Cell::Bytes(&audit.link)]
}

/// A row of the table of remembered change sets.
fn remembered(key: Key, id: ChangeSetId, digest: &[u8; 32], revision: u64) -> [Cell<'_>; 7] {
    let [bucket, kind, partition] = leading(key);
    let (slot, id) = (Cell::Small(slot(revision)), Cell::Id(Id(id.to_bytes())));
    [bucket, kind, partition, slot, id, Cell::Bytes(digest), Cell::Big(revision.cast_signed())]
}

/// The place of a revision in the ring of remembered change sets.
fn slot(revision: u64) -> i16 {
    // A remainder below 64 fits.
    i16::try_from(revision % ChangeSet::REMEMBERED).unwrap_or_default()
}

/// A row of the table of tags.
fn tag_of(key: Key, collection: Collection, tag: Tag, order: i64, row: RowId) -> [Cell<'static>; 7] {
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
