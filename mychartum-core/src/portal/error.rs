//! What can go wrong at the front door.

use crate::ledger::Failure;
use crate::port::key_provider::KeyError;
use crate::vault::VaultError;

/// A portal was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// A part is missing; the builder's method that brings it is named.
    #[error("portal: bring a {0}")]
    Incomplete(&'static str),
    /// The wrapping key is missing, wrong or not to be reached. No new key is made over old data.
    #[error(transparent)]
    Key(KeyError),
    /// The machinery below failed.
    #[error(transparent)]
    Failure(Failure),
}

impl From<Failure> for OpenError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Vault(VaultError::Key(error)) => Self::Key(error),
            other => Self::Failure(other),
        }
    }
}

/// Part of a chart was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The permit expired; ask again.
    #[error("the permit has expired")]
    Expired,
    /// The permit does not name this section, or was given by another portal: a mistake in the calling program.
    #[error("misuse: the permit does not cover this")]
    Misuse,
    /// The machinery below failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}
