//! Carrying a message: asked once more whether it may go, handed over, and written down what became of it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::account::{LinkEvent, Nonce, link_draft, link_token, six_digits};
use crate::audit::{Action, Actor, Facts, Outcome, Purpose, ReasonCode};
use crate::kernel::id::AccountId;
use crate::ledger::{Change, Draft, Failure, Patience, Stored, decode, encode};
use crate::notify::{DeliveryEvent, DeliveryState, DueRow, LinkOf, Outbound, Planned, Suppressed};
use crate::port::notifier::{Links, Notice, NoticeId, NotifyErrorKind, Outgoing, PublicText};
use crate::port::storage::{Delete, Partition, Row, Scan, StorageErrorKind};

use super::super::portal::Portal;
use super::super::queue::Queue;
use super::running::delete;

impl Portal {
    /// Carries one message, or puts it off or away.
    pub(super) async fn carry(&self, row: &Row, message: Outbound) -> Result<(), Failure> {
        let account = message.planned.to.account();
        let Some((record, _)) = self.ledger.account_record(account).await? else { return self.strike(row).await };
        if let Some(why) = self.may_be_told(&message.planned, &record).await? {
            return self.put_away(row, &message.planned, message.state, why).await;
        }
        let Some(notifier) = self.outside.notifier.clone() else {
            return self.put_away(row, &message.planned, message.state, Suppressed::NoCarrier).await;
        };
        let now = self.ledger.now();
        if let Some(after) = self.waits_behind(row, &message).await? {
            return self.put_off(row, &message, message.state, after).await.map(drop);
        }
        let settings = &self.settings.notify;
        if now >= message.planned.planned_at + settings.give_up {
            let state = message.state.after(DeliveryEvent::GiveUp, message.failed).unwrap_or(DeliveryState::DeadLetter);
            return self.settle(row, message, state, Vec::new()).await;
        }
        let (count, others) = if message.daily { self.of_the_day(row, &message).await? } else { (0, Vec::new()) };
        let Ok(state) = message.state.after(DeliveryEvent::Take, message.failed) else {
            return self.strike(row).await;
        };
        // From here on nobody else has it, until the lease is over.
        let taken = self.put_off(row, &message, state, now + settings.lease).await?;
        let text = self.text_of(&message.planned, record.language.clone().unwrap_or_default(), count).await?;
        let outgoing = Outgoing {
            id: NoticeId::from_bytes(row.row.to_bytes()),
            channel: message.channel,
            address: Some(message.address.clone()),
            text,
        };
        match notifier.deliver(&outgoing).await {
            Ok(carrier) => {
                let state = state.after(DeliveryEvent::Carried, message.failed).unwrap_or(DeliveryState::Sent);
                if let Some(carrier) = &carrier {
                    self.note_carrier(carrier, &taken).await?;
                }
                self.settle(&taken, Outbound { carrier, ..message }, state, others).await
            }
            Err(error) => {
                let event = DeliveryEvent::Error(error.kind());
                let state = state.after(event, message.failed).unwrap_or(DeliveryState::DeadLetter);
                if error.kind() != NotifyErrorKind::Passing {
                    return self.settle(&taken, message, state, Vec::new()).await;
                }
                let failed = message.failed.saturating_add(1);
                let jitter = self.ledger.random_id()?.first().copied().unwrap_or(0);
                let at = self.ledger.now() + settings.wait(failed, jitter);
                let message = Outbound { failed, ..message };
                self.put_off(&taken, &message, state, at).await.map(drop)
            }
        }
    }

    /// When a message may follow an older one to the same address that still waits: people read them in order.
    async fn waits_behind(&self, row: &Row, message: &Outbound) -> Result<Option<DateTime<Utc>>, Failure> {
        let soon = self.ledger.now() + TimeDelta::seconds(1);
        let mut after = None;
        for (other, order, waiting) in self.waiting(row.partition).await? {
            let is_older =
                (waiting.planned.planned_at, other.row.to_bytes()) < (message.planned.planned_at, row.row.to_bytes());
            if other.row == row.row || !is_older || waiting.address != message.address {
                continue;
            }
            after = after.max(match waiting.state {
                // It is being carried, and its worker will be done in a moment or never.
                DeliveryState::UnderWay => Some(soon),
                DeliveryState::Retrying(_) => DateTime::from_timestamp_micros(order.saturating_add(1)).max(Some(soon)),
                // One that waits for the end of the quiet hours, or for the digest, holds nothing else up.
                _ => None,
            });
        }
        Ok(after)
    }

    /// How many messages of the day go out in one with this, and what is to be struck of the others.
    async fn of_the_day(&self, row: &Row, message: &Outbound) -> Result<(u32, Vec<Delete>), Failure> {
        let mut others = Vec::new();
        for (other, _, waiting) in self.waiting(row.partition).await? {
            let same = waiting.daily && waiting.address == message.address && waiting.state == DeliveryState::Queued;
            if same && other.row != row.row {
                others.push(delete(&other));
            }
        }
        Ok((u32::try_from(others.len()).unwrap_or(u32::MAX).saturating_add(1), others))
    }

    async fn waiting(&self, partition: Partition) -> Result<Vec<(Row, i64, Outbound)>, Failure> {
        let mut waiting = Vec::new();
        for row in self.ledger.scan(&Scan::new(partition, Stored::DUE, 256)).await? {
            if let DueRow::Message(message) = decode(&self.ledger.open_own(&row).await?, "due work")? {
                let order = row.order;
                waiting.push((row, order, message));
            }
        }
        Ok(waiting)
    }

    /// Writes a message to be taken up later; returns its row as it is then.
    async fn put_off(
        &self,
        row: &Row,
        message: &Outbound,
        state: DeliveryState,
        at: DateTime<Utc>,
    ) -> Result<Row, Failure> {
        let body = encode(&DueRow::Message(Outbound { state, ..message.clone() }))?;
        let order = at.timestamp_micros();
        let version = row.version + 1;
        let put = Draft { version, ..Draft::first(Stored::DUE, row.row, order, body) };
        self.ledger.housekeep(Change::puts(row.partition, vec![put])).await?;
        Ok(Row { version, order, ..row.clone() })
    }

    /// Writes what became of a message: it leaves the outbox.
    async fn settle(
        &self,
        row: &Row,
        message: Outbound,
        state: DeliveryState,
        mut deletes: Vec<Delete>,
    ) -> Result<(), Failure> {
        let now = self.ledger.now();
        let account = message.planned.to.account();
        let (action, outcome) = match state {
            DeliveryState::Sent => (Action::NoticeSent, Outcome::Permitted),
            _ => (Action::NoticeFailed, Outcome::Failed),
        };
        let facts = Facts {
            account: Some(account),
            reason: Some(ReasonCode::new(message.planned.notice as u16)),
            ..Facts::new(now, Actor::Host, action, Purpose::Operations, outcome)
        };
        let is_activation = message.planned.link == Some(LinkOf::Activation);
        let address = message.address.clone();
        let kept = encode(&Outbound { state, ..message })?;
        let puts = vec![Draft::first(Stored::NOTICES, row.row, now.timestamp_micros(), kept)];
        deletes.push(delete(row));
        self.ledger.record(Change { partition: row.partition, puts, deletes }, facts).await?;
        if is_activation {
            let event = if state == DeliveryState::Sent { LinkEvent::Sent } else { LinkEvent::NotSent };
            self.note_link(account, event).await?;
        }
        if state.shows_bad_address() {
            self.note_broken(account, &address).await?;
        }
        if state == DeliveryState::DeadLetter {
            self.note_dead_letter(account, row.row).await?;
        }
        Ok(())
    }

    async fn note_link(&self, account: AccountId, event: LinkEvent) -> Result<(), Failure> {
        let mut patience = Patience::default();
        loop {
            let Some((link, version)) = self.ledger.link_of(account, LinkOf::Activation).await? else { return Ok(()) };
            let Ok(moved) = link.after(event, self.ledger.now()) else { return Ok(()) };
            let puts = vec![link_draft(LinkOf::Activation, &moved, version)?];
            match self.ledger.housekeep(Change::puts(Partition::account(account), puts)).await {
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                outcome => return outcome,
            }
        }
    }

    /// Notes for staff that a notice was given up. The row names the account, not what it said.
    async fn note_dead_letter(&self, account: AccountId, row: crate::port::storage::RowId) -> Result<(), Failure> {
        self.enqueue_account(Queue::DeadLetters, account, row).await
    }

    /// What a message says. Links and codes are made here, each time anew and each time the same.
    async fn text_of(
        &self,
        planned: &Planned,
        language: crate::kernel::LanguageTag,
        count: u32,
    ) -> Result<PublicText, Failure> {
        let account = planned.to.account();
        let vault = &self.ledger.vault;
        let notice = if count > 1 { Notice::Digest } else { planned.notice };
        let text = PublicText::new(notice, language, self.outside.name.clone()).on(planned.at);
        let text = if count > 1 { text.counting(Some(count)) } else { text };
        let timed: Nonce = planned.planned_at.timestamp_micros().to_be_bytes();
        let text = match planned.link {
            None => text,
            Some(LinkOf::SignIn) => text.linking(Links::SignIn, None),
            Some(LinkOf::Freeze) => {
                text.linking(Links::Freeze, Some(link_token(vault, LinkOf::Freeze, account, timed)))
            }
            Some(LinkOf::CancelRecovery) => {
                text.linking(Links::CancelRecovery, Some(link_token(vault, LinkOf::CancelRecovery, account, timed)))
            }
            Some(of @ (LinkOf::Activation | LinkOf::Reset)) => {
                let page = if of == LinkOf::Activation { Links::Activate } else { Links::Reset };
                let link = self.ledger.link_of(account, of).await?;
                let token = link.map(|(link, _)| link_token(vault, of, account, link.nonce));
                text.linking(page, token)
            }
        };
        Ok(match planned.code {
            Some(row) => text.with_code(six_digits(vault, account, row)),
            None => text,
        })
    }
}
