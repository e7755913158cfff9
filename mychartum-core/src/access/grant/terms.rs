//! The terms of a grant, as the decision sees them.

use chrono::{DateTime, Utc};

use crate::access::consent::Part2Reach;
use crate::access::pack::TemplateId;
use crate::access::{Scope, SensitivitySet};
use crate::kernel::id::{AccountId, GrantId, PatientId, TenantId};

use super::legal_basis::LegalBasis;

/// The terms of a grant: everything about it that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Which grant.
    pub id: GrantId,
    /// In which tenant.
    pub tenant: TenantId,
    /// Whose chart.
    pub patient: PatientId,
    /// Whose access.
    pub proxy: AccountId,
    /// On what basis.
    pub basis: LegalBasis,
    /// Whether it stands.
    pub standing: GrantStanding,
    /// What it says may be done; while guardians are in dispute, what both have.
    pub scope: Scope,
    /// What is left of the scope without the proxy being told (safety mode).
    pub narrowed: Scope,
    /// The labels that the patient consented to show to this proxy. [`Part2`](crate::access::Sensitivity::Part2) among them
    /// opens nothing: what opens those records is in `part2`.
    pub consents: SensitivitySet,
    /// What written consents to records of programmes for substance use open to this proxy now.
    pub part2: Part2Reach,
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when, exclusive; none where it lasts until it is ended.
    pub until: Option<DateTime<Utc>>,
    /// More than the age band gives, if someone with the authority said so.
    pub widened: Option<Widened>,
    /// The grant that it was delegated from, if a proxy gave it.
    pub delegated_from: Option<GrantId>,
}

/// Whether a grant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrantStanding {
    /// It stands: active, or in dispute with a narrowed scope.
    Live,
    /// It does not: not accepted yet, suspended, or over.
    NotLive,
}

/// More than the age band gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Widened {
    /// In which band it was given; it does not outlast it.
    pub band: u8,
    /// Up to this template.
    pub template: TemplateId,
    /// Until when it must be given anew, exclusive; none where it lasts as long as the band.
    pub until: Option<DateTime<Utc>>,
}
