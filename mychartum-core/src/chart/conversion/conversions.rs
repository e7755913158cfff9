//! The conversions that are known, by analyte.

use core::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::kernel::text::Label;
use crate::kernel::{Decimal, Unit, UnitConversion};

use super::analyte::{Analyte, WrittenAnalyte};
use super::error::{ConversionError, ConversionFault};
use super::unit_choice::UnitChoice;

/// Which units of which analyte can be shown as which, and which LOINC codes are one analyte.
///
/// LOINC has one code for a concentration by mass and another by moles. They are one trend only where the file says that they
/// are the same, for the same specimen; nothing is guessed from names. `conversions.toml` beside this file has the shipped
/// ones, each with the publication its numbers are from.
///
/// ```
/// use mychartum_core::chart::Conversions;
/// let known = Conversions::shipped();
/// assert_eq!(known.units("2345-7").collect::<Vec<_>>(), ["mg/dL", "mmol/L"]);
/// let body_weight = known.way("29463-7", "[lb_av]", "kg").unwrap();
/// assert_eq!(body_weight.convert(&"22.4".parse()?).unwrap().as_str(), "10.2");
/// assert!(known.choice("2345-7", "furlong").is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Conversions {
    analytes: Vec<Analyte>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    analyte: Vec<WrittenAnalyte>,
}

const SHIPPED: &str = include_str!("conversions.toml");

/// INVARIANT: a test parses the shipped file, so that this is never empty.
static CONVERSIONS: LazyLock<Conversions> = LazyLock::new(|| Conversions::parse(SHIPPED).unwrap_or_default());

impl Conversions {
    /// The conversions that come with the engine.
    #[must_use]
    pub fn shipped() -> &'static Self {
        &CONVERSIONS
    }

    /// Reads conversions from TOML: an `[[analyte]]` each with `name`, `base` unit and `same` (lists of LOINC codes), and an
    /// `[[analyte.unit]]` for each other unit with `code`, `factor`, `offset`, `divisor` and `citation`, where
    /// `base = (value * factor + offset) / divisor`.
    ///
    /// # Errors
    /// [`ConversionError`] with the first analyte that breaks a rule, and the rule.
    pub fn parse(text: &str) -> Result<Self, ConversionError> {
        let form = |_| ConversionError { analyte: 0, fault: ConversionFault::Form };
        let written: Written = toml::from_str(text).map_err(form)?;
        let mut analytes: Vec<Analyte> = Vec::new();
        let mut codes: Vec<Label> = Vec::new();
        for (analyte, written) in (1..).zip(&written.analyte) {
            let checked = written.check().map_err(|fault| ConversionError { analyte, fault })?;
            for code in checked.same.iter().flatten() {
                if codes.contains(code) {
                    return Err(ConversionError { analyte, fault: ConversionFault::Code });
                }
                codes.push(code.clone());
            }
            analytes.push(checked);
        }
        Ok(Self { analytes })
    }

    /// The LOINC codes it has conversions for.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.analytes.iter().flat_map(|analyte| analyte.same.iter().flatten()).map(Label::as_str)
    }

    /// The LOINC codes that are the same analyte as this one, this one among them; none where it is not known.
    pub fn same(&self, loinc: &str) -> impl Iterator<Item = &str> {
        self.find(loinc).into_iter().flat_map(|(_, same)| same).map(Label::as_str)
    }

    /// The UCUM codes of the units that an analyte can be shown in; none where it is not known.
    pub fn units(&self, loinc: &str) -> impl Iterator<Item = &str> {
        self.find(loinc).into_iter().flat_map(|(analyte, _)| &analyte.units).map(Label::as_str)
    }

    /// The way from one unit of an analyte to another one. `None` where there is none, and where the units are the same.
    #[must_use]
    pub fn way(&self, loinc: &str, from: &str, to: &str) -> Option<UnitConversion> {
        let (from, to) = (Unit::of(from), Unit::of(to));
        let (analyte, _) = self.find(loinc)?;
        let way = analyte.ways.iter().find(|way| way.from.as_str() == from.key() && way.to.as_str() == to.key())?;
        Some(UnitConversion { analyte: Label::parse(loinc).ok()?, ..way.clone() })
    }

    /// The value of an analyte in another unit; as it is where the unit is the same; `None` where there is no way.
    #[must_use]
    pub fn value_in(&self, loinc: &str, value: &Decimal, from: &Unit, to: &str) -> Option<Decimal> {
        if from.key() == Unit::of(to).key() {
            return Some(value.clone());
        }
        self.way(loinc, from.key(), to)?.convert(value)
    }

    /// An analyte shown in one of its [`units`](Self::units), for a [`Trend`](crate::chart::Trend). `None` for any other unit.
    #[must_use]
    pub fn choice(&self, loinc: &str, unit: &str) -> Option<UnitChoice> {
        let (analyte, same) = self.find(loinc)?;
        let unit = analyte.units.iter().find(|known| known.as_str() == Unit::of(unit).key())?.clone();
        let asked = same.iter().find(|code| code.as_str() == loinc)?.clone();
        let others: Vec<Label> = same.iter().filter(|code| **code != asked).cloned().collect();
        let ways = || analyte.ways.iter().filter(|way| way.to == unit);
        let conversions = core::iter::once(&asked)
            .chain(&others)
            .flat_map(|code| ways().map(|way| UnitConversion { analyte: code.clone(), ..way.clone() }))
            .collect();
        Some(UnitChoice { analyte: asked, others, unit, conversions })
    }

    fn find(&self, loinc: &str) -> Option<(&Analyte, &Vec<Label>)> {
        self.analytes.iter().find_map(|analyte| {
            let has = |same: &&Vec<Label>| same.iter().any(|code| code.as_str() == loinc);
            Some((analyte, analyte.same.iter().find(has)?))
        })
    }
}

impl fmt::Debug for Conversions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Conversions({} analytes)", self.analytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(loinc: &str, value: &str, from: &str, to: &str) -> String {
        let known = Conversions::shipped();
        known.value_in(loinc, &value.parse().unwrap(), &Unit::of(from), to).unwrap().as_str().to_owned()
    }

    #[test]
    fn the_shipped_file_is_whole() {
        let parsed = Conversions::parse(SHIPPED).unwrap();
        assert_eq!(parsed.analytes.len(), 15);
        for code in parsed.codes() {
            assert!(parsed.units(code).count() >= 2, "{code}");
        }
    }

    /// The factors of the AMA Manual of Style (11th edition, table 17.5-2), at the precision it prints.
    #[test]
    fn factors_are_those_that_journals_print() {
        for (loinc, to, printed, tolerance) in [
            ("2345-7", "mmol/L", 0.0555, 0.00005),
            ("2093-3", "mmol/L", 0.0259, 0.00005),
            ("2085-9", "mmol/L", 0.0259, 0.00005),
            ("2571-8", "mmol/L", 0.0113, 0.00005),
            ("2160-0", "umol/L", 88.4, 0.05),
            ("3094-0", "mmol/L", 0.357, 0.0005),
            ("17861-6", "mmol/L", 0.25, 0.005),
            ("1975-2", "umol/L", 17.104, 0.0005),
        ] {
            let way = Conversions::shipped().way(loinc, "mg/dL", to).unwrap();
            let factor = way.factor.for_drawing() / way.divisor.for_drawing();
            assert!((factor - printed).abs() <= tolerance, "{loinc}: {factor}");
            assert!(way.citation.is_some());
        }
    }

    #[test]
    fn values_that_everybody_knows() {
        for (loinc, value, from, to, expected) in [
            ("2345-7", "126", "mg/dL", "mmol/L", "6.99"),
            ("14749-6", "7.0", "mmol/L", "mg/dL", "126"),
            ("2093-3", "200", "mg/dL", "mmol/L", "5.17"),
            ("8310-5", "100.4", "[degF]", "Cel", "38.0"),
            ("8310-5", "37.0", "Cel", "[degF]", "98.6"),
            ("4548-4", "6.5", "%", "mmol/mol", "48"),
            ("59261-8", "53", "mmol/mol", "%", "7.0"),
            ("718-7", "13.5", "g/dL", "g/L", "135"),
            ("29463-7", "3500", "g", "kg", "3.500"),
            ("29463-7", "3500", "g", "[lb_av]", "7.716"),
            ("8302-2", "20.0", "[in_i]", "cm", "50.8"),
        ] {
            assert_eq!(converted(loinc, value, from, to), expected, "{loinc} {value} {from}");
        }
    }

    #[test]
    fn codes_of_other_specimens_are_other_analytes() {
        let known = Conversions::shipped();
        assert_eq!(known.same("2345-7").collect::<Vec<_>>(), ["2345-7", "14749-6"]);
        assert_eq!(known.same("15074-8").collect::<Vec<_>>(), ["2339-0", "15074-8"]);
        assert_eq!(known.same("no such code").count(), 0);
        assert!(known.way("718-7", "mg/dL", "mmol/L").is_none());
        assert!(known.way("2345-7", "mg/dL", "mg/dL").is_none());
        assert!(known.choice("2345-7", "mg/g").is_none());
    }

    #[test]
    fn a_broken_file_says_which_rule() {
        let file = |same: &str, base: &str, unit: &str| {
            format!("[[analyte]]\nname = \"x\"\nbase = \"{base}\"\nsame = {same}\n[[analyte.unit]]\n{unit}\n")
        };
        let unit = |code: &str, factor: &str, more: &str| {
            format!("code = \"{code}\"\nfactor = \"{factor}\"\ncitation = \"c\"\n{more}")
        };
        let good = unit("b", "2", "");
        for (text, fault) in [
            ("[[analyte]]\nnames = 1\n".to_owned(), ConversionFault::Form),
            (file("[[\"1\"]]", " ", &good), ConversionFault::Text),
            (file("[[\"1\"]]", "a", &unit("b", "two", "")), ConversionFault::Number),
            (file("[[\"1\"]]", "a", &unit("b", "0", "")), ConversionFault::NotAboveZero),
            (file("[[\"1\"]]", "a", &unit("b", "1", "divisor = \"-1\"")), ConversionFault::NotAboveZero),
            (file("[[\"1\"], [\"1\"]]", "a", &good), ConversionFault::Code),
            (file("[[\"\"]]", "a", &good), ConversionFault::Code),
            (file("[[\"1\"]]", "b", &good), ConversionFault::Unit),
            (file("[[\"1\"]]", "mmHg", &good), ConversionFault::Unit),
        ] {
            let error = Conversions::parse(&text).unwrap_err();
            assert_eq!(error.fault, fault);
            assert_eq!(error.analyte, usize::from(fault != ConversionFault::Form));
        }
        assert!(Conversions::parse(&file("[[\"1\"]]", "a", &good)).is_ok());
    }
}
