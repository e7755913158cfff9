//! Pieces on their way into arriving buckets, some in each call.

use mychartum_core::port::Custody;
use mychartum_core::port::custody::Piece;
use mychartum_core::port::storage::StorageError;

use super::again::again;

/// So many rows are installed at once.
const ENOUGH_ROWS: usize = 2000;
/// From so many bytes of bodies on a batch is installed.
const ENOUGH_BYTES: usize = 8 << 20;

/// Gathers pieces and installs them when enough are together.
pub(crate) struct Batch<'a> {
    into: &'a dyn Custody,
    pieces: Vec<Piece>,
    rows: usize,
    bytes: usize,
}

impl<'a> Batch<'a> {
    pub(crate) const fn new(into: &'a dyn Custody) -> Self {
        Self { into, pieces: Vec::new(), rows: 0, bytes: 0 }
    }

    /// Adds a piece, and installs what was gathered when it is enough.
    pub(crate) async fn push(&mut self, piece: Piece) -> Result<(), StorageError> {
        if self.rows + piece.rows.len() > ENOUGH_ROWS {
            self.install().await?;
        }
        // A partition without a row costs a call something too.
        self.rows += piece.rows.len().max(1);
        self.bytes += piece.rows.iter().map(|row| row.body.len()).sum::<usize>();
        self.pieces.push(piece);
        if self.bytes >= ENOUGH_BYTES { self.install().await } else { Ok(()) }
    }

    /// Installs what is still waiting.
    pub(crate) async fn install(&mut self) -> Result<(), StorageError> {
        if !self.pieces.is_empty() {
            again(|| self.into.install(&self.pieces)).await?;
        }
        self.pieces.clear();
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}
