//! The end of an account, and two accounts of one person.

use chrono::{DateTime, Utc};

use crate::account::{AccountChange, AccountError, AccountEvent, AccountRecord, AccountState, By};
use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::kernel::id::{AccountId, GrantId, PatientId};
use crate::ledger::{Change, Draft, Failure, Patience, Stored, decode, encode};
use crate::notify::DueRow;
use crate::port::notifier::Notice;
use crate::port::storage::{Delete, Partition, RowId, StorageErrorKind};

use super::super::portal::Portal;
use super::super::queue::Queue;
use super::super::session::Session;
use super::clinic::by_staff;

impl Session {
    /// Ends the own account. It can come back after proving anew who holds it; the chart stays with the clinic.
    ///
    /// # Errors
    /// [`AccountError::StepUp`].
    pub async fn deactivate(self) -> Result<(), AccountError> {
        self.sensitive().await?;
        let (by, account) = (self.by(), self.live.account);
        self.portal.move_account(by, account, AccountEvent::Deactivate, Notice::AccountDeactivated).await
    }
}

impl Portal {
    /// Notes that a patient died: the own accounts read until the policy's wind-down is over and write nothing, then they close.
    /// Whoever acts by law goes on by a grant of their own.
    ///
    /// # Errors
    /// [`AccountError::NoSuchAccount`] for a patient without an account.
    pub async fn note_death(&self, staff: AccountId, patient: PatientId) -> Result<DateTime<Utc>, AccountError> {
        let reads_until = self.ledger.now() + self.policy.accounts().wind_down;
        let mut any = false;
        for account in self.ledger.holders(patient).await? {
            let row = self.ledger.random_id().map_err(Failure::from)?;
            let moved = self.ledger.change_by(account, by_staff(staff), |before, _| {
                let state = before.state.after(AccountEvent::Die { reads_until })?;
                let record = AccountRecord { state, ..before.clone() };
                let change = AccountChange::new(record.shut_out(), Action::AccountMoved);
                let due = encode(&DueRow::WindDown { account })?;
                let put = Draft::first(Stored::DUE, RowId::from_bytes(row), reads_until.timestamp_micros(), due);
                Ok(change.telling(put))
            });
            match moved.await {
                Ok(_) => any = true,
                // An account that was closed or merged before has nothing to wind down.
                Err(AccountError::Illegal(_)) => {}
                Err(error) => return Err(error),
            }
        }
        if any { Ok(reads_until) } else { Err(AccountError::NoSuchAccount) }
    }

    /// The news of a death was wrong: the accounts can come back after proving anew who holds them.
    ///
    /// # Errors
    /// [`AccountError::Illegal`] for an account whose holder was not declared dead, or that closed since.
    pub async fn withdraw_death(&self, staff: AccountId, account: AccountId) -> Result<(), AccountError> {
        self.move_account(by_staff(staff), account, AccountEvent::Live, Notice::AccountDeactivated).await
    }

    pub(in crate::portal) async fn wind_down(&self, account: AccountId) -> Result<(), AccountError> {
        let by = By { actor: Actor::Host, session: None };
        let closed = self.ledger.change_by(account, by, |before, now| match before.state {
            AccountState::Deceased { reads_until } if reads_until <= now => {
                let record = AccountRecord { state: before.state.after(AccountEvent::Close)?, ..before.clone() };
                Ok(AccountChange::new(record.shut_out(), Action::AccountClosed))
            }
            _ => Err(AccountError::Wrong),
        });
        match closed.await {
            Ok(_) | Err(AccountError::Wrong | AccountError::NoSuchAccount) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Joins two accounts of one person: one goes on and opens the charts of both, the other lets nobody in. For whom the other
    /// one acted waits for the clinic to look at. [`unmerge_accounts`](Self::unmerge_accounts) undoes it.
    ///
    /// # Errors
    /// [`AccountError::Illegal`]; [`AccountError::Wrong`] for an account and itself.
    pub async fn merge_accounts(
        &self,
        staff: AccountId,
        survivor: AccountId,
        other: AccountId,
    ) -> Result<(), AccountError> {
        if survivor == other {
            return Err(AccountError::Wrong);
        }
        let found = self.ledger.account_record(survivor).await?;
        let (goes_on, _) = found.ok_or(AccountError::NoSuchAccount)?;
        if !goes_on.state.may_write() {
            return Err(AccountError::NotOffered);
        }
        let by = by_staff(staff);
        // First nobody gets in by the other one; then its charts open by the survivor. Between the two, nothing opens too much.
        let step = |before: &AccountRecord, now| {
            let event = AccountEvent::Merge { into: survivor };
            let record = AccountRecord { state: before.state.after(event)?, ..before.clone() };
            let rows = self.ledger.tell_all_of(before, other, Notice::AccountsMerged, now)?;
            Ok(AccountChange { record: record.shut_out(), rows, action: Action::Merge })
        };
        let merged = self.ledger.change_by(other, by, step).await?;
        self.ledger
            .change_by(survivor, by, |before, now| {
                let mut record = before.clone();
                let added: Vec<PatientId> =
                    merged.own.iter().copied().filter(|patient| !before.own.contains(patient)).collect();
                record.own.extend(&added);
                if !added.is_empty() {
                    record.joined.push((other, added));
                }
                let rows = self.ledger.tell_all_of(before, survivor, Notice::AccountsMerged, now)?;
                Ok(AccountChange { record, rows, action: Action::Merge })
            })
            .await?;
        for patient in &merged.own {
            self.ledger.note_holder(*patient, survivor).await?;
        }
        for acting in self.ledger.all_rows(Partition::account(other), Stored::ACTING).await? {
            let patient: PatientId = decode(&self.ledger.open_own(&acting).await?, "acting")?;
            self.enqueue(Queue::Merges, patient, acting.row).await?;
        }
        Ok(())
    }

    /// The grants of accounts that were joined with others, which give nothing any more: staff look whether the one that goes on is to
    /// have them.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn merged_grants(&self) -> Result<Vec<(PatientId, GrantId)>, Failure> {
        let mut waiting = Vec::new();
        for row in self.ledger.all_rows(self.queue(Queue::Merges), Stored::RECORD).await? {
            let patient = decode(&self.ledger.open_own(&row).await?, "queue")?;
            waiting.push((patient, GrantId::from_bytes(row.row.to_bytes())));
        }
        Ok(waiting)
    }

    /// Staff have looked at such a grant.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn merged_grant_settled(&self, grant: GrantId) -> Result<(), Failure> {
        self.dequeue(Queue::Merges, RowId::from_bytes(grant.to_bytes())).await
    }

    /// Takes two joined accounts apart again: each opens its own charts. The one that rested proves anew who holds it.
    ///
    /// # Errors
    /// [`AccountError::Wrong`] where they were not joined.
    pub async fn unmerge_accounts(
        &self,
        staff: AccountId,
        survivor: AccountId,
        other: AccountId,
    ) -> Result<(), AccountError> {
        let by = by_staff(staff);
        let found = self.ledger.account_record(other).await?;
        let (resting, _) = found.ok_or(AccountError::NoSuchAccount)?;
        if resting.state != (AccountState::Merged { into: survivor }) {
            return Err(AccountError::Wrong);
        }
        let added = std::sync::Mutex::new(Vec::new());
        self.ledger
            .change_by(survivor, by, |before, now| {
                let mut record = before.clone();
                let place = record.joined.iter().position(|(joined, _)| *joined == other);
                let gone = place.map(|place| record.joined.remove(place).1).unwrap_or_default();
                record.own.retain(|patient| !gone.contains(patient));
                *added.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = gone;
                let rows = self.ledger.tell_all_of(before, survivor, Notice::AccountsMerged, now)?;
                Ok(AccountChange { record: record.shut_out(), rows, action: Action::Merge })
            })
            .await?;
        for patient in added.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            self.forget_holder(patient, survivor).await?;
        }
        self.ledger
            .change_by(other, by, |before, _| {
                let record = AccountRecord { state: before.state.after(AccountEvent::Unmerge)?, ..before.clone() };
                Ok(AccountChange::new(record, Action::Merge))
            })
            .await
            .map(drop)
    }

    async fn forget_holder(&self, patient: PatientId, account: AccountId) -> Result<(), Failure> {
        let (partition, row) = (Partition::patient(patient), RowId::from_bytes(account.to_bytes()));
        let mut patience = Patience::default();
        loop {
            let known = self.ledger.get(partition, Stored::HOLDERS, &[row]).await?;
            let Some(version) = known.first().map(|known| known.version) else { return Ok(()) };
            let now = self.ledger.now();
            let facts = Facts {
                account: Some(account),
                subject: Some(patient),
                ..Facts::new(now, Actor::Host, Action::Merge, Purpose::Operations, Outcome::Permitted)
            };
            let deletes = vec![Delete { collection: Stored::HOLDERS, row, version }];
            match self.ledger.record(Change { partition, puts: Vec::new(), deletes }, facts).await {
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                written => return written.map(drop),
            }
        }
    }
}
