//! What a question can come back with, when not with a permit.

use crate::ledger::Failure;

/// No permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// Not found: the chart does not exist, or is not for this account. The two are the same from outside; which it was,
    /// and by which rule, is in the audit trail.
    #[error("not found")]
    NotFound,
    /// The session ended.
    #[error("the session has ended")]
    SessionEnded,
    /// It could not be decided or written down, so nothing is shown.
    #[error(transparent)]
    Failure(#[from] Failure),
}
