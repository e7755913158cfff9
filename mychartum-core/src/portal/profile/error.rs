//! Why a profile was not read or changed.

use crate::access::AccessError;
use crate::account::profile::ProposalError;
use crate::ledger::Failure;

use super::super::error::ReadError;

/// A profile was not read or changed. No value is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// There is no such chart or proposal, or it is not for this account: the same from outside.
    #[error("not found")]
    NotFound,
    /// A rule stands against it.
    #[error(transparent)]
    Refused(#[from] ProposalError),
    /// The account reads and does not write.
    #[error("not offered where the account stands")]
    NotOffered,
    /// The session ended.
    #[error("the session has ended")]
    SessionEnded,
    /// The permit was over before all was read; ask again.
    #[error("the permit has expired")]
    Expired,
    /// The machinery below failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<AccessError> for ProfileError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::NotFound => Self::NotFound,
            AccessError::SessionEnded => Self::SessionEnded,
            AccessError::Failure(failure) => Self::Failure(failure),
        }
    }
}

impl From<ReadError> for ProfileError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Failure(failure) => Self::Failure(failure),
            ReadError::Expired | ReadError::Misuse => Self::Expired,
        }
    }
}
