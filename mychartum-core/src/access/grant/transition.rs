//! How a grant moves: every step checks who tries it and from where, and leaves the old value as it was.

use chrono::{DateTime, Duration, Utc};

use crate::access::pack::{Authority, PolicyPack, ProxyAccess, Renewal};
use crate::access::subject::{Assent, Subject};
use crate::access::viewer::own_scope;
use crate::access::{Scope, Sensitivity, SensitivitySet};
use crate::kernel::id::GrantId;

use super::error::{GrantError, Step};
use super::legal_basis::LegalBasis;
use super::proxy_grant::{Agreed, EvidenceShown, ProxyGrant, Widening};
use super::state::{By, DeclineReason, DenyReason, GrantState, Grantor, RevokeReason, SuspendReason};

/// Whether the date of birth that was entered is the patient's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BirthDateEntered {
    /// It is.
    Right,
    /// It is not.
    Wrong,
}

impl ProxyGrant {
    fn illegal(&self, attempted: Step) -> GrantError {
        GrantError::IllegalTransition { from: self.state, attempted }
    }

    /// The same, in another state.
    fn moved(&self, state: GrantState, now: DateTime<Utc>) -> Self {
        Self { state, since: now, ..self.clone() }
    }

    /// Staff look at a request.
    ///
    /// # Errors
    /// [`GrantError`].
    pub fn take_up(&self, by: By, now: DateTime<Utc>) -> Result<Self, GrantError> {
        match (self.state, by) {
            (GrantState::Requested, By::Staff(_)) => Ok(self.moved(GrantState::PendingVerification, now)),
            (GrantState::Requested, _) => Err(GrantError::NotAllowed),
            _ => Err(self.illegal(Step::TakeUp)),
        }
    }

    /// Staff verify the evidence. Where the policy asks for two, the first one's word is kept and it stays where it is.
    ///
    /// # Errors
    /// [`GrantError::SecondPerson`] when the same person verifies twice, or verifies the own request.
    pub fn verify(&self, by: By, subject: &Subject, pack: &PolicyPack, now: DateTime<Utc>) -> Result<Self, GrantError> {
        if self.state != GrantState::PendingVerification {
            return Err(self.illegal(Step::Verify));
        }
        let By::Staff(staff) = by else { return Err(GrantError::NotAllowed) };
        if self.verified_by.contains(&staff) || self.proxy == Some(staff) {
            return Err(GrantError::SecondPerson);
        }
        self.has_evidence(pack)?;
        let mut next = self.clone();
        next.verified_by.push(staff);
        let needed = pack.basis(self.basis).ok_or(GrantError::BasisUnknown)?.verifiers;
        if next.verified_by.len() < usize::from(needed) {
            return Ok(next);
        }
        Ok(match self.grantor {
            // What staff assigned is confirmed by the proxy, with the patient's date of birth.
            Grantor::Staff(_) => next.moved(GrantState::Invited, now),
            _ if self.follows_age(pack) && waits_for_assent(subject, pack, now) => {
                next.moved(GrantState::PendingAssent, now)
            }
            _ => next.moved(GrantState::Active, now),
        })
    }

    /// Staff refuse it.
    ///
    /// # Errors
    /// [`GrantError`].
    pub fn deny(&self, by: By, reason: DenyReason, now: DateTime<Utc>) -> Result<Self, GrantError> {
        match (self.state, by, reason) {
            (_, By::Staff(_), DenyReason::BirthDates | DenyReason::AssentRefused) => Err(GrantError::WrongReason),
            (GrantState::Requested | GrantState::PendingVerification, By::Staff(_), _) => {
                Ok(self.moved(GrantState::Denied(reason), now))
            }
            (GrantState::Requested | GrantState::PendingVerification, ..) => Err(GrantError::NotAllowed),
            _ => Err(self.illegal(Step::Deny)),
        }
    }

    /// The invited person accepts, with the patient's date of birth. Too many wrong ones end the invitation.
    ///
    /// # Errors
    /// [`GrantError`]; a wrong date of birth is no error, it is a new value to keep.
    pub fn accept(
        &self,
        by: By,
        entered: BirthDateEntered,
        subject: &Subject,
        pack: &PolicyPack,
        now: DateTime<Utc>,
    ) -> Result<Self, GrantError> {
        if self.state != GrantState::Invited || self.accept_by.is_none_or(|end| now >= end) {
            return Err(self.illegal(Step::Accept));
        }
        let By::Proxy(account) = by else { return Err(GrantError::NotAllowed) };
        if self.proxy.is_some_and(|meant| meant != account) {
            return Err(GrantError::NotAllowed);
        }
        if matches!(self.grantor, Grantor::Patient(patient) if patient == account) {
            return Err(GrantError::OwnChart);
        }
        if entered == BirthDateEntered::Wrong {
            let wrong = self.wrong_birth_dates.saturating_add(1);
            let next = Self { wrong_birth_dates: wrong, ..self.clone() };
            let over = wrong >= pack.invitation().wrong_birth_dates();
            return Ok(if over { next.moved(GrantState::Denied(DenyReason::BirthDates), now) } else { next });
        }
        let mut next = self.moved(GrantState::Active, now);
        if self.follows_age(pack) && waits_for_assent(subject, pack, now) {
            next = self.moved(GrantState::PendingAssent, now);
        }
        next.proxy = Some(account);
        next.accept_by = None;
        Ok(next)
    }

    /// The invited person says no.
    ///
    /// # Errors
    /// [`GrantError`].
    pub fn decline(&self, by: By, reason: DeclineReason, now: DateTime<Utc>) -> Result<Self, GrantError> {
        match (self.state, by) {
            (GrantState::Invited, By::Proxy(account)) if self.proxy.is_none_or(|meant| meant == account) => {
                Ok(self.moved(GrantState::Declined(reason), now))
            }
            (GrantState::Invited, _) => Err(GrantError::NotAllowed),
            _ => Err(self.illegal(Step::Decline)),
        }
    }

    /// The minor agrees or refuses.
    ///
    /// # Errors
    /// [`GrantError`].
    pub fn assent(&self, by: By, assent: Assent, now: DateTime<Utc>) -> Result<Self, GrantError> {
        match (self.state, by, assent) {
            (GrantState::PendingAssent, By::Patient(_), Assent::Given) => Ok(self.moved(GrantState::Active, now)),
            (GrantState::PendingAssent, By::Patient(_), Assent::Refused) => {
                Ok(self.moved(GrantState::Denied(DenyReason::AssentRefused), now))
            }
            (GrantState::PendingAssent, ..) => Err(GrantError::NotAllowed),
            _ => Err(self.illegal(Step::Assent)),
        }
    }

    /// People with the authority give more than the age does, as far as the policy lets them.
    ///
    /// # Errors
    /// [`GrantError::NoWidening`].
    pub fn widen(
        &self,
        by: &[Agreed],
        template: &str,
        subject: &Subject,
        pack: &PolicyPack,
        now: DateTime<Utc>,
    ) -> Result<Self, GrantError> {
        if self.state != GrantState::Active {
            return Err(self.illegal(Step::Widen));
        }
        if !self.follows_age(pack) {
            return Err(GrantError::NoWidening);
        }
        let number = subject.ages.band(now).ok_or(GrantError::NoWidening)?;
        let band = pack.bands().get(usize::from(number)).ok_or(GrantError::NoWidening)?;
        let wanted = pack.template_named(template).ok_or(GrantError::NoWidening)?;
        let agreed = |authority: &Authority| by.iter().any(|one| one.authority() == *authority);
        let found = band.widen.iter().find(|rule| rule.template == wanted && rule.by.iter().all(agreed));
        let rule = found.ok_or(GrantError::NoWidening)?;
        let until = rule.review_days.map(|days| now + Duration::days(i64::from(days)));
        let widening = Widening { band: number, template: template.into(), until, by: by.to_vec() };
        Ok(Self { widening: Some(widening), ..self.clone() })
    }

    /// The patient changes what the proxy may do and see, openly.
    ///
    /// # Errors
    /// [`GrantError::NotAllowed`] where it does not rest on the patient's consent; [`GrantError::ScopeTooWide`].
    pub fn rescope(
        &self,
        by: By,
        scope: Scope,
        consents: SensitivitySet,
        subject: &Subject,
        pack: &PolicyPack,
        now: DateTime<Utc>,
    ) -> Result<Self, GrantError> {
        if !matches!(self.state, GrantState::Active | GrantState::Invited) {
            return Err(self.illegal(Step::Rescope));
        }
        if !matches!(by, By::Patient(_)) || self.basis != LegalBasis::PatientConsent {
            return Err(GrantError::NotAllowed);
        }
        if consents.has(Sensitivity::Part2) {
            return Err(GrantError::WrittenConsentNeeded);
        }
        let own = own_scope(subject, pack, now).ok_or(GrantError::PatientTooYoung)?;
        if scope.is_empty() {
            return Err(GrantError::ScopeEmpty);
        }
        if !scope.within(own) {
            return Err(GrantError::ScopeTooWide);
        }
        Ok(Self { scope, consents: consents.bits(), quiet: None, ..self.clone() })
    }

    /// The patient narrows it without the proxy being told, or ends that; staff may where a safety plan says so.
    ///
    /// # Errors
    /// [`GrantError`].
    pub fn narrow(&self, by: By, left: Option<Scope>) -> Result<Self, GrantError> {
        if !self.state.is_live() {
            return Err(self.illegal(Step::Narrow));
        }
        match by {
            By::Patient(_) | By::Staff(_) => Ok(Self { quiet: left, ..self.clone() }),
            By::Proxy(_) | By::System => Err(GrantError::NotAllowed),
        }
    }

    /// It rests: the patient pauses it, staff have a reason, or its evidence ran out.
    ///
    /// # Errors
    /// [`GrantError`].
    pub fn suspend(&self, by: By, reason: SuspendReason, now: DateTime<Utc>) -> Result<Self, GrantError> {
        if !self.state.is_live() {
            return Err(self.illegal(Step::Suspend));
        }
        match (by, reason) {
            (By::Patient(_), SuspendReason::PatientPaused)
            | (By::System, SuspendReason::EvidenceExpired | SuspendReason::Dispute) => {}
            (By::Staff(_), SuspendReason::PatientPaused) => return Err(GrantError::WrongReason),
            (By::Staff(_), _) => {}
            (By::Patient(_) | By::System, _) => return Err(GrantError::WrongReason),
            (By::Proxy(_), _) => return Err(GrantError::NotAllowed),
        }
        Ok(self.moved(GrantState::Suspended(reason), now))
    }

    /// It stands again: staff on fresh evidence, or the patient who paused it.
    ///
    /// # Errors
    /// [`GrantError`].
    pub fn reinstate(
        &self,
        by: By,
        evidence: Option<EvidenceShown>,
        pack: &PolicyPack,
        now: DateTime<Utc>,
    ) -> Result<Self, GrantError> {
        match (self.state, by) {
            (GrantState::Suspended(SuspendReason::PatientPaused), By::Patient(_)) => {}
            (GrantState::Suspended(SuspendReason::PatientPaused), By::Staff(_)) => return Err(GrantError::NotAllowed),
            (GrantState::Suspended(_) | GrantState::Disputed, By::Staff(_)) => {
                if evidence.is_none() {
                    return Err(GrantError::EvidenceMissing);
                }
            }
            (GrantState::Suspended(_) | GrantState::Disputed, _) => return Err(GrantError::NotAllowed),
            _ => return Err(self.illegal(Step::Reinstate)),
        }
        let mut next = self.moved(GrantState::Active, now);
        next.evidence = evidence.or(self.evidence);
        next.disputed = None;
        next.has_evidence(pack)?;
        Ok(next)
    }

    /// Two who act for the patient disagree: both keep what both have.
    ///
    /// # Errors
    /// [`GrantError`].
    pub fn dispute(&self, by: By, other: &Self, now: DateTime<Utc>) -> Result<Self, GrantError> {
        match (self.state, by) {
            (GrantState::Active | GrantState::Disputed, By::Staff(_) | By::System) => {}
            (GrantState::Active | GrantState::Disputed, _) => return Err(GrantError::NotAllowed),
            _ => return Err(self.illegal(Step::Dispute)),
        }
        if other.patient != self.patient || other.id == self.id {
            return Err(GrantError::NotAllowed);
        }
        // Of what each says openly: what is quietly kept from one of them must not show in what is left to the other.
        let left = self.disputed.unwrap_or(Scope::ALL).and(self.scope).and(other.scope);
        let mut next = self.moved(GrantState::Disputed, now);
        next.disputed = Some(left);
        Ok(next)
    }

    /// It is given more time and nothing else, by whom the policy says.
    ///
    /// # Errors
    /// [`GrantError::NotAllowed`] for anyone else; [`GrantError::TooLong`].
    pub fn renew(
        &self,
        by: By,
        until: DateTime<Utc>,
        pack: &PolicyPack,
        now: DateTime<Utc>,
    ) -> Result<Self, GrantError> {
        if self.state != GrantState::Active {
            return Err(self.illegal(Step::Renew));
        }
        let basis = pack.basis(self.basis).ok_or(GrantError::BasisUnknown)?;
        match (basis.renewal, by) {
            (Renewal::Patient, By::Patient(_)) | (Renewal::Staff, By::Staff(_)) => {}
            _ => return Err(GrantError::NotAllowed),
        }
        if until <= now {
            return Err(GrantError::TimeInverted);
        }
        if basis.max_days.is_some_and(|days| until > now + Duration::days(i64::from(days))) {
            return Err(GrantError::TooLong);
        }
        Ok(Self { until: Some(until), told: Vec::new(), ..self.clone() })
    }

    /// Its time, or that of its invitation, is over.
    ///
    /// # Errors
    /// [`GrantError::IllegalTransition`] while it is not.
    pub fn expire(&self, now: DateTime<Utc>) -> Result<Self, GrantError> {
        let end = if self.state == GrantState::Invited { self.accept_by } else { self.until };
        if self.state.is_final() || end.is_none_or(|end| now < end) {
            return Err(self.illegal(Step::Expire));
        }
        Ok(self.moved(GrantState::Expired, now))
    }

    /// It is ended, at once.
    ///
    /// # Errors
    /// [`GrantError`].
    pub fn revoke(&self, by: By, reason: RevokeReason, now: DateTime<Utc>) -> Result<Self, GrantError> {
        if self.state.is_final() {
            return Err(self.illegal(Step::Revoke));
        }
        match (by, reason) {
            // What a court gave, only a court takes; what consent gave, the patient takes at any time.
            (By::Patient(_), RevokeReason::Patient) if self.is_the_patients() => {}
            (By::Staff(_), RevokeReason::Staff | RevokeReason::CourtOrder) => {}
            (By::System, RevokeReason::OfAge | RevokeReason::Delegator | RevokeReason::CourtOrder) => {}
            (By::Patient(_), RevokeReason::Patient) | (By::Proxy(_), _) => return Err(GrantError::NotAllowed),
            _ => return Err(GrantError::WrongReason),
        }
        Ok(self.moved(GrantState::Revoked(reason), now))
    }

    /// The proxy gives it back.
    ///
    /// # Errors
    /// [`GrantError`].
    pub fn resign(&self, by: By, now: DateTime<Utc>) -> Result<Self, GrantError> {
        if self.state.is_final() || self.state == GrantState::Invited {
            return Err(self.illegal(Step::Resign));
        }
        match by {
            By::Proxy(account) if self.proxy == Some(account) => {
                Ok(self.moved(GrantState::Revoked(RevokeReason::Resigned), now))
            }
            _ => Err(GrantError::NotAllowed),
        }
    }

    /// The patient or the proxy died. What an executor was given goes on when it is the patient who died.
    ///
    /// # Errors
    /// [`GrantError`].
    pub fn end_by_death(&self, of: Died, now: DateTime<Utc>) -> Result<Self, GrantError> {
        if self.state.is_final() || (of == Died::Patient && self.basis == LegalBasis::Executor) {
            return Err(self.illegal(Step::EndByDeath));
        }
        Ok(self.moved(GrantState::EndedByDeath, now))
    }

    /// Whether the patient may end it: it rests on the patient's own consent, or was delegated out of one that does.
    fn is_the_patients(&self) -> bool {
        matches!(self.basis, LegalBasis::PatientConsent | LegalBasis::HealthCareAgent)
    }

    fn follows_age(&self, pack: &PolicyPack) -> bool {
        pack.basis(self.basis).is_some_and(|basis| basis.age == crate::access::pack::AgeRule::Bands)
    }
}

/// Who died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Died {
    /// The patient.
    Patient,
    /// The proxy.
    Proxy,
}

/// Everything that ends when a grant ends: what was delegated out of it, and out of that.
#[must_use]
pub fn delegated_out_of(grants: &[ProxyGrant], ended: GrantId) -> Vec<GrantId> {
    let mut found = vec![ended];
    let mut next = 0;
    while let Some(from) = found.get(next).copied() {
        next += 1;
        let children = grants.iter().filter(|grant| grant.delegated_from() == Some(from) && !found.contains(&grant.id));
        let children: Vec<GrantId> = children.map(|grant| grant.id).collect();
        found.extend(children);
    }
    found.remove(0);
    found
}

/// Whether a minor has to agree first.
fn waits_for_assent(subject: &Subject, pack: &PolicyPack, now: DateTime<Utc>) -> bool {
    let band = subject.ages.band(now).and_then(|band| pack.bands().get(usize::from(band)));
    band.is_some_and(|band| matches!(band.proxy, ProxyAccess::WithAssent(_))) && subject.assent != Assent::Given
}
