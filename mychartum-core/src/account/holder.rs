//! What an account's holder changes: password, second factors, addresses, preferences.
//!
//! INVARIANT (nobody is the last to know): every change of what one signs in or is reached with is told to every address that
//! was known before (I20).

use chrono::{DateTime, Utc};

use crate::audit::{Action, Actor, Facts};
use crate::kernel::id::{AccountId, SessionId};
use crate::kernel::{Address, LanguageTag};
use crate::ledger::{Draft, Failure, Ledger};
use crate::notify::{LinkOf, Planned, Preferences, Recipient};
use crate::port::notifier::Notice;
use crate::port::passkeys::{CredentialId, Passkey};

use super::contacts::{ContactError, Proof};
use super::credential::{Password, RecoveryCode, TotpSecret};
use super::error::AccountError;
use super::factor::Factor;
use super::link_token::is_six_digits;
use super::record::{AccountChange, AccountRecord, Totp, account_facts};
use super::settings::Rules;

/// The most passkeys of an account.
const PASSKEYS_MOST: usize = 20;

/// Who changes something of an account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct By {
    pub(crate) actor: Actor,
    pub(crate) session: Option<SessionId>,
}

impl Ledger {
    pub(crate) async fn change_by(
        &self,
        account: AccountId,
        by: By,
        step: impl Fn(&AccountRecord, DateTime<Utc>) -> Result<AccountChange, AccountError>,
    ) -> Result<AccountRecord, AccountError> {
        let facts = |action, now| Facts { session: by.session, ..account_facts(account, by.actor, action, now) };
        self.change_account(account, facts, AccountError::NoSuchAccount, step).await
    }

    /// Tells every address that was known before a change. Where the change takes an address away, it is told too.
    pub(crate) fn tell_all_of(
        &self,
        before: &AccountRecord,
        account: AccountId,
        notice: Notice,
        now: DateTime<Utc>,
    ) -> Result<Vec<Draft>, AccountError> {
        let mut rows = Vec::new();
        let confidential = before.contacts.confidential();
        let all = before.contacts.verified().map(|contact| &contact.address);
        for address in all.filter(|address| confidential.is_none_or(|only| only == *address)) {
            let to = Recipient::At(account, address.clone());
            let planned = Planned::new(notice, to, now).with_link(LinkOf::Freeze);
            rows.push(planned.draft(self.random_id().map_err(Failure::from)?)?);
        }
        Ok(rows)
    }

    fn changed(
        &self,
        account: AccountId,
        before: &AccountRecord,
        record: AccountRecord,
        (action, notice, now): (Action, Notice, DateTime<Utc>),
    ) -> Result<AccountChange, AccountError> {
        Ok(AccountChange { record, rows: self.tell_all_of(before, account, notice, now)?, action })
    }

    /// Changes the password: all sessions end, all devices are strangers again.
    pub(crate) async fn change_password(
        &self,
        account: AccountId,
        by: By,
        password: &Password,
        rules: Rules<'_>,
    ) -> Result<(), AccountError> {
        let hash = self.hash(password, rules.settings)?;
        self.change_by(account, by, |before, now| {
            Self::check_password(before, password, None, rules)?;
            let record = AccountRecord {
                password: Some(hash.clone()),
                password_is_long: super::opening::is_long(password, rules),
                must_change_password: false,
                // Its holder is in, so nothing is lost that a recovery would bring back.
                recovery: None,
                ..before.clone()
            };
            self.changed(account, before, record.shut_out(), (Action::PasswordChanged, Notice::PasswordChanged, now))
        })
        .await
        .map(drop)
    }

    /// Sets up an authenticator app, proved by its first code. The first second factor comes with recovery codes.
    pub(crate) async fn enrol_totp(
        &self,
        account: AccountId,
        by: By,
        (secret, code): (&TotpSecret, &str),
        rules: Rules<'_>,
    ) -> Result<Vec<RecoveryCode>, AccountError> {
        let last_step = secret.verify(code, self.now(), None).ok_or(AccountError::Wrong)?;
        self.add_factor(account, by, rules, |record, now| {
            record.factors.totp = Some(Totp { secret: secret.clone(), last_step: Some(last_step), since: now });
            Ok(())
        })
        .await
    }

    /// Adds a passkey that was checked.
    pub(crate) async fn add_passkey(
        &self,
        account: AccountId,
        by: By,
        passkey: &Passkey,
        rules: Rules<'_>,
    ) -> Result<Vec<RecoveryCode>, AccountError> {
        self.add_factor(account, by, rules, |record, now| {
            let passkeys = &mut record.factors.passkeys;
            if passkeys.len() >= PASSKEYS_MOST || passkeys.iter().any(|(known, _)| known.id == passkey.id) {
                return Err(AccountError::NotOffered);
            }
            passkeys.push((passkey.clone(), now));
            Ok(())
        })
        .await
    }

    /// Adds a second factor; the first one comes with recovery codes, to be shown once.
    async fn add_factor(
        &self,
        account: AccountId,
        by: By,
        rules: Rules<'_>,
        add: impl Fn(&mut AccountRecord, DateTime<Utc>) -> Result<(), AccountError>,
    ) -> Result<Vec<RecoveryCode>, AccountError> {
        let (known, _) = self.account_record(account).await?.ok_or(AccountError::NoSuchAccount)?;
        let mut fresh = known.clone();
        let shown = match known.factors.recovery_codes {
            None => self.new_recovery_codes(&mut fresh, rules)?,
            Some(_) => Vec::new(),
        };
        self.change_by(account, by, |before, now| {
            let mut record = before.clone();
            add(&mut record, now)?;
            match (&before.factors.recovery_codes, shown.is_empty()) {
                // Those that there are stay as they are now: one may have been used in between.
                (Some(_), true) => {}
                (None, false) => record.factors.recovery_codes = fresh.factors.recovery_codes.clone(),
                // Codes that are shown have to be the ones that count: it is to be tried anew.
                (Some(_), false) | (None, true) => return Err(AccountError::NotOffered),
            }
            record.credentials += 1;
            self.changed(account, before, record, (Action::FactorAdded, Notice::FactorAdded, now))
        })
        .await?;
        Ok(shown)
    }

    /// Turns codes by text or e-mail on, where the clinic allows them and there is an address for them.
    pub(crate) async fn allow_codes(
        &self,
        account: AccountId,
        by: By,
        factor: Factor,
        rules: Rules<'_>,
    ) -> Result<(), AccountError> {
        self.change_by(account, by, |before, now| {
            let mut record = before.clone();
            let has = |wanted: fn(&Address) -> bool| before.contacts.verified().any(|contact| wanted(&contact.address));
            match factor {
                Factor::TextCode
                    if rules.policy.code_by_text && has(|address| matches!(address, Address::Phone(_))) =>
                {
                    record.factors.text_codes = true;
                }
                Factor::EmailCode
                    if rules.policy.code_by_email && has(|address| matches!(address, Address::Email(_))) =>
                {
                    record.factors.email_codes = true;
                }
                _ => return Err(AccountError::NotOffered),
            }
            record.credentials += 1;
            self.changed(account, before, record, (Action::FactorAdded, Notice::FactorAdded, now))
        })
        .await
        .map(drop)
    }

    /// Removes a second factor. A password that was long enough only beside it has to be changed at the next sign-in.
    pub(crate) async fn remove_factor(
        &self,
        account: AccountId,
        by: By,
        (factor, passkey): (Factor, Option<&CredentialId>),
        rules: Rules<'_>,
    ) -> Result<(), AccountError> {
        let acts = self.acts_for_others(account).await?;
        self.change_by(account, by, |before, now| {
            let mut record = before.clone();
            match factor {
                Factor::Totp => record.factors.totp = None,
                Factor::Passkey => record.factors.passkeys.retain(|(known, _)| Some(&known.id) != passkey),
                Factor::TextCode => record.factors.text_codes = false,
                Factor::EmailCode => record.factors.email_codes = false,
                Factor::RecoveryCode => return Err(AccountError::NotOffered),
            }
            let left = record.factors.enrolled(rules.policy);
            let required = match rules.policy.second_factor {
                crate::access::pack::SecondFactorRule::Required => true,
                crate::access::pack::SecondFactorRule::RequiredForProxies => acts,
                _ => false,
            };
            if left.is_empty() {
                if required {
                    return Err(AccountError::NotOffered);
                }
                record.factors.recovery_codes = None;
                record.must_change_password |= !record.password_is_long;
            }
            record.credentials += 1;
            self.changed(account, before, record, (Action::FactorRemoved, Notice::FactorRemoved, now))
        })
        .await
        .map(drop)
    }

    /// Makes ten new recovery codes; the earlier ones are worth nothing from then on.
    pub(crate) async fn renew_recovery_codes(
        &self,
        account: AccountId,
        by: By,
        rules: Rules<'_>,
    ) -> Result<Vec<RecoveryCode>, AccountError> {
        let (known, _) = self.account_record(account).await?.ok_or(AccountError::NoSuchAccount)?;
        let mut fresh = known;
        let shown = self.new_recovery_codes(&mut fresh, rules)?;
        self.change_by(account, by, |before, now| {
            if before.factors.enrolled(rules.policy).is_empty() {
                return Err(AccountError::NotOffered);
            }
            let mut record = before.clone();
            record.factors.recovery_codes = fresh.factors.recovery_codes.clone();
            self.changed(account, before, record, (Action::RecoveryCodesMade, Notice::RecoveryCodesMade, now))
        })
        .await?;
        Ok(shown)
    }

    /// Adds an address, and sends a code to it. Every address that was known before is told.
    pub(crate) async fn add_contact(
        &self,
        account: AccountId,
        by: By,
        address: &Address,
        rules: Rules<'_>,
    ) -> Result<(), AccountError> {
        let row = self.random_id().map_err(Failure::from)?;
        self.change_by(account, by, |before, now| {
            let mut record = before.clone();
            let proof = Proof { row, until: now + rules.policy.code, tries_left: rules.policy.wrong_codes };
            record.contacts.add(address.clone(), Some(proof), now)?;
            let to = Recipient::At(account, address.clone());
            let code = Planned { code: Some(row), ..Planned::new(Notice::ContactCode, to, now) };
            let mut change =
                self.changed(account, before, record, (Action::ContactChanged, Notice::ContactAdded, now))?;
            change.rows.push(code.draft(self.random_id().map_err(Failure::from)?)?);
            Ok(change)
        })
        .await
        .map(drop)
    }

    /// Proves an address by the code that was sent to it.
    pub(crate) async fn verify_contact(
        &self,
        account: AccountId,
        by: By,
        (address, code): (&Address, &str),
    ) -> Result<(), AccountError> {
        let record = self
            .change_by(account, by, |before, now| {
                let mut record = before.clone();
                let contact = record.contacts.find_mut(address).ok_or(ContactError::Unknown)?;
                let proof = contact.proof.as_mut().filter(|proof| now < proof.until && proof.tries_left > 0);
                let Some(proof) = proof else { return Err(ContactError::WrongCode.into()) };
                if is_six_digits(&self.vault, account, proof.row, code) {
                    contact.proof = None;
                    contact.verified_at = Some(now);
                    contact.is_broken = false;
                } else {
                    proof.tries_left -= 1;
                }
                Ok(AccountChange::new(record, Action::ContactChanged))
            })
            .await?;
        let proved = record.contacts.verified().any(|contact| contact.address == *address);
        if proved { Ok(()) } else { Err(ContactError::WrongCode.into()) }
    }

    /// Removes an address; it is told too.
    pub(crate) async fn remove_contact(
        &self,
        account: AccountId,
        by: By,
        address: &Address,
    ) -> Result<(), AccountError> {
        self.change_by(account, by, |before, now| {
            let mut record = before.clone();
            record.contacts.remove(address)?;
            self.changed(account, before, record, (Action::ContactChanged, Notice::ContactRemoved, now))
        })
        .await
        .map(drop)
    }

    /// Says where everything is to go and nowhere else, or ends that.
    pub(crate) async fn keep_confidential(
        &self,
        account: AccountId,
        by: By,
        address: Option<&Address>,
        rules: Rules<'_>,
    ) -> Result<(), AccountError> {
        let notice = Notice::ConfidentialAddressChanged;
        self.change_by(account, by, |before, now| {
            let mut record = before.clone();
            record.contacts.keep_confidential(address.cloned())?;
            let proved = before.contacts.verified().find(|contact| Some(&contact.address) == address);
            let is_old = proved.and_then(|contact| contact.verified_at);
            let is_old = is_old.is_some_and(|since| since + rules.policy.recovery_delay <= now);
            if before.contacts.confidential().is_none() && is_old {
                // It is chosen so that others do not learn of it: they are told only where it might be an intruder's.
                let to = Recipient::At(account, address.cloned().ok_or(ContactError::Unknown)?);
                let planned = Planned::new(notice, to, now).with_link(LinkOf::Freeze);
                let change = AccountChange::new(record, Action::ContactChanged);
                return Ok(change.telling(planned.draft(self.random_id().map_err(Failure::from)?)?));
            }
            self.changed(account, before, record, (Action::ContactChanged, notice, now))
        })
        .await
        .map(drop)
    }

    /// Keeps what somebody wants to be told, and in which language.
    pub(crate) async fn prefer(
        &self,
        account: AccountId,
        by: By,
        preferences: &Preferences,
        language: Option<&LanguageTag>,
    ) -> Result<(), AccountError> {
        self.change_by(account, by, |before, _| {
            let language = language.cloned().or_else(|| before.language.clone());
            let record = AccountRecord { preferences: preferences.clone(), language, ..before.clone() };
            Ok(AccountChange::new(record, Action::Change))
        })
        .await
        .map(drop)
    }
}
