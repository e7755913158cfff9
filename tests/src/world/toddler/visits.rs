//! His visits: well-child visits with growth, sore ears, and one night of croup.

use chrono::NaiveDate;

use crate::world::calendar::{Moment, later, workday_from};
use crate::world::chart::Chart;
use crate::world::clinician::Clinician;
use crate::world::code::{Code, rxnorm, snomed};
use crate::world::decimal::Drift;
use crate::world::document::{DISCHARGE_INSTRUCTIONS, Document, PROGRESS_NOTE};
use crate::world::medicine::{BY_MOUTH, Medicine};
use crate::world::person::Role;
use crate::world::procedure::Procedure;
use crate::world::site::Place;
use crate::world::visit::{FOR_A_PROBLEM, Manner, URGENT, Visit, WELL_CHILD};
use crate::world::vitals::{BREATHS, Bedside, HEAD, HEIGHT, OXYGEN, PULSE, TEMPERATURE, WEIGHT_FINE};

pub(super) const DOCTOR: Clinician = Clinician::HollowaySen;
pub(super) const EARACHE: Code = snomed("3110003", "Acute otitis media");

/// Age in days at each well-child visit, and the visit's name.
const WELL_VISITS: [(i64, &str); 9] = [
    (4, "Newborn visit"),
    (16, "Two-week visit"),
    (62, "Two-month visit"),
    (124, "Four-month visit"),
    (185, "Six-month visit"),
    (276, "Nine-month visit"),
    (368, "One-year visit"),
    (459, "Fifteen-month visit"),
    (551, "Eighteen-month visit"),
];
/// Age in days when he was brought in with sore ears.
const SORE_EARS: [i64; 3] = [318, 492, 655];
/// Age in days on the night of the barking cough.
pub(super) const BARKING_COUGH: i64 = 603;

// Age in days; tens of grams, and millimetres.
const WEIGHTS: Drift = Drift(&[
    (0, 342),
    (4, 325),
    (16, 365),
    (62, 560),
    (124, 705),
    (185, 800),
    (276, 905),
    (368, 985),
    (551, 1_120),
    (740, 1_225),
]);
const LENGTHS: Drift =
    Drift(&[(0, 505), (16, 528), (62, 583), (124, 636), (185, 674), (276, 718), (368, 756), (551, 822)]);
const HEADS: Drift =
    Drift(&[(0, 350), (16, 362), (62, 391), (124, 415), (185, 432), (276, 449), (368, 460), (551, 474)]);

/// Writes all visits.
pub(super) fn write(chart: &mut Chart) {
    for (age, reason) in WELL_VISITS {
        well_visit(chart, age, reason);
    }
    for age in SORE_EARS {
        sore_ears(chart, age);
    }
    barking_cough(chart);
}

/// The working day on which he is so many days old, or the next one.
pub(super) fn day(chart: &Chart, age: i64) -> NaiveDate {
    workday_from(later(Role::Toddler.birth_date(chart.calendar()), age))
}

fn well_visit(chart: &mut Chart, age: i64, reason: &str) {
    let label = format!("well-{age}");
    let mut dice = chart.dice(&label);
    let from = Moment::at(day(chart, age), 9, 30);
    let id = chart.visit(&Visit {
        label: &label,
        manner: Manner::Ambulatory,
        kind: WELL_CHILD,
        reason,
        from,
        to: from.plus(35),
        with: DOCTOR,
        place: Place::ChildrensRoom,
        labels: &[],
    });
    let label = format!("well-{age}/vitals");
    let bedside = Bedside { label, at: from.plus(5), by: DOCTOR, visit: Some(id.clone()), labels: &[] };
    chart.take(&bedside, WEIGHT_FINE, WEIGHTS.at(age) + dice.between(-4, 4));
    chart.take(&bedside, HEIGHT, LENGTHS.at(age) + dice.between(-3, 3));
    chart.take(&bedside, HEAD, HEADS.at(age) + dice.between(-1, 1));
    let text = match age {
        4 => include_str!("../notes/toddler_newborn.txt"),
        368 => include_str!("../notes/toddler_one_year.txt"),
        551 => include_str!("../notes/toddler_eighteen_months.txt"),
        _ => return,
    };
    let label = format!("well-{age}/note");
    let note = Document::note(PROGRESS_NOTE, &label, text, from.plus(60), DOCTOR);
    chart.document(Document { visit: Some(id), ..note });
}

fn sore_ears(chart: &mut Chart, age: i64) {
    let label = format!("ear-{age}");
    let mut dice = chart.dice(&label);
    let date = day(chart, age);
    let from = Moment::at(date, 11, 15);
    let id = chart.visit(&Visit {
        label: &label,
        manner: Manner::Ambulatory,
        kind: FOR_A_PROBLEM,
        reason: "Fever and pulling at the ear",
        from,
        to: from.plus(20),
        with: DOCTOR,
        place: Place::ChildrensRoom,
        labels: &[],
    });
    let label = format!("ear-{age}/vitals");
    let bedside = Bedside { label, at: from.plus(3), by: DOCTOR, visit: Some(id.clone()), labels: &[] };
    chart.take(&bedside, TEMPERATURE, dice.between(383, 392));
    chart.take(&bedside, WEIGHT_FINE, WEIGHTS.at(age) + dice.between(-4, 4));
    if age == 655 {
        let text = include_str!("../notes/toddler_ear.txt");
        let note = Document::note(PROGRESS_NOTE, "ear-655/note", text, from.plus(30), DOCTOR);
        chart.document(Document { visit: Some(id), ..note });
        return;
    }
    let medicine = Medicine {
        label: if age == 318 { "amoxicillin-1" } else { "amoxicillin-2" },
        code: rxnorm("308189", "amoxicillin 80 MG/ML Oral Suspension"),
        name: "Amoxicillin liquid, 400 mg in 5 mL",
        reason: EARACHE,
        dosage: if age == 318 {
            "Give 5 mL by mouth twice a day for 10 days. Shake well and keep it in the refrigerator."
        } else {
            "Give 5.5 mL by mouth twice a day for 10 days. Shake well and keep it in the refrigerator."
        },
        told: None,
        route: BY_MOUTH,
        a_day: 2,
        on: date,
        by: DOCTOR,
        status: "completed",
        stopped: None,
        supply: (if age == 318 { 100 } else { 110 }, "mL", 10),
        repeats: 0,
        labels: &[],
    };
    chart.prescribe(medicine, Some(&id));
}

fn barking_cough(chart: &mut Chart) {
    let by = Clinician::AbernethyCho;
    let from = Moment::at(later(Role::Toddler.birth_date(chart.calendar()), BARKING_COUGH), 20, 50);
    let id = chart.visit(&Visit {
        label: "croup",
        manner: Manner::Ambulatory,
        kind: URGENT,
        reason: "Barking cough and noisy breathing at night",
        from,
        to: from.plus(110),
        with: by,
        place: Place::AfterHours,
        labels: &[],
    });
    let bedside =
        Bedside { label: "croup/vitals".to_owned(), at: from.plus(4), by, visit: Some(id.clone()), labels: &[] };
    chart.take(&bedside, TEMPERATURE, 379);
    chart.take(&bedside, PULSE, 138);
    chart.take(&bedside, BREATHS, 36);
    chart.take(&bedside, OXYGEN, 97);
    let steroid = Procedure {
        label: "croup/steroid",
        code: snomed("18629005", "Administration of medication"),
        name: "Dexamethasone by mouth, one dose, given in the clinic",
        at: from.plus(20),
        by,
        place: Place::AfterHours,
        not_done: None,
        note: Some("Kept it down. Breathing quiet at rest one hour later."),
    };
    chart.procedure(steroid, Some(&id));
    for (kind, label, text) in [
        (PROGRESS_NOTE, "croup/note", include_str!("../notes/toddler_croup.txt")),
        (DISCHARGE_INSTRUCTIONS, "croup/instructions", include_str!("../notes/toddler_croup_instructions.txt")),
    ] {
        chart.document(Document { visit: Some(id.clone()), ..Document::note(kind, label, text, from.plus(105), by) });
    }
}
