//! What can go wrong with accounts.

use crate::ledger::Failure;

use super::contacts::ContactError;
use super::credential::PasswordError;
use super::state::{AccountState, IllegalTransition};
use super::throttle::Wait;

/// An account was not opened or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The name to sign in with is another account's, or looks like it.
    #[error("username: taken")]
    UsernameTaken,
    /// There is no account of this name.
    #[error("username: no such account")]
    NoSuchAccount,
    /// The chart that it should open does not exist.
    #[error("patient: no such chart")]
    NoSuchPatient,
    /// The password is not good enough.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// An address was not taken.
    #[error(transparent)]
    Contact(#[from] ContactError),
    /// It is not possible where the account stands.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    /// It was proved too long ago who it is: step up first.
    #[error("the sign-in is too old for this")]
    StepUp,
    /// What was entered is not right.
    #[error("not right")]
    Wrong,
    /// Too many tries.
    #[error(transparent)]
    Wait(#[from] Wait),
    /// The clinic's policy does not want it.
    #[error("not offered here")]
    NotOffered,
    /// The session ended.
    #[error("the session has ended")]
    SessionEnded,
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
    /// The password is right, and the account is not open: told only to whoever knows the password.
    #[error("the account is not open")]
    Shut(AccountState),
    /// The code is not right.
    #[error("the code is not right")]
    WrongCode,
    /// The sign-in that is continued is over: too old, tried too often, or complete already.
    #[error("this sign-in is over")]
    Over,
    /// That is not what is asked.
    #[error("this is not what is asked")]
    NotAsked,
    /// More is asked than a password.
    #[error("more is asked than a password")]
    MoreSteps,
    /// The new password is not good enough.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// Too many tries.
    #[error(transparent)]
    Wait(#[from] Wait),
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
