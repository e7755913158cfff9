//! Changing a grant: read, moved by a pure function, written with its entry and with all that ends with it.

use chrono::{DateTime, Utc};

use crate::access::AccessError;
use crate::access::consent::ConsentError;
use crate::access::grant::{By, GrantError, GrantState, MOST_OF_ONE, ProxyGrant, RevokeReason, delegated_out_of};
use crate::access::pack::PolicyPack;
use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::kernel::id::{AccountId, GrantId, PatientId, SessionId};
use crate::ledger::{Change, Draft, Failure, Ledger, Stored, encode};
use crate::notify::{LinkOf, Planned, Recipient};
use crate::port::notifier::Notice;
use crate::port::storage::{Delete, Partition, StorageErrorKind};

use super::chart_standing::{ChartStanding, GrantRecord, grant_row};

/// A grant was not made or changed; nothing changed but the audit trail, which says that it was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// There is no such chart, grant or invitation, or it is not for this account: the same from outside.
    #[error("not found")]
    NotFound,
    /// The date of birth is not the patient's. After too many wrong ones the invitation is over.
    #[error("birth date: not the patient's")]
    WrongBirthDate,
    /// A rule stands against it.
    #[error(transparent)]
    Refused(#[from] GrantError),
    /// A written consent was not taken.
    #[error(transparent)]
    Consent(ConsentError),
    /// It was proved too long ago who it is: step up first.
    #[error("the sign-in is too old for this")]
    StepUp,
    /// The session ended.
    #[error("the session has ended")]
    SessionEnded,
    /// The machinery below failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<AccessError> for ProxyError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::NotFound => Self::NotFound,
            AccessError::SessionEnded => Self::SessionEnded,
            AccessError::Failure(failure) => Self::Failure(failure),
        }
    }
}

/// Who changes a grant, for the audit trail.
#[derive(Debug, Clone, Copy)]
pub(super) struct Changer {
    pub(super) by: By,
    pub(super) session: Option<SessionId>,
}

impl Changer {
    pub(super) const fn new(by: By, session: Option<SessionId>) -> Self {
        Self { by, session }
    }

    /// The account behind it; none for the portal itself.
    pub(super) const fn account(self) -> Option<AccountId> {
        match self.by {
            By::Patient(account) | By::Proxy(account) | By::Staff(account) => Some(account),
            By::System => None,
        }
    }

    /// What is written down of what it does.
    pub(super) fn facts(self, patient: PatientId, action: Action, outcome: Outcome, now: DateTime<Utc>) -> Facts {
        let actor = self.account().map_or(Actor::Host, Actor::Account);
        Facts {
            subject: Some(patient),
            session: self.session,
            ..Facts::new(now, actor, action, Purpose::Operations, outcome)
        }
    }
}

/// Whether what was written has to be tried anew: another writer was first.
pub(super) fn lost_race<T>(outcome: &Result<T, Failure>) -> bool {
    matches!(outcome, Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict)
}

impl Ledger {
    /// Writes a new grant.
    pub(super) async fn put_grant(
        &self,
        record: &GrantRecord,
        changer: Changer,
        action: Action,
    ) -> Result<(), Failure> {
        let (grant, now) = (&record.grant, self.now());
        let put = Draft::first(Stored::ACCESS, grant_row(grant.id()), now.timestamp_micros(), encode(record)?);
        let facts = Facts {
            grant: Some(grant_row(grant.id())),
            account: grant.proxy(),
            ..changer.facts(grant.patient(), action, Outcome::Permitted, now)
        };
        let puts = vec![put, self.grant_clock(grant.patient(), grant.id()).await?];
        self.record(Change::puts(Partition::patient(grant.patient()), puts), facts).await.map(drop)
    }

    /// Moves a grant. What was delegated out of a grant that ends, ends with it, in the same change set.
    ///
    /// A refusal is written down too (INVARIANT (tries are told)).
    pub(super) async fn move_grant(
        &self,
        policy: &PolicyPack,
        patient: PatientId,
        id: GrantId,
        changer: Changer,
        action: Action,
        step: impl Fn(&ProxyGrant, &ChartStanding, DateTime<Utc>) -> Result<ProxyGrant, GrantError>,
    ) -> Result<ProxyGrant, ProxyError> {
        let partition = Partition::patient(patient);
        loop {
            let standing = self.chart_standing(patient, policy).await?;
            let (record, version) = standing.grant(id).ok_or(ProxyError::NotFound)?;
            let now = self.now();
            let moved = match step(&record.grant, &standing, now) {
                Ok(moved) => moved,
                Err(error) => {
                    let facts = Facts {
                        grant: Some(grant_row(id)),
                        ..changer.facts(patient, Action::GrantRefused, Outcome::Refused, now)
                    };
                    self.record(Change::none(partition), facts).await?;
                    return Err(error.into());
                }
            };
            if moved.state().is_live() && !record.grant.state().is_live() {
                let mut others = standing.grants.iter().map(|(record, _)| &record.grant);
                let same = |other: &&ProxyGrant| other.proxy() == moved.proxy() && other.state().is_live();
                if others.by_ref().filter(same).count() >= MOST_OF_ONE {
                    return Err(GrantError::TooMany.into());
                }
            }
            let mut puts = vec![draft(record, &moved, *version)?, self.past(record, *version, now)?];
            let mut changed = 1;
            if moved.state().is_final() {
                let all: Vec<ProxyGrant> = standing.grants.iter().map(|(record, _)| record.grant.clone()).collect();
                for child in delegated_out_of(&all, id) {
                    let Some((record, version)) = standing.grant(child) else { continue };
                    if let Ok(ended) = record.grant.revoke(By::System, RevokeReason::Delegator, now) {
                        puts.push(draft(record, &ended, *version)?);
                        puts.push(self.past(record, *version, now)?);
                        changed += 1;
                    }
                }
            }
            puts.push(self.grant_clock(patient, id).await?);
            let is_wrong_date = moved.wrong_birth_dates > record.grant.wrong_birth_dates;
            let (action, outcome) = match moved.state() {
                _ if is_wrong_date => (Action::GrantBirthDateWrong, Outcome::Refused),
                GrantState::Revoked(_) | GrantState::Expired | GrantState::EndedByDeath => {
                    (Action::GrantEnded, Outcome::Permitted)
                }
                _ => (action, Outcome::Permitted),
            };
            let facts = Facts {
                grant: Some(grant_row(id)),
                account: moved.proxy(),
                count: changed,
                ..changer.facts(patient, action, outcome, now)
            };
            let written = self.record(Change::puts(partition, puts), facts).await;
            if !lost_race(&written) {
                written?;
                self.tell_of(&record.grant, &moved, changer, now).await?;
                return Ok(moved);
            }
        }
    }

    /// Tells the patient who acts from now on and who does not any more, and a proxy of an end that nobody had to decide. Who was
    /// sent away is not told by us: it may be why.
    async fn tell_of(
        &self,
        before: &ProxyGrant,
        after: &ProxyGrant,
        changer: Changer,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let notice = match (before.state().is_live(), after.state().is_live()) {
            (false, true) => Notice::ProxyBegan,
            (true, false) if after.state().is_final() => Notice::ProxyEnded,
            _ => return Ok(()),
        };
        let mut told = self.holders(after.patient()).await?;
        if matches!(changer.by, By::System) {
            told.extend(after.proxy());
        }
        // Whoever did it knows.
        told.retain(|account| changer.account() != Some(*account));
        for account in told {
            let grant = Some((after.patient(), after.id()));
            let planned = Planned { grant, ..Planned::new(notice, Recipient::Account(account), now) };
            let planned = planned.with_link(LinkOf::SignIn);
            let (id, since) = (after.id().to_bytes(), after.since().timestamp_micros().to_be_bytes());
            self.plan_for(account, planned, &[b"grant", &id, &since, &account.to_bytes()]).await?;
        }
        Ok(())
    }

    /// A grant as it was until now.
    fn past(&self, record: &GrantRecord, version: u64, now: DateTime<Utc>) -> Result<Draft, Failure> {
        let id = record.grant.id().to_bytes();
        let row = self.vault.index().row_id(&[b"past grant", &id, &version.to_be_bytes()]);
        let past = GrantRecord { grant: record.grant.clone(), invitation: None };
        Ok(Draft::first(Stored::PAST_GRANTS, row, now.timestamp_micros(), encode(&past)?))
    }

    /// Notes in an account for whom it acts, or that it no longer does.
    pub(super) async fn note_acting(&self, grant: &ProxyGrant, changer: Changer) -> Result<(), Failure> {
        let Some(account) = grant.proxy() else { return Ok(()) };
        let (partition, row) = (Partition::account(account), grant_row(grant.id()));
        loop {
            let known = self.get(partition, Stored::ACTING, &[row]).await?;
            let known = known.first().map(|row| row.version);
            let change = match (known, grant.state().is_final()) {
                (None, true) | (Some(_), false) => return Ok(()),
                (None, false) => {
                    let order = self.now().timestamp_micros();
                    Change::puts(partition, vec![Draft::first(Stored::ACTING, row, order, encode(&grant.patient())?)])
                }
                (Some(version), true) => Change {
                    partition,
                    puts: Vec::new(),
                    deletes: vec![Delete { collection: Stored::ACTING, row, version }],
                },
            };
            let action = if grant.state().is_final() { Action::GrantEnded } else { Action::GrantGiven };
            let facts =
                Facts { grant: Some(row), ..changer.facts(grant.patient(), action, Outcome::Permitted, self.now()) };
            let written = self.record(change, facts).await;
            if !lost_race(&written) {
                return written.map(drop);
            }
        }
    }
}

fn draft(record: &GrantRecord, moved: &ProxyGrant, version: u64) -> Result<Draft, Failure> {
    // An invitation that was answered answers nobody else.
    let invitation = record.invitation.filter(|_| moved.state() == GrantState::Invited);
    let body = encode(&GrantRecord { grant: moved.clone(), invitation })?;
    let order = moved.since().timestamp_micros();
    Ok(Draft { version: version + 1, ..Draft::first(Stored::ACCESS, grant_row(moved.id()), order, body) })
}
