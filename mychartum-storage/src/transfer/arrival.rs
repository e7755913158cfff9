//! Filling an empty storage: its buckets arrive, take pieces, and are read back.

use mychartum_core::port::Custody;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use mychartum_core::port::custody::{BucketState, BucketStatus, Piece, Turn};
use mychartum_core::port::storage::{Bucket, StorageError, StorageErrorKind};

use super::again::again;
use super::batch::Batch;
use super::error::TransferError;
use super::filled::Filled;
use super::progress::{Counts, Progress, Report, Stage};
use super::survey::Survey;
use super::tally::{Tally, at_epoch};
use super::walk::Walk;

/// A storage whose buckets are all arriving, and what was put into it so far.
pub(crate) struct Arrival<'a> {
    into: &'a dyn Custody,
    /// How each bucket is to stand in the end.
    becomes: Vec<BucketStatus>,
    epoch: u64,
    partitions: u64,
    batch: Batch<'a>,
    tally: Tally,
}

impl<'a> Arrival<'a> {
    /// Turns every bucket of an empty storage to arriving, at an epoch above all earlier ones and above `at`.
    ///
    /// The step above is random. A turn that was made already is no error, so two copies with one epoch would both believe that
    /// the storage is theirs.
    ///
    /// What an earlier copy left in buckets that are arriving is removed, and that copy, if it is still under way, is fenced
    /// off: its buckets are turned away under it, and its epoch is below the new one.
    ///
    /// # Errors
    /// `NotEmpty`, and nothing was changed; `Overtaken`; `Storage`.
    pub(crate) async fn begin(into: &'a dyn Custody, survey: &Survey, at: u64) -> Result<Self, TransferError> {
        let found = into.buckets().await?;
        let highest = found.iter().map(|status| status.epoch).max().unwrap_or(0).max(survey.epoch());
        let step = RandomState::new().hash_one(found.len()) >> 32;
        let epoch = at.max(highest).saturating_add(1).saturating_add(step);
        // A new storage serves all buckets, a broken off copy left all of them arriving, and one that was begun anew and broken
        // off all of them elsewhere. Any mixture is at work, or one cell of several.
        let state = found.first().map_or(BucketState::Leaving, |status| status.state);
        let next = match state {
            BucketState::Serving => BucketState::Arriving,
            BucketState::Arriving | BucketState::Elsewhere => BucketState::Elsewhere,
            BucketState::Leaving => return Err(TransferError::NotEmpty),
        };
        if found.iter().any(|status| status.state != state) {
            return Err(TransferError::NotEmpty);
        }
        if next != state {
            let turn = |status: &BucketStatus| Turn { bucket: status.bucket, from: state, to: next, epoch };
            let turns: Vec<Turn> = found.iter().map(turn).collect();
            again(|| into.turn(&turns)).await.map_err(|error| match error.kind() {
                // Of what was asked, only that a bucket holds something can be wrong.
                StorageErrorKind::Invalid if i64::try_from(epoch).is_ok() => TransferError::NotEmpty,
                StorageErrorKind::Conflict => TransferError::Overtaken,
                _ => error.into(),
            })?;
        }
        if next == BucketState::Elsewhere {
            let claimed = |status: &BucketStatus| {
                let epoch = if state == next { status.epoch } else { epoch };
                BucketStatus { state: next, epoch, ..*status }
            };
            empty(into, found.iter().map(claimed).collect(), epoch).await?;
        }
        let becomes = |status: &BucketStatus| match status.state {
            BucketState::Elsewhere => BucketStatus { epoch, ..*status },
            _ => BucketStatus { state: BucketState::Serving, epoch, ..*status },
        };
        Ok(Self {
            into,
            becomes: survey.buckets.iter().map(becomes).collect(),
            epoch,
            partitions: survey.partitions,
            batch: Batch::new(into),
            tally: Tally::default(),
        })
    }

    /// What was put into it so far.
    pub(crate) const fn counts(&self) -> Counts {
        self.tally.counts()
    }

    /// Puts a piece into it. Pieces come in order: buckets, partitions, rows.
    pub(crate) async fn push(&mut self, piece: Piece) -> Result<(), TransferError> {
        let piece = at_epoch(piece, self.epoch);
        self.tally.add(&piece);
        self.batch.push(piece).await.map_err(overtaken)
    }

    /// Reads everything back and compares it with what was put into it.
    ///
    /// # Errors
    /// `Differs`, `Overtaken`, `Storage`.
    pub(crate) async fn verify(mut self, report: Report<'_>) -> Result<Filled<'a>, TransferError> {
        self.batch.install().await.map_err(overtaken)?;
        let mut snapshot = self.into.snapshot().await?;
        let arriving = |status: &BucketStatus| status.state == BucketState::Arriving && status.epoch == self.epoch;
        if !snapshot.buckets().await?.iter().all(arriving) {
            return Err(TransferError::Overtaken);
        }
        let mut found = Tally::default();
        let mut walk = Walk::new(&mut *snapshot, Bucket::all());
        while let Some(piece) = walk.next().await? {
            found.add(&piece);
            report(Progress { stage: Stage::Checking, done: found.counts(), partitions: self.partitions });
        }
        let counts = self.tally.counts();
        if found.counts() == counts && found.digest() == self.tally.digest() {
            Ok(Filled::new(self.into, self.becomes, counts))
        } else {
            Err(TransferError::Differs)
        }
    }
}

/// Empties buckets that are elsewhere and stand like this, and turns them to arriving.
async fn empty(into: &dyn Custody, left: Vec<BucketStatus>, epoch: u64) -> Result<(), TransferError> {
    let mut snapshot = into.snapshot().await?;
    let mut holding = Vec::new();
    for status in &left {
        if !snapshot.heads(status.bucket, None, 1).await?.is_empty() {
            holding.push(*status);
        }
    }
    drop(snapshot);
    for status in holding {
        again(|| into.clear(status)).await.map_err(overtaken)?;
    }
    let turn = |status: BucketStatus| {
        let BucketStatus { bucket, state: from, .. } = status;
        Turn { bucket, from, to: BucketState::Arriving, epoch }
    };
    let turns: Vec<Turn> = left.into_iter().map(turn).collect();
    again(|| into.turn(&turns)).await.map_err(overtaken)
}

/// What keeps to the contract is refused only when someone else turned the buckets meanwhile.
fn overtaken(error: StorageError) -> TransferError {
    match error.kind() {
        StorageErrorKind::Invalid | StorageErrorKind::Conflict => TransferError::Overtaken,
        _ => error.into(),
    }
}
