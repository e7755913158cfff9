//! How a grant begins: invited, requested, assigned or delegated.

use chrono::{DateTime, Duration, Utc};

use crate::access::pack::{Evidence, PolicyPack};
use crate::access::subject::Subject;
use crate::access::viewer::own_scope;
use crate::access::{Scope, Sensitivity, SensitivitySet, Verb};
use crate::chart::Section;
use crate::kernel::id::{AccountId, GrantId};

use super::error::GrantError;
use super::legal_basis::LegalBasis;
use super::proxy_grant::{EvidenceShown, ProxyGrant};
use super::state::{GrantState, Grantor, Relation};

/// What a grant is to be.
#[derive(Debug, Clone, Copy)]
pub struct NewGrant {
    /// Its id, of fresh randomness.
    pub id: GrantId,
    /// What the two are to each other.
    pub relation: Relation,
    /// Why it is lawful.
    pub basis: LegalBasis,
    /// What may be done.
    pub scope: Scope,
    /// The labels that the patient consents to show.
    pub consents: SensitivitySet,
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when, exclusive.
    pub until: Option<DateTime<Utc>>,
    /// What is shown for it.
    pub evidence: Option<EvidenceShown>,
}

/// The right to name others who act for the patient: to manage who the patient is to the portal.
pub const DELEGATE: (Section, Verb) = (Section::Demographics, Verb::Manage);

impl ProxyGrant {
    /// The patient invites someone.
    ///
    /// # Errors
    /// [`GrantError`]: too young to decide, more than the patient has, longer than the policy allows, or not by consent.
    pub fn invite(
        new: &NewGrant,
        by: AccountId,
        subject: &Subject,
        pack: &PolicyPack,
        now: DateTime<Utc>,
    ) -> Result<Self, GrantError> {
        if new.basis != LegalBasis::PatientConsent {
            return Err(GrantError::NotAllowed);
        }
        if new.consents.has(Sensitivity::Part2) {
            return Err(GrantError::WrittenConsentNeeded);
        }
        let own = own_scope(subject, pack, now).ok_or(GrantError::PatientTooYoung)?;
        let grant = Self::made(new, subject, pack, now, Grantor::Patient(by), GrantState::Invited)?;
        if grant.scope.within(own) { Ok(grant) } else { Err(GrantError::ScopeTooWide) }
    }

    /// A proxy passes part of a grant on.
    ///
    /// # Errors
    /// [`GrantError::NoDelegation`] unless the grant says so and stands; [`GrantError::ScopeTooWide`] for more than it has.
    pub fn delegate(
        new: &NewGrant,
        by: AccountId,
        from: &Self,
        subject: &Subject,
        pack: &PolicyPack,
        now: DateTime<Utc>,
    ) -> Result<Self, GrantError> {
        let (section, verb) = DELEGATE;
        let may = from.proxy == Some(by) && from.state == GrantState::Active && from.scope.has(section, verb);
        if !may || from.patient != subject.patient || new.basis != from.basis {
            return Err(GrantError::NoDelegation);
        }
        let grantor = Grantor::Delegation { by, from: from.id };
        let evidence = new.evidence.or(from.evidence);
        let mut grant = Self::made(&NewGrant { evidence, ..*new }, subject, pack, now, grantor, GrantState::Invited)?;
        // Not passed on again: a chain has one link.
        grant.scope = grant.scope.without(section, verb);
        let within = grant.scope.within(from.scope) && grant.consents().within(from.consents());
        if within { Ok(grant) } else { Err(GrantError::ScopeTooWide) }
    }

    /// A person asks to act for the patient.
    ///
    /// # Errors
    /// [`GrantError::NotAllowed`] for a basis that only the patient can give; [`GrantError::EvidenceMissing`].
    pub fn request(
        new: &NewGrant,
        by: AccountId,
        subject: &Subject,
        pack: &PolicyPack,
        now: DateTime<Utc>,
    ) -> Result<Self, GrantError> {
        if new.basis == LegalBasis::PatientConsent {
            return Err(GrantError::NotAllowed);
        }
        // What the patient consents to is not the asker's to say.
        let new = NewGrant { consents: SensitivitySet::NONE, ..*new };
        let mut grant = Self::made(&new, subject, pack, now, Grantor::Request(by), GrantState::Requested)?;
        grant.proxy = Some(by);
        grant.accept_by = None;
        grant.has_evidence(pack)?;
        Ok(grant)
    }

    /// Staff assign a grant; nothing is seen before the proxy has confirmed the patient's date of birth.
    ///
    /// # Errors
    /// [`GrantError`]; where the policy asks for two members of staff, it begins as a request that both verify.
    pub fn assign(
        new: &NewGrant,
        to: AccountId,
        by: AccountId,
        subject: &Subject,
        pack: &PolicyPack,
        now: DateTime<Utc>,
    ) -> Result<Self, GrantError> {
        // Nobody gives themselves access, and what rests on the patient's word is not staff's to give.
        if to == by || new.basis == LegalBasis::PatientConsent {
            return Err(GrantError::NotAllowed);
        }
        let new = NewGrant { consents: SensitivitySet::NONE, ..*new };
        let verifiers = pack.basis(new.basis).ok_or(GrantError::BasisUnknown)?.verifiers;
        let state = if verifiers > 1 { GrantState::PendingVerification } else { GrantState::Invited };
        let mut grant = Self::made(&new, subject, pack, now, Grantor::Staff(by), state)?;
        grant.has_evidence(pack)?;
        grant.proxy = Some(to);
        grant.verified_by = vec![by];
        Ok(grant)
    }

    fn made(
        new: &NewGrant,
        subject: &Subject,
        pack: &PolicyPack,
        now: DateTime<Utc>,
        grantor: Grantor,
        state: GrantState,
    ) -> Result<Self, GrantError> {
        let basis = pack.basis(new.basis).ok_or(GrantError::BasisUnknown)?;
        if new.scope.is_empty() {
            return Err(GrantError::ScopeEmpty);
        }
        if new.until.is_some_and(|until| until <= new.from || until <= now) {
            return Err(GrantError::TimeInverted);
        }
        if let Some(days) = basis.max_days {
            let latest = new.from + Duration::days(i64::from(days));
            if new.until.is_none_or(|until| until > latest) {
                return Err(GrantError::TooLong);
            }
        }
        let accept_by = now + Duration::days(i64::from(pack.invitation().days()));
        Ok(Self {
            id: new.id,
            tenant: subject.tenant,
            patient: subject.patient,
            proxy: None,
            relation: new.relation,
            basis: new.basis,
            grantor,
            state,
            scope: new.scope,
            quiet: None,
            disputed: None,
            consents: new.consents.bits(),
            from: new.from,
            until: new.until,
            evidence: new.evidence,
            verified_by: Vec::new(),
            widening: None,
            wrong_birth_dates: 0,
            accept_by: Some(accept_by),
            since: now,
            told: Vec::new(),
        })
    }

    /// Whether what the policy asks for was shown.
    pub(super) fn has_evidence(&self, pack: &PolicyPack) -> Result<(), GrantError> {
        let wanted = pack.basis(self.basis).ok_or(GrantError::BasisUnknown)?.evidence;
        match (wanted, self.evidence) {
            (Evidence::PatientsWord, _) => Ok(()),
            (Evidence::Document, Some(EvidenceShown { document: Some(_), .. })) => Ok(()),
            (Evidence::Attestation, Some(EvidenceShown { attested_by: Some(_), review_by, .. })) => {
                review_by.map(drop).ok_or(GrantError::NoReview)
            }
            _ => Err(GrantError::EvidenceMissing),
        }
    }
}
