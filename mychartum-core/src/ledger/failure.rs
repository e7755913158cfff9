//! What every area can fail with: the machinery below it.

use crate::audit::Broken;
use crate::port::entropy::NoEntropy;
use crate::port::storage::{StorageError, StorageErrorKind};
use crate::vault::VaultError;

use super::packing::PackingError;

/// The machinery below failed: storage, keys, or data that are not what they should be. Never carries a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The vault failed: a row does not open, or a key is not there.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// There is no randomness.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
    /// A packed body does not unpack.
    #[error(transparent)]
    Packing(#[from] PackingError),
    /// An opened row is not in a form that this version knows, or the ledger contradicts itself; the place is named.
    #[error("damaged: {0}")]
    Damaged(&'static str),
    /// An audit chain does not hold.
    #[error(transparent)]
    Trail(#[from] Broken),
}

impl Failure {
    /// Whether the same call may succeed when it is made again.
    #[must_use]
    pub fn may_retry(&self) -> bool {
        matches!(self, Self::Storage(error) if error.kind().may_retry() || error.kind() == StorageErrorKind::Conflict)
    }

    /// Whether someone should look at the data: what is stored is not what was put there.
    #[must_use]
    pub fn is_integrity(&self) -> bool {
        match self {
            Self::Storage(error) => matches!(error.kind(), StorageErrorKind::Integrity | StorageErrorKind::Corrupt),
            Self::Vault(error) => matches!(error, VaultError::Unreadable),
            // What a later version wrote is not damaged.
            Self::Packing(error) => !matches!(error, PackingError::UnknownDictionary(_)),
            Self::Damaged(_) | Self::Trail(_) => true,
            Self::Entropy(_) => false,
        }
    }
}
