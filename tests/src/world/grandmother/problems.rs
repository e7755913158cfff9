//! Her problem list, allergies and immunizations.

use super::stay::STAY_BEGAN;
use crate::world::allergy::{Allergy, HIVES, NAUSEA, RASH};
use crate::world::calendar::Moment;
use crate::world::chart::Chart;
use crate::world::clinician::Clinician;
use crate::world::code::{rxnorm, snomed};
use crate::world::immunization::{COVID, FLU_HIGH_DOSE, PNEUMOCOCCAL_13, PNEUMOCOCCAL_20, RSV, SHINGLES, Shot, TDAP};
use crate::world::problem::Problem;
use crate::world::site::Place;

/// Writes all three.
pub(super) fn write(chart: &mut Chart) {
    problems(chart);
    allergies(chart);
    immunizations(chart);
}

fn problems(chart: &mut Chart) {
    let calendar = chart.calendar();
    let month = |months: u32| calendar.months_ago(months).format("%Y-%m").to_string();
    let year = |months: u32| calendar.months_ago(months).format("%Y").to_string();
    let day = |days: i64| calendar.workday_ago(days).to_string();
    let base = |label, code, icd10, name, days| Problem {
        label,
        code,
        icd10,
        name,
        state: "active",
        verification: "confirmed",
        onset: None,
        end: None,
        recorded: Moment::at(calendar.workday_ago(days), 10, 40),
        by: Clinician::Brightwater,
        note: None,
        labels: &[],
    };
    let problems = [
        Problem {
            onset: Some(month(121)),
            note: Some("Checks her sugar before breakfast. Feet checked every year."),
            ..base("diabetes", snomed("44054006", "Type 2 diabetes mellitus"), "E11.22", "Type 2 diabetes", 3_570)
        },
        Problem {
            onset: Some(year(66)),
            by: Clinician::Corlett,
            note: Some("Followed by the kidney clinic once a year, more often if numbers move."),
            ..base(
                "kidney-disease",
                snomed("433144002", "Chronic kidney disease stage 3"),
                "N18.32",
                "Chronic kidney disease, stage 3b",
                1_990,
            )
        },
        Problem {
            onset: Some(year(160)),
            ..base(
                "high-blood-pressure",
                snomed("38341003", "Hypertensive disorder, systemic arterial"),
                "I10",
                "High blood pressure",
                3_570,
            )
        },
        Problem {
            onset: Some(month(110)),
            ..base("high-cholesterol", snomed("55822004", "Hyperlipidemia"), "E78.5", "High cholesterol", 3_300)
        },
        Problem {
            onset: Some(year(84)),
            ..base(
                "knee",
                snomed("239873007", "Osteoarthritis of knee"),
                "M17.11",
                "Arthritis of the right knee",
                2_300,
            )
        },
        Problem {
            state: "resolved",
            onset: Some(day(STAY_BEGAN + 1)),
            end: Some(day(STAY_BEGAN - 23)),
            by: Clinician::Vandersloot,
            ..base("kidney-infection", snomed("45816000", "Pyelonephritis"), "N10", "Kidney infection", STAY_BEGAN - 2)
        },
        Problem {
            state: "resolved",
            onset: Some(month(60)),
            end: Some(month(49)),
            ..base("low-iron", snomed("87522002", "Iron deficiency anemia"), "D50.9", "Low iron", 1_820)
        },
        Problem {
            state: "inactive",
            verification: "refuted",
            note: Some(
                "Copied from an old letter by mistake. Tracing and enzymes were normal: she did not have a heart attack.",
            ),
            ..base("heart-attack", snomed("22298006", "Myocardial infarction"), "I21.9", "Heart attack", 1_010)
        },
    ];
    for problem in problems {
        chart.problem(problem);
    }
}

fn allergies(chart: &mut Chart) {
    let at = |days: i64| Moment::at(chart.calendar().workday_ago(days), 10, 30);
    let penicillin = Allergy {
        label: "penicillin",
        code: rxnorm("70618", "Penicillin"),
        kind: Some("allergy"),
        category: Some("medication"),
        criticality: Some("high"),
        state: "active",
        verification: "confirmed",
        reaction: Some((HIVES, "moderate")),
        recorded: at(3_560),
        by: Clinician::Brightwater,
        note: Some("Hives within an hour of a tablet, as a young woman. Cephalexin was tolerated since."),
    };
    let codeine = Allergy {
        label: "codeine",
        code: rxnorm("2670", "codeine"),
        kind: Some("intolerance"),
        criticality: Some("low"),
        reaction: Some((NAUSEA, "mild")),
        recorded: at(2_410),
        note: None,
        ..penicillin
    };
    let sulfa = Allergy {
        label: "sulfa",
        code: snomed("387406002", "Sulfonamide"),
        criticality: Some("low"),
        state: "inactive",
        verification: "refuted",
        reaction: Some((RASH, "mild")),
        recorded: at(900),
        by: Clinician::Estrellano,
        note: Some("The rash came from a new soap. She has taken a sulfa antibiotic since without trouble."),
        ..penicillin
    };
    for allergy in [penicillin, codeine, sulfa] {
        chart.allergy(allergy);
    }
}

fn immunizations(chart: &mut Chart) {
    let calendar = chart.calendar();
    let shot = |vaccine, dose, days| Shot {
        vaccine,
        dose,
        at: Moment::at(calendar.workday_ago(days), 10, 55),
        by: Clinician::Estrellano,
        place: Place::FamilyRoom,
        not_given: None,
    };
    for years in 0..9 {
        chart.immunize(shot(FLU_HIGH_DOSE, 1, 130 + years * 365), None);
    }
    for (vaccine, dose, days) in [
        (PNEUMOCOCCAL_13, 1, 3_200),
        (PNEUMOCOCCAL_20, 1, 780),
        (SHINGLES, 1, 1_600),
        (SHINGLES, 2, 1_510),
        (TDAP, 1, 2_050),
        (COVID, 1, 480),
        (COVID, 2, 120),
    ] {
        chart.immunize(shot(vaccine, dose, days), None);
    }
    let declined = Shot { not_given: Some(("PATOBJ", "patient objection")), ..shot(RSV, 1, 118) };
    chart.immunize(declined, None);
}
