//! Who asks to act for a patient, and what staff do about it.
//!
//! Who is staff is the host's affair; each call names the member of staff, and the patient's trail keeps the name.

use chrono::{DateTime, Utc};

use crate::access::Scope;
use crate::access::SensitivitySet;
use crate::access::grant::{
    By, DenyReason, EvidenceShown, GrantError, GrantState, LegalBasis, NewGrant, ProxyGrant, Relation, RevokeReason,
    SuspendReason,
};
use crate::audit::Action;
use crate::kernel::id::{AccountId, GrantId, PatientId};
use crate::ledger::{Failure, Stored, decode};
use crate::port::storage::{Partition, RowId};

use super::chart_standing::{ChartStanding, GrantRecord};
use super::grant_change::{Changer, ProxyError};
use super::invitation::InvitationToken;
use super::portal::Portal;
use super::queue::Queue;
use super::session::Session;

/// What someone asks for who wants to act for a patient, or what staff assign.
#[derive(Debug, Clone, Copy)]
pub struct Application {
    /// What the two are to each other.
    pub relation: Relation,
    /// Why it is lawful.
    pub basis: LegalBasis,
    /// What may be done.
    pub scope: Scope,
    /// Until when, exclusive.
    pub until: Option<DateTime<Utc>>,
    /// What is shown for it.
    pub evidence: Option<EvidenceShown>,
}

/// A grant that waits for staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The grant.
    pub grant: ProxyGrant,
    /// Other grants on the same chart that stand, to see conflicts by.
    pub others: Vec<ProxyGrant>,
}

impl Portal {
    /// The grants that wait for staff, the oldest first.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn proxy_queue(&self) -> Result<Vec<Waiting>, Failure> {
        let mut waiting = Vec::new();
        for row in self.ledger.all_rows(self.queue(Queue::Proxies), Stored::RECORD).await? {
            let patient: PatientId = decode(&self.ledger.open_own(&row).await?, "queue")?;
            let id = GrantId::from_bytes(row.row.to_bytes());
            let standing = self.ledger.chart_standing(patient, &self.policy).await?;
            let waits = |grant: &ProxyGrant| {
                matches!(grant.state(), GrantState::Requested | GrantState::PendingVerification | GrantState::Disputed)
            };
            let all = || standing.grants.iter().map(|(record, _)| &record.grant);
            if let Some(grant) = all().find(|grant| grant.id() == id && waits(grant)) {
                let others = all().filter(|other| other.id() != id && other.state().is_live()).cloned().collect();
                waiting.push(Waiting { grant: grant.clone(), others });
            }
        }
        Ok(waiting)
    }

    /// Staff assign a grant to an account. Nothing is seen before that person has confirmed the patient's date of birth.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn assign(
        &self,
        staff: AccountId,
        patient: PatientId,
        to: AccountId,
        application: &Application,
    ) -> Result<InvitationToken, ProxyError> {
        let standing = self.standing(patient).await?;
        let now = self.ledger.now();
        let new = self.new_grant(application)?;
        let grant = ProxyGrant::assign(&new, to, staff, &standing.subject, &self.policy, now)?;
        let entropy = &*self.ledger.entropy;
        let (token, hash) = InvitationToken::new(patient, new.id, entropy).map_err(Failure::from)?;
        let waits = grant.state() == GrantState::PendingVerification;
        let record = GrantRecord { grant, invitation: Some(hash) };
        self.ledger.put_grant(&record, staff_of(staff), Action::GrantInvited).await?;
        if waits {
            self.enqueue(Queue::Proxies, patient, RowId::from_bytes(new.id.to_bytes())).await?;
        }
        Ok(token)
    }

    /// Staff look at a request.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn take_up(&self, staff: AccountId, patient: PatientId, id: GrantId) -> Result<(), ProxyError> {
        let step = |grant: &ProxyGrant, _: &_, now| grant.take_up(By::Staff(staff), now);
        self.staff_step(staff, patient, id, Action::GrantVerified, step).await.map(drop)
    }

    /// Staff verify a request. Where the policy asks for two, the second one's word makes it stand.
    ///
    /// # Errors
    /// [`ProxyError`]; [`GrantError::SecondPerson`].
    pub async fn verify(&self, staff: AccountId, patient: PatientId, id: GrantId) -> Result<GrantState, ProxyError> {
        let policy = &*self.policy;
        let step = |grant: &ProxyGrant, standing: &ChartStanding, now| {
            grant.verify(By::Staff(staff), &standing.subject, policy, now)
        };
        let moved = self.staff_step(staff, patient, id, Action::GrantVerified, step).await?;
        Ok(moved.state())
    }

    /// Staff refuse a request.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn deny(
        &self,
        staff: AccountId,
        patient: PatientId,
        id: GrantId,
        reason: DenyReason,
    ) -> Result<(), ProxyError> {
        let step = |grant: &ProxyGrant, _: &_, now| grant.deny(By::Staff(staff), reason, now);
        self.staff_step(staff, patient, id, Action::GrantDenied, step).await.map(drop)
    }

    /// Staff let a grant rest.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn suspend(
        &self,
        staff: AccountId,
        patient: PatientId,
        id: GrantId,
        reason: SuspendReason,
    ) -> Result<(), ProxyError> {
        let step = |grant: &ProxyGrant, _: &_, now| grant.suspend(By::Staff(staff), reason, now);
        self.staff_step(staff, patient, id, Action::GrantSuspended, step).await.map(drop)
    }

    /// Staff let a grant stand again, on fresh evidence.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn reinstate(
        &self,
        staff: AccountId,
        patient: PatientId,
        id: GrantId,
        evidence: EvidenceShown,
    ) -> Result<(), ProxyError> {
        let policy = &*self.policy;
        let step = |grant: &ProxyGrant, _: &_, now| grant.reinstate(By::Staff(staff), Some(evidence), policy, now);
        self.staff_step(staff, patient, id, Action::GrantReinstated, step).await.map(drop)
    }

    /// Staff put two grants on a chart in dispute: both keep what both have, until staff decide.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn dispute(
        &self,
        staff: AccountId,
        patient: PatientId,
        (one, other): (GrantId, GrantId),
    ) -> Result<(), ProxyError> {
        for (id, against) in [(one, other), (other, one)] {
            let step = |grant: &ProxyGrant, standing: &ChartStanding, now| {
                let (record, _) = standing.grant(against).ok_or(GrantError::NotAllowed)?;
                grant.dispute(By::Staff(staff), &record.grant, now)
            };
            self.staff_step(staff, patient, id, Action::GrantDisputed, step).await?;
            self.enqueue(Queue::Proxies, patient, RowId::from_bytes(id.to_bytes())).await?;
        }
        Ok(())
    }

    /// Staff end a grant, at once.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn end_grant(
        &self,
        staff: AccountId,
        patient: PatientId,
        id: GrantId,
        reason: RevokeReason,
    ) -> Result<(), ProxyError> {
        let step = |grant: &ProxyGrant, _: &_, now| grant.revoke(By::Staff(staff), reason, now);
        self.staff_step(staff, patient, id, Action::GrantEnded, step).await.map(drop)
    }

    /// Staff narrow a grant without the proxy being told, where a safety plan says so; `None` ends it.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn narrow(
        &self,
        staff: AccountId,
        patient: PatientId,
        id: GrantId,
        left: Option<Scope>,
    ) -> Result<(), ProxyError> {
        let step = |grant: &ProxyGrant, _: &_, _| grant.narrow(By::Staff(staff), left);
        self.staff_step(staff, patient, id, Action::GrantChanged, step).await.map(drop)
    }

    pub(super) async fn standing(&self, patient: PatientId) -> Result<ChartStanding, ProxyError> {
        if !self.ledger.exists(Partition::patient(patient)).await? {
            return Err(ProxyError::NotFound);
        }
        Ok(self.ledger.chart_standing(patient, &self.policy).await?)
    }

    async fn staff_step(
        &self,
        staff: AccountId,
        patient: PatientId,
        id: GrantId,
        action: Action,
        step: impl Fn(&ProxyGrant, &ChartStanding, DateTime<Utc>) -> Result<ProxyGrant, GrantError>,
    ) -> Result<ProxyGrant, ProxyError> {
        let changer = staff_of(staff);
        let moved = self.ledger.move_grant(&self.policy, patient, id, changer, action, step).await?;
        if moved.state().is_live() || moved.state().is_final() {
            self.ledger.note_acting(&moved, changer).await?;
        }
        if !matches!(moved.state(), GrantState::Requested | GrantState::PendingVerification | GrantState::Disputed) {
            self.dequeue(Queue::Proxies, RowId::from_bytes(id.to_bytes())).await?;
        }
        Ok(moved)
    }

    /// What an application comes to, from now on.
    pub(super) fn new_grant(&self, application: &Application) -> Result<NewGrant, Failure> {
        Ok(NewGrant {
            id: GrantId::from_bytes(self.ledger.random_id()?),
            relation: application.relation,
            basis: application.basis,
            scope: application.scope,
            consents: SensitivitySet::NONE,
            from: self.ledger.now(),
            until: application.until,
            evidence: application.evidence,
        })
    }
}

impl Session {
    /// Asks to act for a patient, with evidence that staff will look at. Nothing is seen before that.
    ///
    /// # Errors
    /// [`ProxyError::NotFound`] for a chart that is not there; [`ProxyError::Refused`].
    pub async fn request(&self, patient: PatientId, application: &Application) -> Result<GrantId, ProxyError> {
        if !self.is_live().await? {
            return Err(ProxyError::SessionEnded);
        }
        if self.live.own.contains(&patient) {
            return Err(GrantError::OwnChart.into());
        }
        let portal = &self.portal;
        let standing = portal.standing(patient).await?;
        let now = portal.ledger.now();
        let new = portal.new_grant(application)?;
        let grant = ProxyGrant::request(&new, self.account_id(), &standing.subject, &portal.policy, now)?;
        let record = GrantRecord { grant, invitation: None };
        portal.ledger.put_grant(&record, self.as_proxy(), Action::GrantRequested).await?;
        portal.enqueue(Queue::Proxies, patient, RowId::from_bytes(new.id.to_bytes())).await?;
        Ok(new.id)
    }
}

/// A member of staff as the one who changes something.
pub(super) const fn staff_of(account: AccountId) -> Changer {
    Changer::new(By::Staff(account), None)
}
