//! What she takes, took, and why that changed. She reads her instructions in Spanish.

use chrono::NaiveDate;

use super::quarters::Quarter;
use crate::world::chart::Chart;
use crate::world::clinician::Clinician;
use crate::world::code::{Code, rxnorm, snomed};
use crate::world::medicine::{BY_MOUTH, Medicine};

const DIABETES: Code = snomed("44054006", "Type 2 diabetes mellitus");
const PRESSURE: Code = snomed("38341003", "Hypertensive disorder");
const CHOLESTEROL: Code = snomed("55822004", "Hyperlipidemia");
const KIDNEY: Code = snomed("709044004", "Chronic kidney disease");
const PAIN: Code = snomed("239873007", "Osteoarthritis of knee");

/// Writes all prescriptions. Each is authored on the day of a quarterly visit.
pub(super) fn write(chart: &mut Chart, quarters: &[Quarter]) {
    for (quarter, medicine) in list() {
        let Some(quarter) = quarters.iter().find(|each| each.index == quarter) else { continue };
        let visit = chart.id("Encounter", &format!("{}/visit", quarter.label));
        chart.prescribe(Medicine { on: quarter.visit, ..medicine }, Some(&visit));
    }
}

const BLANK: Medicine = Medicine {
    label: "",
    code: DIABETES,
    name: "",
    reason: DIABETES,
    dosage: "",
    told: None,
    route: BY_MOUTH,
    a_day: 1,
    on: NaiveDate::MIN,
    by: Clinician::Brightwater,
    status: "active",
    stopped: None,
    supply: (90, "tablets", 90),
    repeats: 3,
    labels: &[],
};

fn list() -> [(i64, Medicine); 9] {
    [
        (
            0,
            Medicine {
                label: "metformin-1000",
                code: rxnorm("861004", "metformin hydrochloride 1000 MG Oral Tablet"),
                name: "Metformin 1,000 mg tablet",
                dosage: "Take 1 tablet by mouth twice a day with meals.",
                told: Some("Tome 1 tableta por la boca dos veces al día, con las comidas."),
                a_day: 2,
                status: "stopped",
                stopped: Some("Dose halved because the kidneys clear it more slowly now."),
                supply: (180, "tablets", 90),
                ..BLANK
            },
        ),
        (
            30,
            Medicine {
                label: "metformin-500",
                code: rxnorm("861007", "metformin hydrochloride 500 MG Oral Tablet"),
                name: "Metformin 500 mg tablet",
                dosage: "Take 1 tablet by mouth twice a day with meals.",
                told: Some("Tome 1 tableta por la boca dos veces al día, con las comidas."),
                a_day: 2,
                supply: (180, "tablets", 90),
                ..BLANK
            },
        ),
        (
            12,
            Medicine {
                label: "glipizide",
                code: rxnorm("310490", "glipizide 5 MG Oral Tablet"),
                name: "Glipizide 5 mg tablet",
                dosage: "Take 1 tablet by mouth once a day, 30 minutes before breakfast.",
                told: Some("Tome 1 tableta por la boca una vez al día, 30 minutos antes del desayuno."),
                status: "stopped",
                stopped: Some("Two low blood sugars at night; empagliflozin started instead."),
                ..BLANK
            },
        ),
        (
            20,
            Medicine {
                label: "empagliflozin",
                code: rxnorm("1545658", "empagliflozin 10 MG Oral Tablet"),
                name: "Empagliflozin 10 mg tablet",
                dosage: "Take 1 tablet by mouth every morning. Do not take it on days when you cannot eat or drink.",
                told: Some(
                    "Tome 1 tableta por la boca cada mañana. No la tome los días en que no pueda comer ni beber.",
                ),
                by: Clinician::Corlett,
                ..BLANK
            },
        ),
        (
            1,
            Medicine {
                label: "lisinopril-10",
                code: rxnorm("314076", "lisinopril 10 MG Oral Tablet"),
                name: "Lisinopril 10 mg tablet",
                reason: PRESSURE,
                dosage: "Take 1 tablet by mouth once a day.",
                told: Some("Tome 1 tableta por la boca una vez al día."),
                status: "completed",
                ..BLANK
            },
        ),
        (
            18,
            Medicine {
                label: "lisinopril-20",
                code: rxnorm("314077", "lisinopril 20 MG Oral Tablet"),
                name: "Lisinopril 20 mg tablet",
                reason: KIDNEY,
                dosage: "Take 1 tablet by mouth once a day.",
                told: Some("Tome 1 tableta por la boca una vez al día. Protege también los riñones."),
                by: Clinician::Corlett,
                repeats: 2,
                ..BLANK
            },
        ),
        (
            3,
            Medicine {
                label: "atorvastatin",
                code: rxnorm("617311", "atorvastatin 40 MG Oral Tablet"),
                name: "Atorvastatin 40 mg tablet",
                reason: CHOLESTEROL,
                dosage: "Take 1 tablet by mouth at bedtime.",
                told: Some("Tome 1 tableta por la boca al acostarse."),
                repeats: 0,
                ..BLANK
            },
        ),
        (
            14,
            Medicine {
                label: "ibuprofen",
                code: rxnorm("310965", "ibuprofen 200 MG Oral Tablet"),
                name: "Ibuprofen 200 mg tablet",
                reason: PAIN,
                dosage: "Take 1 or 2 tablets by mouth every 8 hours if the knee hurts.",
                a_day: 0,
                status: "stopped",
                stopped: Some("Not safe for the kidneys."),
                supply: (60, "tablets", 20),
                repeats: 0,
                ..BLANK
            },
        ),
        (
            18,
            Medicine {
                label: "acetaminophen",
                code: rxnorm("198440", "acetaminophen 500 MG Oral Tablet"),
                name: "Acetaminophen 500 mg tablet",
                reason: PAIN,
                dosage: "Take 1 tablet by mouth every 6 hours if the knee hurts. No more than 6 tablets a day.",
                told: Some(
                    "Tome 1 tableta por la boca cada 6 horas si le duele la rodilla. No más de 6 tabletas al día.",
                ),
                a_day: 0,
                supply: (100, "tablets", 30),
                repeats: 1,
                ..BLANK
            },
        ),
    ]
}
