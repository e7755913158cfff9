//! Why a source did not answer.

use core::time::Duration;

/// A source did not answer as asked. Never tells an address or anything of a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("record source: {at}: {kind}")]
pub struct SourceError {
    kind: SourceErrorKind,
    at: &'static str,
}

/// What can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SourceErrorKind {
    /// It may work later, not before the time that is named: the source is busy or broken.
    #[error("failed for now")]
    Passing {
        /// For how long not to ask again.
        retry_after: Duration,
    },
    /// There was no answer: no connection, or none in time.
    #[error("no answer")]
    Unreachable,
    /// The source does not accept our credentials; a person must renew them.
    #[error("credentials are not accepted")]
    NeedsReauth,
    /// This patient's category is not for us. Others may be.
    #[error("not permitted")]
    Forbidden,
    /// The cursor leads nowhere any more: begin again without one.
    #[error("the cursor has expired")]
    Gone,
    /// The answer is not what the source's standard demands; it is of no use.
    #[error("the answer cannot be used")]
    BadAnswer,
    /// The source says no and will again, or it cannot be asked that.
    #[error("refused")]
    Refused,
}

impl SourceError {
    /// An error at a step that is named, such as `search`.
    #[must_use]
    pub const fn new(kind: SourceErrorKind, at: &'static str) -> Self {
        Self { kind, at }
    }

    /// What can be done about it.
    #[must_use]
    pub const fn kind(&self) -> SourceErrorKind {
        self.kind
    }

    /// For how long not to ask again, where the source or its adapter says so.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self.kind {
            SourceErrorKind::Passing { retry_after } => Some(retry_after),
            _ => None,
        }
    }
}
