//! Promises 1 to 3: what a bucket answers in each state.

use mychartum_core::port::custody::BucketState::{self, Arriving, Elsewhere, Leaving, Serving};
use mychartum_core::port::custody::{BucketStatus, Turn};
use mychartum_core::port::storage::{Bucket, Due, Scan, StorageError, StorageErrorKind};
use mychartum_core::port::{Custody, Storage};

use super::Factory;
use crate::conformance::Breach;
use crate::conformance::case::ensure;
use crate::conformance::storage::patient::{NOTES, Patient, next, note, row};
use crate::conformance::storage::view::View;

/// Turns one bucket.
pub(super) async fn turn(
    storage: &dyn Custody,
    bucket: Bucket,
    steps: impl IntoIterator<Item = (BucketState, BucketState)>,
    epoch: u64,
) -> Result<(), StorageError> {
    for (from, to) in steps {
        storage.turn(&[Turn { bucket, from, to, epoch }]).await?;
    }
    Ok(())
}

/// All 4,096 are there, in order, serving, at epoch 0; also in a snapshot.
pub(super) async fn a_new_storage_serves_all(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let new: Vec<BucketStatus> =
        Bucket::all().map(|bucket| BucketStatus { bucket, state: Serving, epoch: 0 }).collect();
    ensure(storage.buckets().await? == new, "a new storage does not serve every bucket at epoch 0")?;
    ensure(storage.snapshot().await?.buckets().await? == new, "a snapshot of a new storage shows other buckets")?;
    let mut patient = Patient::new();
    patient.put(&*storage, [note(row(), 1)]).await
}

/// Leaving and back: reads and commits go on with the new epoch.
pub(super) async fn given_back(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let first = note(row(), 1);
    patient.put(&*storage, [first.clone()]).await?;
    turn(&*storage, patient.bucket(), [(Serving, Leaving), (Leaving, Serving)], 4).await?;
    let head = storage.head(patient.partition).await?;
    ensure((head.revision, head.epoch) == (1, 4), "a bucket that was given back has another head")?;
    patient.epoch = 4;
    patient.put(&*storage, [next(&first)]).await
}

/// Every read answers as before, and neither a known nor a new partition takes a commit.
pub(super) async fn leaving(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let (mut patient, mut other) = (Patient::new(), Patient::new());
    let mut task = note(row(), 3);
    task.collection = patient.tasks;
    let mut tagged = note(row(), 2);
    tagged.tags = vec![patient.tag];
    patient.put(&*storage, [note(row(), 1), tagged, task]).await?;
    let mut before = View::of(&*storage, &patient).await?;
    turn(&*storage, patient.bucket(), [(Serving, Leaving)], 2).await?;
    before.head.epoch = 2;
    let mut after = View::of(&*storage, &patient).await?;
    after.forget_listed_epoch();
    before.forget_listed_epoch();
    ensure(after == before, "reads of a leaving bucket do not answer as before")?;
    let mut known = patient.set([note(row(), 9)]);
    known.expect.epoch = 2;
    let mut unknown = patient.neighbour().set([note(row(), 9)]);
    unknown.expect.epoch = 2;
    for set in [known, unknown] {
        let kind = storage.commit(&set).await.err().map(|error| error.kind());
        ensure(kind == Some(StorageErrorKind::Busy), "a leaving bucket did not answer a commit with busy")?;
    }
    let mut again = View::of(&*storage, &patient).await?;
    again.forget_listed_epoch();
    ensure(again == before, "a refused commit changed a leaving bucket")?;
    if other.bucket() != patient.bucket() {
        other.put(&*storage, [note(row(), 1)]).await?;
    }
    Ok(())
}

/// After a bucket has left, every question about it says where it is not.
pub(super) async fn elsewhere(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    patient.put(&*storage, [note(row(), 1)]).await?;
    turn(&*storage, patient.bucket(), [(Serving, Leaving), (Leaving, Elsewhere)], 1).await?;
    refuses_all(&*storage, &patient, StorageErrorKind::Elsewhere).await?;
    refuses_all(&*storage, &patient.neighbour(), StorageErrorKind::Elsewhere).await
}

/// While a bucket is arriving, every question about it is answered with busy.
pub(super) async fn arriving(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let patient = Patient::new();
    turn(&*storage, patient.bucket(), [(Serving, Arriving)], 1).await?;
    refuses_all(&*storage, &patient, StorageErrorKind::Busy).await
}

async fn refuses_all(storage: &dyn Storage, patient: &Patient, wanted: StorageErrorKind) -> Result<(), Breach> {
    let partition = patient.partition;
    let due = Due { bucket: patient.bucket(), collection: patient.tasks, before: i64::MAX, limit: 10 };
    let mut set = patient.set([note(row(), 5)]);
    set.expect.epoch = 1;
    let answers = [
        ("head", storage.head(partition).await.err()),
        ("get", storage.get(partition, NOTES, &[row()]).await.err()),
        ("scan", storage.scan(&Scan::new(partition, NOTES, 10)).await.err()),
        ("due", storage.due(&due).await.err()),
        ("heads", storage.heads(patient.bucket(), None, 10).await.err()),
        ("commit", storage.commit(&set).await.err()),
    ];
    for (question, error) in answers {
        match error.map(|error| error.kind()) {
            Some(kind) if kind == wanted => {}
            other => return Err(Breach(format!("{question}: expected {wanted:?}, got {other:?}"))),
        }
    }
    Ok(())
}
