//! Moving a bucket from one cell to another while hosts read and write.
//!
//! ```text
//!      the keeper                                  the other cell
//! 1    Serving                                     Elsewhere -> Arriving, with an epoch that only this move has
//! 2    Serving        partitions are copied ->     Arriving        again and again, until few changed meanwhile
//! 3    -> Leaving     (that epoch: the fence)      Arriving        commits wait, reads go on
//! 4    Leaving        what changed is copied ->    Arriving
//! 5    -> Elsewhere                                Arriving        now nobody answers, for two commits
//! 6    Elsewhere                                   -> Serving
//! 7    cleared
//! ```
//!
//! INVARIANT (one keeper): a cell serves a bucket only after every other one that did has durably turned it `Leaving`
//! before the last copy, and `Elsewhere` before this one is turned `Serving`. Every step is a compare-and-set with the
//! move's own epoch, so of two movers one fails, and a move that was broken off anywhere can be taken up or given up.

use core::hash::BuildHasher as _;
use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::sync::Arc;

use mychartum_core::port::custody::BucketState::{Arriving, Elsewhere, Leaving, Serving};
use mychartum_core::port::custody::{BucketState, BucketStatus, Turn};
use mychartum_core::port::storage::{AuditHead, Bucket, Head, Partition, StorageError, StorageErrorKind};
use mychartum_core::port::{Custody, Snapshot};

use super::carry::Carrier;
use super::cells_storage::Cells;
use super::error::CellsError;

/// How far a move is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MoveProgress {
    /// Which pass over the bucket; 1 is the first.
    pub pass: u32,
    /// Partitions copied in this pass.
    pub copied: u64,
    /// Partitions to be copied in this pass.
    pub of: u64,
}

/// What a move did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Partitions in the bucket.
    pub partitions: u64,
    /// Rows carried, over all passes.
    pub rows: u64,
    /// Passes while the bucket was served; the last one, with writers waiting, is not counted.
    pub passes: u32,
    /// Partitions that were copied while writers waited.
    pub while_waiting: u64,
}

/// After so many passes the fence comes, however much changes.
const PASSES: u32 = 6;
/// With so few changed partitions a pass is short enough for writers to wait for it.
const FEW: usize = 64;
/// So often are the cells asked again when a bucket seems to be served twice.
const LOOKS: u32 = 4;

impl Cells {
    /// Moves a bucket to a cell. Reads go on; commits wait while what changed last is copied.
    ///
    /// A move that was broken off, by an error or by the end of the process, is taken up by the same call: what was copied is
    /// copied again unless the bucket was complete. To give it up, call it for the cell that keeps the bucket.
    ///
    /// # Errors
    /// [`CellsError`]. Up to the fence the keeper goes on serving; after it, an error gives the bucket back if it can.
    pub async fn move_bucket(
        &self,
        bucket: Bucket,
        to: usize,
        mut progress: impl FnMut(MoveProgress) + Send,
    ) -> Result<Moved, CellsError> {
        let cells = self.inner.cells.as_slice();
        let target = cells.get(to).ok_or(CellsError::NoSuchCell(to))?;
        let standing = Standing::of(cells, bucket).await?;
        let moved = match standing.keeper() {
            Keeper::None => standing.complete(cells, to).await?,
            Keeper::At(from) => {
                // The step is random: no two movers ever claim the same epoch.
                let epoch = standing.epoch() + 1 + (RandomState::new().hash_one(bucket.number()) >> 32);
                let (from, to) =
                    (End::new(cells, from, bucket, epoch)?, End { number: to, cell: &**target, bucket, epoch });
                standing.give_up_others(cells, &from).await?;
                if from.number == to.number {
                    Moved { partitions: 0, rows: 0, passes: 0, while_waiting: 0 }
                } else {
                    carry_over(&from, &to, standing.of_cell(to.number)?, &mut progress).await?
                }
            }
        };
        // What an earlier move left behind, when it ended before its last step.
        for ((number, cell), status) in cells.iter().enumerate().zip(&standing.statuses) {
            if status.state == Elsewhere && number != to {
                tidy(cell.clear(*status).await).map_err(CellsError::of(number))?;
            }
        }
        self.inner.ask().await?;
        Ok(moved)
    }
}

/// One end of a move: a cell, with the epoch that the move claims.
struct End<'a> {
    number: usize,
    cell: &'a dyn Custody,
    bucket: Bucket,
    epoch: u64,
}

impl<'a> End<'a> {
    fn new(cells: &'a [Arc<dyn Custody>], number: usize, bucket: Bucket, epoch: u64) -> Result<Self, CellsError> {
        let cell = cells.get(number).ok_or(CellsError::NoSuchCell(number))?;
        Ok(Self { number, cell: &**cell, bucket, epoch })
    }

    async fn turn(&self, from: BucketState, to: BucketState) -> Result<(), CellsError> {
        let turn = Turn { bucket: self.bucket, from, to, epoch: self.epoch };
        match self.cell.turn(&[turn]).await {
            Err(error) if matches!(error.kind(), StorageErrorKind::Conflict | StorageErrorKind::Invalid) => {
                Err(CellsError::UnderWay(self.bucket))
            }
            answer => answer.map_err(CellsError::of(self.number)),
        }
    }

    /// Clears the bucket where this move turned it `Elsewhere`, and not where another mover has it by now.
    async fn clear(&self) -> Result<(), CellsError> {
        let status = BucketStatus { bucket: self.bucket, state: Elsewhere, epoch: self.epoch };
        self.said(tidy(self.cell.clear(status).await))
    }

    fn said<T>(&self, answer: Result<T, StorageError>) -> Result<T, CellsError> {
        answer.map_err(CellsError::of(self.number))
    }
}

/// How a bucket stands in every cell.
struct Standing {
    bucket: Bucket,
    statuses: Vec<BucketStatus>,
}

enum Keeper {
    /// A cell serves it or is giving it away.
    At(usize),
    /// It was given away and not yet taken.
    None,
}

impl Standing {
    /// Asks every cell. They answer one after another, so a bucket that moves meanwhile may seem to be served twice, or by
    /// none: then they are asked again. What follows from the answer is a compare-and-set all the same.
    async fn of(cells: &[Arc<dyn Custody>], bucket: Bucket) -> Result<Self, CellsError> {
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

    fn of_cell(&self, number: usize) -> Result<BucketStatus, CellsError> {
        self.statuses.get(number).copied().ok_or(CellsError::NoSuchCell(number))
    }

    fn epoch(&self) -> u64 {
        self.statuses.iter().map(|status| status.epoch).max().unwrap_or(0)
    }

    fn keeper(&self) -> Keeper {
        self.in_state(Serving).chain(self.in_state(Leaving)).next().map_or(Keeper::None, Keeper::At)
    }

    /// Ends moves that were broken off while the keeper still had the bucket: it serves again, and nobody is arriving.
    ///
    /// The keeper is fenced first, also where it is serving: the other mover may be alive, and about to give the bucket away to
    /// the cell that is emptied here. With a higher epoch at the keeper it cannot.
    async fn give_up_others(&self, cells: &[Arc<dyn Custody>], keeper: &End<'_>) -> Result<(), CellsError> {
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

    /// Completes a move that was broken off between giving away and taking: the copy is whole.
    async fn complete(&self, cells: &[Arc<dyn Custody>], to: usize) -> Result<Moved, CellsError> {
        let arriving: Vec<usize> = self.in_state(Arriving).collect();
        let [number] = arriving.as_slice() else { return Err(CellsError::ServedNowhere(self.bucket)) };
        if *number != to {
            return Err(CellsError::UnderWay(self.bucket));
        }
        let epoch = self.statuses.get(to).map_or(0, |status| status.epoch);
        // Only the mover whose epoch the keeper took when it gave the bucket away had made the copy.
        let given = |number: &usize| self.statuses.get(*number).is_some_and(|status| status.epoch == epoch);
        let from = self.in_state(Elsewhere).find(given).ok_or(CellsError::ServedNowhere(self.bucket))?;
        let (from, to) = (End::new(cells, from, self.bucket, epoch)?, End::new(cells, to, self.bucket, epoch)?);
        to.turn(Arriving, Serving).await?;
        let partitions = heads(&mut *to.said(to.cell.snapshot().await)?, self.bucket).await;
        from.clear().await?;
        let partitions = to.said(partitions)?.len() as u64;
        Ok(Moved { partitions, rows: 0, passes: 0, while_waiting: 0 })
    }
}

/// A bucket that stands otherwise by now is another mover's, who tidies up.
fn tidy(answer: Result<(), StorageError>) -> Result<(), StorageError> {
    match answer {
        Err(error) if error.kind() == StorageErrorKind::Conflict => Ok(()),
        answer => answer,
    }
}

/// Steps 1 to 7.
async fn carry_over(
    from: &End<'_>,
    to: &End<'_>,
    there: BucketStatus,
    progress: &mut (dyn FnMut(MoveProgress) + Send),
) -> Result<Moved, CellsError> {
    // What lies there was left behind by an earlier move.
    to.said(tidy(to.cell.clear(BucketStatus { state: Elsewhere, ..there }).await))?;
    to.turn(Elsewhere, Arriving).await?;
    let mut copy = Copy { from, to, there: BTreeMap::new(), rows: 0, pass: 0 };
    match copy.until_served_there(progress).await {
        Ok(moved) => {
            from.clear().await?;
            Ok(moved)
        }
        Err(error) => {
            // Give it back, unless it is given away already: then only completing it is right, and not clearing it.
            let back = match from.turn(Leaving, Serving).await {
                Ok(()) => true,
                Err(_) => matches!(Standing::of_one(from).await, Ok(Serving)),
            };
            if back && to.turn(Arriving, Elsewhere).await.is_ok() {
                let _ = to.clear().await;
            }
            Err(error)
        }
    }
}

impl Standing {
    async fn of_one(end: &End<'_>) -> Result<BucketState, CellsError> {
        let all = end.said(end.cell.buckets().await)?;
        let own = all.iter().find(|status| status.bucket == end.bucket);
        own.map(|status| status.state).ok_or(CellsError::ServedNowhere(end.bucket))
    }
}

/// A copy under way.
struct Copy<'a> {
    from: &'a End<'a>,
    to: &'a End<'a>,
    /// What was copied: the head it had there.
    there: BTreeMap<Partition, (u64, AuditHead)>,
    rows: u64,
    pass: u32,
}

impl Copy<'_> {
    /// Steps 2 to 6.
    async fn until_served_there(
        &mut self,
        progress: &mut (dyn FnMut(MoveProgress) + Send),
    ) -> Result<Moved, CellsError> {
        while self.pass < PASSES {
            if self.copy_what_changed(progress).await? <= FEW {
                break;
            }
        }
        let passes = self.pass;
        self.from.turn(Serving, Leaving).await?;
        let while_waiting = self.copy_what_changed(progress).await? as u64;
        self.from.turn(Leaving, Elsewhere).await?;
        self.to.turn(Arriving, Serving).await?;
        Ok(Moved { partitions: self.there.len() as u64, rows: self.rows, passes, while_waiting })
    }

    /// One pass: copies every partition that is not there as it is here, and says how many.
    async fn copy_what_changed(
        &mut self,
        progress: &mut (dyn FnMut(MoveProgress) + Send),
    ) -> Result<usize, CellsError> {
        self.pass += 1;
        let mut snapshot = self.from.said(self.from.cell.snapshot().await)?;
        let mut changed = self.from.said(heads(&mut *snapshot, self.from.bucket).await)?;
        changed.retain(|(partition, head)| self.there.get(partition) != Some(&(head.revision, head.audit)));
        let mut carrier = Carrier::new(self.to.cell, self.to.epoch);
        let of = changed.len() as u64;
        for (copied, (partition, head)) in (1..).zip(&changed) {
            // Either cell may have failed; the mover's answer is the same.
            self.to.said(carrier.carry(&mut *snapshot, *partition, *head).await)?;
            self.there.insert(*partition, (head.revision, head.audit));
            progress(MoveProgress { pass: self.pass, copied, of });
        }
        self.to.said(carrier.deliver().await)?;
        self.rows += carrier.carried;
        Ok(changed.len())
    }
}

/// All partitions of a bucket with their heads.
async fn heads(snapshot: &mut dyn Snapshot, bucket: Bucket) -> Result<Vec<(Partition, Head)>, StorageError> {
    let mut all: Vec<(Partition, Head)> = Vec::new();
    loop {
        let page = snapshot.heads(bucket, all.last().map(|(last, _)| *last), 1000).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}
