//! Conditions on the problem list (US Core Condition Problems and Health Concerns).

use super::calendar::Moment;
use super::chart::{Chart, Fact};
use super::clinician::Clinician;
use super::code::{Code, hl7, system};
use super::node::{list, object};

/// One condition before it is written.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub(super) label: &'static str,
    pub(super) code: Code,
    /// The ICD-10-CM code of the same condition.
    pub(super) icd10: &'static str,
    /// The name people use.
    pub(super) name: &'static str,
    /// `active`, `inactive` or `resolved`.
    pub(super) state: &'static str,
    /// `confirmed`, `provisional` or `refuted`.
    pub(super) verification: &'static str,
    /// When it began, as precisely as anyone knew: `2016`, `2016-03` or `2016-03-08`.
    pub(super) onset: Option<String>,
    /// When it ended.
    pub(super) end: Option<String>,
    pub(super) recorded: Moment,
    pub(super) by: Clinician,
    pub(super) note: Option<&'static str>,
    pub(super) labels: &'static [Code],
}

impl Chart {
    /// Adds a condition.
    pub(super) fn problem(&mut self, what: Problem) {
        let fact = Fact {
            kind: "Condition",
            label: what.label,
            version: 1,
            recorded: what.recorded,
            profile: "condition-problems-health-concerns",
            labels: what.labels,
        };
        let body = object! {
            "clinicalStatus": hl7("condition-clinical", what.state, what.state),
            "verificationStatus": hl7("condition-ver-status", what.verification, what.verification),
            "category": list![hl7("condition-category", "problem-list-item", "Problem List Item")],
            "code": object! {
                "coding": list![
                    what.code.coding(),
                    object! { "system": system::ICD10, "code": what.icd10, "display": what.name },
                ],
                "text": what.name,
            },
            "subject": self.subject(),
            "onsetDateTime": what.onset,
            "abatementDateTime": what.end,
            "recordedDate": what.recorded.text(),
            "recorder": self.clinician(what.by),
            "note": list![what.note.map(|note| object! { "text": note })],
        };
        self.add(&fact, body);
    }
}
