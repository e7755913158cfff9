//! Planning a notice: by which ways its reader is told, or why not.

use crate::account::AccountRecord;
use crate::audit::{Action, Actor, Facts, Outcome, Purpose, ReasonCode};
use crate::kernel::Address;
use crate::ledger::{Change, Draft, Failure, Stored, encode};
use crate::notify::{
    DeliveryEvent, DeliveryState, LinkOf, Outbound, Planned, QuietHours, Recipient, Rhythm, Suppressed, Way, resolve,
};
use crate::port::notifier::{Channel, ChannelSet, Notice};
use crate::port::storage::{Row, RowId};

use super::super::portal::Portal;
use super::running::delete;

impl Portal {
    /// Puts a message for each way in the place of a planned notice.
    pub(super) async fn plan(&self, row: &Row, planned: Planned) -> Result<(), Failure> {
        let account = planned.to.account();
        let Some((record, _)) = self.ledger.account_record(account).await? else { return self.strike(row).await };
        let ways = match self.may_be_told(&planned, &record).await? {
            Some(why) => Err(why),
            None => self.ways(&planned, &record).await?,
        };
        let now = self.ledger.now();
        let ways = match ways {
            Ok(ways) => ways,
            Err(why) => return self.put_away(row, &planned, DeliveryState::Queued, why).await,
        };
        let (mut puts, mut ids) = (Vec::new(), Vec::new());
        for way in ways {
            let parts: [&[u8]; 4] =
                [b"message", &row.row.to_bytes(), &[way.channel as u8], way.address.as_str().as_bytes()];
            // The same event, reader and way have the same id: one that is planned twice is sent once.
            let id = self.ledger.vault.index().row_id(&parts).to_bytes();
            let daily = way.rhythm == Rhythm::Daily;
            let message = Outbound {
                planned: planned.clone(),
                channel: way.channel,
                address: way.address,
                state: DeliveryState::Queued,
                failed: 0,
                daily,
                carrier: None,
            };
            puts.push(message.draft(id, way.at.max(now))?);
            ids.push(RowId::from_bytes(id));
        }
        // What was planned twice and is settled already stays settled.
        let settled = self.ledger.get(row.partition, Stored::NOTICES, &ids).await?;
        let waiting = self.ledger.get(row.partition, Stored::DUE, &ids).await?;
        puts.retain(|put| !settled.iter().chain(&waiting).any(|known| known.row == put.row));
        self.ledger.housekeep(Change { partition: row.partition, puts, deletes: vec![delete(row)] }).await
    }

    /// Why somebody must not be told of something any more; none where it may go out.
    pub(super) async fn may_be_told(
        &self,
        planned: &Planned,
        record: &AccountRecord,
    ) -> Result<Option<Suppressed>, Failure> {
        let now = self.ledger.now();
        let account = planned.to.account();
        if matches!(planned.to, Recipient::Account(_)) && !record.state.is_told() {
            return Ok(Some(Suppressed::Closed));
        }
        if let Some(of @ (LinkOf::Activation | LinkOf::Reset)) = planned.link {
            let link = self.ledger.link_of(account, of).await?;
            if !link.is_some_and(|(link, _)| link.is_open(now) && link.issued_at <= planned.planned_at) {
                return Ok(Some(Suppressed::Over));
            }
        }
        if planned.link == Some(LinkOf::CancelRecovery)
            && record.recovery.as_ref().is_none_or(|open| open.started_at != planned.planned_at)
        {
            return Ok(Some(Suppressed::Over));
        }
        if let Some((patient, grant)) = planned.grant
            && !record.own.contains(&patient)
        {
            let standing = self.ledger.chart_standing(patient, &self.policy).await?;
            let theirs = standing.grant(grant).filter(|(record, _)| record.grant.proxy() == Some(account));
            // News that it ended is the last that its holder is told of it.
            let is_last = planned.notice == Notice::ProxyEnded;
            if !theirs.is_some_and(|(record, _)| record.grant.state().is_live() || is_last) {
                return Ok(Some(Suppressed::NotAllowed));
            }
        }
        Ok(None)
    }

    async fn ways(&self, planned: &Planned, record: &AccountRecord) -> Result<Result<Vec<Way>, Suppressed>, Failure> {
        let now = self.ledger.now();
        let carried = self.outside.notifier.as_ref().map_or(ChannelSet::NONE, |notifier| notifier.channels());
        let one = |address: Address| {
            let channel = channel_of(&address);
            let way = Way { channel, address, at: now, rhythm: Rhythm::AtOnce };
            if carried.contains(channel) { Ok(vec![way]) } else { Err(Suppressed::NoCarrier) }
        };
        if let Recipient::At(_, address) = &planned.to {
            return Ok(one(address.clone()));
        }
        if planned.notice == Notice::Activation {
            // Where the clinic reaches its reader is read now, not when the link was issued.
            let by = self.ledger.link_of(planned.to.account(), LinkOf::Activation).await?;
            let channel = by.and_then(|(link, _)| link.by.channel());
            let addresses = self.addresses_on_record(record).await?;
            let address = addresses.into_iter().find(|address| Some(channel_of(address)) == channel);
            return Ok(address.map_or(Err(Suppressed::NoAddress), one));
        }
        let (from, until) = self.policy.accounts().quiet_hours;
        let quiet = QuietHours::new(from, until).ok_or(Failure::Damaged("policy: quiet hours"))?;
        let zone = self.policy.zone();
        let category = planned.notice.category();
        Ok(resolve(category, &record.contacts.reachable(), &record.preferences, (now, zone, quiet), carried))
    }

    /// Puts a notice away that is not sent, with the reason.
    pub(super) async fn put_away(
        &self,
        row: &Row,
        planned: &Planned,
        state: DeliveryState,
        why: Suppressed,
    ) -> Result<(), Failure> {
        let state = state.after(DeliveryEvent::Suppress(why), 0).map_err(|_| Failure::Damaged("notice: state"))?;
        let now = self.ledger.now();
        let facts = Facts {
            account: Some(planned.to.account()),
            reason: Some(ReasonCode::new(why as u16)),
            ..Facts::new(now, Actor::Host, Action::NoticeSuppressed, Purpose::Operations, Outcome::Refused)
        };
        let kept = encode(&(planned.notice, state))?;
        let put = Draft::first(Stored::NOTICES, RowId::from_bytes(row.row.to_bytes()), now.timestamp_micros(), kept);
        let change = Change { partition: row.partition, puts: vec![put], deletes: vec![delete(row)] };
        self.ledger.record(change, facts).await.map(drop)
    }
}

pub(super) const fn channel_of(address: &Address) -> Channel {
    match address {
        Address::Email(_) => Channel::Email,
        Address::Phone(_) => Channel::Text,
    }
}
