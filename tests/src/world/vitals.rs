//! Vital signs (US Core vital signs profiles): one set a visit, the blood pressure as a panel with components.

use super::calendar::Moment;
use super::chart::Chart;
use super::clinician::Clinician;
use super::code::{Code, Unit, loinc};
use super::decimal::Decimal;
use super::observation::{Category, Reading, Value};

const PRESSURE: Code = loinc("85354-9", "Blood pressure panel with all children optional");
const SYSTOLIC: Code = loinc("8480-6", "Systolic blood pressure");
const DIASTOLIC: Code = loinc("8462-4", "Diastolic blood pressure");
const MM_HG: Unit = Unit::new("mmHg", "mm[Hg]");
const PERCENT: Unit = Unit::same("%");

/// A vital sign with one value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sign {
    key: &'static str,
    code: Code,
    unit: Unit,
    places: u8,
}

const fn sign(key: &'static str, code: Code, unit: Unit, places: u8) -> Sign {
    Sign { key, code, unit, places }
}

pub(super) const PULSE: Sign = sign("pulse", loinc("8867-4", "Heart rate"), Unit::new("beats/min", "/min"), 0);
pub(super) const BREATHS: Sign =
    sign("breaths", loinc("9279-1", "Respiratory rate"), Unit::new("breaths/min", "/min"), 0);
pub(super) const OXYGEN: Sign =
    sign("oxygen", loinc("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"), PERCENT, 0);
pub(super) const TEMPERATURE: Sign =
    sign("temperature", loinc("8310-5", "Body temperature"), Unit::new("°C", "Cel"), 1);
pub(super) const WEIGHT: Sign = sign("weight", loinc("29463-7", "Body weight"), Unit::same("kg"), 1);
/// A small child's weight, to ten grams.
pub(super) const WEIGHT_FINE: Sign = Sign { places: 2, ..WEIGHT };
pub(super) const HEIGHT: Sign = sign("height", loinc("8302-2", "Body height"), Unit::same("cm"), 1);
pub(super) const MASS_INDEX: Sign =
    sign("bmi", loinc("39156-5", "Body mass index (BMI) [Ratio]"), Unit::same("kg/m2"), 1);
pub(super) const HEAD: Sign =
    sign("head", loinc("9843-4", "Head Occipital-frontal circumference"), Unit::same("cm"), 1);

/// Where and by whom a set of vital signs is taken.
#[derive(Debug, Clone)]
pub(super) struct Bedside {
    /// Begins the label of each sign.
    pub(super) label: String,
    pub(super) at: Moment,
    pub(super) by: Clinician,
    pub(super) visit: Option<String>,
    pub(super) labels: &'static [Code],
}

/// The body mass index in tenths, from weight in hundreds of grams and height in millimetres; zero without a height.
pub(super) fn mass_index(weight: i64, height: i64) -> i64 {
    // kg/m2 * 10 = (weight / 10) / (height / 1000)^2 * 10, rounded to the nearest tenth.
    let square = height.saturating_mul(height);
    (weight * 1_000_000 + square / 2).checked_div(square).unwrap_or(0)
}

impl Chart {
    /// Adds one sign; digits count in units of the sign's last place.
    pub(super) fn take(&mut self, bedside: &Bedside, what: Sign, digits: i64) {
        let value = Value::Amount(Decimal::new(digits, what.places), what.unit);
        self.add_sign(bedside, what.key, what.code, value, Vec::new());
    }

    /// Adds a blood pressure in mmHg.
    pub(super) fn take_pressure(&mut self, bedside: &Bedside, systolic: i64, diastolic: i64) {
        let amount = |digits| Value::Amount(Decimal::new(digits, 0), MM_HG);
        let components = vec![(SYSTOLIC, amount(systolic)), (DIASTOLIC, amount(diastolic))];
        self.add_sign(bedside, "pressure", PRESSURE, Value::Elsewhere, components);
    }

    /// Adds weight (hundreds of grams), height (millimetres) and the index they give.
    pub(super) fn take_build(&mut self, bedside: &Bedside, weight: i64, height: i64) {
        self.take(bedside, WEIGHT, weight);
        self.take(bedside, HEIGHT, height);
        self.take(bedside, MASS_INDEX, mass_index(weight, height));
    }

    fn add_sign(&mut self, bedside: &Bedside, key: &str, code: Code, value: Value, components: Vec<(Code, Value)>) {
        let label = format!("{}/{key}", bedside.label);
        let reading = Reading {
            components,
            performers: vec![self.clinician(bedside.by)],
            visit: bedside.visit.clone(),
            labels: bedside.labels,
            ..Reading::new(Category::VitalSigns, &label, code, bedside.at, value)
        };
        self.observe(reading);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_index_is_rounded_to_tenths() {
        // 68.4 kg at 158.0 cm is 27.399 kg/m2.
        assert_eq!(super::mass_index(684, 1580), 274);
        assert_eq!(super::mass_index(684, 0), 0);
    }
}
