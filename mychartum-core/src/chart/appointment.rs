//! Appointments (FHIR R4 `Appointment`).

use serde::{Deserialize, Serialize};

use crate::kernel::text::{Label, Narrative};
use crate::kernel::{Concept, PartialDate, hidden};

use super::coded::coded;
use super::item::Party;
use super::standing::Standing;

coded! {
    /// How an appointment stands (FHIR R4 AppointmentStatus).
    AppointmentStatus {
        /// Offered; nobody agreed yet.
        Proposed = "proposed",
        /// Waiting for some to agree.
        Pending = "pending",
        /// All agreed.
        Booked = "booked",
        /// The patient is there.
        Arrived = "arrived",
        /// It took place.
        Fulfilled = "fulfilled",
        /// Called off.
        Cancelled = "cancelled",
        /// The patient did not come.
        NoShow = "noshow",
        /// It should never have been there.
        EnteredInError = "entered-in-error",
        /// The patient checked in.
        CheckedIn = "checked-in",
        /// On the waiting list.
        Waitlist = "waitlist",
        /// The source said something that is not in the list.
        Unknown = "unknown",
    } else Unknown
}

/// An appointment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// How it stands.
    pub status: AppointmentStatus,
    /// What kind of visit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Concept>,
    /// What for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Concept>,
    /// What it is about, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Label>,
    /// When it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<PartialDate>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<PartialDate>,
    /// Who takes part beside the patient: people and places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<Party>,
    /// What the patient should know or bring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<Narrative>,
}

hidden!(Appointment);

impl Appointment {
    /// Whether it may be shown as a fact.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        match self.status {
            AppointmentStatus::EnteredInError => Standing::Withdrawn,
            AppointmentStatus::Cancelled => Standing::NotDone,
            _ => Standing::Fact,
        }
    }

    /// What people are shown as its title.
    #[must_use]
    pub fn title(&self) -> &str {
        let coded = self.kinds.iter().chain(&self.reasons).map(Concept::shown).find(|text| !text.is_empty());
        coded.or_else(|| self.description.as_ref().map(Label::as_str)).unwrap_or("")
    }
}
