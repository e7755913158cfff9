//! Promise 8: what moves from one storage to another is the same there.

use std::sync::Arc;

use mychartum_core::port::Custody;
use mychartum_core::port::custody::BucketState::{Arriving, Serving};
use mychartum_core::port::custody::Piece;
use mychartum_core::port::storage::{ChangeSet, Outcome};

use super::Factory;
use super::fence::heads;
use super::serving::turn;
use super::snapshot::rows;
use crate::conformance::Breach;
use crate::conformance::case::ensure;
use crate::conformance::storage::patient::{Patient, next, note, row};
use crate::conformance::storage::view::View;

/// A partition with rows of several kinds, in a storage, and the change sets that made it.
pub(super) async fn furnished(storage: &dyn Custody) -> Result<(Patient, Vec<ChangeSet>), Breach> {
    let mut patient = Patient::new();
    let mut first = note(row(), -3);
    first.tags = vec![patient.tag];
    let mut task = note(row(), 12);
    task.collection = patient.tasks;
    let empty = mychartum_core::port::storage::Put { body: Vec::new(), ..note(row(), i64::MIN) };
    let one = patient.set([first.clone(), task, empty]);
    patient.commit(storage, &one).await?;
    let two = patient.set([next(&first), note(row(), i64::MAX)]);
    patient.commit(storage, &two).await?;
    Ok((patient, vec![one, two]))
}

/// The pieces of a patient's partition for a bucket that arrives at epoch 0, some rows a piece.
pub(super) async fn pieces(storage: &dyn Custody, patient: &Patient, size: usize) -> Result<Vec<Piece>, Breach> {
    let mut snapshot = storage.snapshot().await?;
    let head = heads(&mut *snapshot, patient.bucket()).await?.get(&patient.partition).copied();
    let head = head.ok_or("a snapshot does not list a partition")?;
    let applied = snapshot.applied(patient.partition).await?;
    let rows = rows(&mut *snapshot, patient.partition, 3).await?;
    let mut first = Some((head, applied));
    let pieces = rows.chunks(size);
    Ok(pieces
        .map(|rows| Piece { partition: patient.partition, epoch: 0, first: first.take(), rows: rows.to_vec() })
        .collect())
}

/// Moves a partition into another storage and serves it there.
async fn moved(factory: &dyn Factory) -> Result<(Arc<dyn Custody>, Patient, Vec<ChangeSet>, View), Breach> {
    let (old, new) = (factory.fresh().await?, factory.fresh().await?);
    let (patient, sets) = furnished(&*old).await?;
    let before = View::of(&*old, &patient).await?;
    turn(&*new, patient.bucket(), [(Serving, Arriving)], 0).await?;
    for piece in pieces(&*old, &patient, 2).await? {
        new.install(&[piece]).await?;
    }
    turn(&*new, patient.bucket(), [(Arriving, Serving)], 0).await?;
    Ok((new, patient, sets, before))
}

async fn is_the_same(
    storage: &dyn Custody,
    patient: &Patient,
    sets: &[ChangeSet],
    before: &View,
) -> Result<(), Breach> {
    ensure(View::of(storage, patient).await? == *before, "a moved partition answers otherwise than before")?;
    for (set, revision) in sets.iter().zip(1u64..) {
        let receipt = storage.commit(set).await?;
        let known = receipt.outcome == Outcome::Repeated && receipt.revision == revision;
        ensure(known, "a moved partition does not know the change sets that made it")?;
    }
    ensure(View::of(storage, patient).await? == *before, "a repeated change set changed a moved partition")
}

/// Every question is answered in the new place as in the old, and work goes on.
pub(super) async fn verbatim(factory: &dyn Factory) -> Result<(), Breach> {
    let (new, mut patient, sets, before) = moved(factory).await?;
    is_the_same(&*new, &patient, &sets, &before).await?;
    patient.put(&*new, [note(row(), 1)]).await
}

/// What was installed and turned is durable.
pub(super) async fn verbatim_after_reopening(factory: &dyn Factory) -> Result<(), Breach> {
    let (new, patient, sets, before) = moved(factory).await?;
    let new = factory.reopen(new).await?;
    is_the_same(&*new, &patient, &sets, &before).await
}
