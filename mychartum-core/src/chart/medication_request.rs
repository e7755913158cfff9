//! Prescriptions (FHIR R4 `MedicationRequest`).

use serde::{Deserialize, Serialize};

use crate::kernel::text::{Label, Narrative};
use crate::kernel::{Concept, PartialDate, hidden};

use super::coded::coded;
use super::item::{Party, SourceRef};
use super::standing::Standing;

coded! {
    /// How a prescription stands (FHIR R4 medicationrequest-status).
    MedicationStatus {
        /// To be taken now.
        Active = "active",
        /// Paused.
        OnHold = "on-hold",
        /// Called off before it began.
        Cancelled = "cancelled",
        /// Taken to its end.
        Completed = "completed",
        /// It should never have been there.
        EnteredInError = "entered-in-error",
        /// Ended before its time.
        Stopped = "stopped",
        /// Not yet in force.
        Draft = "draft",
        /// The source does not know, or said something that is not in the list.
        Unknown = "unknown",
    } else Unknown
}

/// Whether a medication is being taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MedicationUse {
    /// Active or on hold.
    Active,
    /// Completed, stopped, or of unknown status.
    Stopped,
}

/// A prescription.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MedicationRequest {
    /// How it stands.
    pub status: MedicationStatus,
    /// FHIR `intent`: order, plan, proposal ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<Label>,
    /// Set where the medication is *not* to be taken.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub do_not_perform: bool,
    /// What is prescribed.
    pub medication: Concept,
    /// Where the source names the medication by reference only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medication_at: Option<Party>,
    /// When it was prescribed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authored: Option<PartialDate>,
    /// Who prescribed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<Party>,
    /// How to take it, in the prescriber's words or made from the parts that were sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dosage: Vec<Narrative>,
    /// What for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Concept>,
    /// How many refills are allowed; unknown is not none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refills: Option<u32>,
    /// Until when it may be dispensed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<PartialDate>,
    /// Comments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Narrative>,
    /// At which visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encounter: Option<SourceRef>,
}

hidden!(MedicationRequest);

impl MedicationRequest {
    /// Whether it may be shown as a fact: a draft is nobody's instruction yet.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        match self.status {
            MedicationStatus::EnteredInError => Standing::Withdrawn,
            MedicationStatus::Cancelled | MedicationStatus::Draft => Standing::NotDone,
            _ if self.do_not_perform => Standing::Negated,
            _ => Standing::Fact,
        }
    }

    /// Whether it is being taken.
    #[must_use]
    pub const fn in_use(&self) -> MedicationUse {
        match self.status {
            MedicationStatus::Active | MedicationStatus::OnHold => MedicationUse::Active,
            _ => MedicationUse::Stopped,
        }
    }

    /// What people are shown as its name.
    #[must_use]
    pub fn shown(&self) -> &str {
        let name = self.medication.shown();
        if name.is_empty() { self.medication_at.as_ref().map_or("", Party::shown) } else { name }
    }
}
