//! Conversions from one unit to another, one analyte at a time, with as many digits as were measured.

use super::decimal::Decimal;
use super::hidden;
use super::text::Label;

/// An explicit conversion from one unit to another for one analyte: `(value * factor + offset) / divisor`.
///
/// Nothing is converted that was not asked for: mg/dL to mmol/L depends on the molar mass of the substance, so a conversion
/// names its LOINC code. The three numbers are decimals and are used exactly; only the result is rounded. Fahrenheit to Celsius
/// is factor 5, offset -160, divisor 9.
///
/// ```
/// use mychartum_core::kernel::UnitConversion;
/// use mychartum_core::kernel::text::Label;
/// let code = |text| Label::parse(text);
/// let glucose = UnitConversion::by_factor(code("2345-7")?, code("mmol/L")?, code("mg/dL")?, "18.0156".parse()?);
/// assert_eq!(glucose.convert(&"5.6".parse()?).unwrap().as_str(), "101");
/// assert_eq!(glucose.back().convert(&"101".parse()?).unwrap().as_str(), "5.61");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct UnitConversion {
    /// The LOINC code it holds for.
    pub analyte: Label,
    /// The UCUM code of the values to convert.
    pub from: Label,
    /// The UCUM code they become.
    pub to: Label,
    /// What a value is multiplied by. Above zero.
    pub factor: Decimal,
    /// What is then added.
    pub offset: Decimal,
    /// What the sum is divided by. Above zero.
    pub divisor: Decimal,
    /// Where the numbers were published, for people to read.
    pub citation: Option<Label>,
}

hidden!(UnitConversion);

impl UnitConversion {
    /// A conversion by a factor alone, without a citation.
    #[must_use]
    pub fn by_factor(analyte: Label, from: Label, to: Label, factor: Decimal) -> Self {
        Self { analyte, from, to, factor, offset: Decimal::from(0), divisor: Decimal::from(1), citation: None }
    }

    /// The value in the other unit, with about as many digits as were measured.
    ///
    /// By a factor alone the result has as many significant digits as the value as [people read it](Decimal::for_people), or one
    /// more where it would not lead back to the value within its last digit. With an offset, significant digits say nothing (98.6
    /// and 37.0 have three each by accident); then the last place of the result is the coarsest that leads back.
    ///
    /// `None` where the numbers are too long to be used exactly, or where factor or divisor is not above zero.
    #[must_use]
    pub fn convert(&self, value: &Decimal) -> Option<Decimal> {
        let zero = Decimal::from(0);
        if self.factor.compare(&zero).is_le() || self.divisor.compare(&zero).is_le() {
            return None;
        }
        let above = value.times(&self.factor)?.plus(&self.offset)?;
        let read: Decimal = value.for_people().parse().ok()?;
        let back = self.place_that_leads_back(read.last_place())?;
        let by_digits = match (self.offset.first_place(), read.first_place()) {
            (None, Some(first)) => self.leading_place(&above)?.map(|leading| leading - (first - read.last_place())),
            _ => None,
        };
        above.over(&self.divisor, by_digits.map_or(back, |place| place.min(back)))
    }

    /// The way back: from what this leads to, to what it leads from.
    #[must_use]
    pub fn back(&self) -> Self {
        let offset = self.offset.times(&Decimal::from(-1)).unwrap_or_else(|| Decimal::from(0));
        Self {
            analyte: self.analyte.clone(),
            from: self.to.clone(),
            to: self.from.clone(),
            factor: self.divisor.clone(),
            offset,
            divisor: self.factor.clone(),
            citation: self.citation.clone(),
        }
    }

    /// This and then another, as one. `None` where the numbers are too long, or the other does not begin where this ends.
    #[must_use]
    pub fn then(&self, next: &Self) -> Option<Self> {
        if self.to != next.from {
            return None;
        }
        Some(Self {
            analyte: self.analyte.clone(),
            from: self.from.clone(),
            to: next.to.clone(),
            factor: self.factor.times(&next.factor)?,
            offset: self.offset.times(&next.factor)?.plus(&next.offset.times(&self.divisor)?)?,
            divisor: self.divisor.times(&next.divisor)?,
            citation: match (&self.citation, &next.citation) {
                (Some(first), Some(then)) if first != then => {
                    Label::clipped(&format!("{}; {}", first.as_str(), then.as_str()))
                }
                (first, then) => first.as_ref().or(then.as_ref()).cloned(),
            },
        })
    }

    /// The coarsest place at which a rounded result is off by no more than one of the value's last digit.
    ///
    /// Rounding errs by half a unit of its place. Back again, an error of less than one and a half of the value's last digit is
    /// rounded to one of it, so that unit has to be less than three times what that digit is worth.
    fn place_that_leads_back(&self, last: i64) -> Option<i64> {
        let worth = Decimal::from(3).times(&self.factor)?.times(&power(last)?)?;
        let mut place = worth.first_place()? - self.divisor.first_place()? + 1;
        while self.divisor.times(&power(place)?)?.compare(&worth).is_ge() {
            place -= 1;
        }
        Some(place)
    }

    /// The place of the first digit of `above / divisor`; `None` inside for zero.
    #[allow(clippy::option_option, reason = "too long and zero are two answers")]
    fn leading_place(&self, above: &Decimal) -> Option<Option<i64>> {
        let Some(first) = above.first_place() else { return Some(None) };
        let place = first - self.divisor.first_place()?;
        let whole = above.magnitude().compare(&self.divisor.times(&power(place)?)?).is_ge();
        Some(Some(if whole { place } else { place - 1 }))
    }
}

fn power(exponent: i64) -> Option<Decimal> {
    format!("1E{exponent}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn conversion(factor: &str, offset: &str, divisor: &str) -> UnitConversion {
        let code = |text: &str| Label::parse(text).unwrap();
        UnitConversion {
            offset: offset.parse().unwrap(),
            divisor: divisor.parse().unwrap(),
            ..UnitConversion::by_factor(code("8310-5"), code("a"), code("b"), factor.parse().unwrap())
        }
    }

    fn converted(conversion: &UnitConversion, value: &str) -> String {
        conversion.convert(&value.parse().unwrap()).unwrap().as_str().to_owned()
    }

    #[test]
    fn results_have_the_digits_that_were_measured() {
        let fahrenheit = conversion("5", "-160", "9");
        for (given, expected) in
            [("98.6", "37.0"), ("104.5", "40.3"), ("99", "37"), ("-40", "-40"), ("32", "0"), ("32.0", "0.0")]
        {
            assert_eq!(converted(&fahrenheit, given), expected);
        }
        for (given, expected) in [("37.0", "98.6"), ("37", "99"), ("-40.0", "-40.0"), ("0", "32")] {
            assert_eq!(converted(&fahrenheit.back(), given), expected);
        }
        let creatinine = conversion("10000", "0", "113.12");
        for (given, expected) in [("1.1", "97"), ("1.4", "120"), ("1.05", "92.8"), ("0.0", "0"), ("0", "0")] {
            assert_eq!(converted(&creatinine, given), expected);
        }
        // 93 has two digits; with two it would come back as 90 or 100, so there is a third.
        assert_eq!(converted(&creatinine.back(), "93"), "1.05");
        // A computer's digits are no measurement.
        assert_eq!(converted(&creatinine, "1.0499999999999998"), "93");
        assert_eq!(converted(&conversion("0.45359237", "0", "1"), "22.4"), "10.2");
    }

    #[test]
    fn what_cannot_be_exact_or_turns_the_scale_round_is_refused() {
        let long = "9".repeat(30);
        assert!(conversion(&long, "0", "1").convert(&long.parse().unwrap()).is_none());
        for wrong in [conversion("0", "1", "1"), conversion("-1", "0", "1"), conversion("1", "0", "0")] {
            assert!(wrong.convert(&"1".parse().unwrap()).is_none());
        }
    }

    #[test]
    fn two_steps_are_one() {
        let (pound, gram) = (conversion("0.45359237", "0", "1"), conversion("1000", "0", "1"));
        assert!(pound.then(&gram).is_none());
        let gram = UnitConversion { from: pound.to.clone(), to: Label::parse("g").unwrap(), ..gram };
        assert_eq!(converted(&pound.then(&gram).unwrap(), "2.20"), "998");
    }

    proptest! {
        #[test]
        fn there_and_back_is_within_the_last_digit(
            value in "[1-9][0-9]{0,3}|[0-9]{1,3}\\.[0-9]{1,3}",
            formula in prop_oneof![
                Just(("180.156", "0", "10")), Just(("386.664", "0", "10")), Just(("113.12", "0", "10000")),
                Just(("0.45359237", "0", "1")), Just(("2.54", "0", "1")), Just(("5", "-160", "9")),
                Just(("0.09148", "2.152", "1")), Just(("1", "0", "10")),
            ],
            turned in proptest::bool::ANY,
        ) {
            let there = conversion(formula.0, formula.1, formula.2);
            let there = if turned { there.back() } else { there };
            let value: Decimal = value.parse().unwrap();
            let result = there.convert(&value).unwrap();
            let back = result.times(&there.divisor).unwrap().plus(&there.back().offset).unwrap();
            let back = back.over(&there.factor, value.last_place()).unwrap();
            let unit = power(value.last_place()).unwrap();
            let off = back.plus(&value.times(&Decimal::from(-1)).unwrap()).unwrap();
            prop_assert!(off.magnitude().compare(&unit).is_le(), "{} {}", value.as_str(), result.as_str());
            if there.offset.first_place().is_none() && value.first_place().is_some() {
                let figures = |number: &Decimal| number.first_place().unwrap() - number.last_place() + 1;
                prop_assert!(figures(&result) <= figures(&value) + 2);
            }
        }

        #[test]
        fn more_stays_more(a in 1i64..100_000, b in 1i64..100_000) {
            let fahrenheit = conversion("5", "-160", "9");
            let of = |number: i64| fahrenheit.convert(&Decimal::from(number)).unwrap();
            prop_assert!(a > b || of(a).compare(&of(b)).is_le());
        }
    }
}
