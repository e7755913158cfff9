//! One end of a move: what it does to the bucket in one cell.

use std::sync::Arc;

use mychartum_core::port::Custody;
use mychartum_core::port::custody::BucketState::Elsewhere;
use mychartum_core::port::custody::{BucketState, BucketStatus, Turn};
use mychartum_core::port::storage::{Bucket, StorageError, StorageErrorKind};

use super::error::CellsError;

/// One end of a move: a cell, with the epoch that the move claims.
pub(super) struct End<'a> {
    pub(super) number: usize,
    pub(super) cell: &'a dyn Custody,
    pub(super) bucket: Bucket,
    pub(super) epoch: u64,
}

impl<'a> End<'a> {
    pub(super) fn new(
        cells: &'a [Arc<dyn Custody>],
        number: usize,
        bucket: Bucket,
        epoch: u64,
    ) -> Result<Self, CellsError> {
        let cell = cells.get(number).ok_or(CellsError::NoSuchCell(number))?;
        Ok(Self { number, cell: &**cell, bucket, epoch })
    }

    /// Turns the bucket at the move's epoch; another mover's work makes it `UnderWay`.
    pub(super) async fn turn(&self, from: BucketState, to: BucketState) -> Result<(), CellsError> {
        let turn = Turn { bucket: self.bucket, from, to, epoch: self.epoch };
        match self.cell.turn(&[turn]).await {
            Err(error) if matches!(error.kind(), StorageErrorKind::Conflict | StorageErrorKind::Invalid) => {
                Err(CellsError::UnderWay(self.bucket))
            }
            answer => answer.map_err(CellsError::of(self.number)),
        }
    }

    /// Clears the bucket where this move turned it `Elsewhere`, and not where another mover has it by now.
    pub(super) async fn clear(&self) -> Result<(), CellsError> {
        let status = BucketStatus { bucket: self.bucket, state: Elsewhere, epoch: self.epoch };
        self.said(tidy(self.cell.clear(status).await))
    }

    /// The state that the bucket has here now.
    pub(super) async fn state(&self) -> Result<BucketState, CellsError> {
        let all = self.said(self.cell.buckets().await)?;
        let own = all.iter().find(|status| status.bucket == self.bucket);
        own.map(|status| status.state).ok_or(CellsError::ServedNowhere(self.bucket))
    }

    /// An answer of this cell.
    pub(super) fn said<T>(&self, answer: Result<T, StorageError>) -> Result<T, CellsError> {
        answer.map_err(CellsError::of(self.number))
    }
}

/// A bucket that stands otherwise by now is another mover's, who tidies up.
pub(super) fn tidy(answer: Result<(), StorageError>) -> Result<(), StorageError> {
    match answer {
        Err(error) if error.kind() == StorageErrorKind::Conflict => Ok(()),
        answer => answer,
    }
}
