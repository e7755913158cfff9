//! Promise 9: `get` and `scan` return rows of the asked partition and collection, and no others.

use mychartum_core::port::storage::{Collection, PartitionKind, Put, Scan};

use super::Factory;
use super::patient::{NOTES, Patient, note, row};
use super::view::stored;
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// Neighbours in the bucket, the same id under other kinds, and strangers, with the same row ids and tags.
pub(super) async fn partitions_are_apart(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let own = Patient::new();
    let mut all = vec![own.clone(), own.neighbour(), own.neighbour(), Patient::new()];
    let kinds = PartitionKind::ALL.into_iter().filter(|kind| *kind != PartitionKind::Patient);
    all.extend(kinds.map(|kind| own.namesake(kind)));

    let (shared, tag) = (row(), own.tag);
    let mut privately = Vec::new();
    for (order, patient) in (0..).zip(&mut all) {
        let put = |row| Put { tags: vec![tag], body: vec![9; 5], ..note(row, order) };
        let own_row = row();
        privately.push(own_row);
        patient.put(&*storage, [put(shared), put(own_row)]).await?;
    }
    for (order, (patient, own_row)) in (0..).zip(all.iter().zip(&privately)) {
        let put = |row| stored(patient, &Put { tags: vec![tag], body: vec![9; 5], ..note(row, order) });
        let mut asked = vec![shared];
        asked.extend(&privately);
        let got = storage.get(patient.partition, NOTES, &asked).await?;
        ensure(got == [put(shared), put(*own_row)], "`get` gave a row of another partition")?;
        let mut wanted = vec![put(shared), put(*own_row)];
        wanted.sort_by_key(|row| row.position());
        let scan = Scan::new(patient.partition, NOTES, 100);
        ensure(storage.scan(&scan).await? == wanted, "`scan` gave a row of another partition")?;
        let tagged = Scan { tag: Some(tag), ..scan };
        ensure(storage.scan(&tagged).await? == wanted, "`scan` with a tag gave a row of another partition")?;
    }
    Ok(())
}

/// The same row id and tag in several collections are several rows.
pub(super) async fn collections_are_apart(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let same = row();
    let numbers = [0, 1, NOTES.number(), 0x7fff, patient.tasks.number()];
    let put = |number: u16| Put {
        collection: Collection::new(number),
        tags: vec![patient.tag],
        body: number.to_be_bytes().to_vec(),
        ..note(same, 3)
    };
    let puts: Vec<Put> = numbers.map(put).into();
    patient.put(&*storage, puts.clone()).await?;
    for put in &puts {
        let wanted = [stored(&patient, put)];
        let got = storage.get(patient.partition, put.collection, &[same]).await?;
        ensure(got == wanted, "`get` gave a row of another collection")?;
        let scan = Scan::new(patient.partition, put.collection, 100);
        ensure(storage.scan(&scan).await? == wanted, "`scan` gave a row of another collection")?;
        let tagged = Scan { tag: Some(patient.tag), ..scan };
        ensure(storage.scan(&tagged).await? == wanted, "`scan` with a tag gave a row of another collection")?;
    }
    let other = storage.get(patient.partition, Collection::new(2), &[same]).await?;
    ensure(other.is_empty(), "an empty collection has a row")
}

/// `get` gives the rows in the order of the ids and leaves absent ones out.
pub(super) async fn get_follows_the_ids(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let puts: Vec<Put> = (0..6).map(|order| note(row(), order)).collect();
    patient.put(&*storage, puts.clone()).await?;
    let mut asked: Vec<_> = puts.iter().rev().flat_map(|put| [put.row, row()]).collect();
    asked.rotate_left(3);
    let wanted: Vec<_> =
        asked.iter().filter_map(|id| puts.iter().find(|put| put.row == *id)).map(|put| stored(&patient, put)).collect();
    ensure(storage.get(patient.partition, NOTES, &asked).await? == wanted, "`get` did not follow the ids")?;
    ensure(storage.get(patient.partition, NOTES, &[]).await?.is_empty(), "`get` of no id gave a row")
}
