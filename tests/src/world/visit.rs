//! Visits: encounters of every kind, from a check-up to a stay (US Core Encounter).

use super::calendar::Moment;
use super::chart::{Chart, Fact};
use super::clinician::Clinician;
use super::code::{Code, hl7, snomed, system};
use super::node::{list, object};
use super::site::Place;

pub(super) const CHECK_UP: Code = snomed("185349003", "Encounter for check up");
pub(super) const FOLLOW_UP: Code = snomed("390906007", "Follow-up encounter");
pub(super) const FOR_A_PROBLEM: Code = snomed("185347001", "Encounter for problem");
pub(super) const WELL_CHILD: Code = snomed("410620009", "Well child visit");
pub(super) const URGENT: Code = snomed("702927004", "Urgent care clinic");
pub(super) const ADMISSION: Code = snomed("32485007", "Hospital admission");
pub(super) const BY_VIDEO: Code = snomed("448337001", "Telemedicine consultation with patient");

/// How people met (`v3-ActCode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// In the clinic.
    Ambulatory,
    /// In a bed.
    Inpatient,
    /// By video.
    Virtual,
}

/// One visit before it is written.
#[derive(Debug)]
pub(super) struct Visit<'a> {
    pub(super) label: &'a str,
    pub(super) manner: Manner,
    pub(super) kind: Code,
    /// Why, in plain words.
    pub(super) reason: &'a str,
    pub(super) from: Moment,
    pub(super) to: Moment,
    pub(super) with: Clinician,
    pub(super) place: Place,
    pub(super) labels: &'static [Code],
}

impl Chart {
    /// Adds a finished visit and returns its id.
    pub(super) fn visit(&mut self, what: &Visit<'_>) -> String {
        let fact = Fact {
            kind: "Encounter",
            label: what.label,
            version: 1,
            recorded: what.to,
            profile: "encounter",
            labels: what.labels,
        };
        let class = match what.manner {
            Manner::Ambulatory => Code::new(system::ACT_CODE, "AMB", "ambulatory"),
            Manner::Inpatient => Code::new(system::ACT_CODE, "IMP", "inpatient encounter"),
            Manner::Virtual => Code::new(system::ACT_CODE, "VR", "virtual"),
        };
        let period = object! { "start": what.from.text(), "end": what.to.text() };
        let home = (what.manner == Manner::Inpatient)
            .then(|| object! { "dischargeDisposition": hl7("discharge-disposition", "home", "Home") });
        let body = object! {
            "status": "finished",
            "class": class.coding(),
            "type": list![what.kind.concept()],
            "subject": self.subject(),
            "participant": list![object! {
                "type": list![hl7("v3-ParticipationType", "PPRF", "primary performer")],
                "period": period.clone(),
                "individual": self.clinician(what.with),
            }],
            "period": period,
            "reasonCode": list![object! { "text": what.reason }],
            "hospitalization": home,
            "location": list![object! { "location": self.place(what.place) }],
            "serviceProvider": self.organization(self.site),
        };
        self.add(&fact, body)
    }
}
