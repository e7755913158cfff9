//! Results that are not plain: withdrawn, cancelled, preliminary, corrected, amended, in words.

use super::labs::{LIPID_PANEL, lipid_label};
use super::quarters::Quarter;
use crate::world::analyte::{CHOLESTEROL, CREATININE, HBA1C, HDL, LDL, POTASSIUM, TRIGLYCERIDE};
use crate::world::calendar::Moment;
use crate::world::chart::Chart;
use crate::world::clinician::Clinician;
use crate::world::code::{Code, Unit, loinc, snomed};
use crate::world::decimal::Decimal;
use crate::world::laboratory::{Draw, NEGATIVE, Report, URINE, VENOUS_BLOOD};
use crate::world::observation::{Category, Reading, Value};
use crate::world::site::Site;

/// The quarter whose potassium was wrong at first.
pub(super) const POTASSIUM_QUARTER: i64 = 37;
/// The potassium first reported, in tenths: a damaged sample.
pub(super) const POTASSIUM_WRONG: i64 = 62;
const POTASSIUM_RIGHT: i64 = 46;
/// The quarter whose lipid report was amended.
const LIPID_QUARTER: i64 = 38;

pub(super) const URINE_CULTURE: Code = loinc("630-4", "Bacteria identified in Urine by Culture");
const LEUKOCYTES: Code = loinc("5799-2", "Leukocyte esterase [Presence] in Urine by Test strip");
const SMOKING: Code = loinc("72166-2", "Tobacco smoking status");
const FORMER_SMOKER: Code = snomed("8517006", "Ex-smoker");
const PHQ_2: Code = loinc("55758-7", "Patient Health Questionnaire 2 item (PHQ-2) total score [Reported]");

/// What the first delivery already holds.
pub(super) fn first_delivery(chart: &mut Chart, quarters: &[Quarter]) {
    withdrawn(chart);
    cancelled(chart);
    preliminary_culture(chart);
    smoking_and_mood(chart, quarters);
}

/// What Riverside sends later: the true potassium, and the report with another conclusion.
pub(super) fn later_delivery(chart: &mut Chart, quarters: &[Quarter]) {
    for quarter in quarters {
        let draw = chart.redraw(&quarter.label, quarter.draw_at(), Site::Riverside);
        match quarter.index {
            POTASSIUM_QUARTER => corrected_potassium(chart, &draw),
            LIPID_QUARTER => amended_lipids(chart, quarter, &draw),
            _ => {}
        }
    }
}

fn corrected_potassium(chart: &mut Chart, draw: &Draw) {
    let label = format!("{}/{}", draw.label, POTASSIUM.key);
    let reading = Reading {
        version: 2,
        status: "corrected",
        issued: Moment::at(chart.calendar().workday_ago(3), 15, 10),
        note: Some(
            "Corrected. The first value of 6.2 mmol/L came from a damaged sample. A second tube of the same draw was measured.",
        ),
        ..chart.amount(&label, draw, POTASSIUM, POTASSIUM_RIGHT)
    };
    chart.observe(reading);
}

fn amended_lipids(chart: &mut Chart, quarter: &Quarter, draw: &Draw) {
    let members = [CHOLESTEROL, HDL, TRIGLYCERIDE, LDL]
        .iter()
        .map(|what| chart.id("Observation", &format!("{}/{}", draw.label, what.key)))
        .collect();
    let label = lipid_label(quarter);
    let report = Report {
        version: 2,
        status: "amended",
        issued: Moment::at(chart.calendar().workday_ago(3), 15, 25),
        conclusion: Some(
            "Amended: the sample was taken two hours after breakfast, not fasting. The numbers are unchanged. \
             Triglycerides may read a little high.",
        ),
        ..chart.panel(&label, draw, LIPID_PANEL, members)
    };
    chart.report(report);
}

fn withdrawn(chart: &mut Chart) {
    let at = Moment::at(chart.calendar().workday_ago(540), 9, 40);
    let draw = chart.draw("mislabelled", at, VENOUS_BLOOD, Site::Riverside, &[]);
    let reading = Reading {
        status: "entered-in-error",
        note: Some("This tube carried another person's label. The result is not yours."),
        ..chart.amount("mislabelled/hba1c", &draw, HBA1C, 51)
    };
    chart.observe(reading);
}

fn cancelled(chart: &mut Chart) {
    let at = Moment::at(chart.calendar().workday_ago(268), 8, 25);
    let draw = chart.draw("clotted", at, VENOUS_BLOOD, Site::Riverside, &[]);
    let reading = Reading {
        status: "cancelled",
        name: CREATININE.name,
        note: Some("The sample clotted before it could be measured. Please come again; there is no charge."),
        ..chart.reading("clotted/creatinine", &draw, CREATININE.code, Value::Missing("not-performed"))
    };
    chart.observe(reading);
}

fn preliminary_culture(chart: &mut Chart) {
    let at = Moment::at(chart.calendar().workday_ago(2), 8, 10);
    let draw = chart.draw("culture-now", at, URINE, Site::Riverside, &[]);
    chart.find(&draw, "leukocytes", LEUKOCYTES, Value::Coded(NEGATIVE));
    let reading = Reading {
        status: "preliminary",
        note: Some("A final report follows in one to two days."),
        ..chart.reading(
            "culture-now/culture",
            &draw,
            URINE_CULTURE,
            Value::Words("No growth after one day; still being watched."),
        )
    };
    let member = chart.observe(reading);
    let mut report = chart.panel("culture-now/report", &draw, URINE_CULTURE, vec![member]);
    report.status = "preliminary";
    chart.report(report);
}

fn smoking_and_mood(chart: &mut Chart, quarters: &[Quarter]) {
    for quarter in quarters.iter().filter(|quarter| quarter.index % 4 == 3) {
        let at = Moment::at(quarter.visit, 9, 0);
        let visit = Some(chart.id("Encounter", &format!("{}/visit", quarter.label)));
        let label = format!("{}/smoking", quarter.label);
        let smoking = Reading {
            visit: visit.clone(),
            performers: vec![chart.clinician(Clinician::Brightwater)],
            ..Reading::new(Category::SocialHistory, &label, SMOKING, at, Value::Coded(FORMER_SMOKER))
        };
        chart.observe(smoking);
        let score = Decimal::new(chart.dice(&label).between(0, 2), 0);
        let label = format!("{}/phq-2", quarter.label);
        let mood = Reading {
            name: "PHQ-2 mood questions, total score",
            visit,
            performers: vec![chart.subject()],
            ..Reading::new(Category::Survey, &label, PHQ_2, at, Value::Amount(score, Unit::new("score", "{score}")))
        };
        chart.observe(mood);
    }
}
