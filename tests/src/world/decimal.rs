//! Decimals as whole numbers of a last digit, written as text, so that no float is ever near a result.

use std::fmt;

/// A decimal with a fixed number of places: `Decimal::new(71, 1)` is `7.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal {
    digits: i64,
    places: u8,
}

impl Decimal {
    /// `digits` counted in units of the last place.
    pub(super) const fn new(digits: i64, places: u8) -> Self {
        Self { digits, places }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.places == 0 {
            return write!(out, "{}", self.digits);
        }
        let sign = if self.digits < 0 { "-" } else { "" };
        let scale = 10_u64.pow(u32::from(self.places));
        let size = self.digits.unsigned_abs();
        write!(out, "{sign}{}.{:0width$}", size / scale, size % scale, width = usize::from(self.places))
    }
}

/// A line through given points, for values that drift over time. Points are (step, value), in order of step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drift(pub(super) &'static [(i64, i64)]);

impl Drift {
    /// The value at a step; before the first and after the last point the line is level.
    pub(super) fn at(self, step: i64) -> i64 {
        let mut before: Option<(i64, i64)> = None;
        for &(here, value) in self.0 {
            if step <= here {
                return match before {
                    Some((from, start)) if here > from => start + (value - start) * (step - from) / (here - from),
                    _ => value,
                };
            }
            before = Some((here, value));
        }
        before.map_or(0, |(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_zeros_and_signs() {
        assert_eq!(Decimal::new(71, 1).to_string(), "7.1");
        assert_eq!(Decimal::new(90, 2).to_string(), "0.90");
        assert_eq!(Decimal::new(-5, 1).to_string(), "-0.5");
        assert_eq!(Decimal::new(140, 0).to_string(), "140");
    }

    #[test]
    fn drifts_in_a_straight_line_between_points() {
        let drift = Drift(&[(0, 100), (10, 200), (20, 150)]);
        assert_eq!([-1, 0, 5, 10, 15, 20, 99].map(|step| drift.at(step)), [100, 100, 150, 200, 175, 150, 150]);
    }
}
