//! Promise 4: turns are compare-and-set, all or none, repeatable and durable.

use mychartum_core::port::Custody;
use mychartum_core::port::custody::BucketState::{self, Arriving, Elsewhere, Leaving, Serving};
use mychartum_core::port::custody::Turn;
use mychartum_core::port::storage::{Bucket, StorageErrorKind};

use super::Factory;
use super::serving::turn;
use crate::conformance::Breach;
use crate::conformance::case::ensure;
use crate::conformance::storage::patient::{Patient, note, row};

async fn refused(storage: &dyn Custody, turns: &[Turn], wanted: StorageErrorKind) -> Result<(), Breach> {
    let before = storage.buckets().await?;
    match storage.turn(turns).await {
        Err(error) if error.kind() == wanted => {}
        Err(error) => return Err(Breach(format!("a turn: expected {wanted:?}, got: {error}"))),
        Ok(()) => return Err(Breach(format!("a turn: expected {wanted:?}, but it was made"))),
    }
    ensure(storage.buckets().await? == before, "a refused turn changed the state of a bucket")
}

/// The state of a bucket, as the storage lists it.
async fn stands(storage: &dyn Custody, bucket: Bucket) -> Result<(BucketState, u64), Breach> {
    let all = storage.buckets().await?;
    let found = all.iter().find(|status| status.bucket == bucket).ok_or("a bucket is not listed")?;
    Ok((found.state, found.epoch))
}

/// A bucket in another state than the expected one is a conflict.
pub(super) async fn expected_states(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let bucket = Patient::new().bucket();
    for (from, to) in [(Leaving, Elsewhere), (Arriving, Serving), (Elsewhere, Arriving)] {
        refused(&*storage, &[Turn { bucket, from, to, epoch: 1 }], StorageErrorKind::Conflict).await?;
    }
    turn(&*storage, bucket, [(Serving, Leaving)], 2).await?;
    ensure(stands(&*storage, bucket).await? == (Leaving, 2), "a turn was not made")?;
    refused(&*storage, &[Turn { bucket, from: Serving, to: Leaving, epoch: 3 }], StorageErrorKind::Conflict).await
}

/// No step but the listed ones, no lower epoch, no step that needs an empty bucket where there is a partition.
pub(super) async fn ruled_out_steps(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let bucket = patient.bucket();
    patient.put(&*storage, [note(row(), 1)]).await?;
    let invalid = StorageErrorKind::Invalid;
    for to in [Serving, Arriving, Elsewhere] {
        refused(&*storage, &[Turn { bucket, from: Serving, to, epoch: 1 }], invalid).await?;
    }
    turn(&*storage, bucket, [(Serving, Leaving)], 5).await?;
    refused(&*storage, &[Turn { bucket, from: Leaving, to: Arriving, epoch: 6 }], invalid).await?;
    refused(&*storage, &[Turn { bucket, from: Leaving, to: Serving, epoch: 4 }], invalid).await?;
    refused(&*storage, &[Turn { bucket, from: Leaving, to: Serving, epoch: u64::MAX }], invalid).await?;
    turn(&*storage, bucket, [(Leaving, Elsewhere)], 5).await?;
    // It still holds what it held.
    refused(&*storage, &[Turn { bucket, from: Elsewhere, to: Arriving, epoch: 6 }], invalid).await?;
    refused(&*storage, &[Turn { bucket, from: Elsewhere, to: Serving, epoch: 6 }], invalid).await
}

/// One turn that cannot be made keeps the others from being made.
pub(super) async fn all_or_none(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let good = |number| Bucket::new(number).map(|bucket| Turn { bucket, from: Serving, to: Arriving, epoch: 1 });
    let turns: Vec<Turn> = (0..40).filter_map(good).collect();
    let mut bad = turns.clone();
    if let Some(last) = bad.last_mut() {
        last.from = Leaving;
        last.to = Elsewhere;
    }
    refused(&*storage, &bad, StorageErrorKind::Conflict).await?;
    storage.turn(&turns).await?;
    let states = storage.buckets().await?;
    let arriving = states.iter().filter(|status| status.state == Arriving && status.epoch == 1).count();
    ensure(arriving == 40, "turns of several buckets were not all made")
}

/// The same turn again is taken for granted, also when the bucket holds something by now.
pub(super) async fn repeated(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    patient.put(&*storage, [note(row(), 1)]).await?;
    let bucket = patient.bucket();
    for _ in 0..2 {
        turn(&*storage, bucket, [(Serving, Leaving)], 2).await?;
    }
    for _ in 0..2 {
        turn(&*storage, bucket, [(Leaving, Elsewhere)], 2).await?;
    }
    ensure(stands(&*storage, bucket).await? == (Elsewhere, 2), "a repeated turn changed something")
}

/// States and epochs are the same after reopening.
pub(super) async fn durable(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    patient.put(&*storage, [note(row(), 1)]).await?;
    turn(&*storage, patient.bucket(), [(Serving, Leaving)], 7).await?;
    let before = storage.buckets().await?;
    let storage = factory.reopen(storage).await?;
    ensure(storage.buckets().await? == before, "after reopening, the states of buckets are not as before")?;
    ensure(storage.head(patient.partition).await?.epoch == 7, "after reopening, a head has an earlier epoch")
}
