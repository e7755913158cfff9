//! Vaccines (FHIR R4 `Immunization`).

use serde::{Deserialize, Serialize};

use crate::kernel::text::{Label, Narrative};
use crate::kernel::{Concept, PartialDate, Quantity, hidden};

use super::coded::coded;
use super::item::{Party, SourceRef};
use super::standing::Standing;

coded! {
    /// Whether a vaccine was given (FHIR R4 immunization-status).
    ImmunizationStatus {
        /// It was given.
        Completed = "completed",
        /// It should never have been there.
        EnteredInError = "entered-in-error",
        /// It was not given.
        NotDone = "not-done",
        /// The source said something that is not in the list; nobody may be told that they are protected.
        Unknown = "unknown",
    } else Unknown
}

/// A vaccine.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Immunization {
    /// Whether it was given.
    pub status: ImmunizationStatus,
    /// Which vaccine.
    pub vaccine: Concept,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurrence: Option<PartialDate>,
    /// When, in words, where no date is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurrence_text: Option<Label>,
    /// The lot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<Label>,
    /// How much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dose: Option<Quantity>,
    /// Where on the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<Label>,
    /// Which dose of the series, in the source's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dose_number: Option<Label>,
    /// Who gave it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub performers: Vec<Party>,
    /// Where it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Party>,
    /// Comments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Narrative>,
    /// At which visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encounter: Option<SourceRef>,
}

hidden!(Immunization);

impl Immunization {
    /// Whether it may be shown as a fact: only what was said to be given is.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        match self.status {
            ImmunizationStatus::Completed => Standing::Fact,
            ImmunizationStatus::EnteredInError => Standing::Withdrawn,
            ImmunizationStatus::NotDone | ImmunizationStatus::Unknown => Standing::NotDone,
        }
    }
}
