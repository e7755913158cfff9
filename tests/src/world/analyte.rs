//! What the laboratories measure: code, unit, digits and their own reference ranges.

use super::code::{Code, Unit, loinc};
use super::decimal::Decimal;
use super::observation::Range;

/// One thing that a laboratory measures, with the range it prints. Bounds count in units of the last place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Analyte {
    pub(super) key: &'static str,
    pub(super) code: Code,
    pub(super) name: &'static str,
    pub(super) unit: Unit,
    places: u8,
    low: Option<i64>,
    high: Option<i64>,
    alarm: Option<i64>,
}

impl Analyte {
    const fn new(key: &'static str, code: Code, name: &'static str, unit: Unit, places: u8) -> Self {
        Self { key, code, name, unit, places, low: None, high: None, alarm: None }
    }

    const fn range(self, low: i64, high: i64) -> Self {
        Self { low: Some(low), high: Some(high), ..self }
    }

    const fn up_to(self, high: i64) -> Self {
        Self { high: Some(high), ..self }
    }

    const fn at_least(self, low: i64) -> Self {
        Self { low: Some(low), ..self }
    }

    const fn alarm(self, above: i64) -> Self {
        Self { alarm: Some(above), ..self }
    }

    /// The digits as a decimal with this analyte's places.
    pub(super) const fn decimal(self, digits: i64) -> Decimal {
        Decimal::new(digits, self.places)
    }

    /// The range as printed.
    pub(super) fn printed_range(self) -> Option<Range> {
        (self.low.is_some() || self.high.is_some()).then(|| Range {
            low: self.low.map(|low| self.decimal(low)),
            high: self.high.map(|high| self.decimal(high)),
            unit: self.unit,
        })
    }

    /// The laboratory's flag for a value, if it prints a range at all.
    pub(super) fn flag(self, digits: i64) -> Option<(&'static str, &'static str)> {
        if self.alarm.is_some_and(|alarm| digits > alarm) {
            Some(("HH", "Critical high"))
        } else if self.high.is_some_and(|high| digits > high) {
            Some(("H", "High"))
        } else if self.low.is_some_and(|low| digits < low) {
            Some(("L", "Low"))
        } else {
            (self.low.is_some() || self.high.is_some()).then_some(("N", "Normal"))
        }
    }
}

const PERCENT: Unit = Unit::same("%");
const MG_DL: Unit = Unit::same("mg/dL");
const MMOL_L: Unit = Unit::same("mmol/L");
const EGFR: Unit = Unit::new("mL/min/1.73m2", "mL/min/{1.73_m2}");
const THOUSAND: Unit = Unit::new("10^3/uL", "10*3/uL");

pub(super) const HBA1C: Analyte =
    Analyte::new("hba1c", loinc("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"), "Hemoglobin A1c", PERCENT, 1)
        .range(40, 56)
        .alarm(140);
/// Creatinine with the range that Riverside printed until it changed its method.
pub(super) const CREATININE_BEFORE: Analyte =
    Analyte::new("creatinine", loinc("2160-0", "Creatinine [Mass/volume] in Serum or Plasma"), "Creatinine", MG_DL, 2)
        .range(60, 120)
        .alarm(400);
/// Creatinine with the range that Riverside prints now.
pub(super) const CREATININE: Analyte = CREATININE_BEFORE.range(50, 104);
pub(super) const EGFR_MDRD: Analyte = Analyte::new(
    "egfr",
    loinc("33914-3", "Glomerular filtration rate/1.73 sq M.predicted by MDRD formula"),
    "eGFR (MDRD)",
    EGFR,
    0,
)
.at_least(60);
pub(super) const EGFR_2021: Analyte = Analyte::new(
    "egfr",
    loinc("98979-8", "Glomerular filtration rate/1.73 sq M.predicted by CKD-EPI 2021 formula"),
    "eGFR (CKD-EPI 2021)",
    EGFR,
    0,
)
.at_least(60);
pub(super) const URINE_ALBUMIN: Analyte = Analyte::new(
    "uacr",
    loinc("9318-7", "Albumin/Creatinine [Mass Ratio] in Urine"),
    "Urine albumin/creatinine ratio",
    Unit::same("mg/g"),
    0,
)
.up_to(30);
pub(super) const POTASSIUM: Analyte =
    Analyte::new("potassium", loinc("2823-3", "Potassium [Moles/volume] in Serum or Plasma"), "Potassium", MMOL_L, 1)
        .range(35, 51)
        .alarm(60);
pub(super) const SODIUM: Analyte =
    Analyte::new("sodium", loinc("2951-2", "Sodium [Moles/volume] in Serum or Plasma"), "Sodium", MMOL_L, 0)
        .range(136, 145);
pub(super) const GLUCOSE: Analyte = Analyte::new(
    "fasting-glucose",
    loinc("1558-6", "Fasting glucose [Mass/volume] in Serum or Plasma"),
    "Fasting glucose",
    MG_DL,
    0,
)
.range(70, 99)
.alarm(400);
/// Northgate reports fasting glucose in another unit, under another code.
pub(super) const GLUCOSE_MOLES: Analyte = Analyte::new(
    "fasting-glucose-moles",
    loinc("14771-0", "Fasting glucose [Moles/volume] in Serum or Plasma"),
    "Fasting glucose",
    MMOL_L,
    1,
)
.range(39, 55);
pub(super) const CHOLESTEROL: Analyte = Analyte::new(
    "cholesterol",
    loinc("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma"),
    "Total cholesterol",
    MG_DL,
    0,
)
.up_to(200);
pub(super) const HDL: Analyte =
    Analyte::new("hdl", loinc("2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma"), "HDL", MG_DL, 0)
        .at_least(50);
pub(super) const LDL: Analyte = Analyte::new(
    "ldl",
    loinc("13457-7", "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation"),
    "LDL (calculated)",
    MG_DL,
    0,
)
.up_to(100);
pub(super) const LDL_DIRECT: Analyte = Analyte::new(
    "ldl-direct",
    loinc("18262-6", "Cholesterol in LDL [Mass/volume] in Serum or Plasma by Direct assay"),
    "LDL (measured)",
    MG_DL,
    0,
)
.up_to(100);
pub(super) const TRIGLYCERIDE: Analyte = Analyte::new(
    "triglyceride",
    loinc("2571-8", "Triglyceride [Mass/volume] in Serum or Plasma"),
    "Triglycerides",
    MG_DL,
    0,
)
.up_to(150);
pub(super) const HEMOGLOBIN: Analyte = Analyte::new(
    "hemoglobin",
    loinc("718-7", "Hemoglobin [Mass/volume] in Blood"),
    "Hemoglobin",
    Unit::same("g/dL"),
    1,
)
.range(120, 155);
/// Hemoglobin with the range for small children.
pub(super) const HEMOGLOBIN_CHILD: Analyte = HEMOGLOBIN.range(110, 140);
pub(super) const HEMATOCRIT: Analyte = Analyte::new(
    "hematocrit",
    loinc("4544-3", "Hematocrit [Volume Fraction] of Blood by Automated count"),
    "Hematocrit",
    PERCENT,
    1,
)
.range(360, 460);
pub(super) const WHITE_CELLS: Analyte = Analyte::new(
    "white-cells",
    loinc("6690-2", "Leukocytes [#/volume] in Blood by Automated count"),
    "White blood cells",
    THOUSAND,
    1,
)
.range(40, 110);
pub(super) const PLATELETS: Analyte = Analyte::new(
    "platelets",
    loinc("777-3", "Platelets [#/volume] in Blood by Automated count"),
    "Platelets",
    THOUSAND,
    0,
)
.range(150, 400);
pub(super) const CELL_VOLUME: Analyte = Analyte::new(
    "mcv",
    loinc("787-2", "MCV [Entitic volume] by Automated count"),
    "Mean cell volume",
    Unit::same("fL"),
    1,
)
.range(800, 1000);
pub(super) const TSH: Analyte = Analyte::new(
    "tsh",
    loinc("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma"),
    "TSH",
    Unit::new("mIU/L", "m[IU]/L"),
    2,
)
.range(45, 450);
pub(super) const FREE_T4: Analyte = Analyte::new(
    "free-t4",
    loinc("3024-7", "Thyroxine (T4) free [Mass/volume] in Serum or Plasma"),
    "Free T4",
    Unit::same("ng/dL"),
    2,
)
.range(82, 177);
pub(super) const FERRITIN: Analyte = Analyte::new(
    "ferritin",
    loinc("2276-4", "Ferritin [Mass/volume] in Serum or Plasma"),
    "Ferritin",
    Unit::same("ng/mL"),
    0,
)
.range(15, 150);
pub(super) const VITAMIN_D: Analyte = Analyte::new(
    "vitamin-d",
    loinc("1989-3", "25-hydroxyvitamin D3 [Mass/volume] in Serum or Plasma"),
    "Vitamin D",
    Unit::same("ng/mL"),
    1,
)
.range(300, 1000);
pub(super) const LEAD: Analyte = Analyte::new(
    "lead",
    loinc("10368-9", "Lead [Mass/volume] in Capillary blood"),
    "Lead, finger stick",
    Unit::same("ug/dL"),
    1,
)
.up_to(35);
