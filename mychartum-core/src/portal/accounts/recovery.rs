//! Getting back in: a new password by a link, and what to do when the second factor is lost; freezing what somebody else opened.

use chrono::{DateTime, Utc};

use crate::account::{
    AccountChange, AccountError, AccountEvent, AccountRecord, Budgeted, By, Knock, Link, LinkEvent, LinkToken,
    Password, Recovery, Wait, account_facts, is_long, link_draft,
};
use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::kernel::id::AccountId;
use crate::ledger::{Change, Draft, Failure, Patience, Stored, encode};
use crate::notify::{DueRow, LinkOf, Planned, Recipient, Wanted};
use crate::port::notifier::Notice;
use crate::port::storage::{Partition, RowId, StorageErrorKind};
use crate::vault::TagDomain;

use super::super::portal::Portal;
use super::activation::{Activating, ActivationError};

/// Getting back in was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryError {
    /// The link is worth nothing; why is not told.
    #[error("the link is not right")]
    Refused,
    /// The password is not good.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Too many tries.
    #[error(transparent)]
    Wait(#[from] Wait),
    /// The machinery below failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl Portal {
    /// Asks for a link to choose a new password, by the name to sign in with or by an address. Says and takes the same whether
    /// somebody has it or not; what follows is sent to proved addresses only.
    ///
    /// # Errors
    /// [`RecoveryError::Wait`].
    pub async fn request_reset(&self, name_or_address: &str, knock: &Knock) -> Result<(), RecoveryError> {
        self.request(Wanted::Reset, name_or_address, knock).await
    }

    /// Asks to be reminded of the name to sign in with, by an address.
    ///
    /// # Errors
    /// [`RecoveryError::Wait`].
    pub async fn request_username(&self, address: &str, knock: &Knock) -> Result<(), RecoveryError> {
        self.request(Wanted::Username, address, knock).await
    }

    async fn request(&self, wanted: Wanted, text: &str, knock: &Knock) -> Result<(), RecoveryError> {
        let throttle = &self.policy.accounts().throttle;
        if let Some(source) = &knock.source {
            self.ledger.take_try(source.budget(), throttle).await??;
        }
        let text: String = text.trim().chars().filter(|c| !c.is_control()).take(254).collect();
        self.ledger.take_try(Budgeted::Request(&text.to_lowercase()), throttle).await??;
        let id = self.ledger.random_id().map_err(Failure::from)?;
        let now = self.ledger.now();
        let shard = [id.first().copied().unwrap_or(0) % 16];
        let partition = Partition::directory(self.ledger.vault.index().tag(TagDomain::Queue, &[b"requests", &shard]));
        let body = encode(&DueRow::Request { wanted, text })?;
        let put = Draft::first(Stored::DUE, RowId::from_bytes(id), now.timestamp_micros(), body);
        let facts = Facts::new(now, Actor::Unknown, Action::LinkRequested, Purpose::Verification, Outcome::Permitted);
        Ok(self.ledger.record(Change::puts(partition, vec![put]), facts).await.map(drop)?)
    }

    /// Chooses a new password by a link. Every session ends; nobody is signed in by it, and the second factor stays what it is
    /// (OWASP ASVS 5.0, 6.4.3). A frozen account goes on.
    ///
    /// # Errors
    /// [`RecoveryError::Refused`] for a link that is unknown, over or used; [`RecoveryError::Account`] with the reason for a
    /// password.
    pub async fn reset(&self, link: &LinkToken, password: &Password, knock: &Knock) -> Result<(), RecoveryError> {
        let rules = self.rules();
        if let Some(source) = &knock.source {
            self.ledger.take_try(source.budget(), &rules.policy.throttle).await??;
        }
        // The same slow hash for a link that is worth something as for one that is not.
        let hash = self.ledger.hash(password, rules.settings)?;
        let Some(found) = self.ledger.find_link(LinkOf::Reset, link).await? else {
            return self.refuse_recovery(None).await;
        };
        let account = found.account;
        let mut patience = Patience::default();
        loop {
            let now = self.ledger.now();
            let current = self.ledger.link_of(account, LinkOf::Reset).await?;
            let Some((open, link_version)) = current.filter(|(open, _)| open.nonce == found.record.nonce) else {
                return self.refuse_recovery(Some(account)).await;
            };
            let Ok(redeemed) = open.after(LinkEvent::Redeem, now) else {
                return self.refuse_recovery(Some(account)).await;
            };
            let known = self.ledger.account_record(account).await?;
            let (before, version) = known.ok_or(Failure::Damaged("link: account"))?;
            let Ok(state) = before.state.after(AccountEvent::Reset) else {
                return self.refuse_recovery(Some(account)).await;
            };
            let words = self.words_of(&before, None).await?;
            let own_rules = crate::account::Rules { words: &words, ..rules };
            crate::ledger::Ledger::check_password(&before, password, None, own_rules)?;
            let record = AccountRecord {
                password: Some(hash.clone()),
                password_is_long: is_long(password, rules),
                must_change_password: false,
                state,
                ..before.clone()
            };
            let record = record.shut_out();
            let body = encode(&record)?;
            let mut puts = vec![
                Draft { version: version + 1, ..Draft::first(Stored::RECORD, Stored::ONLY, 0, body) },
                link_draft(LinkOf::Reset, &redeemed, link_version)?,
            ];
            puts.extend(self.ledger.tell_all_of(&before, account, Notice::PasswordChanged, now)?);
            let facts = account_facts(account, Actor::Unknown, Action::PasswordChanged, now);
            match self.ledger.record(Change::puts(Partition::account(account), puts), facts).await {
                Ok(_) => {
                    let by = By { actor: Actor::Unknown, session: None };
                    if let Some(name) = &before.username {
                        self.ledger.forgive_all(Budgeted::Strangers(&name.folded())).await?;
                    }
                    return Ok(self.ledger.forget_devices(account, by, |_| true).await?);
                }
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    async fn refuse_recovery<T>(&self, account: Option<AccountId>) -> Result<T, RecoveryError> {
        let partition = account.map_or(Partition::SYSTEM, Partition::account);
        let now = self.ledger.now();
        let facts = Facts {
            account,
            ..Facts::new(now, Actor::Unknown, Action::LinkRefused, Purpose::Verification, Outcome::Refused)
        };
        self.ledger.record(Change::none(partition), facts).await?;
        Err(RecoveryError::Refused)
    }

    /// "This wasn't me": freezes the account by the link of a notice. Sessions, sign-ins that are under way, trust in devices and
    /// a recovery end in one step. Using the link again changes nothing.
    ///
    /// # Errors
    /// [`RecoveryError::Refused`].
    pub async fn freeze(&self, link: &LinkToken) -> Result<(), RecoveryError> {
        let read = Link::read(&self.ledger.vault, LinkOf::Freeze, link);
        let Some(link) = read.filter(|link| link.is_ours(&self.ledger.vault, LinkOf::Freeze)) else {
            return self.refuse_recovery(None).await;
        };
        let issued = DateTime::<Utc>::from_timestamp_micros(i64::from_be_bytes(link.nonce));
        let now = self.ledger.now();
        if issued.is_none_or(|issued| now >= issued + self.policy.accounts().freeze_link) {
            return self.refuse_recovery(Some(link.account)).await;
        }
        self.freeze_account(link.account, Actor::Unknown).await
    }

    async fn freeze_account(&self, account: AccountId, actor: Actor) -> Result<(), RecoveryError> {
        let by = By { actor, session: None };
        let frozen = self.ledger.change_by(account, by, |before, now| {
            let state = before.state.after(AccountEvent::Freeze)?;
            let record = AccountRecord { state, recovery: None, ..before.clone() };
            let rows = self.ledger.tell_all_of(before, account, Notice::AccountFrozen, now)?;
            Ok(AccountChange { record: record.shut_out(), rows, action: Action::Frozen })
        });
        match frozen.await {
            Ok(_) => Ok(self.ledger.forget_devices(account, by, |_| true).await?),
            Err(AccountError::Illegal(_) | AccountError::NoSuchAccount) => self.refuse_recovery(Some(account)).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Begins to get back in without the second factor, by a link of the clinic and the date of birth: nothing changes before the
    /// policy's delay is over. Every address is told, with a link to cancel it.
    ///
    /// # Errors
    /// [`ActivationError::Refused`] for a link that was used in between, [`ActivationError::Account`].
    pub async fn begin_recovery(
        &self,
        activating: Activating,
        password: &Password,
    ) -> Result<DateTime<Utc>, ActivationError> {
        let rules = self.rules();
        let Activating { found, record, .. } = activating;
        let account = found.account;
        let words = self.words_of(&record, None).await?;
        let without_factors = AccountRecord { factors: crate::account::Factors::default(), ..record };
        let own_rules = crate::account::Rules { words: &words, ..rules };
        crate::ledger::Ledger::check_password(&without_factors, password, None, own_rules)?;
        let hash = self.ledger.hash(password, rules.settings)?;
        let mut patience = Patience::default();
        loop {
            let now = self.ledger.now();
            let current = self.ledger.link_of(account, LinkOf::Activation).await?;
            let current = current.filter(|(link, _)| link.nonce == found.record.nonce);
            let (link, link_version) = current.ok_or(ActivationError::Refused)?;
            let redeemed = link.after(LinkEvent::Redeem, now).map_err(|_| ActivationError::Refused)?;
            let known = self.ledger.account_record(account).await?;
            let (before, version) = known.ok_or(Failure::Damaged("link: account"))?;
            before.state.after(AccountEvent::Reproof).map_err(AccountError::from)?;
            let ready_at = now + rules.policy.recovery_delay;
            let recovery = Recovery { started_at: now, ready_at, password: hash.clone() };
            let record = AccountRecord { recovery: Some(recovery), ..before.clone() };
            let due = encode(&DueRow::Recovery { account, started_at: now })?;
            let due_id = self.ledger.random_id().map_err(Failure::from)?;
            let mut puts = vec![
                Draft { version: version + 1, ..Draft::first(Stored::RECORD, Stored::ONLY, 0, encode(&record)?) },
                link_draft(LinkOf::Activation, &redeemed, link_version)?,
                Draft::first(Stored::DUE, RowId::from_bytes(due_id), ready_at.timestamp_micros(), due),
            ];
            for contact in before.contacts.verified() {
                let to = Recipient::At(account, contact.address.clone());
                let planned = Planned { at: Some(ready_at), ..Planned::new(Notice::RecoveryStarted, to, now) };
                let planned = planned.with_link(LinkOf::CancelRecovery);
                puts.push(planned.draft(self.ledger.random_id().map_err(Failure::from)?)?);
            }
            let facts = account_facts(account, Actor::Account(account), Action::Recovery, now);
            match self.ledger.record(Change::puts(Partition::account(account), puts), facts).await {
                Ok(_) => return Ok(ready_at),
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    /// Cancels a recovery by the link of a notice; every address is told. What was until then goes on. Whoever did not begin it
    /// freezes the account too: somebody else got hold of the clinic's link.
    ///
    /// # Errors
    /// [`RecoveryError::Refused`].
    pub async fn cancel_recovery(&self, link: &LinkToken) -> Result<(), RecoveryError> {
        let read = Link::read(&self.ledger.vault, LinkOf::CancelRecovery, link);
        let Some(link) = read.filter(|link| link.is_ours(&self.ledger.vault, LinkOf::CancelRecovery)) else {
            return self.refuse_recovery(None).await;
        };
        let (account, by) = (link.account, By { actor: Actor::Unknown, session: None });
        let cancelled = self.ledger.change_by(account, by, |before, now| {
            let open =
                before.recovery.as_ref().filter(|open| open.started_at.timestamp_micros().to_be_bytes() == link.nonce);
            open.ok_or(AccountError::Wrong)?;
            let record = AccountRecord { recovery: None, ..before.clone() };
            let rows = self.ledger.tell_all_of(before, account, Notice::RecoveryCancelled, now)?;
            Ok(AccountChange { record, rows, action: Action::Recovery })
        });
        match cancelled.await {
            Ok(_) => Ok(()),
            Err(AccountError::Wrong | AccountError::NoSuchAccount) => self.refuse_recovery(Some(account)).await,
            Err(error) => Err(error.into()),
        }
    }

    /// A recovery whose delay is over comes true: the second factors are removed and the password is the new one.
    pub(in crate::portal) async fn finish_recovery(
        &self,
        account: AccountId,
        started_at: DateTime<Utc>,
    ) -> Result<(), AccountError> {
        let by = By { actor: Actor::Host, session: None };
        let done = self.ledger.change_by(account, by, |before, now| {
            let recovery =
                before.recovery.as_ref().filter(|open| open.started_at == started_at && open.ready_at <= now);
            let recovery = recovery.ok_or(AccountError::Wrong)?;
            let state = before.state.after(AccountEvent::Reproof)?;
            let record = AccountRecord {
                state,
                password: Some(recovery.password.clone()),
                password_is_long: true,
                must_change_password: false,
                factors: crate::account::Factors::default(),
                recovery: None,
                ..before.clone()
            };
            let rows = self.ledger.tell_all_of(before, account, Notice::RecoveryDone, now)?;
            Ok(AccountChange { record: record.shut_out(), rows, action: Action::Recovery })
        });
        match done.await {
            Ok(_) => Ok(self.ledger.forget_devices(account, by, |_| true).await?),
            // It was cancelled, or the account is not one any more.
            Err(AccountError::Wrong | AccountError::Illegal(_) | AccountError::NoSuchAccount) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
