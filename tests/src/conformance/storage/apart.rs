//! Promise 16: change sets for different partitions never make each other fail with `Conflict`.

use std::sync::Arc;

use mychartum_core::port::Storage;
use mychartum_core::port::storage::{Collection, RowId};

use super::Factory;
use super::patient::{Patient, note, row};
use super::view::View;
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// Many partitions, half of them in one bucket, are written at the same time with the same row ids.
pub(super) async fn never_conflict(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let own = Patient::new();
    let patients: Vec<Patient> = (0..16).flat_map(|_| [own.neighbour(), Patient::new()]).collect();
    let shared: Vec<_> = (0..8).map(|_| row()).collect();
    let writers: Vec<_> = patients
        .into_iter()
        .map(|patient| {
            let (storage, shared) = (Arc::clone(&storage), shared.clone());
            tokio::spawn(async move { write(&*storage, patient, &shared).await })
        })
        .collect();
    for writer in writers {
        writer.await??;
    }
    Ok(())
}

async fn write(storage: &dyn Storage, mut patient: Patient, rows: &[RowId]) -> Result<(), Breach> {
    for (order, row) in (0..).zip(rows) {
        let mut task = note(*row, order);
        task.collection = Collection::new(patient.tasks.number() | 1);
        patient.put(storage, [note(*row, order), task]).await?;
    }
    let view = View::of(storage, &patient).await?;
    ensure(view.notes.len() == rows.len(), "writers of other partitions disturbed this one")
}
