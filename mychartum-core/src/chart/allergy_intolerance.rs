//! Allergies and intolerances (FHIR R4 `AllergyIntolerance`).

use serde::{Deserialize, Serialize};

use crate::kernel::text::{Label, Narrative};
use crate::kernel::{CodeSystem, Concept, PartialDate, hidden};

use super::coded::coded;
use super::condition::{ClinicalStatus, VerificationStatus};
use super::item::Party;
use super::standing::Standing;

coded! {
    /// How dangerous it can be (FHIR R4 allergy-intolerance-criticality).
    Criticality {
        /// Unlikely to be dangerous.
        Low = "low",
        /// May be life-threatening.
        High = "high",
        /// Not known.
        UnableToAssess = "unable-to-assess",
    } else UnableToAssess
}

/// What happened once.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reaction {
    /// What was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub manifestations: Vec<Concept>,
    /// How severe: mild, moderate or severe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Label>,
    /// More words about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Label>,
}

/// An allergy or intolerance.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllergyIntolerance {
    /// Whether it is there now.
    pub clinical_status: ClinicalStatus,
    /// How sure it is.
    pub verification_status: VerificationStatus,
    /// To what.
    pub code: Concept,
    /// FHIR `category`: food, medication, environment, biologic.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Label>,
    /// How dangerous it can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criticality: Option<Criticality>,
    /// What happened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// When it was first seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onset: Option<PartialDate>,
    /// When it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<PartialDate>,
    /// Who recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorder: Option<Party>,
    /// Comments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Narrative>,
}

hidden!(Reaction, AllergyIntolerance);

/// SNOMED CT concepts that say there is no allergy, of any kind or of one kind.
const NONE_KNOWN: [&str; 9] = [
    "716186003",
    "409137002",
    "429625007",
    "428607008",
    "160244002",
    "716184000",
    "716220001",
    "428197003",
    "1003774007",
];

/// The code system in which the International Patient Summary says that nothing is known.
const ABSENT: &str = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";

impl AllergyIntolerance {
    /// Whether it may be shown as a fact: "no known allergy" is a statement, not an allergy.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self.verification_status.standing() {
            Standing::Fact if self.says_none() => Standing::Negated,
            standing => standing,
        }
    }

    /// Whether it says that there is no (such) allergy.
    #[must_use]
    pub fn says_none(&self) -> bool {
        self.code.codings.iter().any(|coding| match &coding.system {
            CodeSystem::SnomedCt => NONE_KNOWN.contains(&coding.code.as_str()),
            system => system.uri() == ABSENT,
        })
    }
}
