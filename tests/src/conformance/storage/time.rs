//! Promise 13: `due` returns the rows whose time has come.

use mychartum_core::port::Storage;
use mychartum_core::port::storage::{Bucket, Collection, Due, PartitionKind, Put, Row, StorageErrorKind};

use super::Factory;
use super::patient::{NOTES, Patient, delete, next, note, row};
use super::view::stored;
use crate::conformance::Breach;
use crate::conformance::case::ensure;

fn task(patient: &Patient, order: i64) -> Put {
    Put { collection: patient.tasks, ..note(row(), order) }
}

async fn due(storage: &dyn Storage, patient: &Patient, before: i64, limit: u32) -> Result<Vec<Row>, Breach> {
    Ok(storage.due(&Due { bucket: patient.bucket(), collection: patient.tasks, before, limit }).await?)
}

/// Rows of several partitions of a bucket come in the order of (order, partition, row id), also page by page.
pub(super) async fn across_partitions(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let own = Patient::new();
    let mut all = vec![own.clone(), own.neighbour(), own.neighbour(), own.namesake(PartitionKind::Account)];
    let mut rows = Vec::new();
    for patient in &mut all {
        let puts: Vec<Put> = [3, -7, 3, 0].map(|order| task(patient, order)).into();
        patient.put(&*storage, puts.clone()).await?;
        rows.extend(puts.iter().map(|put| stored(patient, put)));
    }
    rows.sort_by_key(|row| (row.order, row.partition, row.row));
    for limit in [1, 5, 16, 17, 1000] {
        let wanted: Vec<Row> = rows.iter().take(limit as usize).cloned().collect();
        ensure(due(&*storage, &own, 100, limit).await? == wanted, "due rows are not the first ones in order")?;
    }
    Ok(())
}

/// `before` is not included; other buckets and collections stay out; a collection that is not due is invalid.
pub(super) async fn only_before(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let puts: Vec<Put> = [i64::MIN, -1, 0, 1, i64::MAX - 1].map(|order| task(&patient, order)).into();
    let mut mixed = puts.clone();
    mixed.push(note(row(), -5));
    let sibling = Collection::new(patient.tasks.number() ^ 1);
    mixed.push(Put { collection: sibling, ..note(row(), -5) });
    patient.put(&*storage, mixed).await?;
    for (before, count) in [(i64::MIN, 0), (-1, 1), (0, 2), (1, 3), (2, 4), (i64::MAX - 1, 4), (i64::MAX, 5)] {
        let wanted: Vec<Row> = puts.iter().take(count).map(|put| stored(&patient, put)).collect();
        ensure(due(&*storage, &patient, before, 100).await? == wanted, "a row was due too early or too late")?;
    }
    let number = patient.bucket().number() ^ 1;
    let other = Bucket::new(number).ok_or("a bucket's neighbour is no bucket")?;
    let elsewhere =
        storage.due(&Due { bucket: other, collection: patient.tasks, before: i64::MAX, limit: 100 }).await?;
    ensure(elsewhere.iter().all(|row| row.partition != patient.partition), "a row was due in another bucket")?;
    for collection in [NOTES, Collection::new(Collection::DUE.number() - 1)] {
        let asked = Due { bucket: patient.bucket(), collection, before: 0, limit: 1 };
        let kind = storage.due(&asked).await.err().map(|error| error.kind());
        ensure(kind == Some(StorageErrorKind::Invalid), "a collection that is not due was not refused")?;
    }
    let first = Due { bucket: patient.bucket(), collection: Collection::DUE, before: i64::MIN, limit: 1 };
    ensure(storage.due(&first).await?.is_empty(), "a row was due before all orders")
}

/// A row that is put off is due later, and a deleted one never.
pub(super) async fn follows_changes(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let (first, second) = (task(&patient, 1), task(&patient, 2));
    patient.put(&*storage, [first.clone(), second.clone()]).await?;
    let put_off = Put { order: 50, ..next(&first) };
    patient.put(&*storage, [put_off.clone()]).await?;
    ensure(due(&*storage, &patient, 10, 10).await? == [stored(&patient, &second)], "a row put off was still due")?;
    let wanted = [stored(&patient, &second), stored(&patient, &put_off)];
    ensure(due(&*storage, &patient, 51, 10).await? == wanted, "a row put off was not due later")?;
    let set = patient.set_deleting([delete(&second)]);
    patient.commit(&*storage, &set).await?;
    ensure(due(&*storage, &patient, 51, 10).await? == [stored(&patient, &put_off)], "a deleted row was due")
}
