//! Promise 2: a change set is applied completely or not at all, and no reader ever sees a part.

use std::sync::Arc;

use mychartum_core::port::Storage;
use mychartum_core::port::storage::{Put, Scan, StorageErrorKind};
use tokio::task::JoinHandle;

use super::Factory;
use super::patient::{NOTES, Patient, delete, next, note, refused, row};
use super::view::{View, stored};
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// All puts and deletes of a large change set take effect.
pub(super) async fn an_accepted_set_is_complete(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let puts: Vec<Put> = (0..200).map(|order| note(row(), order)).collect();
    patient.put(&*storage, puts.clone()).await?;
    let rows: Vec<_> = puts.iter().map(|put| stored(&patient, put)).collect();
    ensure(View::of(&*storage, &patient).await?.notes == rows, "not all rows of an accepted change set are there")?;

    let (gone, kept) = puts.split_at(100);
    let changed: Vec<Put> = kept.iter().map(next).collect();
    let mut set = patient.set(changed.clone());
    set.deletes = gone.iter().map(delete).collect();
    patient.commit(&*storage, &set).await?;
    let rows: Vec<_> = changed.iter().map(|put| stored(&patient, put)).collect();
    ensure(View::of(&*storage, &patient).await?.notes == rows, "an accepted change set was applied in part")
}

/// A set whose last put or delete does not hold leaves no trace of its other parts.
pub(super) async fn a_refused_set_changes_nothing(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let mut known = note(row(), 1);
    known.tags = vec![patient.tag];
    let other = note(row(), 2);
    patient.put(&*storage, [known.clone(), other.clone()]).await?;
    let before = View::of(&*storage, &patient).await?;

    let mut task = note(row(), 1);
    task.collection = patient.tasks;
    let mut untagged = next(&known);
    untagged.tags.clear();
    let mut impossible = note(row(), 9);
    impossible.version = 7;
    let mut with_bad_put = patient.set([note(row(), 3), task.clone(), untagged.clone(), impossible]);
    with_bad_put.deletes.push(delete(&other));
    let mut with_bad_delete = patient.set([note(row(), 3), task, untagged]);
    with_bad_delete.deletes = vec![delete(&other), delete(&note(row(), 9))];
    for set in [with_bad_put, with_bad_delete] {
        refused(&*storage, &set, StorageErrorKind::Conflict).await?;
        ensure(View::of(&*storage, &patient).await? == before, "a refused change set left something behind")?;
    }
    Ok(())
}

/// While one task raises several rows together, others never see them at different versions.
pub(super) async fn readers_see_no_part(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let mut puts: Vec<Put> = (0..8).map(|order| note(row(), order)).collect();
    patient.put(&*storage, puts.clone()).await?;
    let readers: Vec<_> = (0..2).map(|_| tokio::spawn(read_together(Arc::clone(&storage), patient.clone()))).collect();
    let mut written = Ok(());
    while written.is_ok() && !readers.iter().all(JoinHandle::is_finished) {
        puts = puts.iter().map(next).map(|put| Put { body: vec![7; 40], ..put }).collect();
        written = patient.put(&*storage, puts.clone()).await;
        tokio::task::yield_now().await;
    }
    for reader in readers {
        if written.is_err() {
            // Nothing changes any more, so the readers would wait in vain.
            reader.abort();
        } else {
            reader.await??;
        }
    }
    written
}

/// Reads the rows together until they were seen to change twenty times, or for so long that they never will.
async fn read_together(storage: Arc<dyn Storage>, patient: Patient) -> Result<(), Breach> {
    let all = Scan::new(patient.partition, NOTES, 100);
    let ids: Vec<_> = storage.scan(&all).await?.iter().map(|row| row.row).collect();
    let (mut seen, mut changes) = (None, 0);
    for _ in 0..20_000 {
        let got = storage.get(patient.partition, NOTES, &ids).await?;
        let scanned = storage.scan(&all).await?;
        for rows in [got, scanned] {
            let first = rows.first().map(|row| row.version);
            let together = rows.len() == 8 && rows.iter().all(|row| Some(row.version) == first);
            ensure(together, "a reader saw a part of a change set")?;
            changes += usize::from(seen != first);
            seen = first;
        }
        if changes > 20 {
            break;
        }
        tokio::task::yield_now().await;
    }
    Ok(())
}
