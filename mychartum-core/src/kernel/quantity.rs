//! Measured amounts: a number, perhaps censored, with its unit.

use serde::{Deserialize, Serialize};

use super::decimal::Decimal;
use super::hidden;
use super::unit::Unit;

/// A measured amount (FHIR R4 `Quantity`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantity {
    /// The number as received.
    pub value: Decimal,
    /// Set where the number is only a bound: the value is censored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparator: Option<Comparator>,
    /// The unit as received.
    #[serde(default)]
    pub unit: Unit,
}

hidden!(Quantity);

/// How a censored value relates to its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Comparator {
    /// Below the number.
    #[serde(rename = "<")]
    Below,
    /// The number or below.
    #[serde(rename = "<=")]
    AtMost,
    /// The number or above.
    #[serde(rename = ">=")]
    AtLeast,
    /// Above the number.
    #[serde(rename = ">")]
    Above,
}

impl Comparator {
    /// The sign, as in `<0.01`.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::AtLeast => ">=",
            Self::Above => ">",
        }
    }

    /// The comparator of a sign (FHIR R4 value set quantity-comparator; `≤` and `≥` are read too).
    #[must_use]
    pub fn of(sign: &str) -> Option<Self> {
        match sign.trim() {
            "<" => Some(Self::Below),
            "<=" | "≤" => Some(Self::AtMost),
            ">=" | "≥" => Some(Self::AtLeast),
            ">" => Some(Self::Above),
            _ => None,
        }
    }
}

impl Quantity {
    /// The number as received, with the comparator's sign where it is censored: `<0.01`.
    #[must_use]
    pub fn as_received(&self) -> String {
        format!("{}{}", self.comparator.map_or("", Comparator::sign), self.value.as_str())
    }

    /// The number as people want to read it, with its sign and unit: `5.9 %`.
    #[must_use]
    pub fn for_people(&self) -> String {
        let sign = self.comparator.map_or("", Comparator::sign);
        let unit = self.unit.shown();
        let space = if unit.is_empty() { "" } else { " " };
        format!("{sign}{}{space}{unit}", self.value.for_people())
    }
}
