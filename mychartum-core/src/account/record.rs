//! What is stored of an account.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::access::pack::{AccountPolicy, SecondFactorRule};
use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::kernel::id::{AccountId, PatientId};
use crate::kernel::{LanguageTag, hidden};
use crate::ledger::{Change, Draft, Failure, Ledger, Patience, Stored, encode};
use crate::notify::Preferences;
use crate::port::passkeys::Passkey;
use crate::port::storage::{Partition, StorageErrorKind};
use crate::vault::TagDomain;

use super::contacts::Contacts;
use super::credential::{PasswordHash, RecoveryCodes, TotpSecret};
use super::factor::{Factor, FactorSet};
use super::gate::Doorway;
use super::recovery::Recovery;
use super::state::AccountState;
use super::username::Username;

/// The record of an account's partition.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AccountRecord {
    /// None until it is activated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) username: Option<Username>,
    /// None until it is activated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<PasswordHash>,
    /// The charts that are the account holder's own.
    pub(crate) own: Vec<PatientId>,
    pub(crate) opened_at: DateTime<Utc>,
    /// Sessions of an earlier epoch are over. Counted and not timed: a clock that steps back revives none.
    #[serde(default)]
    pub(crate) epoch: u64,
    #[serde(default)]
    pub(crate) state: AccountState,
    /// One more with every change of what is shown at sign-in: a sign-in that began before is not completed.
    #[serde(default)]
    pub(crate) credentials: u64,
    #[serde(default)]
    pub(crate) must_change_password: bool,
    /// Whether the password is long enough to stand alone.
    #[serde(default)]
    pub(crate) password_is_long: bool,
    #[serde(default)]
    pub(crate) factors: Factors,
    #[serde(default)]
    pub(crate) contacts: Contacts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<LanguageTag>,
    #[serde(default)]
    pub(crate) preferences: Preferences,
    /// How sure it is who holds it (NIST SP 800-63A-4): 0 an address, 1 matched to a record, 2 proved to the clinic.
    #[serde(default)]
    pub(crate) identity: u8,
    /// Versions of the terms that were accepted, each with its day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) terms: Vec<(u32, DateTime<Utc>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) recovery: Option<Recovery>,
    /// The date of birth of somebody without a chart, as the clinic was told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) born: Option<chrono::NaiveDate>,
    /// Accounts of the same person that were joined with this one, each with the charts that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) joined: Vec<(AccountId, Vec<PatientId>)>,
}

/// Second factors, as they are kept.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Factors {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) totp: Option<Totp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) passkeys: Vec<(Passkey, DateTime<Utc>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) recovery_codes: Option<RecoveryCodes>,
    #[serde(default)]
    pub(crate) text_codes: bool,
    #[serde(default)]
    pub(crate) email_codes: bool,
}

/// An authenticator app.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Totp {
    pub(crate) secret: TotpSecret,
    /// The last step that was accepted; none of it or before is accepted again (RFC 6238, section 5.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_step: Option<u64>,
    pub(crate) since: DateTime<Utc>,
}

/// The record of a username's entry in the directory.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct UsernameRecord {
    pub(super) account: AccountId,
}

hidden!(AccountRecord, UsernameRecord, Factors, Totp);

impl Factors {
    /// Those that stand by themselves, as far as the policy knows them.
    pub(crate) fn enrolled(&self, policy: &AccountPolicy) -> FactorSet {
        if policy.second_factor == SecondFactorRule::Off {
            // What was enrolled while the policy knew it still protects.
            return self.strong();
        }
        let codes = [
            (self.text_codes && policy.code_by_text).then_some(Factor::TextCode),
            (self.email_codes && policy.code_by_email).then_some(Factor::EmailCode),
        ];
        self.strong().iter().chain(codes.into_iter().flatten()).collect()
    }

    fn strong(&self) -> FactorSet {
        let strong = [self.totp.as_ref().map(|_| Factor::Totp), (!self.passkeys.is_empty()).then_some(Factor::Passkey)];
        strong.into_iter().flatten().collect()
    }
}

impl AccountRecord {
    /// A record without anything but its charts.
    pub(crate) const fn pending(own: Vec<PatientId>, now: DateTime<Utc>) -> Self {
        Self {
            username: None,
            password: None,
            own,
            opened_at: now,
            epoch: 0,
            state: AccountState::Pending,
            credentials: 0,
            must_change_password: false,
            password_is_long: false,
            factors: Factors {
                totp: None,
                passkeys: Vec::new(),
                recovery_codes: None,
                text_codes: false,
                email_codes: false,
            },
            contacts: Contacts::NONE,
            language: None,
            preferences: Preferences::NONE,
            identity: 0,
            terms: Vec::new(),
            recovery: None,
            born: None,
            joined: Vec::new(),
        }
    }

    /// The account as somebody finds it who signs in.
    pub(crate) fn doorway(
        &self,
        policy: &AccountPolicy,
        acts_for_others: bool,
        is_trusted_device: bool,
        terms: u32,
    ) -> Doorway {
        Doorway {
            state: self.state,
            enrolled: self.factors.enrolled(policy),
            has_recovery_codes: self.factors.recovery_codes.as_ref().is_some_and(|codes| codes.left() > 0),
            rule: policy.second_factor,
            acts_for_others,
            is_trusted_device,
            must_change_password: self.must_change_password,
            has_terms_due: terms > 0 && self.terms.iter().all(|(version, _)| *version < terms),
        }
    }

    /// The same with sessions ended and sign-ins that are under way void.
    pub(crate) fn shut_out(self) -> Self {
        Self { epoch: self.epoch + 1, credentials: self.credentials + 1, ..self }
    }
}

/// What changes an account: the record as it becomes, what is told to whom, and what is written down.
pub(crate) struct AccountChange {
    pub(crate) record: AccountRecord,
    /// Other rows of the account's partition: notices, links, sessions.
    pub(crate) rows: Vec<Draft>,
    pub(crate) action: Action,
}

impl AccountChange {
    pub(crate) const fn new(record: AccountRecord, action: Action) -> Self {
        Self { record, rows: Vec::new(), action }
    }

    pub(crate) fn telling(mut self, notice: Draft) -> Self {
        self.rows.push(notice);
        self
    }
}

impl Ledger {
    /// The directory's entry for a username, or for what looks like it.
    pub(super) fn username_partition(&self, folded: &str) -> Partition {
        Partition::directory(self.vault.index().tag(TagDomain::Username, &[folded.as_bytes()]))
    }

    /// The account of a username with its record and the record's version.
    pub(crate) async fn account_by_username(
        &self,
        username: &Username,
    ) -> Result<Option<(AccountId, AccountRecord, u64)>, Failure> {
        let entry = self.only_record::<UsernameRecord>(self.username_partition(&username.folded())).await?;
        let Some((UsernameRecord { account }, _)) = entry else { return Ok(None) };
        let record = self.account_record(account).await?;
        // A name that was reserved by someone who never came back opens nothing.
        let own =
            |record: &AccountRecord| record.username.as_ref().is_some_and(|own| own.folded() == username.folded());
        Ok(record.filter(|(record, _)| own(record)).map(|(record, version)| (account, record, version)))
    }

    /// An account's record and its version.
    pub(crate) async fn account_record(&self, account: AccountId) -> Result<Option<(AccountRecord, u64)>, Failure> {
        self.only_record(Partition::account(account)).await
    }

    /// Changes an account: read, decided by a function that may refuse, written with its entry and its notices; again where
    /// another writer was first.
    pub(crate) async fn change_account<E: From<Failure>>(
        &self,
        account: AccountId,
        facts: impl Fn(Action, DateTime<Utc>) -> Facts,
        missing: E,
        step: impl Fn(&AccountRecord, DateTime<Utc>) -> Result<AccountChange, E>,
    ) -> Result<AccountRecord, E> {
        let mut patience = Patience::default();
        loop {
            let Some((record, version)) = self.account_record(account).await? else { return Err(missing) };
            let now = self.now();
            let change = step(&record, now)?;
            let put = Draft {
                version: version + 1,
                ..Draft::first(Stored::RECORD, Stored::ONLY, 0, encode(&change.record)?)
            };
            let mut puts = vec![put];
            puts.extend(change.rows);
            let written = self.record(Change::puts(Partition::account(account), puts), facts(change.action, now)).await;
            match written {
                Ok(_) => return Ok(change.record),
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                Err(failure) => return Err(failure.into()),
            }
        }
    }
}

/// What is written down of a change of an account.
pub(crate) fn account_facts(account: AccountId, actor: Actor, action: Action, now: DateTime<Utc>) -> Facts {
    Facts { account: Some(account), ..Facts::new(now, actor, action, Purpose::Operations, Outcome::Permitted) }
}
