//! Opening accounts and setting passwords, as the host does on behalf of a clinic.

use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::kernel::id::{AccountId, PatientId};
use crate::ledger::{Change, Draft, Failure, Ledger, Stored, encode};
use crate::port::storage::{Partition, StorageErrorKind};
use crate::vault::Pepper;

use super::error::AccountError;
use super::password::{Password, PasswordHash};
use super::record::{AccountRecord, UsernameRecord};
use super::settings::AccountSettings;
use super::username::Username;

/// An account to be opened.
#[derive(Debug)]
pub struct NewAccount {
    /// The name to sign in with.
    pub username: Username,
    /// The password.
    pub password: Password,
    /// The account holder's own chart, if there is one.
    pub own: Option<PatientId>,
}

impl Ledger {
    /// Opens an account: reserves the name, then makes the account, then notes it in the chart's own trail.
    ///
    /// Each step is harmless when repeated: a name that was reserved for an account that was never made is taken up again.
    pub(crate) async fn open_account(
        &self,
        new: NewAccount,
        settings: &AccountSettings,
    ) -> Result<AccountId, AccountError> {
        if let Some(patient) = new.own
            && !self.exists(Partition::patient(patient)).await?
        {
            return Err(AccountError::NoSuchPatient);
        }
        let account = self.reserve(&new.username).await?;
        let now = self.now();
        let password =
            PasswordHash::new(&new.password, &self.vault.pepper(Pepper::Password), settings, &*self.entropy)?;
        let own = new.own.into_iter().collect();
        let record = AccountRecord { username: new.username, password, own, opened_at: now, sessions_since: now };
        let facts = Facts {
            account: Some(account),
            subject: new.own,
            ..Facts::new(now, Actor::Host, Action::AccountOpened, Purpose::Operations, Outcome::Permitted)
        };
        let put = Draft::first(Stored::RECORD, Stored::ONLY, 0, encode(&record)?);
        taken(self.record(Change::puts(Partition::account(account), vec![put]), facts).await)?;
        if let Some(patient) = new.own {
            let facts = Facts { action: Action::ChartLinked, ..facts };
            self.record(Change::none(Partition::patient(patient)), facts).await?;
        }
        Ok(account)
    }

    /// Sets an account's password anew, and ends all its sessions.
    pub(crate) async fn set_password(
        &self,
        username: &Username,
        password: &Password,
        settings: &AccountSettings,
    ) -> Result<AccountId, AccountError> {
        let (account, record, version) =
            self.account_by_username(username).await?.ok_or(AccountError::NoSuchAccount)?;
        let hash = PasswordHash::new(password, &self.vault.pepper(Pepper::Password), settings, &*self.entropy)?;
        let now = self.now();
        let record = AccountRecord { password: hash, sessions_since: now, ..record };
        let put = Draft { version: version + 1, ..Draft::first(Stored::RECORD, Stored::ONLY, 0, encode(&record)?) };
        let facts = Facts {
            account: Some(account),
            ..Facts::new(now, Actor::Host, Action::PasswordChanged, Purpose::Operations, Outcome::Permitted)
        };
        self.record(Change::puts(Partition::account(account), vec![put]), facts).await?;
        Ok(account)
    }

    /// Reserves a username for a new account: the directory's entry is made only once.
    async fn reserve(&self, username: &Username) -> Result<AccountId, AccountError> {
        let partition = self.username_partition(username);
        if let Some((UsernameRecord { account }, _)) = self.only_record(partition).await? {
            let made = self.exists(Partition::account(account)).await?;
            return if made { Err(AccountError::UsernameTaken) } else { Ok(account) };
        }
        let account = AccountId::from_bytes(self.random_id().map_err(Failure::from)?);
        let put = Draft::first(Stored::RECORD, Stored::ONLY, 0, encode(&UsernameRecord { account })?);
        let facts = Facts {
            account: Some(account),
            ..Facts::new(self.now(), Actor::Host, Action::Found, Purpose::Operations, Outcome::Permitted)
        };
        taken(self.record(Change::puts(partition, vec![put]), facts).await)?;
        Ok(account)
    }
}

/// Someone else was first: the name is taken.
fn taken<T>(outcome: Result<T, Failure>) -> Result<T, AccountError> {
    outcome.map_err(|failure| match failure {
        Failure::Storage(error) if error.kind() == StorageErrorKind::Conflict => AccountError::UsernameTaken,
        other => other.into(),
    })
}
