//! Allergies and intolerances (US Core AllergyIntolerance), including the statement that there are none.

use super::calendar::Moment;
use super::chart::{Chart, Fact};
use super::clinician::Clinician;
use super::code::{Code, hl7, snomed};
use super::node::{list, object};

/// The explicit statement that a person has no known allergy.
pub(super) const NO_KNOWN_ALLERGY: Code = snomed("716186003", "No known allergy");
pub(super) const HIVES: Code = snomed("126485001", "Urticaria");
pub(super) const RASH: Code = snomed("271807003", "Eruption of skin");
pub(super) const ANAPHYLAXIS: Code = snomed("39579001", "Anaphylaxis");
pub(super) const SWELLING: Code = snomed("41291007", "Angioedema");
pub(super) const NAUSEA: Code = snomed("422587007", "Nausea");

/// One allergy before it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allergy {
    pub(super) label: &'static str,
    pub(super) code: Code,
    /// `allergy` or `intolerance`; nothing for "no known allergy".
    pub(super) kind: Option<&'static str>,
    /// `food`, `medication`, `environment` or `biologic`; nothing for "no known allergy".
    pub(super) category: Option<&'static str>,
    /// `low` or `high`.
    pub(super) criticality: Option<&'static str>,
    /// `active` or `inactive`.
    pub(super) state: &'static str,
    /// `confirmed`, `unconfirmed` or `refuted`.
    pub(super) verification: &'static str,
    /// What happened, and how badly: `mild`, `moderate` or `severe`.
    pub(super) reaction: Option<(Code, &'static str)>,
    pub(super) recorded: Moment,
    pub(super) by: Clinician,
    pub(super) note: Option<&'static str>,
}

impl Chart {
    /// Adds an allergy.
    pub(super) fn allergy(&mut self, what: Allergy) {
        let fact = Fact {
            kind: "AllergyIntolerance",
            label: what.label,
            version: 1,
            recorded: what.recorded,
            profile: "allergyintolerance",
            labels: &[],
        };
        let reaction = what.reaction.map(|(sign, severity)| {
            object! { "manifestation": list![sign.concept()], "severity": severity }
        });
        let body = object! {
            "clinicalStatus": hl7("allergyintolerance-clinical", what.state, what.state),
            "verificationStatus": hl7("allergyintolerance-verification", what.verification, what.verification),
            "type": what.kind,
            "category": list![what.category],
            "criticality": what.criticality,
            "code": what.code.concept(),
            "patient": self.subject(),
            "recordedDate": what.recorded.text(),
            "recorder": self.clinician(what.by),
            "note": list![what.note.map(|note| object! { "text": note })],
            "reaction": list![reaction],
        };
        self.add(&fact, body);
    }
}
