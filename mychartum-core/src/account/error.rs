//! What can go wrong with accounts.

use crate::ledger::Failure;

/// An account was not opened or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The name to sign in with is another account's.
    #[error("username: taken")]
    UsernameTaken,
    /// There is no account of this name.
    #[error("username: no such account")]
    NoSuchAccount,
    /// The chart that it should open does not exist.
    #[error("patient: no such chart")]
    NoSuchPatient,
    /// The machinery below failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// Someone was not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The name or the password is not right; which of them is not told, and both take the same time.
    #[error("the name or the password is not right")]
    Refused,
    /// The machinery below failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// A session was not resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The token names no session, or one that was ended.
    #[error("no such session")]
    Unknown,
    /// Nothing was done for too long.
    #[error("the session was idle for too long")]
    Idle,
    /// The session was open for as long as sessions may be.
    #[error("the session is too old")]
    TooOld,
    /// The machinery below failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}
