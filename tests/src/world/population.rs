//! A population of any size, as NDJSON lines, made one line at a time.

use chrono::NaiveDate;

use super::analyte::{
    Analyte, CHOLESTEROL, CREATININE, EGFR_2021, GLUCOSE, HBA1C, HDL, HEMOGLOBIN, LDL, POTASSIUM, SODIUM, TRIGLYCERIDE,
    TSH,
};
use super::calendar::{Moment, earlier};
use super::code::{Code, cvx, hl7, rxnorm, snomed, system};
use super::dice::Dice;
use super::ids::Ids;
use super::node::{Node, list, object};

/// Lines of each patient besides the results: the Patient before them, and one Condition, one MedicationRequest and one
/// Immunization after them.
pub const OTHER_LINES: usize = 4;

/// Yields `patients * (results_each + OTHER_LINES)` lines, each one FHIR R4 resource as JSON without a line break.
///
/// For each patient in turn: the Patient, `results_each` laboratory Observations from old to new, a Condition, a
/// MedicationRequest and an Immunization. References are of the form `Patient/<id>`. Lines are made when asked for and
/// none is kept, so memory does not grow with the number of patients. The same seed gives the same lines, and a patient
/// keeps its lines whatever the number of patients. Dates lie between 2011 and 2025.
///
/// ```
/// use mychartum_testkit::world::{OTHER_LINES, population};
///
/// let lines: Vec<String> = population(1, 2, 10).collect();
/// assert_eq!(lines.len(), 2 * (10 + OTHER_LINES));
/// ```
pub fn population(seed: u64, patients: usize, results_each: usize) -> impl Iterator<Item = String> {
    (0..patients).flat_map(move |number| {
        let one = One::new(seed, number, results_each);
        (0..results_each.saturating_add(OTHER_LINES)).map(move |line| one.line(line).json())
    })
}

const ANALYTES: [(Analyte, i64, i64); 12] = [
    (HBA1C, 49, 92),
    (CREATININE, 55, 150),
    (EGFR_2021, 38, 105),
    (POTASSIUM, 34, 54),
    (SODIUM, 134, 146),
    (GLUCOSE, 72, 190),
    (CHOLESTEROL, 140, 260),
    (HDL, 35, 72),
    (LDL, 60, 170),
    (TRIGLYCERIDE, 70, 240),
    (HEMOGLOBIN, 108, 160),
    (TSH, 30, 620),
];
const GIVEN: [&str; 16] = [
    "Abena", "Bruno", "Chiyo", "Dalia", "Emeka", "Farah", "Goran", "Hana", "Ivo", "Jaya", "Koa", "Leila", "Mateo",
    "Noor", "Oskar", "Pilar",
];
const STEMS: [&str; 12] =
    ["Ash", "Brook", "Cinder", "Dun", "Elder", "Fern", "Gorse", "Hazel", "Iron", "Juniper", "Kestrel", "Larch"];
const ENDINGS: [&str; 10] = ["mere", "holt", "wick", "combe", "stead", "fold", "garth", "thorpe", "shaw", "lea"];
const PROBLEMS: [Code; 4] = [
    snomed("38341003", "Hypertensive disorder"),
    snomed("44054006", "Type 2 diabetes mellitus"),
    snomed("195967001", "Asthma"),
    snomed("55822004", "Hyperlipidemia"),
];
const MEDICINES: [Code; 4] = [
    rxnorm("314076", "lisinopril 10 MG Oral Tablet"),
    rxnorm("861007", "metformin hydrochloride 500 MG Oral Tablet"),
    rxnorm("745679", "200 ACTUAT Albuterol 0.09 MG/ACTUAT Metered Dose Inhaler"),
    rxnorm("617311", "atorvastatin 40 MG Oral Tablet"),
];
const FLU: Code = cvx("140", "Influenza, split virus, trivalent, PF");

/// One patient of the population. Copied into the iterator, so it holds no text.
#[derive(Debug, Clone, Copy)]
struct One {
    seed: u64,
    number: usize,
    results: usize,
}

impl One {
    const fn new(seed: u64, number: usize, results: usize) -> Self {
        Self { seed, number, results }
    }

    fn id(self, kind: &str, index: usize) -> String {
        Ids::new(self.seed).uuid(&format!("population/{}/{kind}/{index}", self.number))
    }

    /// Dice of one of the patient's lines; those of line 0 also decide what runs through the record.
    fn dice(self, line: usize) -> Dice {
        let index = u64::try_from(self.number).unwrap_or(u64::MAX);
        let line = u64::try_from(line).unwrap_or(u64::MAX);
        Dice::numbered(self.seed.wrapping_add(line), index)
    }

    fn subject(self) -> Node {
        object! { "reference": format!("Patient/{}", self.id("Patient", 0)) }
    }

    /// Noon of a day so many days before the end of 2025.
    fn noon(days: i64) -> Moment {
        let end = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap_or_default();
        Moment::at(earlier(end, days), 12, 0)
    }

    fn line(self, line: usize) -> Node {
        let Some(index) = line.checked_sub(1) else { return self.patient() };
        match index.checked_sub(self.results) {
            None => self.result(index),
            Some(0) => self.condition(),
            Some(1) => self.medicine(),
            Some(_) => self.immunization(),
        }
    }

    fn patient(self) -> Node {
        let mut dice = self.dice(0);
        let family = format!("{}{}", dice.pick(&STEMS), dice.pick(&ENDINGS));
        let born = earlier(Self::noon(0).date, dice.between(20 * 365, 90 * 365));
        object! {
            "resourceType": "Patient",
            "id": self.id("Patient", 0),
            "identifier": list![object! {
                "system": "https://population.example/mrn", "value": format!("P{:09}", self.number),
            }],
            "name": list![object! { "family": family, "given": list![dice.pick(&GIVEN)] }],
            "gender": dice.pick(&["female", "male"]),
            "birthDate": born.to_string(),
        }
    }

    fn result(self, index: usize) -> Node {
        let mut dice = self.dice(index.saturating_add(1));
        let (what, low, high) = choose(&ANALYTES, index).unwrap_or((HBA1C, 49, 92));
        let digits = dice.between(low, high);
        // Old to new, evenly over fourteen years, with some days of play.
        let share = i64::try_from(self.results.saturating_sub(index)).unwrap_or(i64::MAX);
        let all = i64::try_from(self.results).unwrap_or(i64::MAX).max(1);
        let at = Self::noon(share.saturating_mul(5_100) / all).plus(dice.between(-240, 240));
        let flag = what.flag(digits).map(|(code, name)| list![hl7("v3-ObservationInterpretation", code, name)]);
        object! {
            "resourceType": "Observation",
            "id": self.id("Observation", index),
            "status": "final",
            "category": list![hl7("observation-category", "laboratory", "Laboratory")],
            "code": what.code.concept_as(what.name),
            "subject": self.subject(),
            "effectiveDateTime": at.text(),
            "issued": at.plus(180).text(),
            "valueQuantity": object! {
                "value": what.decimal(digits), "unit": what.unit.text, "system": system::UCUM, "code": what.unit.ucum,
            },
            "interpretation": flag,
            "referenceRange": list![what.printed_range().map(super::observation::Range::node)],
        }
    }

    /// Which illness the patient has, and so which medicine.
    fn story(self) -> usize {
        usize::try_from(self.dice(0).roll() % 4).unwrap_or_default()
    }

    fn condition(self) -> Node {
        object! {
            "resourceType": "Condition",
            "id": self.id("Condition", 0),
            "clinicalStatus": hl7("condition-clinical", "active", "Active"),
            "verificationStatus": hl7("condition-ver-status", "confirmed", "Confirmed"),
            "category": list![hl7("condition-category", "problem-list-item", "Problem List Item")],
            "code": choose(&PROBLEMS, self.story()).map(Code::concept),
            "subject": self.subject(),
            "onsetDateTime": Self::noon(4_000).date.format("%Y-%m").to_string(),
        }
    }

    fn medicine(self) -> Node {
        object! {
            "resourceType": "MedicationRequest",
            "id": self.id("MedicationRequest", 0),
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": choose(&MEDICINES, self.story()).map(Code::concept),
            "subject": self.subject(),
            "authoredOn": Self::noon(60).text(),
            "dosageInstruction": list![object! { "text": "Use as written on the label." }],
        }
    }

    fn immunization(self) -> Node {
        object! {
            "resourceType": "Immunization",
            "id": self.id("Immunization", 0),
            "status": "completed",
            "vaccineCode": FLU.concept(),
            "patient": self.subject(),
            "occurrenceDateTime": Self::noon(70).date.to_string(),
        }
    }
}

/// The element at an index, counted around the table.
fn choose<T: Copy>(table: &[T], index: usize) -> Option<T> {
    index.checked_rem(table.len()).and_then(|index| table.get(index)).copied()
}
