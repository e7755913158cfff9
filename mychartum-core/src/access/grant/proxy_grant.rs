//! A proxy grant: the relation and the access as one thing.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::access::consent::Part2Consent;
use crate::access::pack::{Authority, PolicyPack};
use crate::access::{Scope, SensitivitySet};
use crate::kernel::id::{AccountId, AttachmentId, GrantId, PatientId, TenantId};

use super::legal_basis::LegalBasis;
use super::state::{GrantState, Grantor, Relation};
use super::terms::{GrantStanding, Terms, Widened};

/// One account's access to another person's chart, with who they are to each other and why it is lawful.
///
/// Relation and access are one aggregate: they cannot disagree. It is moved only by the functions of this folder, each of which
/// is pure and leaves the old value as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyGrant {
    pub(crate) id: GrantId,
    pub(crate) tenant: TenantId,
    pub(crate) patient: PatientId,
    /// Nobody until an invitation is accepted.
    pub(crate) proxy: Option<AccountId>,
    pub(crate) relation: Relation,
    pub(crate) basis: LegalBasis,
    pub(crate) grantor: Grantor,
    pub(crate) state: GrantState,
    pub(crate) scope: Scope,
    /// What is left in safety mode; the proxy is not told.
    pub(crate) quiet: Option<Scope>,
    /// What is left while it is in dispute.
    pub(crate) disputed: Option<Scope>,
    pub(crate) consents: u16,
    pub(crate) from: DateTime<Utc>,
    pub(crate) until: Option<DateTime<Utc>>,
    pub(crate) evidence: Option<EvidenceShown>,
    pub(crate) verified_by: Vec<AccountId>,
    pub(crate) widening: Option<Widening>,
    /// Wrong dates of birth that were entered.
    pub(crate) wrong_birth_dates: u8,
    /// Until when an invitation can be accepted, exclusive.
    pub(crate) accept_by: Option<DateTime<Utc>>,
    /// When it came to its state.
    pub(crate) since: DateTime<Utc>,
    /// Days before a change at which both sides were told already.
    pub(crate) told: Vec<u16>,
}

/// What was shown to staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceShown {
    /// The document, if it is kept here.
    pub document: Option<AttachmentId>,
    /// Who attested that the patient cannot decide: a clinician.
    pub attested_by: Option<AccountId>,
    /// The day by which it is looked at again.
    pub review_by: Option<NaiveDate>,
}

/// More than the age gives, in a band.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Widening {
    /// In which band.
    pub band: u8,
    /// The template's name; where a later policy has no such template, there is no widening.
    pub template: Box<str>,
    /// Until when, exclusive.
    pub until: Option<DateTime<Utc>>,
    /// Who agreed.
    pub by: Vec<Agreed>,
}

/// Someone who agreed to a widening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agreed {
    /// The patient.
    Patient(AccountId),
    /// A clinician.
    Clinician(AccountId),
    /// A parent.
    Parent(AccountId),
    /// A court; who entered the order.
    Court(AccountId),
}

impl Agreed {
    pub(super) const fn authority(self) -> Authority {
        match self {
            Self::Patient(_) => Authority::Patient,
            Self::Clinician(_) => Authority::Clinician,
            Self::Parent(_) => Authority::Parent,
            Self::Court(_) => Authority::Court,
        }
    }
}

impl ProxyGrant {
    /// Which grant.
    #[must_use]
    pub const fn id(&self) -> GrantId {
        self.id
    }

    /// Whose chart.
    #[must_use]
    pub const fn patient(&self) -> PatientId {
        self.patient
    }

    /// Who acts; nobody until an invitation is accepted.
    #[must_use]
    pub const fn proxy(&self) -> Option<AccountId> {
        self.proxy
    }

    /// What they are to each other.
    #[must_use]
    pub const fn relation(&self) -> Relation {
        self.relation
    }

    /// Why it is lawful.
    #[must_use]
    pub const fn basis(&self) -> LegalBasis {
        self.basis
    }

    /// Who gave it.
    #[must_use]
    pub const fn grantor(&self) -> Grantor {
        self.grantor
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> GrantState {
        self.state
    }

    /// Since when it stands there.
    #[must_use]
    pub const fn since(&self) -> DateTime<Utc> {
        self.since
    }

    /// What it says may be done. What it comes to at an age, in safety mode or in dispute is the decision's affair.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// The labels that the patient consented to show.
    #[must_use]
    pub const fn consents(&self) -> SensitivitySet {
        SensitivitySet::from_bits(self.consents)
    }

    /// Since when.
    #[must_use]
    pub const fn from(&self) -> DateTime<Utc> {
        self.from
    }

    /// Until when, exclusive; none where it lasts until it is ended.
    #[must_use]
    pub const fn until(&self) -> Option<DateTime<Utc>> {
        self.until
    }

    /// Until when an invitation can be accepted, exclusive.
    #[must_use]
    pub const fn accept_by(&self) -> Option<DateTime<Utc>> {
        self.accept_by
    }

    /// What was shown to staff.
    #[must_use]
    pub const fn evidence(&self) -> Option<EvidenceShown> {
        self.evidence
    }

    /// Who has verified it.
    #[must_use]
    pub fn verified_by(&self) -> &[AccountId] {
        &self.verified_by
    }

    /// What is left of it in safety mode; for the patient and staff only.
    #[must_use]
    pub const fn quiet(&self) -> Option<Scope> {
        self.quiet
    }

    /// More than the age gives, if someone with the authority said so.
    #[must_use]
    pub const fn widening(&self) -> Option<&Widening> {
        self.widening.as_ref()
    }

    /// The grant that it was delegated from, if a proxy gave it.
    #[must_use]
    pub const fn delegated_from(&self) -> Option<GrantId> {
        match self.grantor {
            Grantor::Delegation { from, .. } => Some(from),
            _ => None,
        }
    }

    /// Its terms at a time, as the decision sees them, with what the patient's written consents open then; none before somebody
    /// accepted it.
    #[must_use]
    pub fn terms(&self, pack: &PolicyPack, part2: &[Part2Consent], at: DateTime<Utc>) -> Option<Terms> {
        // A review that was missed ends what rests on it (INVARIANT (no late review)).
        let review = self.evidence.and_then(|shown| shown.review_by).and_then(|day| {
            let next = day.succ_opt()?;
            next.and_hms_opt(0, 0, 0).map(|at| at.and_utc())
        });
        let until = match (self.until, review) {
            (Some(until), Some(review)) => Some(until.min(review)),
            (until, review) => until.or(review),
        };
        let proxy = self.proxy?;
        Some(Terms {
            id: self.id,
            tenant: self.tenant,
            patient: self.patient,
            proxy,
            basis: self.basis,
            standing: if self.state.is_live() { GrantStanding::Live } else { GrantStanding::NotLive },
            // A dispute is told, so its sections are closed; safety mode is not.
            scope: self.scope.and(self.disputed.unwrap_or(Scope::ALL)),
            narrowed: self.quiet.unwrap_or(Scope::ALL),
            consents: self.consents(),
            part2: Part2Consent::reach(part2, proxy, at),
            from: self.from,
            until,
            widened: self.widening.as_ref().and_then(|widening| {
                let template = pack.template_named(&widening.template)?;
                Some(Widened { band: widening.band, template, until: widening.until })
            }),
            delegated_from: self.delegated_from(),
        })
    }
}
