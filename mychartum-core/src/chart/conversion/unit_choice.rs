//! What a person chose: an analyte shown in one unit.

use crate::kernel::text::Label;
use crate::kernel::{UnitConversion, hidden};

/// An analyte shown in one unit: the codes that are the same analyte, and the conversions that lead to the unit.
///
/// Made by [`Conversions::choice`](super::Conversions::choice), taken by [`Trend::in_unit`](crate::chart::Trend::in_unit).
#[derive(Clone, PartialEq, Eq)]
pub struct UnitChoice {
    pub(super) analyte: Label,
    pub(super) others: Vec<Label>,
    pub(super) unit: Label,
    pub(super) conversions: Vec<UnitConversion>,
}

hidden!(UnitChoice);

impl UnitChoice {
    /// The LOINC code that was asked for.
    #[must_use]
    pub fn analyte(&self) -> &str {
        self.analyte.as_str()
    }

    /// The LOINC codes that are the same analyte, the one that was asked for first.
    pub fn analytes(&self) -> impl Iterator<Item = &str> {
        core::iter::once(&self.analyte).chain(&self.others).map(Label::as_str)
    }

    /// The UCUM code of the unit.
    #[must_use]
    pub fn unit(&self) -> &str {
        self.unit.as_str()
    }

    /// One conversion for each code and each unit that leads to the chosen one.
    #[must_use]
    pub fn conversions(&self) -> &[UnitConversion] {
        &self.conversions
    }
}
