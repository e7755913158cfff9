//! How a bucket stands in every cell of a fleet, and whose it is.

use std::sync::Arc;

use mychartum_core::port::Custody;
use mychartum_core::port::custody::BucketState::{Arriving, Elsewhere, Leaving, Serving};
use mychartum_core::port::custody::{BucketState, BucketStatus};
use mychartum_core::port::storage::Bucket;

use super::end::End;
use super::error::CellsError;

/// So often are the cells asked again when a bucket seems to be served twice.
const LOOKS: u32 = 4;

/// How a bucket stands in every cell.
pub(super) struct Standing {
    bucket: Bucket,
    pub(super) statuses: Vec<BucketStatus>,
}

/// Who keeps a bucket.
pub(super) enum Keeper {
    /// A cell serves it or is giving it away.
    At(usize),
    /// It was given away and not yet taken.
    None,
}

impl Standing {
    /// Asks every cell. They answer one after another, so a bucket that moves meanwhile may seem to be served twice, or by
    /// none: then they are asked again. What follows from the answer is a compare-and-set all the same.
    pub(super) async fn of(cells: &[Arc<dyn Custody>], bucket: Bucket) -> Result<Self, CellsError> {
        let mut looks = 0;
        loop {
            let standing = Self::seen(cells, bucket).await?;
            let mut serving = standing.in_state(Serving);
            match (serving.next(), serving.next()) {
                (Some(one), Some(other)) if looks >= LOOKS => {
                    return Err(CellsError::ServedTwice { bucket, one, other });
                }
                (Some(_), Some(_)) => looks += 1,
                _ => {
                    drop(serving);
                    return Ok(standing);
                }
            }
        }
    }

    async fn seen(cells: &[Arc<dyn Custody>], bucket: Bucket) -> Result<Self, CellsError> {
        let mut statuses = Vec::with_capacity(cells.len());
        for (number, cell) in cells.iter().enumerate() {
            let all = cell.buckets().await.map_err(CellsError::of(number))?;
            let own = all.into_iter().find(|status| status.bucket == bucket);
            statuses.push(own.ok_or(CellsError::ServedNowhere(bucket))?);
        }
        Ok(Self { bucket, statuses })
    }

    fn in_state(&self, state: BucketState) -> impl Iterator<Item = usize> {
        let numbered = self.statuses.iter().enumerate();
        numbered.filter(move |(_, status)| status.state == state).map(|(number, _)| number)
    }

    pub(super) fn of_cell(&self, number: usize) -> Result<BucketStatus, CellsError> {
        self.statuses.get(number).copied().ok_or(CellsError::NoSuchCell(number))
    }

    pub(super) fn epoch(&self) -> u64 {
        self.statuses.iter().map(|status| status.epoch).max().unwrap_or(0)
    }

    pub(super) fn keeper(&self) -> Keeper {
        self.in_state(Serving).chain(self.in_state(Leaving)).next().map_or(Keeper::None, Keeper::At)
    }

    /// Ends moves that were broken off while the keeper still had the bucket: it serves again, and nobody is arriving.
    ///
    /// The keeper is fenced first, also where it is serving: the other mover may be alive, and about to give the bucket away to
    /// the cell that is emptied here. With a higher epoch at the keeper it cannot.
    pub(super) async fn give_up_others(&self, cells: &[Arc<dyn Custody>], keeper: &End<'_>) -> Result<(), CellsError> {
        let is_leaving = self.in_state(Leaving).any(|number| number == keeper.number);
        let others: Vec<usize> = self.in_state(Arriving).collect();
        if !is_leaving && !others.is_empty() {
            keeper.turn(Serving, Leaving).await?;
        }
        if is_leaving || !others.is_empty() {
            keeper.turn(Leaving, Serving).await?;
        }
        for number in others {
            let other = End::new(cells, number, self.bucket, keeper.epoch)?;
            other.turn(Arriving, Elsewhere).await?;
            other.clear().await?;
        }
        Ok(())
    }

    /// The cell that gave the bucket away in a move that was broken off before this cell took it, with the move's epoch.
    ///
    /// Only the mover whose epoch the keeper took when it gave the bucket away had made the copy whole.
    pub(super) fn giver_to(&self, to: usize) -> Result<(usize, u64), CellsError> {
        let mut arriving = self.in_state(Arriving);
        match (arriving.next(), arriving.next()) {
            (Some(number), None) if number == to => {}
            (Some(_), None) => return Err(CellsError::UnderWay(self.bucket)),
            _ => return Err(CellsError::ServedNowhere(self.bucket)),
        }
        let epoch = self.of_cell(to)?.epoch;
        let gave = |number: &usize| self.statuses.get(*number).is_some_and(|status| status.epoch == epoch);
        let giver = self.in_state(Elsewhere).find(gave).ok_or(CellsError::ServedNowhere(self.bucket))?;
        Ok((giver, epoch))
    }
}
