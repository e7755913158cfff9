//! Whose chart it is, as the decision sees it.

use crate::kernel::id::{PatientId, TenantId};

use super::age_clock::AgeClock;

/// Whose chart it is.
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    /// In which tenant.
    pub tenant: TenantId,
    /// Who.
    pub patient: PatientId,
    /// When the patient enters each age band.
    pub ages: AgeClock,
    /// Whether the chart lives on.
    pub life: Life,
    /// Whether a court or the law made a minor of age.
    pub majority: Majority,
    /// Whether a minor agreed to the portal, where the policy asks.
    pub assent: Assent,
}

/// Whether a chart lives on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Life {
    /// The patient lives.
    Alive,
    /// The patient died.
    Deceased,
    /// The chart was merged into another one.
    Merged,
}

/// Whether someone counts as of age before the years are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Majority {
    /// As the age says.
    ByAge,
    /// Emancipated: of age whatever the age says.
    Emancipated,
}

/// A minor's assent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Assent {
    /// Nobody asked yet.
    NotGiven,
    /// Given.
    Given,
    /// Refused: where the policy asks for it, nobody gets in.
    Refused,
}
