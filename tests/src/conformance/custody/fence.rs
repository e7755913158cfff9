//! Promise 5: who read a head before a turn can no longer commit on it.

use std::collections::BTreeMap;
use std::sync::Arc;

use mychartum_core::port::custody::BucketState::{Arriving, Leaving, Serving};
use mychartum_core::port::custody::Piece;
use mychartum_core::port::storage::{Bucket, Expect, Head, Partition, StorageErrorKind};
use mychartum_core::port::{Custody, Snapshot};
use tokio::sync::Barrier;

use super::Factory;
use super::move_house::{furnished, pieces};
use super::serving::turn;
use crate::conformance::Breach;
use crate::conformance::case::ensure;
use crate::conformance::storage::patient::{Patient, note, refused, row};

/// After leaving and coming back, the epoch of before is refused for known and unknown partitions, and the new one taken.
pub(super) async fn earlier_epochs_conflict(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut known = Patient::new();
    known.put(&*storage, [note(row(), 1)]).await?;
    let mut unknown = known.neighbour();
    let bucket = known.bucket();
    for epoch in [1, 10] {
        let stale = [known.set([note(row(), 2)]), unknown.set([note(row(), 2)])];
        turn(&*storage, bucket, [(Serving, Leaving), (Leaving, Serving)], epoch).await?;
        for set in &stale {
            refused(&*storage, set, StorageErrorKind::Conflict).await?;
        }
        for patient in [&mut known, &mut unknown] {
            let head = storage.head(patient.partition).await?;
            ensure(head.epoch == epoch, "a turn did not raise the epoch of a head")?;
            ensure(head.revision == patient.revision, "a turn or a stale commit changed a revision")?;
            patient.epoch = epoch;
        }
    }
    let far = Expect { epoch: 11, ..known.set([]).expect };
    let mut ahead = known.set([note(row(), 2)]);
    ahead.expect = far;
    refused(&*storage, &ahead, StorageErrorKind::Conflict).await?;
    known.put(&*storage, [note(row(), 3)]).await?;
    unknown.put(&*storage, [note(row(), 3)]).await
}

/// What was installed with an earlier epoch has the bucket's own when it is served, though no epoch changes in that turn.
pub(super) async fn installed_heads_follow(factory: &dyn Factory) -> Result<(), Breach> {
    let (old, new) = (factory.fresh().await?, factory.fresh().await?);
    let (mut patient, _) = furnished(&*old).await?;
    turn(&*new, patient.bucket(), [(Serving, Arriving)], 6).await?;
    for piece in pieces(&*old, &patient, 100).await? {
        new.install(&[Piece { epoch: 6, ..piece }]).await?;
    }
    turn(&*new, patient.bucket(), [(Arriving, Serving)], 6).await?;
    patient.revision = new.head(patient.partition).await?.revision;
    refused(&*new, &patient.set([note(row(), 2)]), StorageErrorKind::Conflict).await?;
    ensure(new.head(patient.partition).await?.epoch == 6, "an installed head kept its earlier epoch")?;
    patient.epoch = 6;
    patient.put(&*new, [note(row(), 2)]).await
}

/// Writers commit to old and new partitions while the bucket is turned: what was acknowledged is in a snapshot taken after
/// the turn, and nothing comes after it.
pub(super) async fn none_slips_past(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let seed = Patient::new();
    for round in 1..=6 {
        let begin = Arc::new(Barrier::new(9));
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let (storage, begin, patient) = (Arc::clone(&storage), Arc::clone(&begin), seed.neighbour());
                tokio::spawn(async move {
                    begin.wait().await;
                    write(&*storage, patient, writer % 2 == 0, round - 1).await
                })
            })
            .collect();
        begin.wait().await;
        for _ in 0..round * 3 {
            tokio::task::yield_now().await;
        }
        turn(&*storage, seed.bucket(), [(Serving, Leaving)], round).await?;
        let then = heads(&mut *storage.snapshot().await?, seed.bucket()).await?;
        for writer in writers {
            for (partition, revision) in writer.await?? {
                let kept = then.get(&partition).map_or(0, |head| head.revision);
                ensure(kept >= revision, "a commit was acknowledged that is not in a snapshot taken after the turn")?;
            }
        }
        let now = heads(&mut *storage.snapshot().await?, seed.bucket()).await?;
        ensure(now == then, "a commit came after the turn that fenced it")?;
        ensure(now.values().all(|head| head.epoch == round), "a head kept its earlier epoch")?;
        turn(&*storage, seed.bucket(), [(Leaving, Serving)], round).await?;
    }
    Ok(())
}

/// Commits until it is fenced; gives the last acknowledged revisions. It either stays with one partition or always takes a
/// new one.
async fn write(
    storage: &dyn Custody,
    mut patient: Patient,
    stays: bool,
    epoch: u64,
) -> Result<Vec<(Partition, u64)>, Breach> {
    let mut acknowledged = Vec::new();
    for order in 0..200 {
        patient.epoch = epoch;
        match storage.commit(&patient.set([note(row(), order)])).await {
            Ok(receipt) => acknowledged.push((patient.partition, receipt.revision)),
            Err(error) if matches!(error.kind(), StorageErrorKind::Busy | StorageErrorKind::Conflict) => break,
            Err(error) => return Err(error.into()),
        }
        if stays {
            patient.revision += 1;
        } else {
            patient = patient.neighbour();
        }
    }
    Ok(acknowledged)
}

/// All heads of a bucket.
pub(super) async fn heads(snapshot: &mut dyn Snapshot, bucket: Bucket) -> Result<BTreeMap<Partition, Head>, Breach> {
    let mut all = BTreeMap::new();
    let mut after = None;
    // A bucket that never ends is a broken one.
    for _ in 0..10_000 {
        let page = snapshot.heads(bucket, after, 500).await?;
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        all.extend(page);
    }
    Ok(all)
}
