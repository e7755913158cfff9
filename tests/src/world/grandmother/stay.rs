//! Three nights in Riverside's short-stay unit, about three years ago: a kidney infection.

use super::lab_exceptions::URINE_CULTURE;
use crate::world::analyte::{CREATININE, EGFR_2021, POTASSIUM, SODIUM, WHITE_CELLS};
use crate::world::calendar::{Moment, later};
use crate::world::chart::Chart;
use crate::world::clinician::Clinician;
use crate::world::code::{Code, loinc, rxnorm, snomed};
use crate::world::document::{DISCHARGE_INSTRUCTIONS, DISCHARGE_SUMMARY, Document, HISTORY_AND_PHYSICAL};
use crate::world::laboratory::{Report, URINE, VENOUS_BLOOD};
use crate::world::medicine::{BY_MOUTH, Medicine};
use crate::world::observation::Value;
use crate::world::procedure::Procedure;
use crate::world::site::{Place, Site};
use crate::world::visit::{ADMISSION, Manner, Visit};
use crate::world::vitals::{BREATHS, Bedside, OXYGEN, PULSE, TEMPERATURE};

/// So many days ago she was admitted.
pub(super) const STAY_BEGAN: i64 = 1_103;
const INFECTION: Code = snomed("45816000", "Pyelonephritis");
const KIDNEY_ULTRASOUND: Code = loinc("43774-9", "US Kidney - bilateral");

/// Writes the stay and everything tied to it.
pub(super) fn write(chart: &mut Chart) {
    let first = chart.calendar().days_ago(STAY_BEGAN);
    let last = later(first, 3);
    let arrival = Moment::at(first, 18, 40);
    let stay = chart.visit(&Visit {
        label: "stay",
        manner: Manner::Inpatient,
        kind: ADMISSION,
        reason: "Fever, back pain and weakness: kidney infection",
        from: arrival,
        to: Moment::at(last, 11, 30),
        with: Clinician::Vandersloot,
        place: Place::ShortStay,
        labels: &[],
    });
    for day in 0..=3 {
        let at = if day == 0 { arrival.plus(15) } else { Moment::at(later(first, day), 7, 50) };
        let bedside = Bedside {
            label: format!("stay/vitals-{day}"),
            at,
            by: Clinician::Vandersloot,
            visit: Some(stay.clone()),
            labels: &[],
        };
        chart.take_pressure(&bedside, 104 + day * 7, 61 + day * 4);
        chart.take(&bedside, PULSE, 112 - day * 11);
        chart.take(&bedside, BREATHS, 22 - day * 2);
        chart.take(
            &bedside,
            TEMPERATURE,
            [389, 381, 374, 368].get(usize::try_from(day).unwrap_or(3)).copied().unwrap_or(368),
        );
        chart.take(&bedside, OXYGEN, 94 + day);
    }
    results(chart, &stay, arrival);
    chart.procedure(
        Procedure {
            label: "stay/fluids",
            code: snomed("103744005", "Administration of intravenous fluids"),
            name: "Fluids by drip",
            at: arrival.plus(70),
            by: Clinician::Vandersloot,
            place: Place::ShortStay,
            not_done: None,
            note: Some("Two litres over the first night."),
        },
        Some(&stay),
    );
    chart.prescribe(
        Medicine {
            label: "stay/cephalexin",
            code: rxnorm("309114", "cephalexin 500 MG Oral Capsule"),
            name: "Cephalexin 500 mg capsule",
            reason: INFECTION,
            dosage: "Take 1 capsule by mouth twice a day for 10 days. Finish all of them.",
            told: Some("Tome 1 cápsula por la boca dos veces al día durante 10 días. Termine todas las cápsulas."),
            route: BY_MOUTH,
            a_day: 2,
            on: last,
            by: Clinician::Vandersloot,
            status: "completed",
            stopped: None,
            supply: (20, "capsules", 10),
            repeats: 0,
            labels: &[],
        },
        Some(&stay),
    );
    papers(chart, &stay, arrival, Moment::at(last, 11, 0));
}

fn results(chart: &mut Chart, stay: &str, arrival: Moment) {
    let blood = chart.draw("stay/blood", arrival.plus(25), VENOUS_BLOOD, Site::Riverside, &[]);
    for (what, digits) in [(WHITE_CELLS, 164), (CREATININE, 188), (EGFR_2021, 27), (POTASSIUM, 52), (SODIUM, 133)] {
        let label = format!("stay/blood/{}", what.key);
        let mut reading = chart.amount(&label, &blood, what, digits);
        reading.visit = Some(stay.to_owned());
        reading.issued = arrival.plus(95);
        chart.observe(reading);
    }
    let urine = chart.draw("stay/urine", arrival.plus(40), URINE, Site::Riverside, &[]);
    let mut culture = chart.reading(
        "stay/culture",
        &urine,
        URINE_CULTURE,
        Value::Words(
            "More than 100,000 colonies/mL of Escherichia coli. Susceptible to cephalexin, ceftriaxone and \
             nitrofurantoin. Resistant to ampicillin and trimethoprim-sulfamethoxazole.",
        ),
    );
    culture.flag = Some(("A", "Abnormal"));
    culture.visit = Some(stay.to_owned());
    culture.issued = Moment::at(later(urine.at.date, 2), 14, 20);
    let issued = culture.issued;
    let member = chart.observe(culture);
    let report = Report {
        issued,
        visit: Some(stay.to_owned()),
        conclusion: Some("Growth of one organism; the antibiotic given works against it."),
        ..chart.panel("stay/culture-report", &urine, URINE_CULTURE, vec![member])
    };
    chart.report(report);
    let scan = Moment::at(later(arrival.date, 1), 10, 15);
    chart.report(Report {
        label: "stay/ultrasound",
        version: 1,
        status: "final",
        category: ("RAD", "Radiology"),
        code: KIDNEY_ULTRASOUND,
        at: scan,
        issued: scan.plus(120),
        members: Vec::new(),
        performers: vec![chart.organization(Site::Riverside)],
        visit: Some(stay.to_owned()),
        conclusion: Some(
            "Right kidney 9.6 cm, left kidney 9.8 cm. No stone, no blockage, no abscess. Slightly thin outer layer on \
             both sides, as expected with long-standing kidney disease.",
        ),
        labels: &[],
    });
}

fn papers(chart: &mut Chart, stay: &str, arrival: Moment, leaving: Moment) {
    let by = Clinician::Vandersloot;
    let papers = [
        Document::note(
            HISTORY_AND_PHYSICAL,
            "stay/h-and-p",
            include_str!("../notes/grandmother_admission.txt"),
            arrival.plus(110),
            by,
        ),
        Document::note(
            DISCHARGE_SUMMARY,
            "stay/summary",
            include_str!("../notes/grandmother_discharge_summary.txt"),
            leaving,
            by,
        ),
        Document::note(
            DISCHARGE_INSTRUCTIONS,
            "stay/instructions",
            include_str!("../notes/grandmother_discharge_instructions.txt"),
            leaving.plus(5),
            by,
        ),
        Document {
            language: "es",
            title: "Instrucciones para el alta",
            ..Document::note(
                DISCHARGE_INSTRUCTIONS,
                "stay/instrucciones",
                include_str!("../notes/grandmother_discharge_instructions_es.txt"),
                leaving.plus(6),
                by,
            )
        },
    ];
    for paper in papers {
        chart.document(Document { visit: Some(stay.to_owned()), ..paper });
    }
}
