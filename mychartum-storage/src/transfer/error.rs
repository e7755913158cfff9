//! What can go wrong when everything is copied.

use mychartum_core::port::storage::StorageError;

/// A copy was not made. Nothing of it is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// The storage to copy into holds something, or is one cell of several; nothing was written to it.
    #[error("copy: the storage to copy into is not empty")]
    NotEmpty,
    /// The storage to copy from is itself being copied or restored into; nothing was written.
    #[error("copy: the storage to copy from is not complete")]
    Incomplete,
    /// Another copy into the same storage was begun meanwhile.
    #[error("copy: another copy into the same storage was begun")]
    Overtaken,
    /// What was read back from the storage is not what was written to it.
    #[error("copy: what was read back is not what was written")]
    Differs,
    /// A storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
