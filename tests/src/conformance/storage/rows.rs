//! Promise 5: each put and delete names the version it meets.

use mychartum_core::port::storage::{Put, StorageErrorKind};

use super::Factory;
use super::patient::{NOTES, Patient, delete, next, note, refused, row};
use super::view::{View, stored};
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// A put is accepted only as exactly the next version.
pub(super) async fn puts_need_their_version(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let mut put = note(row(), 1);
    for version in 1..=4 {
        let before = View::of(&*storage, &patient).await?;
        for wrong in (1..=6).filter(|wrong| *wrong != version) {
            let set = patient.set([Put { version: wrong, ..put.clone() }]);
            refused(&*storage, &set, StorageErrorKind::Conflict).await?;
            ensure(View::of(&*storage, &patient).await? == before, "a put with another version changed something")?;
        }
        patient.put(&*storage, [put.clone()]).await?;
        let found = storage.get(patient.partition, NOTES, &[put.row]).await?;
        ensure(found == [stored(&patient, &put)], "a put with the next version is not what is stored")?;
        put = next(&put);
    }
    Ok(())
}

/// A delete is accepted only with the present version.
pub(super) async fn deletes_need_their_version(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let first = note(row(), 1);
    let second = next(&first);
    patient.put(&*storage, [first.clone()]).await?;
    patient.put(&*storage, [second.clone()]).await?;
    let before = View::of(&*storage, &patient).await?;
    for wrong in [delete(&first), delete(&next(&second)), delete(&note(row(), 1))] {
        refused(&*storage, &patient.set_deleting([wrong]), StorageErrorKind::Conflict).await?;
        ensure(View::of(&*storage, &patient).await? == before, "a delete of another version changed something")?;
    }
    let set = patient.set_deleting([delete(&second)]);
    patient.commit(&*storage, &set).await?;
    let after = View::of(&*storage, &patient).await?;
    ensure(after.notes.is_empty(), "a deleted row is still listed")?;
    let found = storage.get(patient.partition, NOTES, &[first.row]).await?;
    ensure(found.is_empty(), "a deleted row is still found")?;
    refused(&*storage, &patient.set_deleting([delete(&second)]), StorageErrorKind::Conflict).await
}

/// After a delete the row is absent, so its next version is 1 and no other.
pub(super) async fn deleted_rows_begin_again(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let first = note(row(), 1);
    patient.put(&*storage, [first.clone()]).await?;
    let set = patient.set_deleting([delete(&first)]);
    patient.commit(&*storage, &set).await?;
    refused(&*storage, &patient.set([next(&first)]), StorageErrorKind::Conflict).await?;
    let again = Put { order: 2, ..first };
    patient.put(&*storage, [again.clone()]).await?;
    let found = storage.get(patient.partition, NOTES, &[again.row]).await?;
    ensure(found == [stored(&patient, &again)], "a row put again after its delete is not what is stored")
}
