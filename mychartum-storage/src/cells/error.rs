//! What can be wrong with a fleet of cells.

use mychartum_core::port::storage::{Bucket, StorageError};

/// Why a fleet cannot be opened, or a bucket cannot be moved. Names cells by their place in the list that the host gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CellsError {
    /// A fleet has at least one cell and at most 1,024.
    #[error("cells: a fleet has 1 to 1,024 cells")]
    Count,
    /// No cell has this number.
    #[error("cells: there is no cell {0}")]
    NoSuchCell(usize),
    /// Two cells serve the same bucket: one was restored or added without being told what the others keep. Nothing is
    /// served until an operator has decided which one counts.
    #[error("cells: bucket {} is served by cell {one} and by cell {other}", .bucket.number())]
    ServedTwice {
        /// Which bucket.
        bucket: Bucket,
        /// One of the cells.
        one: usize,
        /// The other.
        other: usize,
    },
    /// No cell serves the bucket, and none is about to: a cell is missing from the list.
    #[error("cells: bucket {} is served by no cell", .0.number())]
    ServedNowhere(Bucket),
    /// A new cell must be empty.
    #[error("cells: cell {0} is not empty")]
    NotEmpty(usize),
    /// Somebody else moves this bucket now.
    #[error("cells: bucket {} is being moved by somebody else", .0.number())]
    UnderWay(Bucket),
    /// A cell said no.
    #[error("cells: cell {cell}: {error}")]
    Cell {
        /// Which cell.
        cell: usize,
        /// What it said.
        error: StorageError,
    },
}

impl CellsError {
    /// Wraps what a cell said.
    pub(super) const fn of(cell: usize) -> impl Fn(StorageError) -> Self {
        move |error| Self::Cell { cell, error }
    }
}
