//! One analyte of the file: its units and its codes, checked.

use serde::Deserialize;

use crate::kernel::text::Label;
use crate::kernel::{Decimal, Unit, UnitConversion};

use super::error::ConversionFault;

/// An analyte as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenAnalyte {
    name: String,
    base: String,
    same: Vec<Vec<String>>,
    #[serde(default)]
    unit: Vec<WrittenUnit>,
}

/// A unit of an analyte as the file has it: `base = (value * factor + offset) / divisor`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenUnit {
    code: String,
    factor: String,
    #[serde(default = "zero")]
    offset: String,
    #[serde(default = "one")]
    divisor: String,
    citation: String,
}

fn zero() -> String {
    "0".to_owned()
}

fn one() -> String {
    "1".to_owned()
}

/// An analyte with all its ways between units.
#[derive(Clone)]
pub(super) struct Analyte {
    /// The base unit first, then the others in the order of the file.
    pub(super) units: Vec<Label>,
    /// Codes that are the same analyte in the same specimen, a list for each specimen.
    pub(super) same: Vec<Vec<Label>>,
    /// Every way from one of the units to another one. The analyte of each is the name, until a code is asked for.
    pub(super) ways: Vec<UnitConversion>,
}

impl WrittenAnalyte {
    /// Checks it.
    pub(super) fn check(&self) -> Result<Analyte, ConversionFault> {
        let name = text(&self.name)?;
        let base = code_of_unit(&self.base)?;
        let mut to_base = Vec::new();
        for unit in &self.unit {
            to_base.push(unit.check(&name, &base)?);
        }
        let units: Vec<Label> = core::iter::once(&base).chain(to_base.iter().map(|way| &way.from)).cloned().collect();
        if units.iter().enumerate().any(|(index, unit)| units.iter().skip(index + 1).any(|other| other == unit)) {
            return Err(ConversionFault::Unit);
        }
        let mut ways = to_base.clone();
        for one in &to_base {
            ways.push(one.back());
            for other in to_base.iter().filter(|other| other.from != one.from) {
                ways.push(one.then(&other.back()).ok_or(ConversionFault::TooLong)?);
            }
        }
        let codes = |codes: &Vec<String>| {
            codes.iter().map(|code| Label::parse(code).map_err(|_| ConversionFault::Code)).collect()
        };
        let same = self.same.iter().map(codes).collect::<Result<Vec<Vec<Label>>, _>>()?;
        Ok(Analyte { units, same, ways })
    }
}

impl WrittenUnit {
    fn check(&self, name: &Label, base: &Label) -> Result<UnitConversion, ConversionFault> {
        let number = |text: &str| text.parse::<Decimal>().map_err(|_| ConversionFault::Number);
        let way = UnitConversion {
            analyte: name.clone(),
            from: code_of_unit(&self.code)?,
            to: base.clone(),
            factor: number(&self.factor)?,
            offset: number(&self.offset)?,
            divisor: number(&self.divisor)?,
            citation: Some(text(&self.citation)?),
        };
        let zero = Decimal::from(0);
        if [&way.factor, &way.divisor].into_iter().any(|number| number.compare(&zero).is_le()) {
            return Err(ConversionFault::NotAboveZero);
        }
        Ok(way)
    }
}

fn text(text: &str) -> Result<Label, ConversionFault> {
    Label::parse(text).map_err(|_| ConversionFault::Text)
}

/// A unit by the spelling that values are compared by.
fn code_of_unit(code: &str) -> Result<Label, ConversionFault> {
    let code = text(code)?;
    if Unit::of(code.as_str()).key() == code.as_str() { Ok(code) } else { Err(ConversionFault::Unit) }
}
