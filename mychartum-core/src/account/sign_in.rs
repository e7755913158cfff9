//! Signing in: look up, check, complete.
//!
//! Three steps, since the middle one takes 20 ms of pure computing: a host runs it where it may block.

use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::kernel::id::AccountId;
use crate::ledger::{Change, Failure, Ledger};
use crate::port::storage::Partition;
use crate::vault::{Pepper, SecretKey};

use super::error::SignInError;
use super::password::{Password, PasswordHash};
use super::session_token::SessionToken;
use super::settings::AccountSettings;
use super::username::Username;

/// A sign-in that was looked up and waits for its password to be checked.
#[derive(Debug)]
pub struct SignInAttempt {
    account: Option<AccountId>,
    password: PasswordHash,
    pepper: SecretKey,
}

/// A sign-in whose password was checked.
#[derive(Debug)]
pub struct CheckedSignIn {
    account: Option<AccountId>,
    proven: bool,
}

impl SignInAttempt {
    /// Checks the password. Computes for some 20 ms, also for a name that nobody has.
    ///
    /// # Errors
    /// [`SignInError::Failure`]; a wrong password is told by completing.
    pub fn check(self, password: &Password) -> Result<CheckedSignIn, SignInError> {
        let matches = self.password.matches(password, &self.pepper)?;
        Ok(CheckedSignIn { account: self.account, proven: matches && self.account.is_some() })
    }
}

impl Ledger {
    pub(crate) async fn look_up(
        &self,
        username: &Username,
        settings: &AccountSettings,
    ) -> Result<SignInAttempt, Failure> {
        let pepper = self.vault.pepper(Pepper::Password);
        Ok(match self.account_by_username(username).await? {
            Some((account, record, _)) => SignInAttempt { account: Some(account), password: record.password, pepper },
            None => SignInAttempt { account: None, password: PasswordHash::of_nobody(settings), pepper },
        })
    }

    /// Opens a session for a proven sign-in, and writes down either outcome.
    pub(crate) async fn complete(&self, checked: CheckedSignIn) -> Result<SessionToken, SignInError> {
        match checked.account {
            Some(account) if checked.proven => Ok(self.open_session(account).await?),
            account => {
                let partition = account.map_or(Partition::SYSTEM, Partition::account);
                let facts = Facts {
                    account,
                    ..Facts::new(
                        self.now(),
                        Actor::Unknown,
                        Action::SignInRefused,
                        Purpose::Verification,
                        Outcome::Refused,
                    )
                };
                self.record(Change::none(partition), facts).await?;
                Err(SignInError::Refused)
            }
        }
    }
}
