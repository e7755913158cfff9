//! Numbers in texts: `<0.01 ng/mL` as a censored amount.

use mychartum_core::kernel::{Comparator, Decimal, Quantity, Unit};

/// A text that is nothing but a comparator, a number and perhaps a unit: `<0.01 ng/mL`.
///
/// Anything else in the text, and it stays text: a laboratory's words are not ours to interpret.
pub(crate) fn censored(text: &str) -> Option<Quantity> {
    number_and_unit(text).filter(|quantity| quantity.comparator.is_some())
}

/// A number with a sign before it and a unit behind it, each if there is one.
pub(crate) fn number_and_unit(text: &str) -> Option<Quantity> {
    let text = text.trim();
    let (comparator, rest) = ["<=", ">=", "<", ">", "≤", "≥"]
        .into_iter()
        .find_map(|sign| Some((Comparator::of(sign), text.strip_prefix(sign)?)))
        .unwrap_or((None, text));
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(rest.len());
    let (number, unit) = rest.split_at_checked(end)?;
    let value = number.parse::<Decimal>().ok()?;
    let unit = unit.trim();
    let spaced = matches!(unit.to_lowercase().as_str(), "mm hg" | "ml/min/1.73 m2" | "ml/min/1.73 m^2");
    let starts = |c: char| c.is_alphabetic() || matches!(c, '%' | '/' | '[' | '{' | '°');
    let is_unit = unit.is_empty()
        || (unit.starts_with(starts)
            && unit.chars().count() <= 20
            && (spaced || !unit.contains(char::is_whitespace))
            && !unit.contains([',', ';', '(']));
    is_unit.then(|| Quantity {
        value,
        comparator,
        unit: if unit.is_empty() { Unit::default() } else { Unit::of(unit) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_censored_numbers_are_read() {
        for (text, shown) in [
            ("<0.01", "<0.01 "),
            ("< 0.01 ng/mL", "<0.01 ng/mL"),
            ("≥60 mL/min/1.73 m2", ">=60 mL/min/1.73 m2"),
            (">=5%", ">=5 %"),
            ("<-2.5", "<-2.5 "),
        ] {
            let read = censored(text).unwrap();
            assert_eq!(format!("{} {}", read.as_received(), read.unit.shown()), shown);
        }
        for text in [
            "5.4",
            "<",
            "<x",
            ">100,000 CFU/mL",
            ">60 (normal)",
            "<5 see note",
            "less than 5",
            "<5 a-very-long-unit-that-is-none",
            "<5-10",
            "< 5 < 6",
            "<1.2.3",
        ] {
            assert!(censored(text).is_none(), "{text}");
        }
    }
}
