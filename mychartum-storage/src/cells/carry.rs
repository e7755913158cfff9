//! Carrying partitions from a snapshot into an arriving bucket, some pieces a call.

use mychartum_core::port::custody::Piece;
use mychartum_core::port::storage::{Head, Partition, StorageError};
use mychartum_core::port::{Custody, Snapshot};

/// Collects pieces and installs them when enough are together.
pub(super) struct Carrier<'a> {
    into: &'a dyn Custody,
    epoch: u64,
    pieces: Vec<Piece>,
    rows: usize,
    bytes: usize,
    /// How many rows were carried.
    pub(super) carried: u64,
}

impl<'a> Carrier<'a> {
    /// Rows a page: enough to make a page's way worth while, and far below the most in one call.
    const PAGE: u32 = 1000;
    const ENOUGH_ROWS: usize = 2000;
    const ENOUGH_PIECES: usize = 500;

    /// Carries into a bucket that arrives with this epoch.
    pub(super) const fn new(into: &'a dyn Custody, epoch: u64) -> Self {
        Self { into, epoch, pieces: Vec::new(), rows: 0, bytes: 0, carried: 0 }
    }

    /// Carries a whole partition as the snapshot shows it.
    pub(super) async fn carry(
        &mut self,
        from: &mut dyn Snapshot,
        partition: Partition,
        head: Head,
    ) -> Result<(), StorageError> {
        let mut first = Some((head, from.applied(partition).await?));
        let mut after = None;
        loop {
            let rows = from.rows(partition, after, Self::PAGE).await?;
            let Some(last) = rows.last() else {
                // A partition without a row has a head all the same.
                if first.is_some() {
                    self.add(Piece { partition, epoch: self.epoch, first, rows }).await?;
                }
                return Ok(());
            };
            after = Some((last.collection, last.row));
            self.add(Piece { partition, epoch: self.epoch, first: first.take(), rows }).await?;
        }
    }

    async fn add(&mut self, piece: Piece) -> Result<(), StorageError> {
        self.rows += piece.rows.len();
        self.bytes += piece.rows.iter().map(|row| row.body.len()).sum::<usize>();
        self.pieces.push(piece);
        let enough = self.rows >= Self::ENOUGH_ROWS
            || self.bytes >= Piece::ENOUGH_BYTES
            || self.pieces.len() >= Self::ENOUGH_PIECES;
        if enough { self.deliver().await } else { Ok(()) }
    }

    /// Installs what is still waiting.
    pub(super) async fn deliver(&mut self) -> Result<(), StorageError> {
        if !self.pieces.is_empty() {
            self.into.install(&self.pieces).await?;
            self.carried += self.rows as u64;
        }
        self.pieces.clear();
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}
