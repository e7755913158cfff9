//! Grants as time passes: both sides are told before something changes, and what is over ends.

use chrono::{DateTime, Duration, Utc};

use crate::access::grant::{By, ProxyGrant};
use crate::access::{Lifeline, due_notice};
use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::kernel::id::{AccountId, GrantId, PatientId};
use crate::ledger::{Change, Draft, Failure, Ledger, Stored, encode};
use crate::notify::{DueRow, Planned, Recipient};
use crate::port::notifier::Notice;
use crate::port::storage::{Partition, Row, StorageErrorKind};

use super::super::chart_standing::{ChartStanding, GrantRecord, grant_row};
use super::super::grant_change::{Changer, ProxyError};
use super::super::portal::Portal;

impl Ledger {
    /// The row that looks at a grant as soon as it was given or changed.
    pub(in crate::portal) async fn grant_clock(&self, patient: PatientId, grant: GrantId) -> Result<Draft, Failure> {
        let row = self.vault.index().row_id(&[b"grant clock", &grant.to_bytes()]);
        let known = self.get(Partition::patient(patient), Stored::DUE, &[row]).await?;
        let version = known.first().map_or(1, |known| known.version + 1);
        let body = encode(&DueRow::GrantClock { patient, grant })?;
        Ok(Draft { version, ..Draft::first(Stored::DUE, row, self.now().timestamp_micros(), body) })
    }

    /// Plans a notice about a grant for an account, once.
    pub(in crate::portal) async fn plan_for(
        &self,
        account: AccountId,
        planned: Planned,
        event: &[&[u8]],
    ) -> Result<(), Failure> {
        let mut parts: Vec<&[u8]> = vec![b"notice"];
        parts.extend(event);
        let row = self.vault.index().row_id(&parts);
        let partition = Partition::account(account);
        if !self.exists(partition).await? || !self.get(partition, Stored::DUE, &[row]).await?.is_empty() {
            return Ok(());
        }
        let put = planned.draft(row.to_bytes())?;
        match self.housekeep(Change::puts(partition, vec![put])).await {
            Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict => Ok(()),
            outcome => outcome,
        }
    }
}

impl Portal {
    /// Looks at a grant whose time has come, and says when to look again.
    pub(super) async fn turn_grant(&self, row: &Row, patient: PatientId, id: GrantId) -> Result<(), Failure> {
        let standing = self.ledger.chart_standing(patient, &self.policy).await?;
        let Some((record, version)) = standing.grant(id).filter(|(record, _)| !record.grant.state().is_final()) else {
            return self.strike(row).await;
        };
        let now = self.ledger.now();
        let is_over = |end: Option<DateTime<Utc>>| end.is_some_and(|end| end <= now);
        if is_over(record.grant.until()) || is_over(record.grant.accept_by()) {
            return self.expire_grant(patient, id).await;
        }
        let mut grant = record.grant.clone();
        if self.next_change(&standing, &grant, now).is_none_or(|at| at - now > self.longest_notice()) {
            // What was told was of an earlier change.
            grant.told.clear();
        }
        if let Some((at, days)) = self.due_for(&standing, &grant, now) {
            let notice = if grant.until() == Some(at) { Notice::ProxyEndsSoon } else { Notice::BirthdayAhead };
            let mut told = self.ledger.holders(patient).await?;
            told.extend(grant.proxy());
            for account in told {
                let planned = Planned {
                    at: Some(at),
                    grant: Some((patient, id)),
                    ..Planned::new(notice, Recipient::Account(account), now)
                };
                let planned = planned.with_link(crate::notify::LinkOf::SignIn);
                let (at, days) = (at.timestamp_micros().to_be_bytes(), days.to_be_bytes());
                self.ledger.plan_for(account, planned, &[&id.to_bytes(), &account.to_bytes(), &at, &days]).await?;
            }
            grant.told.push(days);
        }
        let next = self.next_look(&standing, &grant, now);
        let mut puts = Vec::new();
        if grant.told != record.grant.told {
            let order = grant.since().timestamp_micros();
            let body = encode(&GrantRecord { grant: grant.clone(), invitation: record.invitation })?;
            puts.push(Draft { version: version + 1, ..Draft::first(Stored::ACCESS, grant_row(id), order, body) });
        }
        let deletes = match next {
            Some(at) => {
                let body = encode(&DueRow::GrantClock { patient, grant: id })?;
                let put = Draft::first(Stored::DUE, row.row, at.timestamp_micros(), body);
                puts.push(Draft { version: row.version + 1, ..put });
                Vec::new()
            }
            None => vec![super::running::delete(row)],
        };
        let facts = Facts {
            grant: Some(grant_row(id)),
            subject: Some(patient),
            ..Facts::new(now, Actor::Host, Action::GrantChanged, Purpose::Operations, Outcome::Permitted)
        };
        let change = Change { partition: row.partition, puts, deletes };
        if grant.told == record.grant.told {
            return self.ledger.housekeep(change).await;
        }
        self.ledger.record(change, facts).await.map(drop)
    }

    async fn expire_grant(&self, patient: PatientId, id: GrantId) -> Result<(), Failure> {
        let system = Changer::new(By::System, None);
        let step = |grant: &ProxyGrant, _: &ChartStanding, now| grant.expire(now);
        let ended = self.ledger.move_grant(&self.policy, patient, id, system, Action::GrantEnded, step).await;
        match ended {
            Ok(moved) => self.ledger.note_acting(&moved, system).await,
            Err(ProxyError::Failure(failure)) => Err(failure),
            // Somebody else ended it, or renewed it.
            Err(_) => Ok(()),
        }
    }

    /// The change that both sides are to be told of now, and how many days before.
    fn due_for(
        &self,
        standing: &ChartStanding,
        grant: &ProxyGrant,
        now: DateTime<Utc>,
    ) -> Option<(DateTime<Utc>, u16)> {
        let turns = self.turns_of(standing, grant, now)?;
        due_notice(&turns, &self.policy, &grant.told, now).map(|(turn, days)| (turn.at, days))
    }

    fn turns_of(
        &self,
        standing: &ChartStanding,
        grant: &ProxyGrant,
        now: DateTime<Utc>,
    ) -> Option<Vec<crate::access::Turn>> {
        let terms = standing.terms(&self.policy, now);
        let lifeline =
            Lifeline { proxy: grant.proxy()?, subject: &standing.subject, grants: &terms, pack: &self.policy };
        Some(lifeline.turns(now))
    }

    /// When its proxy sees less than now for the first time.
    fn next_change(&self, standing: &ChartStanding, grant: &ProxyGrant, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let turns = self.turns_of(standing, grant, now)?;
        turns.iter().find(|turn| turn.at > now && !turn.lost.is_empty()).map(|turn| turn.at)
    }

    fn longest_notice(&self) -> Duration {
        Duration::days(self.policy.notices().iter().max().map_or(0, |days| i64::from(*days)))
    }

    /// When a grant has to be looked at again: a notice before the next change, the change itself, or its end.
    fn next_look(&self, standing: &ChartStanding, grant: &ProxyGrant, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let notices = self.next_change(standing, grant, now).into_iter().flat_map(|change| {
            let days = self.policy.notices().iter().filter(|days| !grant.told.contains(days));
            days.map(move |days| change - Duration::days(i64::from(*days))).chain([change])
        });
        notices.chain(grant.until()).chain(grant.accept_by()).filter(|at| *at > now).min()
    }
}
