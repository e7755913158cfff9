//! Decimals that keep the digits they came with.

use core::cmp::Ordering;
use core::str::FromStr;

use super::{hidden, text_form};

/// A decimal number with its digits as received: `13.10` stays `13.10`, `1E-22` stays `1E-22`.
///
/// Never a float: FHIR R4 (section 2.24.0.1) asks that the precision of a decimal be kept, since it says how a value was
/// measured. Two decimals are `==` when their texts are; [`compare`](Self::compare) compares what they are worth.
///
/// ```
/// use mychartum_core::kernel::Decimal;
/// let hba1c: Decimal = "5.915434843673958".parse()?;
/// assert_eq!(hba1c.as_str(), "5.915434843673958");
/// assert_eq!(hba1c.for_people(), "5.9");
/// # Ok::<(), mychartum_core::kernel::decimal::InvalidDecimal>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Decimal(Box<str>);

hidden!(Decimal);
text_form!(Decimal, str::parse);

/// A text that is no decimal number, or one of more than [`Decimal::MAX_LENGTH`] characters. The text is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("decimal: expected digits with an optional sign, point and exponent")]
pub struct InvalidDecimal;

/// A number as `digits * 10^exponent`, without leading or trailing zeros in the digits.
struct Parts {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// The most characters a decimal may have.
    pub const MAX_LENGTH: usize = 128;

    /// The text as it was received.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Which of the two is worth more.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        let (a, b) = (self.parts(), other.parts());
        match (a.sign(), b.sign()) {
            (x, y) if x != y => x.cmp(&y),
            (0, _) => Ordering::Equal,
            (1, _) => a.magnitude(&b),
            _ => b.magnitude(&a),
        }
    }

    /// The number for drawing a chart. Not for showing and not for deciding: digits are lost.
    #[must_use]
    pub fn for_drawing(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// The number as people want to read it.
    ///
    /// Up to three decimals are the laboratory's own precision and stay as they came. More are a computer's: they are
    /// rounded, half away from zero, to one decimal from 1 upwards and to two significant digits below 1.
    #[must_use]
    pub fn for_people(&self) -> String {
        let parts = self.parts();
        if parts.exponent >= -3 {
            return self.0.to_string();
        }
        let length = i64::try_from(parts.digits.len()).unwrap_or(i64::MAX);
        let leading = length + parts.exponent; // digits before the point; 0 or less below 1
        let keep = if leading > 0 { leading + 1 } else { 2 };
        if keep >= length { self.0.to_string() } else { parts.rounded(usize::try_from(keep).unwrap_or(1)).text() }
    }

    /// The exact product, or `None` where it needs more than 38 digits or the result is too long.
    #[must_use]
    pub fn times(&self, factor: &Self) -> Option<Self> {
        let (a, b) = (self.parts(), factor.parts());
        let product = a.mantissa()?.checked_mul(b.mantissa()?)?;
        Parts::of(product, a.exponent.checked_add(b.exponent)?).trimmed().text().parse().ok()
    }

    /// The exact sum, or `None` where it needs more than 38 digits or the result is too long.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Option<Self> {
        let (a, b) = (self.parts(), other.parts());
        let exponent = a.exponent.min(b.exponent);
        let at = |parts: &Parts| parts.mantissa()?.checked_mul(power_of_ten(parts.exponent - exponent)?);
        Parts::of(at(&a)?.checked_add(at(&b)?)?, exponent).trimmed().text().parse().ok()
    }

    /// The quotient rounded to a place, half away from zero: place 0 are ones, -1 tenths, 1 tens. Written with every digit down
    /// to that place, so that `37` over `1` at place -1 is `37.0`.
    ///
    /// `None` where the divisor is zero, where more than 38 digits are needed, or where the place is more than 40 away from ones.
    #[must_use]
    pub fn over(&self, divisor: &Self, place: i64) -> Option<Self> {
        if place.abs() > 40 {
            return None;
        }
        let (a, b) = (self.parts(), divisor.parts());
        let shift = a.exponent - b.exponent - place;
        let (mut above, mut below) = (a.mantissa()?, b.mantissa()?);
        if shift >= 0 {
            above = above.checked_mul(power_of_ten(shift)?)?;
        } else {
            below = below.checked_mul(power_of_ten(-shift)?)?;
        }
        let (whole, rest) = (above.checked_div(below)?.unsigned_abs(), above.checked_rem(below)?.unsigned_abs());
        let rounded = whole + u128::from(rest >= below.unsigned_abs() - rest);
        let sign = if rounded > 0 && (above < 0) != (below < 0) { "-" } else { "" };
        let decimals = usize::try_from(-place).unwrap_or(0);
        let zeros = "0".repeat(usize::try_from(place).unwrap_or(0));
        let zeros = if rounded == 0 { "" } else { &zeros };
        let digits = format!("{rounded:0>width$}{zeros}", width = decimals + 1);
        let (whole, fraction) = digits.split_at_checked(digits.len() - decimals)?;
        let point = if decimals > 0 { "." } else { "" };
        format!("{sign}{whole}{point}{fraction}").parse().ok()
    }

    /// The place of its last digit as written: 0 for `13`, -2 for `13.10`, 3 for `13E3`.
    #[must_use]
    pub fn last_place(&self) -> i64 {
        let (number, exponent) = self.0.split_once(['e', 'E']).unwrap_or((&self.0, "0"));
        let decimals = number.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        exponent.parse::<i64>().unwrap_or(0) - i64::try_from(decimals).unwrap_or(0)
    }

    /// The place of its first digit that is not zero: 1 for `13.10`, -3 for `0.0045`. `None` for zero.
    #[must_use]
    pub fn first_place(&self) -> Option<i64> {
        let parts = self.parts();
        let length = i64::try_from(parts.digits.len()).ok()?;
        (length > 0).then_some(parts.exponent + length - 1)
    }

    /// The number without its sign.
    pub(crate) fn magnitude(&self) -> Self {
        Self(self.0.strip_prefix('-').unwrap_or(&self.0).into())
    }

    fn parts(&self) -> Parts {
        let (negative, rest) = match self.0.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, &*self.0),
        };
        let (number, exponent) = match rest.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i64>().unwrap_or(0)),
            None => (rest, 0),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = whole.bytes().chain(fraction.bytes()).map(|byte| byte - b'0').collect();
        let decimals = i64::try_from(fraction.len()).unwrap_or(0);
        Parts { negative, digits, exponent: exponent - decimals }.trimmed()
    }
}

fn power_of_ten(exponent: i64) -> Option<i128> {
    10i128.checked_pow(u32::try_from(exponent).ok()?)
}

impl Parts {
    fn of(mantissa: i128, exponent: i64) -> Self {
        let digits = mantissa.unsigned_abs().to_string().bytes().map(|byte| byte - b'0').collect();
        Self { negative: mantissa < 0, digits, exponent }
    }

    fn trimmed(mut self) -> Self {
        let leading = self.digits.iter().take_while(|digit| **digit == 0).count();
        self.digits.drain(..leading);
        while self.digits.last() == Some(&0) {
            self.digits.pop();
            self.exponent += 1;
        }
        if self.digits.is_empty() {
            self.exponent = 0;
        }
        self
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        let place = |parts: &Self| i64::try_from(parts.digits.len()).unwrap_or(i64::MAX).saturating_add(parts.exponent);
        place(self).cmp(&place(other)).then_with(|| self.digits.cmp(&other.digits))
    }

    fn mantissa(&self) -> Option<i128> {
        let magnitude =
            self.digits.iter().try_fold(0i128, |sum, digit| sum.checked_mul(10)?.checked_add(i128::from(*digit)))?;
        Some(if self.negative { -magnitude } else { magnitude })
    }

    fn rounded(mut self, keep: usize) -> Self {
        let up = self.digits.get(keep).is_some_and(|digit| *digit >= 5);
        let dropped = self.digits.len().saturating_sub(keep);
        self.digits.truncate(keep);
        self.exponent += i64::try_from(dropped).unwrap_or(0);
        if up {
            let mut carry = true;
            for digit in self.digits.iter_mut().rev() {
                if !carry {
                    break;
                }
                carry = *digit == 9;
                *digit = if carry { 0 } else { *digit + 1 };
            }
            if carry {
                self.digits.insert(0, 1);
            }
        }
        self
    }

    /// Plain notation; exponent notation where that would need more than 20 zeros.
    fn text(&self) -> String {
        let mut text = String::from(if self.negative { "-" } else { "" });
        let digits: String = self.digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        let length = i64::try_from(digits.len()).unwrap_or(0);
        let point = length + self.exponent;
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
        if digits.is_empty() {
            return "0".into();
        } else if self.exponent.abs() > 20 + length {
            text.push_str(&format!("{digits}E{}", self.exponent));
        } else if self.exponent >= 0 {
            text.push_str(&digits);
            text.push_str(&zeros(self.exponent));
        } else if point > 0 {
            let (whole, fraction) =
                digits.split_at_checked(usize::try_from(point).unwrap_or(0)).unwrap_or((&digits, ""));
            text.push_str(&format!("{whole}.{fraction}"));
        } else {
            text.push_str(&format!("0.{}{digits}", zeros(-point)));
        }
        text
    }
}

impl FromStr for Decimal {
    type Err = InvalidDecimal;

    fn from_str(text: &str) -> Result<Self, InvalidDecimal> {
        let text = text.trim();
        let text = text.strip_prefix('+').unwrap_or(text);
        let rest = text.strip_prefix('-').unwrap_or(text);
        let (number, exponent) = match rest.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, Some(exponent)),
            None => (rest, None),
        };
        let (whole, fraction) = match number.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (number, None),
        };
        let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let exponent_digits = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
        let valid = text.len() <= Self::MAX_LENGTH
            && all_digits(whole)
            && fraction.is_none_or(all_digits)
            && exponent_digits.is_none_or(|digits| all_digits(digits) && digits.len() <= 6);
        if valid { Ok(Self(text.into())) } else { Err(InvalidDecimal) }
    }
}

impl TryFrom<String> for Decimal {
    type Error = InvalidDecimal;

    fn try_from(text: String) -> Result<Self, InvalidDecimal> {
        text.parse()
    }
}

impl From<Decimal> for String {
    fn from(decimal: Decimal) -> Self {
        decimal.0.into()
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self(number.to_string().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn people_read_rounded_numbers() {
        for (given, shown) in [
            ("5.915434843673958", "5.9"),
            ("6.270038819212741", "6.3"),
            ("179.60435632790262", "179.6"),
            ("13.10", "13.10"),
            ("1.005", "1.005"),
            ("0.0123456", "0.012"),
            ("1E-22", "1E-22"),
            ("9.99999", "10.0"),
            ("0.0999999", "0.100"),
            ("-2.87654", "-2.9"),
            ("1200000", "1200000"),
            ("0.00", "0.00"),
            ("0", "0"),
        ] {
            assert_eq!(decimal(given).for_people(), shown);
        }
    }

    #[test]
    fn worth_is_compared_not_text() {
        for (a, b, expected) in [
            ("13.10", "13.1", Ordering::Equal),
            ("-0", "0.0", Ordering::Equal),
            ("1E-22", "0", Ordering::Greater),
            ("1e3", "999.9", Ordering::Greater),
            ("-5", "-4", Ordering::Less),
            ("100", "99", Ordering::Greater),
            (
                "0.00000000000000000000000000000000000000001",
                "0.00000000000000000000000000000000000000002",
                Ordering::Less,
            ),
        ] {
            assert_eq!(decimal(a).compare(&decimal(b)), expected);
            assert_eq!(decimal(b).compare(&decimal(a)), expected.reverse());
        }
        assert!(decimal("13.10") != decimal("13.1"));
    }

    #[test]
    fn products_are_exact() {
        assert_eq!(decimal("5.5").times(&decimal("18.0182")).unwrap().as_str(), "99.1001");
        assert_eq!(decimal("120").times(&decimal("0.1")).unwrap().as_str(), "12");
        assert!(decimal(&"9".repeat(30)).times(&decimal(&"9".repeat(30))).is_none());
    }

    #[test]
    fn sums_are_exact_and_quotients_rounded_to_a_place() {
        assert_eq!(decimal("493").plus(&decimal("-160")).unwrap().as_str(), "333");
        assert_eq!(decimal("0.1").plus(&decimal("0.02")).unwrap().as_str(), "0.12");
        assert!(decimal("1E38").plus(&decimal("1E-9")).is_none());
        for (a, b, place, quotient) in [
            ("333", "9", -1, "37.0"),
            ("100", "18.0156", -2, "5.55"),
            ("1", "3", 0, "0"),
            ("-1", "3", 0, "0"),
            ("-2", "3", 0, "-1"),
            ("5", "2", 0, "3"),
            ("-5", "2", 0, "-3"),
            ("97.24", "1", 1, "100"),
            ("9.96", "1", -1, "10.0"),
            ("3", "1", 1, "0"),
            ("0.04", "1", -2, "0.04"),
            ("1.15", "1", -1, "1.2"),
        ] {
            assert_eq!(decimal(a).over(&decimal(b), place).unwrap().as_str(), quotient, "{a} over {b} at {place}");
        }
        assert!(decimal("1").over(&decimal("0.0"), 0).is_none());
        assert!(decimal("1").over(&decimal("3"), -50).is_none());
    }

    #[test]
    fn places_are_those_of_the_text() {
        for (text, first, last) in [
            ("13", Some(1), 0),
            ("13.10", Some(1), -2),
            ("13E3", Some(4), 3),
            ("0.0045", Some(-3), -4),
            ("0.00", None, -2),
        ] {
            assert_eq!((decimal(text).first_place(), decimal(text).last_place()), (first, last));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "-", ".", "1.", ".5", "1e", "1,5", "NaN", "inf", "0x1", "1 2", "--1", "1e9999999", "١"] {
            assert!(text.parse::<Decimal>().is_err());
        }
    }

    proptest! {
        #[test]
        fn digits_survive(text in "-?[0-9]{1,20}(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?") {
            let decimal = decimal(&text);
            prop_assert_eq!(decimal.as_str(), &text);
            let json = serde_json::to_string(&decimal).unwrap();
            prop_assert_eq!(serde_json::from_str::<Decimal>(&json).unwrap(), decimal);
        }

        #[test]
        fn compares_as_integers_do(a: i64, b: i64) {
            prop_assert_eq!(Decimal::from(a).compare(&Decimal::from(b)), a.cmp(&b));
        }

        #[test]
        fn rounding_stays_near(whole in 1i64..100_000, fraction in "[0-9]{4,15}") {
            let decimal = decimal(&format!("{whole}.{fraction}"));
            let shown: f64 = decimal.for_people().parse().unwrap();
            prop_assert!((shown - decimal.for_drawing()).abs() <= 0.05 + 1e-9);
        }

        #[test]
        fn multiplies_as_integers_do(a in -1_000_000_000i64..1_000_000_000, b in -1_000_000i64..1_000_000) {
            let product = Decimal::from(a).times(&Decimal::from(b)).unwrap();
            prop_assert_eq!(product.compare(&Decimal::from(a * b)), Ordering::Equal);
        }
    }
}
