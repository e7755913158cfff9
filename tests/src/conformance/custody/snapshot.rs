//! Promises 6 and 7: a snapshot is one moment, and complete.

use mychartum_core::port::Snapshot;
use mychartum_core::port::custody::BucketState::{Elsewhere, Leaving, Serving};
use mychartum_core::port::custody::{Applied, Piece};
use mychartum_core::port::storage::{ChangeSet, Collection, Partition, Row, RowId};

use super::Factory;
use super::fence::heads;
use super::serving::turn;
use crate::conformance::Breach;
use crate::conformance::case::ensure;
use crate::conformance::storage::patient::{Patient, delete, next, note, row, row_number};
use crate::conformance::storage::view::stored;

/// All rows of a partition, page by page.
pub(super) async fn rows(snapshot: &mut dyn Snapshot, partition: Partition, limit: u32) -> Result<Vec<Row>, Breach> {
    let mut all: Vec<Row> = Vec::new();
    loop {
        let after: Option<(Collection, RowId)> = all.last().map(|row| (row.collection, row.row));
        let page = snapshot.rows(partition, after, limit).await?;
        ensure(page.len() <= limit as usize, "a page of a snapshot has more rows than its limit")?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
        ensure(all.len() <= 100_000, "a snapshot gives rows without end")?;
    }
}

/// Rows, heads and states that change afterwards stay as they were.
pub(super) async fn stands_still(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let (first, second) = (note(row(), 1), note(row(), 2));
    patient.put(&*storage, [first.clone(), second.clone()]).await?;
    let mut snapshot = storage.snapshot().await?;
    // Not all engines take their moment before the first question.
    let before = heads(&mut *snapshot, patient.bucket()).await?;
    let held = rows(&mut *snapshot, patient.partition, 10).await?;
    let applied = snapshot.applied(patient.partition).await?;
    let states = snapshot.buckets().await?;
    ensure(held.len() == 2 && before.len() == 1 && applied.len() == 1, "a snapshot does not show what was committed")?;

    let mut set = patient.set([next(&first), note(row(), 3)]);
    set.deletes.push(delete(&second));
    patient.commit(&*storage, &set).await?;
    patient.neighbour().put(&*storage, [note(row(), 1)]).await?;
    turn(&*storage, patient.bucket(), [(Serving, Leaving)], 1).await?;
    ensure(heads(&mut *snapshot, patient.bucket()).await? == before, "a later commit changed a snapshot's heads")?;
    ensure(rows(&mut *snapshot, patient.partition, 10).await? == held, "a later commit changed a snapshot's rows")?;
    ensure(snapshot.applied(patient.partition).await? == applied, "a later commit is in a snapshot's memory")?;
    ensure(snapshot.buckets().await? == states, "a later turn changed a snapshot's states")?;
    let now = rows(&mut *storage.snapshot().await?, patient.partition, 10).await?;
    ensure(now.len() == 2 && now != held, "a new snapshot does not show the present")
}

/// Every partition of a bucket, in order and page by page, whatever the bucket's state.
pub(super) async fn lists_partitions(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let first = Patient::new();
    let mut partitions = Vec::new();
    for patient in core::iter::repeat_with(|| first.neighbour()).take(12) {
        let mut patient = patient;
        patient.put(&*storage, [note(row(), 1)]).await?;
        partitions.push(patient.partition);
    }
    partitions.sort_unstable();
    let bucket = first.bucket();
    for steps in [&[][..], &[(Serving, Leaving)], &[(Leaving, Elsewhere)]] {
        turn(&*storage, bucket, steps.iter().copied(), 1).await?;
        let mut snapshot = storage.snapshot().await?;
        for limit in [1, 5, 100] {
            let (mut listed, mut after) = (Vec::new(), None);
            loop {
                let page = snapshot.heads(bucket, after, limit).await?;
                ensure(page.len() <= limit as usize, "a page of heads is longer than its limit")?;
                let Some((last, _)) = page.last() else { break };
                after = Some(*last);
                listed.extend(page.into_iter().map(|(partition, _)| partition));
                ensure(listed.len() <= partitions.len(), "a snapshot lists a partition twice or a stranger")?;
            }
            ensure(listed == partitions, "a snapshot does not list every partition in order")?;
        }
    }
    Ok(())
}

/// Rows of several collections, also due ones, in the order of collection and id, with what was remembered.
pub(super) async fn gives_rows(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    patient.neighbour().put(&*storage, [note(row(), 1)]).await?;
    let mut wanted = Vec::new();
    let mut ids = Vec::new();
    for number in 0..70u8 {
        let mut put = note(row_number(250 - number), i64::from(number) - 5);
        put.collection = match number % 4 {
            0 => patient.tasks,
            1 => Collection::new(2),
            2 => Collection::new(0x7fff),
            _ => put.collection,
        };
        put.tags = (0..number % 3).map(|tag| mychartum_core::port::storage::Tag::from_bytes([tag; 16])).collect();
        let set = patient.set([put.clone()]);
        ids.push((set.id, set.digest()));
        patient.commit(&*storage, &set).await?;
        wanted.push(stored(&patient, &put));
    }
    wanted.sort_unstable_by_key(|row| (row.collection, row.row));
    let mut snapshot = storage.snapshot().await?;
    for limit in [1, 7, 1000] {
        let given = rows(&mut *snapshot, patient.partition, limit).await?;
        ensure(given == wanted, "a snapshot does not give every row once, in order, as it was put")?;
    }
    let applied = snapshot.applied(patient.partition).await?;
    ensure(applied.len() as u64 >= ChangeSet::REMEMBERED, "a snapshot gives too few remembered change sets")?;
    let last: Vec<Applied> = ids
        .iter()
        .zip(1u64..)
        .map(|(&(id, digest), revision)| Applied { id, digest, revision })
        .skip(ids.len().saturating_sub(applied.len()))
        .collect();
    ensure(applied == last, "a snapshot's remembered change sets are not the last ones")?;
    ensure(rows(&mut *snapshot, Patient::new().partition, 5).await?.is_empty(), "an unknown partition has rows")
}

/// Rows that are longer together than a page.
pub(super) async fn long_rows(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let mut wanted = Vec::new();
    for number in 0..5u8 {
        let mut put = note(row_number(number), 0);
        put.body = vec![number; Piece::ENOUGH_BYTES / 2 + usize::from(number)];
        patient.put(&*storage, [put.clone()]).await?;
        wanted.push(stored(&patient, &put));
    }
    let mut snapshot = storage.snapshot().await?;
    let first = snapshot.rows(patient.partition, None, 100).await?;
    ensure(!first.is_empty() && first.len() < 5, "a page of long rows does not end early")?;
    ensure(rows(&mut *snapshot, patient.partition, 100).await? == wanted, "pages of long rows lose or repeat a row")
}
