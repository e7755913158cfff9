//! Numbers as senders write them.

use mychartum_core::kernel::Decimal;

/// A decimal with its digits as received (XML Schema, HL7 v2 NM); only what those allow beyond ours is filled in: `.5`, `5.`, `+5`.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let (sign, digits) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(digits), _) => ("", digits),
        (_, Some(digits)) => ("-", digits),
        _ => ("", text),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let digits = digits.strip_suffix('.').unwrap_or(digits);
    let zero = if digits.starts_with('.') { "0" } else { "" };
    format!("{sign}{zero}{digits}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_digits() {
        for (text, expected) in [
            ("13.10", Some("13.10")),
            (".5", Some("0.5")),
            ("-.5", Some("-0.5")),
            ("5.", Some("5")),
            ("+5.0", Some("5.0")),
        ] {
            assert_eq!(decimal(text).as_ref().map(Decimal::as_str), expected);
        }
        for text in ["", ".", "-", "+-5", "x"] {
            assert!(decimal(text).is_none(), "{text}");
        }
    }
}
