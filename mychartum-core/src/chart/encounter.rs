//! Visits and stays (FHIR R4 `Encounter`).

use serde::{Deserialize, Serialize};

use crate::kernel::text::Label;
use crate::kernel::{Concept, PartialDate, hidden};

use super::coded::coded;
use super::item::Party;
use super::standing::Standing;

coded! {
    /// How far a visit got (FHIR R4 EncounterStatus).
    EncounterStatus {
        /// It lies ahead.
        Planned = "planned",
        /// The patient is there.
        Arrived = "arrived",
        /// Urgency was judged.
        Triaged = "triaged",
        /// It is going on.
        InProgress = "in-progress",
        /// The patient is away for a while.
        OnLeave = "onleave",
        /// It is over.
        Finished = "finished",
        /// It was called off.
        Cancelled = "cancelled",
        /// It should never have been there.
        EnteredInError = "entered-in-error",
        /// The source does not know, or said something that is not in the list.
        Unknown = "unknown",
    } else Unknown
}

/// A visit or stay.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encounter {
    /// How far it got.
    pub status: EncounterStatus,
    /// FHIR `class`, from HL7 v3 ActCode: `AMB` at the clinic, `IMP` in hospital, `EMER`, `VR` by video ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Label>,
    /// What kind of visit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Concept>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<PartialDate>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<PartialDate>,
    /// What for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Concept>,
    /// Whom the patient saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<Party>,
    /// Where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<Party>,
    /// At which organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Party>,
    /// Where the patient went after a stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discharge: Option<Label>,
}

hidden!(Encounter);

impl Encounter {
    /// Whether it may be shown as a fact.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        match self.status {
            EncounterStatus::EnteredInError => Standing::Withdrawn,
            EncounterStatus::Cancelled => Standing::NotDone,
            _ => Standing::Fact,
        }
    }

    /// What people are shown as its title: the kind of visit, else what it was for.
    #[must_use]
    pub fn title(&self) -> &str {
        self.kinds.iter().chain(&self.reasons).map(Concept::shown).find(|text| !text.is_empty()).unwrap_or("")
    }
}
