//! Activation: the clinic issues a link or a letter; its holder proves the date of birth and makes the account.
//!
//! INVARIANT (all alike): a link that is expired, used, taken back, locked or unknown, and a wrong date of birth, have one answer,
//! one entry and one slow hash; what was the matter is in the trail.

use chrono::NaiveDate;

use crate::account::{
    AccountChange, AccountError, AccountEvent, AccountRecord, AccountState, ContactError, FoundLink, Knock, LetterCode,
    LinkEvent, LinkState, LinkToken, NewLink, Password, Progress, SentBy, SignInError, Username, Wait, account_facts,
    link_draft,
};
use crate::audit::{Action, Actor, Facts, Outcome, Purpose, ReasonCode};
use crate::chart::Patient;
use crate::kernel::id::{AccountId, PatientId};
use crate::kernel::{Address, LanguageTag, hidden};
use crate::ledger::{Change, Draft, Failure, Patience, Stored, encode};
use crate::notify::{LinkOf, Planned, Recipient};
use crate::port::notifier::Notice;
use crate::port::storage::{Partition, StorageErrorKind};

use super::super::portal::Portal;

/// For whom an account is made.
#[derive(Debug)]
pub enum Whom {
    /// A patient, for the own chart. Links go to the addresses that the clinic has on record, read when they are sent.
    Patient(PatientId),
    /// Somebody without a chart here, such as a caregiver: the address that they gave the clinic, and their date of birth.
    Caregiver {
        /// Where the link goes.
        address: Address,
        /// What they prove by.
        born: NaiveDate,
    },
}

/// An activation that was issued.
#[derive(Debug)]
pub struct Issued {
    /// The account, which is pending until it is activated.
    pub account: AccountId,
    /// The code to be printed in a letter; shown once and kept nowhere.
    pub letter: Option<LetterCode>,
}

/// What the holder of a link chooses.
#[derive(Debug)]
pub struct NewCredentials<'a> {
    /// The name to sign in with.
    pub username: &'a Username,
    /// The password.
    pub password: &'a Password,
    /// The version of the terms that is accepted, where there are terms.
    pub terms: Option<u32>,
    /// The language to be written to.
    pub language: Option<LanguageTag>,
}

/// An activation was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActivationError {
    /// The link is worth nothing, or the date of birth is not right; which of them is not told.
    #[error("the link or the date of birth is not right")]
    Refused,
    /// The clinic has to look at it first: the address is that of somebody who acts for this patient.
    #[error("the clinic has to look at this first")]
    AskTheClinic,
    /// The terms were not accepted.
    #[error("the terms were not accepted")]
    Terms,
    /// The name or the password is not good.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Too many tries from one source.
    #[error(transparent)]
    Wait(#[from] Wait),
    /// The machinery below failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// A link whose holder proved the date of birth. It is not used up before [`Portal::activate`] succeeds.
pub struct Activating {
    pub(super) found: FoundLink,
    pub(super) record: AccountRecord,
    /// Whose account it will be, as they are called; none for somebody without a chart.
    pub name: Option<String>,
}

hidden!(Activating);

impl Activating {
    /// Whether the account is made by it; otherwise its holder proves anew who they are, and the name stays.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        matches!(self.record.state, AccountState::Pending)
    }

    /// Whether the account has a second factor, so that its holder may say that it is lost.
    #[must_use]
    pub const fn has_second_factor(&self) -> bool {
        self.record.factors.totp.is_some() || !self.record.factors.passkeys.is_empty()
    }
}

/// Why a link was refused, for the trail alone.
#[derive(Debug, Clone, Copy)]
enum Why {
    Unknown = 1,
    Expired = 2,
    Used = 3,
    Revoked = 4,
    Locked = 5,
    WrongBirthDate = 6,
}

impl Portal {
    /// Issues an activation: a link by e-mail or text, or a code for a letter. It voids all earlier ones of the same account.
    ///
    /// # Errors
    /// [`AccountError::NoSuchPatient`]; [`AccountError::Illegal`] for an account that is active already;
    /// [`AccountError::Contact`] for a minor whose only address is a guardian's, or without an address for that way.
    pub async fn issue_activation(&self, staff: AccountId, whom: &Whom, by: SentBy) -> Result<Issued, AccountError> {
        let account = self.account_for(staff, whom).await?;
        let found = self.ledger.account_record(account).await?;
        let (record, _) = found.ok_or(AccountError::NoSuchAccount)?;
        // Only a pending account is activated; any other is proved anew.
        let event = AccountEvent::Activate;
        record.state.after(event)?;
        if let Whom::Patient(patient) = whom
            && self.ledger.chart_standing(*patient, &self.policy).await?.subject.life != crate::access::Life::Alive
        {
            return Err(AccountError::NotOffered);
        }
        self.issue_link(staff, account, &record, by).await
    }

    /// Issues a link or a letter to an account whose address and standing were looked at.
    pub(super) async fn issue_link(
        &self,
        staff: AccountId,
        account: AccountId,
        record: &AccountRecord,
        by: SentBy,
    ) -> Result<Issued, AccountError> {
        let policy = self.policy.accounts();
        let (life, letter) = match by {
            SentBy::Email => (policy.activation_email, None),
            SentBy::Text => (policy.activation_text, None),
            SentBy::Letter => {
                (policy.activation_letter, Some(LetterCode::new(&*self.ledger.entropy).map_err(Failure::from)?))
            }
        };
        if let Some(channel) = by.channel() {
            let addresses = self.addresses_on_record(record).await?;
            let fits = |address: &&Address| {
                matches!(
                    (address, channel),
                    (Address::Email(_), crate::port::notifier::Channel::Email)
                        | (Address::Phone(_), crate::port::notifier::Channel::Text)
                )
            };
            let address = addresses.iter().find(fits).ok_or(ContactError::Unknown)?;
            self.may_have(account, &record.own, address).await?;
        }
        let kept = match &letter {
            Some(code) => {
                let hash = code.hash(
                    &self.ledger.pepper_key(),
                    &self.settings.accounts,
                    &self.ledger.hashes,
                    &*self.ledger.entropy,
                )?;
                Some((hash, self.ledger.note_letter(code, account).await?))
            }
            None => None,
        };
        let new = NewLink { of: LinkOf::Activation, by, life, tries: policy.wrong_birth_dates };
        let mut patience = Patience::default();
        loop {
            let before = self.ledger.link_of(account, LinkOf::Activation).await?;
            let mut puts = vec![self.ledger.link_row(account, new, kept.clone()).await?];
            // After the link was made: a notice that is older than its link is not sent.
            let now = self.ledger.now();
            if by != SentBy::Letter {
                let planned =
                    Planned::new(Notice::Activation, Recipient::Account(account), now).with_link(LinkOf::Activation);
                puts.push(planned.draft(self.ledger.random_id().map_err(Failure::from)?)?);
            }
            let facts = account_facts(account, Actor::Account(staff), Action::LinkIssued, now);
            match self.ledger.record(Change::puts(Partition::account(account), puts), facts).await {
                Ok(_) => {
                    if let Some((_, place)) = before.and_then(|(before, _)| before.letter) {
                        self.ledger.forget_letter(place).await?;
                    }
                    return Ok(Issued { account, letter });
                }
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    /// The account that is made or found for somebody, pending where it is new.
    async fn account_for(&self, staff: AccountId, whom: &Whom) -> Result<AccountId, AccountError> {
        if let Whom::Patient(patient) = whom {
            if !self.ledger.exists(Partition::patient(*patient)).await? {
                return Err(AccountError::NoSuchPatient);
            }
            if let Some(holder) = self.standing_holder(*patient).await? {
                return Ok(holder);
            }
        }
        let account = AccountId::from_bytes(self.ledger.random_id().map_err(Failure::from)?);
        let now = self.ledger.now();
        let record = match whom {
            Whom::Patient(patient) => AccountRecord::pending(vec![*patient], now),
            Whom::Caregiver { address, born } => {
                let mut record = AccountRecord { born: Some(*born), ..AccountRecord::pending(Vec::new(), now) };
                record.contacts.add_from_clinic(address.clone(), now)?;
                record
            }
        };
        let put = Draft::first(Stored::RECORD, Stored::ONLY, 0, encode(&record)?);
        let facts = account_facts(account, Actor::Account(staff), Action::AccountOpened, now);
        self.ledger.record(Change::puts(Partition::account(account), vec![put]), facts).await?;
        if let Whom::Patient(patient) = whom {
            self.ledger.note_holder(*patient, account).await?;
            // Two members of staff at once: the one who was first counts, and the other's account stays empty.
            if let Some(first) = self.standing_holder(*patient).await? {
                return Ok(first);
            }
        }
        Ok(account)
    }

    /// The first of a patient's own accounts that is not over.
    async fn standing_holder(&self, patient: PatientId) -> Result<Option<AccountId>, Failure> {
        for holder in self.ledger.holders(patient).await? {
            let record = self.ledger.account_record(holder).await?;
            let goes_on = |state| !matches!(state, AccountState::Closed | AccountState::Merged { .. });
            if record.is_some_and(|(record, _)| goes_on(record.state)) {
                return Ok(Some(holder));
            }
        }
        Ok(None)
    }

    /// Looks at a link with its holder's date of birth. Nothing is used up but a try where the date is wrong. Computes for some
    /// 20 ms, whatever the link is worth.
    ///
    /// # Errors
    /// [`ActivationError::Refused`], one for all; [`ActivationError::Wait`].
    pub async fn open_activation(
        &self,
        link: &LinkToken,
        born: NaiveDate,
        knock: &Knock,
    ) -> Result<Activating, ActivationError> {
        self.take_source(knock).await?;
        // A letter's code costs a slow hash, so a link does too: neither is known by how long it takes.
        self.ledger.slow_nothing(&self.settings.accounts)?;
        let found = self.ledger.find_link(LinkOf::Activation, link).await?;
        self.opened(found, born).await
    }

    /// The same for the code of a letter.
    ///
    /// # Errors
    /// As [`open_activation`](Self::open_activation).
    pub async fn open_letter(
        &self,
        code: &LetterCode,
        born: NaiveDate,
        knock: &Knock,
    ) -> Result<Activating, ActivationError> {
        self.take_source(knock).await?;
        let found = self.ledger.find_letter(code).await?;
        let hash = found.as_ref().and_then(|found| found.record.letter.as_ref()).map(|(hash, _)| hash);
        let right = match hash {
            Some(hash) => hash.matches(code, &self.ledger.pepper_key(), &self.ledger.hashes)?,
            None => {
                self.ledger.slow_nothing(&self.settings.accounts)?;
                false
            }
        };
        self.opened(found.filter(|_| right), born).await
    }

    async fn take_source(&self, knock: &Knock) -> Result<(), ActivationError> {
        if let Some(source) = &knock.source {
            self.ledger.take_try(source.budget(), &self.policy.accounts().throttle).await??;
        }
        Ok(())
    }

    async fn opened(&self, found: Option<FoundLink>, born: NaiveDate) -> Result<Activating, ActivationError> {
        let Some(mut found) = found else { return self.refuse_link(None, Why::Unknown).await };
        let mut patience = Patience::default();
        loop {
            let account = found.account;
            let now = self.ledger.now();
            let why = match found.record.state_at(now) {
                LinkState::Issued | LinkState::Delivered | LinkState::DeliveryFailed => None,
                LinkState::Locked => Some(Why::Locked),
                LinkState::Redeemed => Some(Why::Used),
                LinkState::Expired => Some(Why::Expired),
                LinkState::Revoked => Some(Why::Revoked),
            };
            if let Some(why) = why {
                return self.refuse_link(Some(account), why).await;
            }
            let known = self.ledger.account_record(account).await?;
            let (record, _) = known.ok_or(Failure::Damaged("link: account"))?;
            if self.is_born(&record, born).await? {
                let mut name = None;
                if let Some(patient) = record.own.first() {
                    name = self.demographics(*patient).await?.first().map(Patient::name);
                }
                return Ok(Activating { found, record, name });
            }
            let Ok(moved) = found.record.after(LinkEvent::WrongBirthDate, now) else {
                return self.refuse_link(Some(account), Why::Locked).await;
            };
            let locked = moved.state_at(now) == LinkState::Locked;
            let action = if locked { Action::LinkLocked } else { Action::LinkRefused };
            let facts = Facts {
                account: Some(account),
                reason: Some(ReasonCode::new(Why::WrongBirthDate as u16)),
                ..Facts::new(now, Actor::Unknown, action, Purpose::Verification, Outcome::Refused)
            };
            let puts = vec![link_draft(LinkOf::Activation, &moved, found.version)?];
            match self.ledger.record(Change::puts(Partition::account(account), puts), facts).await {
                Ok(_) => {
                    if locked {
                        self.tell_clinic_of_lock(account).await?;
                    }
                    return Err(ActivationError::Refused);
                }
                // Another try was counted in between: this one is judged anew.
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {
                    let Some((record, version)) = self.ledger.link_of(account, LinkOf::Activation).await? else {
                        return self.refuse_link(Some(account), Why::Unknown).await;
                    };
                    if record.nonce != found.record.nonce {
                        return self.refuse_link(Some(account), Why::Revoked).await;
                    }
                    found = FoundLink { account, record, version };
                }
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    /// Whether this is the date of birth of an account's holder: the same in every source that gives one, and to the day.
    async fn is_born(&self, record: &AccountRecord, born: NaiveDate) -> Result<bool, Failure> {
        let Some(patient) = record.own.first() else { return Ok(record.born == Some(born)) };
        let standing = self.ledger.chart_standing(*patient, &self.policy).await?;
        Ok(!standing.born.is_empty() && standing.born.iter().all(|known| known.day() == Some(born)))
    }

    async fn refuse_link<T>(&self, account: Option<AccountId>, why: Why) -> Result<T, ActivationError> {
        let partition = account.map_or(Partition::SYSTEM, Partition::account);
        let facts = Facts {
            account,
            reason: Some(ReasonCode::new(why as u16)),
            ..Facts::new(
                self.ledger.now(),
                Actor::Unknown,
                Action::LinkRefused,
                Purpose::Verification,
                Outcome::Refused,
            )
        };
        self.ledger.record(Change::none(partition), facts).await?;
        Err(ActivationError::Refused)
    }

    /// Makes the account: the link is used up, and its holder is signed in as far as the policy lets a password go.
    ///
    /// Of several who come with one link at once, exactly one gets the account.
    ///
    /// # Errors
    /// [`ActivationError::Account`] with the reason for a name or a password; [`ActivationError::Refused`] for a link that was
    /// used in between; [`ActivationError::AskTheClinic`].
    pub async fn activate(
        &self,
        activating: Activating,
        chosen: &NewCredentials<'_>,
        knock: Knock,
    ) -> Result<Progress, ActivationError> {
        let Activating { found, record, name } = activating;
        let (account, rules) = (found.account, self.rules());
        if self.settings.accounts.terms > 0 && chosen.terms != Some(self.settings.accounts.terms) {
            return Err(ActivationError::Terms);
        }
        let reached = self.reached_by(&found, &record).await?;
        if let Some(address) = &reached
            && let Err(AccountError::Contact(ContactError::Guardians | ContactError::Taken)) =
                self.may_have(account, &record.own, address).await
        {
            return Err(ActivationError::AskTheClinic);
        }
        let mut own_rules = rules;
        let words = self.words_of(&record, name.as_deref()).await?;
        own_rules.words = &words;
        crate::ledger::Ledger::check_password(&record, chosen.password, Some(chosen.username), own_rules)?;
        let hash = self.ledger.hash(chosen.password, &self.settings.accounts)?;
        // A pending account takes a name; one that proves anew who holds it keeps the one it has.
        let event = if record.state == AccountState::Pending { AccountEvent::Activate } else { AccountEvent::Reproof };
        if record.username.is_none() {
            let held = self.ledger.reserve(chosen.username, account).await?;
            if held != account {
                return Err(AccountError::UsernameTaken.into());
            }
        }
        let mut patience = Patience::default();
        loop {
            let now = self.ledger.now();
            let known = self.ledger.account_record(account).await?;
            let (before, version) = known.ok_or(Failure::Damaged("link: account"))?;
            let current = self.ledger.link_of(account, LinkOf::Activation).await?;
            let Some((link, link_version)) = current.filter(|(link, _)| link.nonce == found.record.nonce) else {
                return self.refuse_link(Some(account), Why::Revoked).await;
            };
            let Ok(redeemed) = link.after(LinkEvent::Redeem, now) else {
                return self.refuse_link(Some(account), Why::Used).await;
            };
            let state = before.state.after(event).map_err(AccountError::from)?;
            let mut record = AccountRecord {
                username: before.username.clone().or_else(|| Some(chosen.username.clone())),
                password: Some(hash.clone()),
                password_is_long: crate::account::is_long(chosen.password, rules),
                must_change_password: false,
                state,
                identity: 2,
                // Whoever proves anew who they are wants no factor taken off behind them.
                recovery: None,
                language: chosen.language.clone().or_else(|| before.language.clone()),
                ..before.clone()
            };
            if let Some(version) = chosen.terms.filter(|version| *version > 0) {
                record.terms.push((version, now));
            }
            if let Some(address) = &reached {
                record.contacts.add_verified(address.clone(), now);
            }
            let record = record.shut_out();
            let change = AccountChange::new(record, Action::LinkRedeemed);
            let put = Draft {
                version: version + 1,
                ..Draft::first(Stored::RECORD, Stored::ONLY, 0, encode(&change.record)?)
            };
            let link_put = link_draft(LinkOf::Activation, &redeemed, link_version)?;
            let mut puts = vec![put, link_put, self.ledger.notice(Notice::AccountOpened, account, now)?];
            if event == AccountEvent::Reproof {
                puts.pop();
                puts.extend(self.ledger.tell_all_of(&before, account, Notice::PasswordChanged, now)?);
            }
            let facts = account_facts(account, Actor::Account(account), Action::LinkRedeemed, now);
            match self.ledger.record(Change::puts(Partition::account(account), puts), facts).await {
                Ok(_) => {
                    if let Some((_, place)) = link.letter {
                        self.ledger.forget_letter(place).await?;
                    }
                    if let Some(address) = &reached {
                        self.ledger.note_contact(account, address).await?;
                    }
                    break;
                }
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        match self.ledger.enter_activated(account, knock, rules).await {
            Ok(progress) => Ok(progress),
            Err(SignInError::Failure(failure)) => Err(failure.into()),
            Err(_) => Err(ActivationError::Refused),
        }
    }

    /// The address that a link was sent to and so is proved by it; none for a letter.
    async fn reached_by(&self, found: &FoundLink, record: &AccountRecord) -> Result<Option<Address>, Failure> {
        let addresses = self.addresses_on_record(record).await?;
        Ok(match found.record.by {
            SentBy::Email => addresses.into_iter().find(|address| matches!(address, Address::Email(_))),
            SentBy::Text => addresses.into_iter().find(|address| matches!(address, Address::Phone(_))),
            SentBy::Letter => None,
        })
    }
}
