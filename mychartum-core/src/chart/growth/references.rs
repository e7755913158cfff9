//! The growth references that are known: which tables are for which age.

use core::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

use super::error::{GrowthError, GrowthFault};
use super::table::Table;

/// What of a child is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GrowthMeasure {
    /// Weight for age.
    Weight,
    /// Length for age, lying.
    Length,
    /// Stature for age, standing.
    Stature,
    /// Head circumference for age.
    HeadCircumference,
    /// Body mass index for age.
    BodyMassIndex,
}

/// Growth references: published tables, the ages they are for, and the curves that are drawn of them.
#[derive(Clone, Default)]
pub struct GrowthReferences {
    pub(super) references: Vec<Reference>,
}

/// One published reference.
#[derive(Clone)]
pub(super) struct Reference {
    pub(super) name: String,
    pub(super) citation: String,
    /// In days: included, and not included.
    pub(super) from: f64,
    pub(super) until: f64,
    /// How many days one of the tables' units of age has.
    pub(super) days: f64,
    pub(super) percentiles: Vec<u8>,
    pub(super) tables: Vec<MeasureTable>,
}

/// The table of one measure of a reference.
#[derive(Clone)]
pub(super) struct MeasureTable {
    pub(super) measure: GrowthMeasure,
    pub(super) unit: String,
    pub(super) codes: Vec<String>,
    pub(super) rows: Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    reference: Vec<WrittenReference>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenReference {
    name: String,
    citation: String,
    from: u16,
    until: u16,
    days: f64,
    percentiles: Vec<u8>,
    table: Vec<WrittenTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTable {
    measure: GrowthMeasure,
    file: String,
    unit: String,
    codes: Vec<String>,
}

/// Days in a month, as both WHO and CDC count (365.25 / 12).
const MONTH: f64 = 30.4375;

const SHIPPED: &str = include_str!("growth.toml");

const TABLES: [(&str, &str); 6] = [
    ("who_weight", include_str!("who_weight.tsv")),
    ("who_length", include_str!("who_length.tsv")),
    ("who_head", include_str!("who_head.tsv")),
    ("cdc_weight", include_str!("cdc_weight.tsv")),
    ("cdc_stature", include_str!("cdc_stature.tsv")),
    ("cdc_bmi", include_str!("cdc_bmi.tsv")),
];

/// INVARIANT: a test parses the shipped files, so that this is never empty.
static REFERENCES: LazyLock<GrowthReferences> =
    LazyLock::new(|| GrowthReferences::parse(SHIPPED, &TABLES).unwrap_or_default());

impl GrowthReferences {
    /// The references that come with the engine: WHO from birth to 24 months, CDC from there to 20 years.
    #[must_use]
    pub fn shipped() -> &'static Self {
        &REFERENCES
    }

    /// Reads references from TOML in the shape of the shipped `growth.toml`, and their tables by name: a row a line with sex (`m`
    /// or `f`), age, L, M and S, tabs between; lines that begin with `#` are passed over.
    ///
    /// # Errors
    /// [`GrowthError`] with the first place that breaks a rule, and the rule.
    pub fn parse(references: &str, tables: &[(&str, &str)]) -> Result<Self, GrowthError> {
        let at = |place: &str, fault| GrowthError { place: place.to_owned(), fault };
        let written: Written = toml::from_str(references).map_err(|_| at("references", GrowthFault::Form))?;
        let mut found = Vec::new();
        for reference in written.reference {
            let percentiles = &reference.percentiles;
            let in_order = percentiles.iter().zip(percentiles.iter().skip(1)).all(|(one, next)| one < next);
            let in_range = percentiles.iter().all(|percentile| (1..100).contains(percentile));
            if !in_order || !in_range || reference.until <= reference.from || reference.days <= 0.0 {
                return Err(at(&reference.name, GrowthFault::Range));
            }
            let mut measures = Vec::new();
            for table in reference.table {
                let text = tables.iter().find(|(name, _)| *name == table.file);
                let (name, text) = text.ok_or_else(|| at(&table.file, GrowthFault::NoTable))?;
                let rows = Table::parse(text).map_err(|(line, fault)| at(&format!("{name} line {line}"), fault))?;
                measures.push(MeasureTable { measure: table.measure, unit: table.unit, codes: table.codes, rows });
            }
            found.push(Reference {
                name: reference.name,
                citation: reference.citation,
                from: f64::from(reference.from) * MONTH,
                until: f64::from(reference.until) * MONTH,
                days: reference.days,
                percentiles: reference.percentiles,
                tables: measures,
            });
        }
        Ok(Self { references: found })
    }
}

impl fmt::Debug for GrowthReferences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.references.iter().map(|reference| &reference.name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::lms::{Lms, z_score_of};
    use super::super::table::GrowthSex::{self, Female, Male};
    use super::GrowthMeasure::{BodyMassIndex, HeadCircumference, Length, Stature, Weight};
    use super::*;

    fn at(reference: usize, measure: GrowthMeasure, sex: GrowthSex, age: f64) -> Lms {
        let reference = &GrowthReferences::shipped().references[reference];
        reference.tables.iter().find(|table| table.measure == measure).unwrap().rows.at(sex, age).unwrap()
    }

    #[test]
    fn the_shipped_files_are_whole() {
        let parsed = GrowthReferences::parse(SHIPPED, &TABLES).unwrap();
        assert_eq!(format!("{parsed:?}"), r#"["WHO Child Growth Standards", "CDC Growth Charts"]"#);
        for reference in &parsed.references {
            for table in &reference.tables {
                for sex in [Female, Male] {
                    let ages: Vec<f64> = table.rows.ages(sex).map(|age| age * reference.days).collect();
                    let (first, last) = (ages.first().unwrap(), ages.last().unwrap());
                    assert!(*first <= reference.from && *last + 1.0 > reference.until);
                }
            }
        }
    }

    /// Weight-for-age, length-for-age and head circumference-for-age of the WHO at birth, as published.
    #[test]
    fn who_tables_hold_published_numbers() {
        assert_eq!(at(0, Weight, Male, 0.0), Lms { l: 0.3487, m: 3.3464, s: 0.14602 });
        assert_eq!(at(0, Weight, Female, 0.0), Lms { l: 0.3809, m: 3.2322, s: 0.14171 });
        assert_eq!(at(0, Length, Male, 0.0), Lms { l: 1.0, m: 49.8842, s: 0.03795 });
        assert_eq!(at(0, HeadCircumference, Male, 0.0), Lms { l: 1.0, m: 34.4618, s: 0.03686 });
        // Percentiles 5, 25, 50, 75 and 95 at whole months, from the files of these standards that the CDC publishes.
        for (measure, sex, month, printed) in [
            (Weight, Male, 1.0, [3.566165, 4.080792, 4.4709, 4.889123, 5.542933]),
            (Weight, Male, 12.0, [8.052577, 8.960956, 9.6479, 10.38387, 11.53526]),
            (Weight, Female, 12.0, [7.342376, 8.24313, 8.9481, 9.726833, 10.99531]),
            (Length, Male, 12.0, [71.84023, 74.14605, 75.7488, 77.35155, 79.65737]),
            (Length, Female, 6.0, [62.00319, 64.20243, 65.7311, 67.25977, 69.45901]),
            (HeadCircumference, Male, 12.0, [43.95282, 45.19953, 46.0661, 46.93267, 48.17938]),
            (HeadCircumference, Female, 18.0, [43.97043, 45.31075, 46.2424, 47.17405, 48.51437]),
        ] {
            for (percentile, printed) in [0.05, 0.25, 0.5, 0.75, 0.95].into_iter().zip(printed) {
                let value = at(0, measure, sex, month * MONTH).measurement(z_score_of(percentile));
                assert!((value / printed - 1.0).abs() < 0.002, "{measure:?} {sex:?} {month} {percentile}: {value}");
            }
        }
    }

    /// Rows of the CDC's data files, with the percentiles that the files print beside them.
    #[test]
    fn cdc_tables_hold_published_numbers() {
        for (measure, sex, months, printed) in [
            (Weight, Male, 24.5, [10.4414422, 12.74154396, 15.68840631]),
            (Weight, Male, 240.0, [54.00391729, 70.59761453, 100.7783809]),
            (Weight, Female, 120.5, [23.99142774, 33.06392318, 51.42912799]),
            (Stature, Male, 24.5, [80.26037074, 86.86160934, 93.45923029]),
            (Stature, Female, 120.5, [125.9599043, 138.2111552, 151.2919534]),
            (Stature, Female, 240.0, [151.1111674, 163.338251, 175.4671292]),
            (BodyMassIndex, Male, 24.0, [14.520953329, 16.575027675, 19.859858115]),
            (BodyMassIndex, Male, 216.5, [17.851502186, 21.895868501, 30.611401484]),
            (BodyMassIndex, Female, 120.5, [13.740743496, 16.862313656, 24.603327787]),
        ] {
            for (percentile, printed) in [0.03, 0.5, 0.97].into_iter().zip(printed) {
                let value = at(1, measure, sex, months).measurement(z_score_of(percentile));
                assert!((value - printed).abs() < 1e-6, "{measure:?} {sex:?} {months} {percentile}: {value}");
            }
        }
    }

    #[test]
    fn a_broken_file_says_where_and_why() {
        let file = |until: u16, percentiles: &str, table: &str| {
            format!(
                "[[reference]]\nname = \"R\"\ncitation = \"c\"\nfrom = 0\nuntil = {until}\ndays = 1.0\npercentiles = {percentiles}\n\
                 [[reference.table]]\nmeasure = \"weight\"\nfile = \"{table}\"\nunit = \"kg\"\ncodes = []\n"
            )
        };
        let tables = [("short", "m\t0\t1\t2\t0.1\n")];
        for (text, place, fault) in [
            ("reference = 1".to_owned(), "references", GrowthFault::Form),
            (file(0, "[50]", "short"), "R", GrowthFault::Range),
            (file(1, "[50, 3]", "short"), "R", GrowthFault::Range),
            (file(1, "[0]", "short"), "R", GrowthFault::Range),
            (file(1, "[50]", "none"), "none", GrowthFault::NoTable),
            (file(1, "[50]", "short"), "short line 0", GrowthFault::Short),
        ] {
            let error = GrowthReferences::parse(&text, &tables).unwrap_err();
            assert_eq!((error.place.as_str(), error.fault), (place, fault));
        }
    }
}
