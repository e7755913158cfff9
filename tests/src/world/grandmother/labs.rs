//! Her regular laboratory results: values that drift the way her illness does.

use super::lab_exceptions::{POTASSIUM_QUARTER, POTASSIUM_WRONG};
use super::quarters::Quarter;
use crate::world::analyte::{
    Analyte, CELL_VOLUME, CHOLESTEROL, CREATININE, CREATININE_BEFORE, EGFR_2021, EGFR_MDRD, GLUCOSE, GLUCOSE_MOLES,
    HBA1C, HDL, HEMATOCRIT, HEMOGLOBIN, LDL, LDL_DIRECT, PLATELETS, POTASSIUM, SODIUM, TRIGLYCERIDE, URINE_ALBUMIN,
    WHITE_CELLS,
};
use crate::world::calendar::Moment;
use crate::world::chart::Chart;
use crate::world::code::{Code, loinc};
use crate::world::decimal::{Decimal, Drift};
use crate::world::dice::Dice;
use crate::world::laboratory::{Draw, NEGATIVE, URINE, VENOUS_BLOOD};
use crate::world::observation::{Reading, Value};
use crate::world::site::Site;

pub(super) const METABOLIC_PANEL: Code = loinc("24321-2", "Basic metabolic 2000 panel - Serum or Plasma");
pub(super) const LIPID_PANEL: Code = loinc("57698-3", "Lipid panel with direct LDL - Serum or Plasma");
const CBC_PANEL: Code = loinc("58410-2", "CBC panel - Blood by Automated count");
const URINE_PROTEIN: Code = loinc("20454-5", "Protein [Presence] in Urine by Test strip");
const URINE_COLOR: Code = loinc("5778-6", "Color of Urine");

// Points are (quarter, value in units of the last place).
const HBA1C_DRIFT: Drift = Drift(&[(0, 92), (3, 71), (20, 80), (24, 69), (39, 73)]);
const CREATININE_DRIFT: Drift = Drift(&[(0, 92), (20, 108), (27, 126), (39, 137)]);
const EGFR_DRIFT: Drift = Drift(&[(0, 66), (20, 54), (27, 45), (39, 40)]);
const POTASSIUM_DRIFT: Drift = Drift(&[(0, 42), (20, 45), (39, 47)]);
const URINE_ALBUMIN_DRIFT: Drift = Drift(&[(5, 6), (9, 14), (15, 38), (21, 96), (27, 88), (39, 52)]);
const LDL_DRIFT: Drift = Drift(&[(0, 148), (4, 96), (20, 88), (39, 71)]);
const HEMOGLOBIN_DRIFT: Drift = Drift(&[(0, 131), (20, 125), (39, 116)]);

/// The quarter in which Riverside began to print a new range for creatinine.
const NEW_RANGE_FROM: i64 = 20;
/// The quarter in which Riverside moved to the 2021 kidney formula. It is another code: the two series do not join.
const NEW_FORMULA_FROM: i64 = 24;
/// The year in which her triglycerides were too high to calculate LDL, so that it was measured.
const MEASURED_LDL: i64 = 10;

/// Writes what Riverside's own bench measures.
pub(super) fn at_riverside(chart: &mut Chart, quarters: &[Quarter]) {
    for quarter in quarters {
        let mut dice = chart.dice(&format!("labs/{}", quarter.label));
        let draw = chart.draw(&quarter.label, quarter.draw_at(), VENOUS_BLOOD, Site::Riverside, &[]);
        let sugar = HBA1C_DRIFT.at(quarter.index) + dice.between(-1, 1);
        chart.measure(&draw, HBA1C, sugar);
        metabolic_panel(chart, &draw, quarter, sugar, &mut dice);
        match quarter.index % 4 {
            0 => blood_count(chart, &draw, quarter, &mut dice),
            2 => lipids(chart, &draw, quarter, &mut dice),
            3 => dipstick(chart, quarter),
            _ => {}
        }
    }
}

/// Fasting glucose in mg/dL that goes with an HbA1c in tenths of a percent.
fn fasting_glucose(sugar: i64, dice: &mut Dice) -> i64 {
    (287 * sugar - 4_670) / 100 - 22 + dice.between(-9, 9)
}

fn metabolic_panel(chart: &mut Chart, draw: &Draw, quarter: &Quarter, sugar: i64, dice: &mut Dice) {
    let index = quarter.index;
    let wobble = dice.between(-3, 3);
    let creatinine = if index < NEW_RANGE_FROM { CREATININE_BEFORE } else { CREATININE };
    let egfr = if index < NEW_FORMULA_FROM { EGFR_MDRD } else { EGFR_2021 };
    let potassium =
        if index == POTASSIUM_QUARTER { POTASSIUM_WRONG } else { POTASSIUM_DRIFT.at(index) + dice.between(-2, 2) };
    let values: [(Analyte, i64); 5] = [
        (SODIUM, dice.between(137, 142)),
        (POTASSIUM, potassium),
        (creatinine, CREATININE_DRIFT.at(index) + wobble),
        (egfr, EGFR_DRIFT.at(index) - wobble),
        (GLUCOSE, fasting_glucose(sugar, dice)),
    ];
    let members = values.into_iter().map(|(what, digits)| chart.measure(draw, what, digits)).collect();
    let label = format!("{}/metabolic", quarter.label);
    let report = chart.panel(&label, draw, METABOLIC_PANEL, members);
    chart.report(report);
}

fn blood_count(chart: &mut Chart, draw: &Draw, quarter: &Quarter, dice: &mut Dice) {
    let hemoglobin = HEMOGLOBIN_DRIFT.at(quarter.index) + dice.between(-2, 2);
    let values = [
        (WHITE_CELLS, dice.between(55, 82)),
        (HEMOGLOBIN, hemoglobin),
        (HEMATOCRIT, hemoglobin * 3 + dice.between(-4, 4)),
        (PLATELETS, dice.between(205, 290)),
        (CELL_VOLUME, dice.between(868, 902)),
    ];
    let members = values.into_iter().map(|(what, digits)| chart.measure(draw, what, digits)).collect();
    let label = format!("{}/cbc", quarter.label);
    let report = chart.panel(&label, draw, CBC_PANEL, members);
    chart.report(report);
}

fn lipids(chart: &mut Chart, draw: &Draw, quarter: &Quarter, dice: &mut Dice) {
    let measured = quarter.index == MEASURED_LDL;
    let ldl = LDL_DRIFT.at(quarter.index) + dice.between(-5, 5);
    let hdl = dice.between(44, 53);
    let fat = if measured { 412 } else { dice.between(118, 186) };
    let values = [
        (CHOLESTEROL, ldl + hdl + fat / 5),
        (HDL, hdl),
        (TRIGLYCERIDE, fat),
        (if measured { LDL_DIRECT } else { LDL }, ldl),
    ];
    let members = values.into_iter().map(|(what, digits)| chart.measure(draw, what, digits)).collect();
    let label = lipid_label(quarter);
    let mut report = chart.panel(&label, draw, LIPID_PANEL, members);
    report.conclusion = measured.then_some("Triglycerides above 400 mg/dL: LDL was measured, not calculated.");
    chart.report(report);
}

/// The label of a quarter's lipid report.
pub(super) fn lipid_label(quarter: &Quarter) -> String {
    format!("{}/lipids", quarter.label)
}

/// A test strip: findings in words and codes, without numbers.
fn dipstick(chart: &mut Chart, quarter: &Quarter) {
    let label = format!("{}-urine", quarter.label);
    let draw = chart.draw(&label, quarter.draw_at().plus(12), URINE, Site::Riverside, &[]);
    chart.find(&draw, "color", URINE_COLOR, Value::Words("Yellow, clear"));
    let protein = if quarter.index < 12 { NEGATIVE } else { Code::new("http://snomed.info/sct", "260405006", "Trace") };
    chart.find(&draw, "protein", URINE_PROTEIN, Value::Coded(protein));
}

/// Writes what Northgate measures: urine albumin twice a year, and fasting glucose once, in mmol/L.
pub(super) fn at_northgate(chart: &mut Chart, quarters: &[Quarter]) {
    for quarter in quarters.iter().filter(|quarter| quarter.index % 2 == 1) {
        let mut dice = chart.dice(&format!("labs/{}", quarter.label));
        let at = Moment::at(quarter.outside_draw, 7, 30).plus(dice.between(0, 40));
        urine_albumin(chart, quarter, at, &mut dice);
        if quarter.index % 4 == 1 {
            let draw = chart.draw(&quarter.label, at.plus(6), VENOUS_BLOOD, Site::Northgate, &[]);
            let milligrams = fasting_glucose(HBA1C_DRIFT.at(quarter.index), &mut dice);
            // 1 mmol/L of glucose is 18.016 mg/dL.
            chart.measure(&draw, GLUCOSE_MOLES, (milligrams * 10_000 + 9_008) / 18_016);
        }
    }
}

fn urine_albumin(chart: &mut Chart, quarter: &Quarter, at: Moment, dice: &mut Dice) {
    let draw = chart.draw(&format!("{}-urine", quarter.label), at, URINE, Site::Northgate, &[]);
    if quarter.index >= 5 {
        chart.measure(&draw, URINE_ALBUMIN, URINE_ALBUMIN_DRIFT.at(quarter.index) + dice.between(-1, 4));
        return;
    }
    let label = format!("{}/{}", draw.label, URINE_ALBUMIN.key);
    let reading = Reading {
        value: Value::Below(Decimal::new(5, 0), URINE_ALBUMIN.unit),
        note: Some("Albumin is below what the method can measure."),
        ..chart.amount(&label, &draw, URINE_ALBUMIN, 4)
    };
    chart.observe(reading);
}
