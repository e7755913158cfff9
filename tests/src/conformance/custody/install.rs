//! Promises 8 to 10: what may be installed, and what is cleared.

use mychartum_core::port::Custody;
use mychartum_core::port::custody::BucketState::{Arriving, Elsewhere, Leaving, Serving};
use mychartum_core::port::custody::{BucketStatus, Piece};
use mychartum_core::port::storage::{Bucket, ChangeSet, Head, StorageError, StorageErrorKind};

use super::Factory;
use super::fence::heads;
use super::move_house::{furnished, pieces};
use super::serving::turn;
use super::snapshot::rows;
use crate::conformance::Breach;
use crate::conformance::case::ensure;
use crate::conformance::storage::patient::{Patient, note, row};

fn is_invalid(answer: Result<(), StorageError>, what: &str) -> Result<(), Breach> {
    match answer.map_err(|error| error.kind()) {
        Err(StorageErrorKind::Invalid) => Ok(()),
        other => Err(Breach(format!("{what}: expected Invalid, got {other:?}"))),
    }
}

/// A partition that was installed before is replaced whole, and the same pieces again change nothing.
pub(super) async fn replaces(factory: &dyn Factory) -> Result<(), Breach> {
    let (old, new) = (factory.fresh().await?, factory.fresh().await?);
    let (mut patient, _) = furnished(&*old).await?;
    turn(&*new, patient.bucket(), [(Serving, Arriving)], 0).await?;
    new.install(&pieces(&*old, &patient, 100).await?).await?;
    let all = rows(&mut *old.snapshot().await?, patient.partition, 100).await?;
    let mut set = patient.set([note(row(), 7)]);
    set.deletes = all
        .iter()
        .map(|row| mychartum_core::port::storage::Delete {
            collection: row.collection,
            row: row.row,
            version: row.version,
        })
        .collect();
    patient.commit(&*old, &set).await?;
    let later = pieces(&*old, &patient, 100).await?;
    for _ in 0..2 {
        new.install(&later).await?;
        let (here, there) = (rows(&mut *new.snapshot().await?, patient.partition, 9).await?, later.iter());
        ensure(there.flat_map(|piece| &piece.rows).eq(&here), "a first piece did not replace what was there")?;
        let kept = heads(&mut *new.snapshot().await?, patient.bucket()).await?;
        let head = later.first().and_then(|piece| piece.first.as_ref()).map(|(head, _)| *head);
        ensure(kept.get(&patient.partition).copied() == head, "an installed head is not the one that was given")?;
    }
    let tagged = new.snapshot().await?.applied(patient.partition).await?;
    ensure(tagged.len() == 3, "an installed partition does not remember its change sets")
}

/// A bucket that is serving, leaving or elsewhere takes no pieces.
pub(super) async fn only_arriving(factory: &dyn Factory) -> Result<(), Breach> {
    let (old, new) = (factory.fresh().await?, factory.fresh().await?);
    let (patient, _) = furnished(&*old).await?;
    let all = pieces(&*old, &patient, 100).await?;
    is_invalid(new.install(&all).await, "installing into a serving bucket")?;
    turn(&*new, patient.bucket(), [(Serving, Leaving)], 0).await?;
    is_invalid(new.install(&all).await, "installing into a leaving bucket")?;
    turn(&*new, patient.bucket(), [(Leaving, Elsewhere)], 0).await?;
    is_invalid(new.install(&all).await, "installing into a bucket that is elsewhere")?;
    holds_nothing(&*new, patient.bucket()).await
}

/// Pieces that break a rule, each alone and beside a good one.
pub(super) async fn broken_pieces(factory: &dyn Factory) -> Result<(), Breach> {
    let (old, new) = (factory.fresh().await?, factory.fresh().await?);
    let (patient, _) = furnished(&*old).await?;
    let (neighbour, bucket) = (patient.neighbour(), patient.bucket());
    turn(&*new, bucket, [(Serving, Arriving)], 3).await?;
    let good = pieces(&*old, &patient, 100).await?.into_iter().next().ok_or("a snapshot gave no rows")?;
    let sound = Piece { epoch: 3, ..good.clone() };
    let with_head = |change: fn(&mut Head)| {
        let mut piece = sound.clone();
        if let Some((head, _)) = &mut piece.first {
            change(head);
        }
        piece
    };
    let mut twice = sound.clone();
    twice.rows.extend(good.rows.first().cloned());
    let mut strangers = sound.clone();
    if let Some(row) = strangers.rows.first_mut() {
        row.partition = neighbour.partition;
    }
    let mut unversioned = sound.clone();
    if let Some(row) = unversioned.rows.first_mut() {
        row.version = 0;
    }
    let mut forgetful = sound.clone();
    if let Some((_, applied)) = &mut forgetful.first {
        applied.reverse();
    }
    let mut many = sound.clone();
    let one = good.rows.first().cloned().ok_or("a snapshot gave no rows")?;
    many.rows = (0..=ChangeSet::MAX_ROWS)
        .map(|_| mychartum_core::port::storage::Row { row: row(), body: Vec::new(), ..one.clone() })
        .collect();
    let broken = [
        ("a head with revision 0", with_head(|head| head.revision = 0)),
        ("a head with an epoch above the bucket's", with_head(|head| head.epoch = 4)),
        ("a piece of an earlier move", Piece { epoch: 2, ..sound.clone() }),
        ("a piece of a later move", Piece { epoch: 4, ..sound.clone() }),
        ("a row twice", twice),
        ("a stranger's row", strangers),
        ("a row with version 0", unversioned),
        ("remembered change sets out of order", forgetful),
        ("too many rows", many),
        ("rows without a head before them", Piece { first: None, ..sound.clone() }),
    ];
    let mut fine = neighbour.clone();
    fine.put(&*old, [note(row(), 1)]).await?;
    let mut beside = pieces(&*old, &fine, 100).await?;
    beside.iter_mut().for_each(|piece| piece.epoch = 3);
    for (what, piece) in broken {
        is_invalid(new.install(core::slice::from_ref(&piece)).await, what)?;
        let mut both = beside.clone();
        both.push(piece);
        is_invalid(new.install(&both).await, what)?;
        holds_nothing(&*new, bucket).await?;
    }
    new.install(&[sound]).await?;
    Ok(())
}

/// Clearing takes everything of one bucket and nothing of another, and only where the bucket stands as expected.
pub(super) async fn cleared(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let (patient, _) = furnished(&*storage).await?;
    let (other, _) = furnished(&*storage).await?;
    let bucket = patient.bucket();
    let status = |state, epoch| BucketStatus { bucket, state, epoch };
    is_invalid(storage.clear(status(Serving, 0)).await, "clearing a serving bucket")?;
    is_in_conflict(storage.clear(status(Elsewhere, 0)).await, "clearing a bucket that is not elsewhere yet")?;
    turn(&*storage, bucket, [(Serving, Leaving)], 1).await?;
    is_invalid(storage.clear(status(Leaving, 1)).await, "clearing a leaving bucket")?;
    turn(&*storage, bucket, [(Leaving, Elsewhere)], 1).await?;
    is_in_conflict(storage.clear(status(Elsewhere, 0)).await, "clearing with an earlier epoch")?;
    is_in_conflict(storage.clear(status(Arriving, 1)).await, "clearing with another state")?;
    let kept = rows(&mut *storage.snapshot().await?, patient.partition, 10).await?;
    ensure(!kept.is_empty(), "a clearing that was refused removed something")?;
    for _ in 0..2 {
        storage.clear(status(Elsewhere, 1)).await?;
        holds_nothing(&*storage, bucket).await?;
    }
    if other.bucket() != bucket {
        let kept = rows(&mut *storage.snapshot().await?, other.partition, 10).await?;
        ensure(!kept.is_empty(), "clearing a bucket removed rows of another")?;
    }
    turn(&*storage, bucket, [(Elsewhere, Arriving)], 2).await?;
    let elsewhere = factory.fresh().await?;
    let mut neighbour = patient.neighbour();
    neighbour.put(&*elsewhere, [note(row(), 1)]).await?;
    for piece in pieces(&*elsewhere, &neighbour, 100).await? {
        storage.install(&[Piece { epoch: 2, ..piece }]).await?;
    }
    let arrived = heads(&mut *storage.snapshot().await?, bucket).await?;
    ensure(arrived.len() == 1, "a snapshot does not show what is arriving")?;
    storage.clear(status(Arriving, 2)).await?;
    holds_nothing(&*storage, bucket).await?;
    turn(&*storage, bucket, [(Arriving, Serving)], 2).await?;
    let mut again = Patient { revision: 0, epoch: 2, ..patient };
    again.put(&*storage, [note(row(), 1)]).await
}

fn is_in_conflict(answer: Result<(), StorageError>, what: &str) -> Result<(), Breach> {
    match answer.map_err(|error| error.kind()) {
        Err(StorageErrorKind::Conflict) => Ok(()),
        other => Err(Breach(format!("{what}: expected Conflict, got {other:?}"))),
    }
}

async fn holds_nothing(storage: &dyn Custody, bucket: Bucket) -> Result<(), Breach> {
    let left = heads(&mut *storage.snapshot().await?, bucket).await?;
    ensure(left.is_empty(), "a bucket holds something that it must not")
}
