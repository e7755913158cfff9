//! Prescriptions (US Core MedicationRequest).

use chrono::NaiveDate;

use super::calendar::Moment;
use super::chart::{Chart, Fact};
use super::clinician::Clinician;
use super::code::{Code, hl7, snomed};
use super::node::{list, object};

pub(super) const BY_MOUTH: Code = snomed("26643006", "Oral route");
pub(super) const INHALED: Code = snomed("447694001", "Respiratory tract route");
pub(super) const INTO_MUSCLE: Code = snomed("78421000", "Intramuscular route");

/// One prescription before it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Medicine {
    pub(super) label: &'static str,
    pub(super) code: Code,
    /// The name people use.
    pub(super) name: &'static str,
    pub(super) reason: Code,
    pub(super) dosage: &'static str,
    /// What the patient is told, in the patient's language, if it differs from the dosage.
    pub(super) told: Option<&'static str>,
    pub(super) route: Code,
    /// Times a day; zero for a medicine taken when needed.
    pub(super) a_day: i64,
    pub(super) on: NaiveDate,
    pub(super) by: Clinician,
    /// `active`, `completed`, `stopped` or `on-hold`.
    pub(super) status: &'static str,
    /// Why it was stopped.
    pub(super) stopped: Option<&'static str>,
    /// How many are dispensed at a time, of what (tablets, puffs, mL), and for how many days.
    pub(super) supply: (i64, &'static str, i64),
    pub(super) repeats: i64,
    pub(super) labels: &'static [Code],
}

impl Chart {
    /// Adds a prescription and returns its id.
    pub(super) fn prescribe(&mut self, what: Medicine, visit: Option<&String>) -> String {
        let authored = Moment::at(what.on, 11, 5);
        let fact = Fact {
            kind: "MedicationRequest",
            label: what.label,
            version: 1,
            recorded: authored,
            profile: "medicationrequest",
            labels: what.labels,
        };
        let (amount, form, days) = what.supply;
        let timing = (what.a_day > 0).then(|| {
            object! { "repeat": object! { "frequency": what.a_day, "period": 1_i64, "periodUnit": "d" } }
        });
        let refills_may_be_asked = what.status == "active" && what.repeats > 0;
        let body = object! {
            "status": what.status,
            "statusReason": what.stopped.map(|why| object! { "text": why }),
            "intent": "order",
            "category": list![hl7("medicationrequest-category", "community", "Community")],
            "reportedBoolean": false,
            "medicationCodeableConcept": what.code.concept_as(what.name),
            "subject": self.subject(),
            "encounter": self.to_visit(visit),
            "authoredOn": authored.text(),
            "requester": self.clinician(what.by),
            "reasonCode": list![what.reason.concept()],
            "note": refills_may_be_asked.then(|| list![object! { "text": "Ask for refills through the portal or at the pharmacy." }]),
            "dosageInstruction": list![object! {
                "sequence": 1_i64,
                "text": what.dosage,
                "patientInstruction": what.told,
                "timing": timing,
                "asNeededBoolean": what.a_day == 0,
                "route": what.route.concept(),
            }],
            "dispenseRequest": object! {
                "numberOfRepeatsAllowed": what.repeats,
                "quantity": object! { "value": amount, "unit": form },
                "expectedSupplyDuration": object! {
                    "value": days, "unit": "days", "system": super::code::system::UCUM, "code": "d",
                },
            },
        };
        self.add(&fact, body)
    }
}
