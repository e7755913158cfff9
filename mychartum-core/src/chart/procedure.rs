//! Procedures (FHIR R4 `Procedure`).

use serde::{Deserialize, Serialize};

use crate::kernel::text::{Label, Narrative};
use crate::kernel::{Concept, PartialDate, hidden};

use super::coded::coded;
use super::item::{Party, SourceRef};
use super::standing::Standing;

coded! {
    /// How far a procedure got (FHIR R4 EventStatus).
    ProcedureStatus {
        /// It is being prepared.
        Preparation = "preparation",
        /// It is going on.
        InProgress = "in-progress",
        /// It was not done.
        NotDone = "not-done",
        /// It is paused.
        OnHold = "on-hold",
        /// It was ended before it was complete.
        Stopped = "stopped",
        /// It was done.
        Completed = "completed",
        /// It should never have been there.
        EnteredInError = "entered-in-error",
        /// The source does not know, or said something that is not in the list.
        Unknown = "unknown",
    } else Unknown
}

/// A procedure.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Procedure {
    /// How far it got.
    pub status: ProcedureStatus,
    /// What was done.
    pub code: Concept,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performed: Option<PartialDate>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performed_end: Option<PartialDate>,
    /// When, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performed_text: Option<Label>,
    /// Who did it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub performers: Vec<Party>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Party>,
    /// What for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Concept>,
    /// Where on the body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub body_sites: Vec<Concept>,
    /// How it went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Label>,
    /// Comments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Narrative>,
    /// At which visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encounter: Option<SourceRef>,
}

hidden!(Procedure);

impl Procedure {
    /// Whether it may be shown as a fact.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        match self.status {
            ProcedureStatus::EnteredInError => Standing::Withdrawn,
            ProcedureStatus::NotDone => Standing::NotDone,
            _ => Standing::Fact,
        }
    }
}
