//! Promise 16: change sets for different partitions never make each other fail with `Conflict`.

use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;
use std::sync::Arc;

use mychartum_core::port::Storage;
use mychartum_core::port::storage::{Collection, RowId};

use super::Factory;
use super::patient::{Patient, note, row};
use super::view::View;
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// Many partitions, half of them in one bucket, are written at the same time with the same row ids: two on one task, so that
/// the second surely begins before the first ends if commits wait at all, then many on as many tasks.
pub(super) async fn never_conflict(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let own = Patient::new();
    let patients: Vec<Patient> = (0..16).flat_map(|_| [own.neighbour(), Patient::new()]).collect();
    let shared: Vec<_> = (0..8).map(|_| row()).collect();
    let (first, second) = (write(&*storage, own.neighbour(), &shared), write(&*storage, Patient::new(), &shared));
    both(first, second).await?;
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

/// Polls both in turn until both are done, or one fails.
async fn both(
    first: impl Future<Output = Result<(), Breach>>,
    second: impl Future<Output = Result<(), Breach>>,
) -> Result<(), Breach> {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut first_done, mut second_done) = (false, false);
    poll_fn(|context| {
        if !first_done && let Poll::Ready(outcome) = first.as_mut().poll(context) {
            outcome?;
            first_done = true;
        }
        if !second_done && let Poll::Ready(outcome) = second.as_mut().poll(context) {
            outcome?;
            second_done = true;
        }
        if first_done && second_done { Poll::Ready(Ok(())) } else { Poll::Pending }
    })
    .await
}
