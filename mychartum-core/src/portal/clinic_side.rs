//! What clinicians and privacy officers do: labels, holds, broken glass.
//!
//! Who is staff, and may do which of these, is the host's affair; each call names the member of staff, and the patient's trail
//! keeps the name.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::access::grant::GrantError;
use crate::access::pack::Concerns;
use crate::access::{AccessError, Ask, Glass, GlassReason, Majority, Permit, Role, SensitivitySet, Who};
use crate::audit::{Action, Actor, Outcome, Purpose};
use crate::chart::{Section, SectionSet};
use crate::kernel::id::{AccountId, ItemId, PatientId, SessionId};
use crate::ledger::{Change, Draft, Failure, Stored, decode, encode};
use crate::notify::{LinkOf, Planned, Recipient};
use crate::port::notifier::Notice;
use crate::port::storage::{Partition, RowId};

use super::chart_standing::{Mark, SubjectRecord};
use super::grant_change::{ProxyError, lost_race};
use super::portal::Portal;
use super::proxy_queue::staff_of;
use super::queue::Queue;

/// A result that is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Whose chart.
    pub patient: PatientId,
    /// Which item.
    pub item: ItemId,
    /// Who holds it, why, and until when.
    pub hold: Hold,
    /// Whether that is over: nobody ended it, and it ended by itself.
    pub over: Over,
}

/// Whether a hold is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Over {
    /// It still holds.
    NotYet,
    /// It ended by itself.
    ByItself,
}

/// An individual hold: who says so, why a clinician holds a result back (45 CFR 171.201).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The licensed clinician who says so.
    pub clinician: AccountId,
    /// What harm is feared.
    pub harm: Harm,
    /// Until when, exclusive.
    pub until: DateTime<Utc>,
}

/// The kind of harm that a hold is to prevent (45 CFR 164.524(a)(3), 171.201(d)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Harm {
    /// Danger to the life or physical safety of the patient or someone else.
    LifeOrSafety,
    /// Substantial harm by giving it to someone who acts for the patient.
    SubstantialByProxy,
}

impl Harm {
    /// Whom a hold for this reason concerns.
    pub(super) const fn concerns(self) -> Concerns {
        match self {
            Self::LifeOrSafety => Concerns::Everyone,
            Self::SubstantialByProxy => Concerns::Proxies,
        }
    }
}

impl Portal {
    /// Staff note that a minor was emancipated, or that this ended.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn emancipate(&self, staff: AccountId, patient: PatientId, majority: Majority) -> Result<(), ProxyError> {
        self.standing(patient).await?;
        loop {
            let (record, version) = self.ledger.subject_record(patient).await?;
            let emancipated = majority == Majority::Emancipated;
            let body = encode(&SubjectRecord { emancipated, ..record })?;
            let put = Draft { version: version + 1, ..Draft::first(Stored::ACCESS, Stored::ONLY, 0, body) };
            let facts = staff_of(staff).facts(patient, Action::Change, Outcome::Permitted, self.ledger.now());
            let written = self.ledger.record(Change::puts(Partition::patient(patient), vec![put]), facts).await;
            if !lost_race(&written) {
                return Ok(written.map(drop)?);
            }
        }
    }

    /// A clinician labels an item; labels that a rule or a source gave stay whatever is said here.
    ///
    /// # Errors
    /// [`ProxyError::NotFound`].
    pub async fn label(
        &self,
        clinician: AccountId,
        patient: PatientId,
        (section, item): (Section, ItemId),
        labels: SensitivitySet,
    ) -> Result<(), ProxyError> {
        let edit = move |mark: &mut Mark| mark.labels = labels.bits();
        let ledger = &self.ledger;
        ledger.edit_mark(patient, section, item, staff_of(clinician), (Action::Label, None), edit).await
    }

    /// A clinician holds a result back from this patient, for a reason and a time. It is on the worklist until it is released.
    ///
    /// # Errors
    /// [`ProxyError::Refused`] with [`GrantError::TooLong`] for more days than the policy allows, or
    /// [`GrantError::TimeInverted`]; [`ProxyError::NotFound`].
    pub async fn hold(
        &self,
        patient: PatientId,
        (section, item): (Section, ItemId),
        hold: &Hold,
    ) -> Result<(), ProxyError> {
        let now = self.ledger.now();
        if hold.until <= now {
            return Err(GrantError::TimeInverted.into());
        }
        if hold.until - now > Duration::days(i64::from(self.policy.release().max_hold_days)) {
            return Err(GrantError::TooLong.into());
        }
        let (held, changer) = (*hold, staff_of(hold.clinician));
        let edit = move |mark: &mut Mark| mark.held = Some(held);
        self.ledger.edit_mark(patient, section, item, changer, (Action::Hold, None), edit).await?;
        Ok(self.enqueue(Queue::Holds, patient, RowId::from_bytes(item.to_bytes())).await?)
    }

    /// A clinician releases a result that is held back.
    ///
    /// # Errors
    /// [`ProxyError::NotFound`].
    pub async fn release(
        &self,
        clinician: AccountId,
        patient: PatientId,
        (section, item): (Section, ItemId),
    ) -> Result<(), ProxyError> {
        let edit = |mark: &mut Mark| mark.held = None;
        let ledger = &self.ledger;
        ledger.edit_mark(patient, section, item, staff_of(clinician), (Action::Hold, None), edit).await?;
        Ok(self.dequeue(Queue::Holds, RowId::from_bytes(item.to_bytes())).await?)
    }

    /// The results that are held back, the oldest hold first; those that ended by themselves are alarms.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn release_worklist(&self) -> Result<Vec<Held>, Failure> {
        let mut held = Vec::new();
        let now = self.ledger.now();
        for row in self.ledger.all_rows(self.queue(Queue::Holds), Stored::RECORD).await? {
            let patient: PatientId = decode(&self.ledger.open_own(&row).await?, "queue")?;
            let item = ItemId::from_bytes(row.row.to_bytes());
            if let Some(hold) = self.ledger.mark(patient, item).await?.0.held {
                let over = if hold.until <= now { Over::ByItself } else { Over::NotYet };
                held.push(Held { patient, item, hold, over });
            }
        }
        Ok(held)
    }

    /// A member of staff breaks the glass: looks at sections of a chart in an emergency, for a reason, for at most as long as the
    /// policy allows. It is its own session, only looks, is told to the patient, and is looked at again.
    ///
    /// # Errors
    /// [`AccessError::NotFound`] without a reason or for longer than the policy allows; the attempt is written down.
    pub async fn break_glass(
        &self,
        staff: AccountId,
        patient: PatientId,
        sections: impl Into<SectionSet>,
        reason: GlassReason,
        minutes: u8,
    ) -> Result<Permit, AccessError> {
        let now = self.ledger.now();
        let until = now + Duration::minutes(i64::from(minutes));
        let glass = Glass { patient, reason, from: now, until };
        let session = SessionId::from_bytes(self.ledger.random_id().map_err(Failure::from)?);
        let ask = Ask {
            actor: Actor::Account(staff),
            session: Some(session),
            patient,
            sections: sections.into(),
            purpose: Purpose::Emergency,
            at: now,
        };
        let role = Role::Staff { account: staff, glass: Some(glass) };
        let who = Who { tenant: self.ledger.vault.tenant(), role, assurance: u8::MAX };
        let permit = self.ledger.ask(ask, who, &self.policy, until - now).await?;
        self.enqueue(Queue::Glasses, patient, RowId::from_bytes(session.to_bytes())).await?;
        for account in self.ledger.holders(patient).await? {
            let planned = Planned::new(Notice::GlassBroken, Recipient::Account(account), now).with_link(LinkOf::SignIn);
            let event: [&[u8]; 3] = [b"glass", &session.to_bytes(), &account.to_bytes()];
            self.ledger.plan_for(account, planned, &event).await?;
        }
        Ok(permit)
    }

    /// The broken glasses that nobody has looked at again: whose chart, in which session.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn second_looks(&self) -> Result<Vec<(PatientId, SessionId)>, Failure> {
        let mut waiting = Vec::new();
        for row in self.ledger.all_rows(self.queue(Queue::Glasses), Stored::RECORD).await? {
            let patient: PatientId = decode(&self.ledger.open_own(&row).await?, "queue")?;
            waiting.push((patient, SessionId::from_bytes(row.row.to_bytes())));
        }
        Ok(waiting)
    }

    /// The privacy officer has looked at a broken glass again.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn looked_again(&self, session: SessionId) -> Result<(), Failure> {
        self.dequeue(Queue::Glasses, RowId::from_bytes(session.to_bytes())).await
    }
}
