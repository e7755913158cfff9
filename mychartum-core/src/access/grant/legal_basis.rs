//! Why someone may act for someone else.

use serde::{Deserialize, Serialize};

/// Why someone may act for a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LegalBasis {
    /// The patient said so (45 CFR 164.508).
    PatientConsent,
    /// Parent of a minor (45 CFR 164.502(g)(3)).
    Parent,
    /// Guardian by order of a court (45 CFR 164.502(g)(2)).
    CourtGuardian,
    /// Foster parent or custodian of a minor, renewed each year.
    Foster,
    /// Agent under a power of attorney for health care (45 CFR 164.502(g)(2)).
    HealthCareAgent,
    /// A clinician attested that the patient cannot decide; with a day by which it is looked at again.
    DiminishedCapacity,
    /// Executor or administrator of a patient who died (45 CFR 164.502(g)(4)).
    Executor,
}

impl LegalBasis {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::PatientConsent,
        Self::Parent,
        Self::CourtGuardian,
        Self::Foster,
        Self::HealthCareAgent,
        Self::DiminishedCapacity,
        Self::Executor,
    ];

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::PatientConsent => 0,
            Self::Parent => 1,
            Self::CourtGuardian => 2,
            Self::Foster => 3,
            Self::HealthCareAgent => 4,
            Self::DiminishedCapacity => 5,
            Self::Executor => 6,
        }
    }

    /// Its name in policy packs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PatientConsent => "patient-consent",
            Self::Parent => "parent",
            Self::CourtGuardian => "court-guardian",
            Self::Foster => "foster",
            Self::HealthCareAgent => "health-care-agent",
            Self::DiminishedCapacity => "diminished-capacity",
            Self::Executor => "executor",
        }
    }

    /// Where the right comes from, for the privacy officer.
    #[must_use]
    pub const fn citation(self) -> &'static str {
        match self {
            Self::PatientConsent => "45 CFR 164.508",
            Self::Parent | Self::Foster => "45 CFR 164.502(g)(3)",
            Self::CourtGuardian | Self::HealthCareAgent | Self::DiminishedCapacity => "45 CFR 164.502(g)(2)",
            Self::Executor => "45 CFR 164.502(g)(4)",
        }
    }
}
