//! What the clinic does with accounts. It sees where they stand and nothing of what is in a chart; it never acts in anybody's
//! name.

use chrono::{DateTime, Utc};

use crate::account::{
    AccountChange, AccountError, AccountEvent, AccountRecord, AccountState, Budgeted, By, LinkEvent, LinkState, SentBy,
    account_facts, link_draft,
};
use crate::audit::{Action, Actor};
use crate::kernel::id::{AccountId, PatientId};
use crate::ledger::{Change, Failure, Patience};
use crate::notify::LinkOf;
use crate::port::notifier::Notice;
use crate::port::storage::{Partition, StorageErrorKind};

use super::super::portal::Portal;
use super::activation::Issued;

/// An account as staff see it: where it stands, and nothing that is in a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountView {
    /// Which one.
    pub account: AccountId,
    /// Where it stands.
    pub state: AccountState,
    /// Since when it exists.
    pub opened_at: DateTime<Utc>,
    /// Whether a second factor is set up.
    pub has_second_factor: bool,
    /// How many addresses are proved and work.
    pub addresses: usize,
    /// Whether messages came back from an address.
    pub has_broken_address: bool,
    /// The newest link or letter: how it went, where it stands, until when.
    pub link: Option<(SentBy, LinkState, DateTime<Utc>)>,
    /// When a recovery comes true, where one was begun.
    pub recovery_at: Option<DateTime<Utc>>,
}

impl Portal {
    /// The accounts that are a patient's own, as staff see them.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn accounts_of(&self, patient: PatientId) -> Result<Vec<AccountView>, Failure> {
        let mut views = Vec::new();
        for account in self.ledger.holders(patient).await? {
            views.extend(self.account_view(account).await?);
        }
        Ok(views)
    }

    /// An account as staff see it.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn account_view(&self, account: AccountId) -> Result<Option<AccountView>, Failure> {
        let Some((record, _)) = self.ledger.account_record(account).await? else { return Ok(None) };
        let now = self.ledger.now();
        let link = self.ledger.link_of(account, LinkOf::Activation).await?;
        Ok(Some(AccountView {
            account,
            state: record.state,
            opened_at: record.opened_at,
            has_second_factor: !record.factors.enrolled(self.policy.accounts()).is_empty(),
            addresses: record.contacts.verified().count(),
            has_broken_address: record.contacts.all().iter().any(|contact| contact.is_broken),
            link: link.map(|(link, _)| (link.by, link.state_at(now), link.expires_at)),
            recovery_at: record.recovery.map(|recovery| recovery.ready_at),
        }))
    }

    /// Issues a link or a letter by which somebody proves anew who they are: to come back, or to get in without the second
    /// factor that was lost.
    ///
    /// # Errors
    /// [`AccountError::Illegal`] for an account that cannot come back; [`AccountError::Contact`].
    pub async fn issue_reproof(
        &self,
        staff: AccountId,
        account: AccountId,
        by: SentBy,
    ) -> Result<Issued, AccountError> {
        let found = self.ledger.account_record(account).await?;
        let (record, _) = found.ok_or(AccountError::NoSuchAccount)?;
        record.state.after(AccountEvent::Reproof)?;
        self.issue_link(staff, account, &record, by).await
    }

    /// Takes an activation back.
    ///
    /// # Errors
    /// [`AccountError::Wrong`] where none is open.
    pub async fn revoke_activation(&self, staff: AccountId, account: AccountId) -> Result<(), AccountError> {
        let mut patience = Patience::default();
        loop {
            let now = self.ledger.now();
            let found = self.ledger.link_of(account, LinkOf::Activation).await?;
            let (link, version) = found.ok_or(AccountError::Wrong)?;
            let revoked = link.after(LinkEvent::Revoke, now).map_err(|_| AccountError::Wrong)?;
            let facts = account_facts(account, Actor::Account(staff), Action::LinkRevoked, now);
            let puts = vec![link_draft(LinkOf::Activation, &revoked, version)?];
            match self.ledger.record(Change::puts(Partition::account(account), puts), facts).await {
                Ok(_) => {
                    if let Some((_, place)) = link.letter {
                        self.ledger.forget_letter(place).await?;
                    }
                    return Ok(());
                }
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    /// Gives an account's holder the tries back that failures used up.
    ///
    /// # Errors
    /// [`AccountError::NoSuchAccount`].
    pub async fn unlock(&self, staff: AccountId, account: AccountId) -> Result<(), AccountError> {
        let step = |before: &AccountRecord, _| Ok(AccountChange::new(before.clone(), Action::AccountMoved));
        let record = self.ledger.change_by(account, by_staff(staff), step).await?;
        if let Some(name) = &record.username {
            self.ledger.forgive_all(Budgeted::Strangers(&name.folded())).await?;
        }
        Ok(self.ledger.forgive_all(Budgeted::Factor(account)).await?)
    }

    /// Has the holder choose a new password at the next sign-in; open sessions end.
    ///
    /// # Errors
    /// [`AccountError::NoSuchAccount`].
    pub async fn require_new_password(&self, staff: AccountId, account: AccountId) -> Result<(), AccountError> {
        let step = |before: &AccountRecord, _| {
            let record = AccountRecord { must_change_password: true, ..before.clone() };
            Ok(AccountChange::new(record.shut_out(), Action::AccountMoved))
        };
        self.ledger.change_by(account, by_staff(staff), step).await.map(drop)
    }

    /// Lets an account rest: nobody signs in.
    ///
    /// # Errors
    /// [`AccountError::Illegal`].
    pub async fn suspend_account(&self, staff: AccountId, account: AccountId) -> Result<(), AccountError> {
        self.move_account(by_staff(staff), account, AccountEvent::Suspend, Notice::AccountDeactivated).await
    }

    /// Lets a resting account go on.
    ///
    /// # Errors
    /// [`AccountError::Illegal`].
    pub async fn resume_account(&self, staff: AccountId, account: AccountId) -> Result<(), AccountError> {
        self.move_account(by_staff(staff), account, AccountEvent::Resume, Notice::AccountReactivated).await
    }

    /// Ends an account; it can come back after proving anew who holds it. The chart stays.
    ///
    /// # Errors
    /// [`AccountError::Illegal`].
    pub async fn deactivate_account(&self, staff: AccountId, account: AccountId) -> Result<(), AccountError> {
        self.move_account(by_staff(staff), account, AccountEvent::Deactivate, Notice::AccountDeactivated).await
    }

    /// Moves an account, ends its sessions, and tells its holder.
    pub(super) async fn move_account(
        &self,
        by: By,
        account: AccountId,
        event: AccountEvent,
        notice: Notice,
    ) -> Result<(), AccountError> {
        self.ledger
            .change_by(account, by, |before, now| {
                let record = AccountRecord { state: before.state.after(event)?, ..before.clone() };
                let rows = self.ledger.tell_all_of(before, account, notice, now)?;
                Ok(AccountChange { record: record.shut_out(), rows, action: Action::AccountMoved })
            })
            .await?;
        Ok(self.ledger.forget_devices(account, by, |_| true).await?)
    }
}

pub(super) const fn by_staff(staff: AccountId) -> By {
    By { actor: Actor::Account(staff), session: None }
}
