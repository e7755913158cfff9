//! What providers report later, and what the clinic sees of notices that did not arrive.

use crate::account::{AccountChange, AccountError, By};
use crate::audit::{Action, Actor, Facts, Outcome, Purpose, ReasonCode};
use crate::kernel::Address;
use crate::kernel::id::AccountId;
use crate::ledger::{Change, Draft, Failure, Patience, Stored, decode, encode};
use crate::notify::{DeliveryEvent, Outbound};
use crate::port::notifier::{CarrierId, DeliveryReport, Notice, NoticeId, Reported};
use crate::port::storage::{Partition, Row, RowId, StorageErrorKind};
use crate::vault::TagDomain;

use super::super::portal::Portal;
use super::super::queue::Queue;

/// A notice that was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadLetter {
    /// Whose.
    pub account: AccountId,
    /// What it told.
    pub notice: Notice,
    /// Which message.
    pub id: NoticeId,
}

impl Portal {
    fn carrier_place(&self, carrier: &CarrierId) -> (Partition, RowId) {
        let index = self.ledger.vault.index();
        let place = index.tag(TagDomain::Unique, &[b"carrier", carrier.as_str().as_bytes()]).to_bytes();
        let shard = [place.first().copied().unwrap_or(0) % 16];
        (Partition::directory(index.tag(TagDomain::Queue, &[b"carriers", &shard])), RowId::from_bytes(place))
    }

    /// Notes what a carrier calls a message, so that a report about it is understood later.
    pub(super) async fn note_carrier(&self, carrier: &CarrierId, row: &Row) -> Result<(), Failure> {
        let (partition, place) = self.carrier_place(carrier);
        if !self.ledger.get(partition, Stored::RECORD, &[place]).await?.is_empty() {
            return Ok(());
        }
        let body = encode(&(AccountId::from_bytes(row.partition.id()), row.row.to_bytes()))?;
        let put = Draft::first(Stored::RECORD, place, self.ledger.now().timestamp_micros(), body);
        self.ledger.housekeep(Change::puts(partition, vec![put])).await
    }

    /// Takes what a provider reports of a message, after its adapter checked the signature. What comes twice changes nothing, and
    /// what is about an unknown message is let go.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn take_report(&self, report: &DeliveryReport) -> Result<(), Failure> {
        let (partition, place) = self.carrier_place(&report.message);
        let rows = self.ledger.get(partition, Stored::RECORD, &[place]).await?;
        let Some(found) = rows.first() else { return Ok(()) };
        let (account, id): (AccountId, [u8; 16]) = decode(&self.ledger.open_own(found).await?, "carrier")?;
        let (partition, row) = (Partition::account(account), RowId::from_bytes(id));
        let mut patience = Patience::default();
        loop {
            let rows = self.ledger.get(partition, Stored::NOTICES, &[row]).await?;
            let Some(found) = rows.first() else { return Ok(()) };
            let message: Outbound = decode(&self.ledger.open_own(found).await?, "notice")?;
            let Ok(state) = message.state.after(DeliveryEvent::Report(report.reported), message.failed) else {
                return Ok(());
            };
            if state == message.state || message.channel != report.channel {
                return Ok(());
            }
            let address = message.address.clone();
            let now = self.ledger.now();
            let kept = encode(&Outbound { state, ..message })?;
            let put = Draft { version: found.version + 1, ..Draft::first(Stored::NOTICES, row, found.order, kept) };
            let facts = Facts {
                account: Some(account),
                reason: Some(ReasonCode::new(report.reported as u16)),
                ..Facts::new(now, Actor::Host, Action::NoticeReported, Purpose::Operations, Outcome::Permitted)
            };
            match self.ledger.record(Change::puts(partition, vec![put]), facts).await {
                Ok(_) if matches!(report.reported, Reported::Bounced | Reported::Unsubscribed) => {
                    return self.note_broken(account, &address).await;
                }
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                written => return written.map(drop),
            }
        }
    }

    /// Notes that messages to an address come back: it is not verified any more.
    pub(super) async fn note_broken(&self, account: AccountId, address: &Address) -> Result<(), Failure> {
        let by = By { actor: Actor::Host, session: None };
        let noted = self.ledger.change_by(account, by, |before, _| {
            let mut record = before.clone();
            record.contacts.note_broken(address);
            if record.contacts == before.contacts {
                return Err(AccountError::Wrong);
            }
            Ok(AccountChange::new(record, Action::ContactChanged))
        });
        match noted.await {
            Err(AccountError::Failure(failure)) => Err(failure),
            _ => Ok(()),
        }
    }

    /// The notices that were given up, the oldest first: staff reach these people otherwise.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>, Failure> {
        let mut letters = Vec::new();
        for row in self.ledger.all_rows(self.queue(Queue::DeadLetters), Stored::RECORD).await? {
            let account: AccountId = decode(&self.ledger.open_own(&row).await?, "queue")?;
            let kept = self.ledger.get(Partition::account(account), Stored::NOTICES, &[row.row]).await?;
            if let Some(kept) = kept.first() {
                let message: Outbound = decode(&self.ledger.open_own(kept).await?, "notice")?;
                let id = NoticeId::from_bytes(row.row.to_bytes());
                letters.push(DeadLetter { account, notice: message.planned.notice, id });
            }
        }
        Ok(letters)
    }

    /// Staff have reached somebody otherwise whose notice was given up.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn dead_letter_settled(&self, id: NoticeId) -> Result<(), Failure> {
        self.dequeue(Queue::DeadLetters, RowId::from_bytes(id.to_bytes())).await
    }
}
