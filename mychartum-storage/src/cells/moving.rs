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
use mychartum_core::port::custody::BucketStatus;
use mychartum_core::port::storage::{AuditHead, Bucket, Head, Partition, StorageError};
use mychartum_core::port::{Custody, Snapshot};

use super::cells_storage::Cells;
use super::end::{End, tidy};
use super::error::CellsError;
use super::standing::{Keeper, Standing};
use crate::transfer::{Batch, Walk, at_epoch};

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
        if to >= cells.len() {
            return Err(CellsError::NoSuchCell(to));
        }
        let standing = Standing::of(cells, bucket).await?;
        let moved = match standing.keeper() {
            Keeper::None => complete(cells, &standing, bucket, to).await?,
            Keeper::At(from) => {
                // The step is random: no two movers ever claim the same epoch.
                let epoch = standing.epoch() + 1 + (RandomState::new().hash_one(bucket.number()) >> 32);
                let (from, to) = (End::new(cells, from, bucket, epoch)?, End::new(cells, to, bucket, epoch)?);
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

/// Completes a move that was broken off between giving away and taking: the copy is whole.
async fn complete(
    cells: &[Arc<dyn Custody>],
    standing: &Standing,
    bucket: Bucket,
    to: usize,
) -> Result<Moved, CellsError> {
    let (from, epoch) = standing.giver_to(to)?;
    let (from, to) = (End::new(cells, from, bucket, epoch)?, End::new(cells, to, bucket, epoch)?);
    to.turn(Arriving, Serving).await?;
    let partitions = heads(&mut *to.said(to.cell.snapshot().await)?, bucket).await;
    from.clear().await?;
    Ok(Moved { partitions: to.said(partitions)?.len() as u64, rows: 0, passes: 0, while_waiting: 0 })
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
                Err(_) => matches!(from.state().await, Ok(Serving)),
            };
            if back && to.turn(Arriving, Elsewhere).await.is_ok() {
                let _ = to.clear().await;
            }
            Err(error)
        }
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
        let (mut batch, of, mut copied) = (Batch::new(self.to.cell), changed.len() as u64, 0);
        let mut walk = Walk::through(&mut *snapshot, changed.iter().copied());
        while let Some(piece) = self.from.said(walk.next().await)? {
            copied += u64::from(piece.first.is_some());
            self.rows += piece.rows.len() as u64;
            self.to.said(batch.push(at_epoch(piece, self.to.epoch)).await)?;
            progress(MoveProgress { pass: self.pass, copied, of });
        }
        self.to.said(batch.install().await)?;
        self.there.extend(changed.iter().map(|(partition, head)| (*partition, (head.revision, head.audit))));
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
