//! What can be wrong with a backup.

use std::io::{Error, ErrorKind};

use mychartum_core::port::storage::StorageError;

use crate::transfer::TransferError;

/// A backup was not written, or is refused. Nothing of a refused one is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// A file could not be read or written.
    #[error("archive: cannot be read or written: {0}")]
    Io(ErrorKind),
    /// It does not begin as an archive does.
    #[error("archive: not an archive of MyChartum")]
    Foreign,
    /// A newer version of this library wrote it.
    #[error("archive: of version {have}, and this program knows up to {know}")]
    Newer {
        /// The archive's version.
        have: u16,
        /// The newest version that this program knows.
        know: u16,
    },
    /// An archive of keys stands where one of data should, or the other way round.
    #[error("archive: data and keys are mixed up")]
    WrongPart,
    /// The archive of keys belongs to another backup than the archive of data.
    #[error("archive: the keys are of another backup")]
    Mismatched,
    /// It ends too early.
    #[error("archive: ends too early")]
    Truncated,
    /// It is not as it was written; what does not fit is named.
    #[error("archive: damaged: {0}")]
    Damaged(&'static str),
    /// It could not be copied out of or into a storage.
    #[error(transparent)]
    Transfer(#[from] TransferError),
}

impl From<StorageError> for ArchiveError {
    fn from(error: StorageError) -> Self {
        Self::Transfer(error.into())
    }
}

impl From<Error> for ArchiveError {
    fn from(error: Error) -> Self {
        match error.kind() {
            ErrorKind::UnexpectedEof => Self::Truncated,
            kind => Self::Io(kind),
        }
    }
}
