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
use super::record::AccountRecord;
use super::session_token::SessionToken;
use super::settings::AccountSettings;
use super::username::Username;

/// A sign-in that was looked up and waits for its password to be checked.
#[derive(Debug)]
pub struct SignInAttempt {
    /// Whose, and the version of the record that the password was read from.
    account: Option<(AccountId, u64)>,
    password: PasswordHash,
    pepper: SecretKey,
}

/// A sign-in whose password was checked.
#[derive(Debug)]
pub struct CheckedSignIn {
    account: Option<(AccountId, u64)>,
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
            Some((account, record, version)) => {
                SignInAttempt { account: Some((account, version)), password: record.password, pepper }
            }
            None => SignInAttempt { account: None, password: PasswordHash::of_nobody(settings), pepper },
        })
    }

    /// Opens a session for a proven sign-in, and writes down either outcome.
    pub(crate) async fn complete(&self, checked: CheckedSignIn) -> Result<SessionToken, SignInError> {
        match checked.account {
            Some((account, version)) if checked.proven && self.is_unchanged(account, version).await? => {
                Ok(self.open_session(account).await?)
            }
            known => {
                let account = known.map(|(account, _)| account);
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

    /// Whether an account's record is still the one that the password was compared with: a password that was set anew while
    /// an older one was being checked lets no session of the older one begin.
    async fn is_unchanged(&self, account: AccountId, version: u64) -> Result<bool, Failure> {
        let record = self.only_record::<AccountRecord>(Partition::account(account)).await?;
        Ok(record.is_some_and(|(_, now)| now == version))
    }
}
