//! The first round trip of a transaction: locks the heads, then reads all that the checks need.

use std::collections::{BTreeSet, HashMap};

use mychartum_core::port::custody::BucketState;
use mychartum_core::port::storage::{self as port, Partition, Tag};
use tokio_postgres::{Error, Row};

use super::batch::{Batch, Cell, leading};
use super::columns::{self, Damaged, Id, Key};
use super::queue::Job;
use super::session::{Call, Session, pipeline};
use super::writing_sql::Writing;

/// What a change set finds.
#[derive(Debug)]
pub(super) struct Found {
    /// How its bucket stands.
    pub(super) state: BucketState,
    /// Its bucket's epoch, which is that of an unknown partition.
    pub(super) bucket_epoch: u64,
    /// Revision and epoch of its partition, whose head is now locked.
    pub(super) head: Option<(u64, u64)>,
    /// Digest and revision, if it was applied before.
    pub(super) applied: Option<([u8; 32], u64)>,
    /// The rows that it puts and deletes, by their places: first the puts, then the deletes.
    pub(super) rows: HashMap<i32, Stored>,
}

impl Found {
    /// Whether a partition without a head has something all the same: another program made it after the look for its head.
    ///
    /// There was no head to lock, so the later statements may have seen what the first one did not.
    pub(super) fn is_mixed(&self) -> bool {
        self.head.is_none() && (self.applied.is_some() || !self.rows.is_empty())
    }
}

/// A row that is there where one is put or deleted.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) version: u64,
    pub(super) order: i64,
    pub(super) tags: Vec<Tag>,
}

/// Why nothing was found.
#[derive(Debug)]
pub(super) enum NotFound {
    /// A statement failed, or could not be sent.
    Failed(Error),
    /// What came back is not what is ever written.
    Damaged,
}

impl From<Damaged> for NotFound {
    fn from(_: Damaged) -> Self {
        Self::Damaged
    }
}

/// Which statement an answer is from.
#[derive(Debug, Clone, Copy)]
enum Step {
    Begin,
    Hold,
    Lock,
    Known,
    Stored,
}

/// Begins a transaction and looks up what the change sets of a group find, in the order of the group.
///
/// The heads are locked in the order of their keys, so that no two groups wait for each other in a circle; buckets come
/// before heads. Everything else is read by later statements, each of which sees what was committed before it began: after
/// the locks, nobody else changes it.
pub(super) async fn look_up(
    session: &Session,
    sql: &Writing,
    begin: &str,
    jobs: &[Job],
) -> Result<Vec<Found>, NotFound> {
    let (hold, lock) = locks(jobs);
    let (known, stored) = questions(jobs);
    let failed = NotFound::Failed;
    let hold_sql = session.ready(&sql.hold_bucket).await.map_err(failed)?;
    let lock_sql = session.ready(&sql.lock_head).await.map_err(failed)?;
    let known_sql = session.ready(&sql.known).await.map_err(failed)?;
    let stored_sql = session.ready(&sql.stored).await.map_err(failed)?;
    let begin: Call<'_, (Step, Vec<Row>)> =
        Box::pin(async move { session.run(begin).await.map(|()| (Step::Begin, Vec::new())) });
    let mut calls = vec![begin];
    calls.extend(hold.queries(Step::Hold, session, &hold_sql, sql.form));
    calls.extend(lock.queries(Step::Lock, session, &lock_sql, sql.form));
    calls.extend(known.queries(Step::Known, session, &known_sql, sql.form));
    calls.extend(stored.queries(Step::Stored, session, &stored_sql, sql.form));
    let answers: Result<Vec<_>, _> = pipeline(calls).await.into_iter().collect();
    Ok(sort_out(jobs.len(), &answers.map_err(failed)?)?)
}

/// The buckets in which a partition may be made, and the heads, both in the order in which all transactions lock them.
fn locks(jobs: &[Job]) -> (Batch<'static, 1>, Batch<'static, 4>) {
    let first = jobs.iter().filter(|job| job.set.expect.revision == 0);
    let mut buckets: Vec<i16> = first.map(|job| Key::of(job.set.partition).bucket).collect();
    buckets.sort_unstable();
    buckets.dedup();
    let mut heads: Vec<(Key, i32)> = (0..).zip(jobs).map(|(n, job)| (Key::of(job.set.partition), n)).collect();
    heads.sort_unstable();
    let (mut hold, mut lock) = (Batch::new(), Batch::new());
    for bucket in buckets {
        hold.push([Cell::Small(bucket)]);
    }
    for (key, n) in heads {
        let [bucket, kind, id] = leading(key);
        lock.push([bucket, kind, id, Cell::Int(n)]);
    }
    (hold, lock)
}

/// What is asked about the change sets, and about their rows.
fn questions(jobs: &[Job]) -> (Batch<'static, 5>, Batch<'static, 7>) {
    let (mut known, mut stored) = (Batch::new(), Batch::new());
    for (n, Job { set, .. }) in (0..).zip(jobs) {
        let key = Key::of(set.partition);
        let [bucket, kind, id] = leading(key);
        known.push([bucket, kind, id, Cell::Int(n), Cell::Id(Id(set.id.to_bytes()))]);
        let puts = set.puts.iter().map(|put| (put.collection, put.row));
        let deletes = set.deletes.iter().map(|delete| (delete.collection, delete.row));
        for (k, (collection, row)) in (0..).zip(puts.chain(deletes)) {
            let (collection, row) = (Cell::Int(collection.number().into()), Cell::Id(Id(row.to_bytes())));
            let [bucket, kind, id] = leading(key);
            stored.push([bucket, kind, id, Cell::Int(n), Cell::Int(k), collection, row]);
        }
    }
    (known, stored)
}

/// Locks the heads of partitions in their order, and gives the keys of those that are there.
pub(super) async fn heads_of(
    session: &Session,
    sql: &Writing,
    partitions: impl Iterator<Item = Partition>,
) -> Result<BTreeSet<Key>, NotFound> {
    let mut keys: Vec<Key> = partitions.map(Key::of).collect();
    keys.sort_unstable();
    let mut lock = Batch::new();
    for (n, key) in (0..).zip(&keys) {
        let [bucket, kind, id] = leading(*key);
        lock.push([bucket, kind, id, Cell::Int(n)]);
    }
    let lock_sql = session.ready(&sql.lock_head).await.map_err(NotFound::Failed)?;
    let mut there = BTreeSet::new();
    for answer in pipeline(lock.queries(Step::Lock, session, &lock_sql, sql.form)).await {
        for row in answer.map_err(NotFound::Failed)?.1 {
            let n: i32 = row.try_get(0).map_err(NotFound::Failed)?;
            there.extend(usize::try_from(n).ok().and_then(|n| keys.get(n)).copied());
        }
    }
    Ok(there)
}

/// What is stored where rows are to be put, by their places.
pub(super) async fn stored_at(
    session: &Session,
    sql: &Writing,
    rows: &[&port::Row],
) -> Result<HashMap<i32, Stored>, NotFound> {
    let mut stored = Batch::new();
    for (k, row) in (0..).zip(rows) {
        let [bucket, kind, id] = leading(Key::of(row.partition));
        let (collection, row) = (Cell::Int(row.collection.number().into()), Cell::Id(Id(row.row.to_bytes())));
        stored.push([bucket, kind, id, Cell::Int(0), Cell::Int(k), collection, row]);
    }
    let stored_sql = session.ready(&sql.stored).await.map_err(NotFound::Failed)?;
    let mut there = HashMap::new();
    for answer in pipeline(stored.queries(Step::Stored, session, &stored_sql, sql.form)).await {
        for row in answer.map_err(NotFound::Failed)?.1 {
            there.insert(row.try_get(1).map_err(NotFound::Failed)?, stored_row(&row)?);
        }
    }
    Ok(there)
}

/// A stored row from the columns n, k, version, order, tags.
fn stored_row(row: &Row) -> Result<Stored, Damaged> {
    let version = columns::unsigned(row.try_get(2)?)?;
    Ok(Stored { version, order: row.try_get(3)?, tags: columns::tags(row.try_get(4)?)? })
}

/// Puts the answers together, one for each of `count` change sets.
fn sort_out(count: usize, answers: &[(Step, Vec<Row>)]) -> Result<Vec<Found>, Damaged> {
    let mut heads: HashMap<i32, (u64, u64)> = HashMap::new();
    let mut rows: HashMap<i32, HashMap<i32, Stored>> = HashMap::new();
    let mut found = Vec::with_capacity(count);
    for (step, row) in answers.iter().flat_map(|(step, rows)| rows.iter().map(move |row| (step, row))) {
        match step {
            Step::Begin | Step::Hold => {}
            Step::Lock => {
                let (revision, epoch) = (columns::unsigned(row.try_get(1)?)?, columns::unsigned(row.try_get(2)?)?);
                heads.insert(row.try_get(0)?, (revision, epoch));
            }
            Step::Known => {
                let state = u8::try_from(row.try_get::<_, i16>(1)?).ok().and_then(BucketState::from_code);
                let digest: Option<&[u8]> = row.try_get(3)?;
                let applied = match digest {
                    Some(digest) => Some((columns::array(digest)?, columns::unsigned(row.try_get(4)?)?)),
                    None => None,
                };
                let bucket_epoch = columns::unsigned(row.try_get(2)?)?;
                let n: i32 = row.try_get(0)?;
                found.push((n, state.ok_or(Damaged)?, bucket_epoch, applied));
            }
            Step::Stored => {
                rows.entry(row.try_get(0)?).or_default().insert(row.try_get(1)?, stored_row(row)?);
            }
        }
    }
    found.sort_unstable_by_key(|(n, ..)| *n);
    // Every bucket has its row, so every change set has its answer.
    let complete = found.len() == count && (0..).zip(&found).all(|(place, (n, ..))| place == *n);
    let found = found.into_iter().map(|(n, state, bucket_epoch, applied)| Found {
        state,
        bucket_epoch,
        head: heads.remove(&n),
        applied,
        rows: rows.remove(&n).unwrap_or_default(),
    });
    if complete { Ok(found.collect()) } else { Err(Damaged) }
}
