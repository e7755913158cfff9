//! Diagnostic reports, which group results and say what they mean (FHIR R4 `DiagnosticReport`).

use serde::{Deserialize, Serialize};

use crate::kernel::text::Narrative;
use crate::kernel::{Concept, PartialDate, hidden};

use super::coded::coded;
use super::document_reference::Attachment;
use super::item::{Party, SourceRef};
use super::standing::Standing;

coded! {
    /// How far a report got (FHIR R4 DiagnosticReportStatus).
    ReportStatus {
        /// Ordered or begun.
        Registered = "registered",
        /// Some results are there.
        Partial = "partial",
        /// Early results that may still change.
        Preliminary = "preliminary",
        /// Complete and verified.
        Final = "final",
        /// Changed after it was final.
        Amended = "amended",
        /// Changed after it was final, to correct an error.
        Corrected = "corrected",
        /// Added to after it was final.
        Appended = "appended",
        /// Called off.
        Cancelled = "cancelled",
        /// It should never have been there.
        EnteredInError = "entered-in-error",
        /// The source does not know, or said something that is not in the list.
        Unknown = "unknown",
    } else Unknown
}

/// A report.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosticReport {
    /// How far it got.
    pub status: ReportStatus,
    /// Which service made it: laboratory, radiology, pathology ...
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Concept>,
    /// What it is a report of.
    pub code: Concept,
    /// When the specimen was taken or the study made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective: Option<PartialDate>,
    /// When it was made available.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<PartialDate>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub performers: Vec<Party>,
    /// The results it groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<SourceRef>,
    /// What it concludes, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<Narrative>,
    /// The report as it was issued, where it is more than its results.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub presented: Vec<Attachment>,
    /// At which visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encounter: Option<SourceRef>,
}

hidden!(DiagnosticReport);

impl DiagnosticReport {
    /// Whether it may be shown as a fact.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        match self.status {
            ReportStatus::EnteredInError => Standing::Withdrawn,
            ReportStatus::Cancelled => Standing::NotDone,
            _ => Standing::Fact,
        }
    }

    /// When it counts for the chart.
    #[must_use]
    pub fn at(&self) -> Option<&PartialDate> {
        self.effective.as_ref().or(self.issued.as_ref())
    }
}
