//! Problems and diagnoses (FHIR R4 `Condition`).

use serde::{Deserialize, Serialize};

use crate::kernel::text::{Label, Narrative};
use crate::kernel::{Concept, PartialDate, hidden};

use super::coded::coded;
use super::item::{Party, SourceRef};
use super::standing::Standing;

coded! {
    /// Whether a condition is there now (FHIR R4 condition-clinical and allergyintolerance-clinical).
    ClinicalStatus {
        /// It is there.
        Active = "active",
        /// It came back.
        Recurrence = "recurrence",
        /// It came back after a remission.
        Relapse = "relapse",
        /// It is no longer there.
        Inactive = "inactive",
        /// It is held down, perhaps not gone.
        Remission = "remission",
        /// It is gone.
        Resolved = "resolved",
        /// None was said, or something that is not in the list.
        Unknown = "unknown",
    } else Unknown
}

coded! {
    /// How sure it is (FHIR R4 condition-ver-status and allergyintolerance-verification).
    VerificationStatus {
        /// Not confirmed.
        Unconfirmed = "unconfirmed",
        /// Assumed for now.
        Provisional = "provisional",
        /// One of several possibilities.
        Differential = "differential",
        /// Confirmed.
        Confirmed = "confirmed",
        /// Presumed.
        Presumed = "presumed",
        /// Ruled out.
        Refuted = "refuted",
        /// It should never have been there.
        EnteredInError = "entered-in-error",
        /// None was said, or something that is not in the list.
        Unknown = "unknown",
    } else Unknown
}

impl VerificationStatus {
    /// Where an item with this verification stands.
    #[must_use]
    pub const fn standing(self) -> Standing {
        match self {
            Self::Refuted => Standing::Negated,
            Self::EnteredInError => Standing::Withdrawn,
            _ => Standing::Fact,
        }
    }
}

impl ClinicalStatus {
    /// Whether it is there now: unless the source says that it ended, it is.
    #[must_use]
    pub const fn is_active(self) -> bool {
        !matches!(self, Self::Inactive | Self::Remission | Self::Resolved)
    }
}

/// A problem or diagnosis.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Whether it is there now.
    pub clinical_status: ClinicalStatus,
    /// How sure it is.
    pub verification_status: VerificationStatus,
    /// What it is.
    pub code: Concept,
    /// Problem list, encounter diagnosis ...
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Concept>,
    /// How severe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Label>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onset: Option<PartialDate>,
    /// When it began, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onset_text: Option<Label>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abatement: Option<PartialDate>,
    /// When it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<PartialDate>,
    /// Who recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorder: Option<Party>,
    /// Comments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Narrative>,
    /// At which visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encounter: Option<SourceRef>,
}

hidden!(Condition);

impl Condition {
    /// Whether it may be shown as a fact.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        self.verification_status.standing()
    }

    /// Whether it is there now: an end date counts where no status was said.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        match self.clinical_status {
            ClinicalStatus::Unknown => self.abatement.is_none(),
            stated => stated.is_active(),
        }
    }
}
