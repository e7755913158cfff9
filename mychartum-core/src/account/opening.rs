//! Opening accounts, naming them, and setting passwords.

use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::kernel::Address;
use crate::kernel::id::{AccountId, PatientId};
use crate::ledger::{Change, Draft, Failure, Ledger, Patience, Stored, encode};
use crate::port::notifier::Notice;
use crate::port::storage::{Partition, RowId, StorageErrorKind};

use super::credential::{ContextKind, Guard, Password, PasswordHash, PasswordPolicy, PepperKey};
use super::error::AccountError;
use super::record::{AccountChange, AccountRecord, UsernameRecord, account_facts};
use super::settings::{AccountSettings, Rules};
use super::state::AccountState;
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
    /// The key that slow hashes are made with now.
    pub(crate) fn pepper_key(&self) -> PepperKey {
        PepperKey::new(super::credential::PepperId::FIRST, self.vault.pepper(crate::vault::Pepper::Password))
    }

    /// Opens an account on the host's own word: reserves the name, then makes the account, then notes it in the chart.
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
        let fresh = AccountId::from_bytes(self.random_id().map_err(Failure::from)?);
        let account = self.reserve(&new.username, fresh).await?;
        let now = self.now();
        let hash = self.hash(&new.password, settings)?;
        let record = AccountRecord {
            username: Some(new.username),
            password: Some(hash),
            password_is_long: true,
            state: AccountState::Active,
            ..AccountRecord::pending(new.own.into_iter().collect(), now)
        };
        let facts = Facts { subject: new.own, ..account_facts(account, Actor::Host, Action::AccountOpened, now) };
        let put = Draft::first(Stored::RECORD, Stored::ONLY, 0, encode(&record)?);
        taken(self.record(Change::puts(Partition::account(account), vec![put]), facts).await)?;
        if let Some(patient) = new.own {
            self.note_holder(patient, account).await?;
        }
        Ok(account)
    }

    /// Notes in a chart whose own account opens it.
    pub(crate) async fn note_holder(&self, patient: PatientId, account: AccountId) -> Result<(), Failure> {
        let (partition, row) = (Partition::patient(patient), holder_row(account));
        let mut patience = Patience::default();
        loop {
            if !self.get(partition, Stored::HOLDERS, &[row]).await?.is_empty() {
                return Ok(());
            }
            let now = self.now();
            let put = Draft::first(Stored::HOLDERS, row, now.timestamp_micros(), encode(&account)?);
            let facts = Facts {
                account: Some(account),
                subject: Some(patient),
                ..Facts::new(now, Actor::Host, Action::ChartLinked, Purpose::Operations, Outcome::Permitted)
            };
            match self.record(Change::puts(partition, vec![put]), facts).await {
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                written => return written.map(drop),
            }
        }
    }

    /// The accounts that are a patient's own, the oldest first.
    pub(crate) async fn holders(&self, patient: PatientId) -> Result<Vec<AccountId>, Failure> {
        let scan = crate::port::storage::Scan::new(Partition::patient(patient), Stored::HOLDERS, 64);
        let rows = self.scan(&scan).await?;
        Ok(rows.iter().map(|row| AccountId::from_bytes(row.row.to_bytes())).collect())
    }

    /// Sets an account's password anew on the host's own word, and ends all its sessions.
    pub(crate) async fn set_password(
        &self,
        username: &Username,
        password: &Password,
        settings: &AccountSettings,
    ) -> Result<AccountId, AccountError> {
        let (account, ..) = self.account_by_username(username).await?.ok_or(AccountError::NoSuchAccount)?;
        let hash = self.hash(password, settings)?;
        let facts = |action, now| account_facts(account, Actor::Host, action, now);
        self.change_account(account, facts, AccountError::NoSuchAccount, |before, now| {
            let record = AccountRecord {
                password: Some(hash.clone()),
                password_is_long: true,
                must_change_password: false,
                ..before.clone()
            };
            let rows = self.tell_all_of(before, account, Notice::PasswordChanged, now)?;
            Ok(AccountChange { record: record.shut_out(), rows, action: Action::PasswordChanged })
        })
        .await?;
        Ok(account)
    }

    pub(crate) fn hash(&self, password: &Password, settings: &AccountSettings) -> Result<PasswordHash, Failure> {
        PasswordHash::new(password, &self.pepper_key(), settings, &self.hashes, &*self.entropy)
    }

    /// A slow hash of nothing, so that it takes as long as with a secret.
    pub(crate) fn slow_nothing(&self, settings: &AccountSettings) -> Result<(), Failure> {
        let pepper = self.pepper_key();
        let nothing = Password::entered("").map_err(|_| Failure::Damaged("password policy"))?;
        PasswordHash::of_nobody(settings, pepper.id()).matches(&nothing, &pepper, &self.hashes).map(drop)
    }

    /// Whether a new password is good enough for an account: by length, by lists, and by what others know of its holder.
    pub(crate) fn check_password(
        record: &AccountRecord,
        password: &Password,
        name: Option<&Username>,
        rules: Rules<'_>,
    ) -> Result<(), AccountError> {
        let mut words = rules.words.clone();
        if let Some(name) = name.or(record.username.as_ref()) {
            words = words.with(ContextKind::Username, name.as_str());
        }
        for contact in record.contacts.all() {
            let text = match &contact.address {
                Address::Email(email) => email.as_str().rsplit_once('@').map_or("", |(local, _)| local),
                Address::Phone(phone) => phone.as_str(),
            };
            words = words.with(ContextKind::Contact, text);
        }
        let has_factor = !record.factors.enrolled(rules.policy).is_empty();
        let guard = if has_factor { Guard::WithFactor } else { Guard::Alone };
        Ok(password_policy(rules).check(password, guard, &words, rules.breached)?)
    }

    /// Puts a new password into a record, after checking it. Computes for some 20 ms.
    pub(crate) fn put_password<E>(
        &self,
        record: &mut AccountRecord,
        password: &Password,
        rules: Rules<'_>,
    ) -> Result<(), E>
    where
        E: From<Failure> + From<super::credential::PasswordError>,
    {
        match Self::check_password(record, password, None, rules) {
            Ok(()) => {}
            Err(AccountError::Password(error)) => return Err(error.into()),
            Err(_) => return Err(Failure::Damaged("password policy").into()),
        }
        record.password_is_long = is_long(password, rules);
        record.password = Some(self.hash(password, rules.settings)?);
        Ok(())
    }

    /// Reserves a username: the directory's entry is made only once, and so is the one for names that look alike.
    pub(crate) async fn reserve(&self, username: &Username, fresh: AccountId) -> Result<AccountId, AccountError> {
        // What it looks like comes first, in the one directory of names: so a name keeps all that look like it from being taken,
        // and is not reserved itself where one of them was. Looking an account up compares the name, so nobody signs in by a
        // look-alike.
        let (skeleton, folded) = (username.skeleton(), username.folded());
        let account = self.reserve_entry(&skeleton, fresh).await?;
        if skeleton == folded {
            return Ok(account);
        }
        let held = self.reserve_entry(&folded, account).await?;
        if held == account { Ok(account) } else { Err(AccountError::UsernameTaken) }
    }

    async fn reserve_entry(&self, folded: &str, fresh: AccountId) -> Result<AccountId, AccountError> {
        let partition = self.username_partition(folded);
        if let Some((UsernameRecord { account }, _)) = self.only_record(partition).await? {
            if account == fresh {
                return Ok(account);
            }
            let record = self.account_record(account).await?;
            let is_named = record.is_some_and(|(record, _)| record.username.is_some());
            return if is_named { Err(AccountError::UsernameTaken) } else { Ok(account) };
        }
        let put = Draft::first(Stored::RECORD, Stored::ONLY, 0, encode(&UsernameRecord { account: fresh })?);
        let facts = Facts {
            account: Some(fresh),
            ..Facts::new(self.now(), Actor::Host, Action::Found, Purpose::Operations, Outcome::Permitted)
        };
        taken(self.record(Change::puts(partition, vec![put]), facts).await)?;
        Ok(fresh)
    }
}

pub(crate) fn is_long(password: &Password, rules: Rules<'_>) -> bool {
    password.characters() >= usize::from(rules.policy.password_alone)
}

fn password_policy(rules: Rules<'_>) -> PasswordPolicy {
    PasswordPolicy {
        min_alone: usize::from(rules.policy.password_alone),
        min_with_factor: usize::from(rules.policy.password_with_factor),
    }
}

const fn holder_row(account: AccountId) -> RowId {
    RowId::from_bytes(account.to_bytes())
}

/// Someone else was first: the name is taken.
fn taken<T>(outcome: Result<T, Failure>) -> Result<T, AccountError> {
    outcome.map_err(|failure| match failure {
        Failure::Storage(error) if error.kind() == StorageErrorKind::Conflict => AccountError::UsernameTaken,
        other => other.into(),
    })
}
