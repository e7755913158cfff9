//! Where somebody lives.

use serde::{Deserialize, Serialize};

use crate::kernel::hidden;

use super::few::Few;
use super::line::Line;

/// A postal address. Only the lines are there always: not every country has the rest, and what a source sends is one line.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PostalAddress {
    /// Street, house, apartment: up to three lines.
    pub lines: Few<Line<512>, 3>,
    /// Town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<Line<200>>,
    /// State, province or region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Line<100>>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<Line<20>>,
    /// Country, as its name or its code of two letters (ISO 3166-1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Line<100>>,
}

hidden!(PostalAddress);

impl PostalAddress {
    /// The address in one line, from the house to the country.
    #[must_use]
    pub fn shown(&self) -> String {
        let city = self.city.as_ref().map(Line::as_str);
        let region = self.region.as_ref().map(Line::as_str);
        let code = self.postal_code.as_ref().map(Line::as_str);
        let country = self.country.as_ref().map(Line::as_str);
        let lines = self.lines.as_slice().iter().map(Line::as_str);
        lines.chain(city).chain(region).chain(code).chain(country).collect::<Vec<_>>().join(", ")
    }

    /// What a source says in one line.
    pub(super) fn of_source(line: &str) -> Option<Self> {
        let lines = Few::new(vec![Line::of_source(line)?]).ok()?;
        Some(Self { lines, city: None, region: None, postal_code: None, country: None })
    }

    /// Whether the two say the same: the letters and digits in order, however they are set out.
    #[must_use]
    pub fn says_same(&self, other: &Self) -> bool {
        let words = |address: &Self| -> Vec<String> {
            let folded = address.shown().to_lowercase();
            folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        words(self) == words(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_however_it_is_set_out() {
        let line = |text: &str| Line::parse(text).unwrap();
        let set_out = PostalAddress {
            lines: Few::new(vec![line("12 Elm St."), line("Apt 3")]).unwrap(),
            city: Some(Line::parse("Springfield").unwrap()),
            region: Some(Line::parse("MA").unwrap()),
            postal_code: Some(Line::parse("01101").unwrap()),
            country: None,
        };
        let one_line = PostalAddress::of_source("12 Elm St, Apt 3, Springfield, MA 01101").unwrap();
        assert!(set_out.says_same(&one_line));
        assert!(!set_out.says_same(&PostalAddress::of_source("112 Elm St, Apt 3, Springfield, MA 01101").unwrap()));
        // Words do not run into one another.
        let [one, other] = ["1 23 Elm", "12 3 Elm"].map(|line| PostalAddress::of_source(line).unwrap());
        assert!(!one.says_same(&other));
    }
}
