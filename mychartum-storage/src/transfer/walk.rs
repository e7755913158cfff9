//! Everything in a snapshot, piece by piece.

use std::collections::VecDeque;

use mychartum_core::port::Snapshot;
use mychartum_core::port::custody::Piece;
use mychartum_core::port::storage::{Bucket, Collection, Head, Partition, RowId, StorageError};

/// How many heads or rows are read at once.
pub(super) const PAGE: u32 = 500;

/// Walks through buckets, their partitions and their rows, all in order.
pub(crate) struct Walk<'a> {
    snapshot: &'a mut dyn Snapshot,
    buckets: VecDeque<Bucket>,
    /// The last partition of the bucket in front that was read, where more may follow.
    last: Option<Partition>,
    heads: VecDeque<(Partition, Head)>,
    /// The partition whose rows are being read, and the last one of them.
    open: Option<(Partition, (Collection, RowId))>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(snapshot: &'a mut dyn Snapshot, buckets: impl IntoIterator<Item = Bucket>) -> Self {
        let buckets = buckets.into_iter().collect();
        Self { snapshot, buckets, last: None, heads: VecDeque::new(), open: None }
    }

    /// Walks through these partitions only.
    #[cfg(feature = "cells")]
    pub(crate) fn through(snapshot: &'a mut dyn Snapshot, heads: impl IntoIterator<Item = (Partition, Head)>) -> Self {
        Self { heads: heads.into_iter().collect(), ..Self::new(snapshot, []) }
    }

    /// The next piece; `None` after the last one. Its epoch is not that of any arriving bucket yet. It holds at most a page
    /// of rows, and little more than [`Piece::ENOUGH_BYTES`] of bodies unless one alone is longer.
    pub(crate) async fn next(&mut self) -> Result<Option<Piece>, StorageError> {
        if let Some((partition, after)) = self.open.take() {
            let rows = self.snapshot.rows(partition, Some(after), PAGE).await?;
            if let Some(last) = rows.last() {
                self.open = Some((partition, (last.collection, last.row)));
                return Ok(Some(Piece { partition, epoch: 0, first: None, rows }));
            }
        }
        let Some((partition, head)) = self.next_head().await? else { return Ok(None) };
        let applied = self.snapshot.applied(partition).await?;
        let rows = self.snapshot.rows(partition, None, PAGE).await?;
        self.open = rows.last().map(|last| (partition, (last.collection, last.row)));
        Ok(Some(Piece { partition, epoch: head.epoch, first: Some((head, applied)), rows }))
    }

    async fn next_head(&mut self) -> Result<Option<(Partition, Head)>, StorageError> {
        while self.heads.is_empty() {
            let Some(bucket) = self.buckets.front().copied() else { return Ok(None) };
            self.heads = self.snapshot.heads(bucket, self.last, PAGE).await?.into();
            self.last = self.heads.back().map(|(partition, _)| *partition);
            if self.heads.len() < PAGE as usize {
                self.buckets.pop_front();
                self.last = None;
            }
        }
        Ok(self.heads.pop_front())
    }
}
