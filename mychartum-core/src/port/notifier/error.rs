//! Why a notice was not carried.

/// A notice was not carried. Never tells the address or the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("notifier: {at}: {kind}")]
pub struct NotifyError {
    kind: NotifyErrorKind,
    at: &'static str,
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotifyErrorKind {
    /// It may work later: the server is down, busy, or did not answer.
    #[error("failed for now")]
    Passing,
    /// This address will never work.
    #[error("the address does not work")]
    BadAddress,
    /// It was refused and will be again: wrong credentials, a message too long, a channel that is not carried.
    #[error("refused")]
    Refused,
}

impl NotifyError {
    /// An error at a step that is named, such as `connect`.
    #[must_use]
    pub const fn new(kind: NotifyErrorKind, at: &'static str) -> Self {
        Self { kind, at }
    }

    /// Whether trying again can help.
    #[must_use]
    pub const fn kind(&self) -> NotifyErrorKind {
        self.kind
    }
}
