//! Scales: from numbers and dates to places on a picture.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

/// A straight scale from `low..high` to `from..to`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) from: f64,
    pub(crate) to: f64,
}

impl Scale {
    /// Where a number lies, held inside the picture.
    pub(crate) fn at(&self, number: f64) -> f64 {
        let span = self.high - self.low;
        if span <= 0.0 || !number.is_finite() {
            return (self.from + self.to) / 2.0;
        }
        let share = ((number - self.low) / span).clamp(0.0, 1.0);
        // Numbers too large for a picture, such as `1E400`, leave no share.
        let share = if share.is_nan() { 0.5 } else { share };
        self.from + share * (self.to - self.from)
    }
}

/// Round numbers that cover `low..high`, about `count` of them, first and last included in the drawn scale.
pub(crate) fn ticks(low: f64, high: f64, count: u32) -> Vec<f64> {
    let (low, high) = if high > low { (low, high) } else { (low - 0.5, low + 0.5) };
    let rough = (high - low) / f64::from(count.max(1));
    let power = 10f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|nice| nice * power).find(|step| *step >= rough).unwrap_or(rough);
    let first = (low / step).floor();
    let last = (high / step).ceil();
    let mut ticks = Vec::new();
    let mut number = first;
    while number <= last + 0.001 && ticks.len() < 20 {
        ticks.push(number * step);
        number += 1.0;
    }
    ticks
}

/// A tick's number, with as many decimals as its neighbours need.
pub(crate) fn tick_text(tick: f64, all: &[f64]) -> String {
    let step = match all {
        [first, second, ..] => (second - first).abs(),
        _ => 1.0,
    };
    let decimals = (0..6usize).find(|places| {
        let shifted = step * 10f64.powi(i32::try_from(*places).unwrap_or(0));
        (shifted - shifted.round()).abs() < 1e-6
    });
    let text = format!("{:.*}", decimals.unwrap_or(6), tick);
    if text.trim_start_matches(['-', '0', '.']).is_empty() { "0".to_owned() } else { text }
}

/// A place on the time axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DateTick {
    /// Its day.
    pub(crate) day: NaiveDate,
    /// Whether it stands for a year, else for a month.
    pub(crate) is_year: bool,
}

/// Starts of years or months between two instants, at most six.
pub(crate) fn date_ticks(from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<DateTick> {
    let (first, last) = (from.date_naive(), to.date_naive());
    let months = (last.year() - first.year()) * 12 + i32::try_from(last.month()).unwrap_or(1)
        - i32::try_from(first.month()).unwrap_or(1);
    let step = [1, 2, 3, 6, 12, 24, 60, 120, 240].into_iter().find(|step| months / step <= 5).unwrap_or(600);
    let mut ticks = Vec::new();
    let start = first.year() * 12 + i32::try_from(first.month0()).unwrap_or(0);
    let mut month = start + (step - start.rem_euclid(step)) % step;
    while ticks.len() < 8 {
        let (year, month0) = (month.div_euclid(12), month.rem_euclid(12));
        let Some(day) = NaiveDate::from_ymd_opt(year, u32::try_from(month0).unwrap_or(0) + 1, 1) else { break };
        if day > last {
            break;
        }
        if day >= first {
            ticks.push(DateTick { day, is_year: step >= 12 });
        }
        month += step;
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn every_number_has_a_place() {
        let numbers = [f64::NEG_INFINITY, f64::MIN, 0.0, 5.0, f64::MAX, f64::INFINITY, f64::NAN];
        for low in numbers {
            for high in numbers {
                for number in numbers {
                    let place = Scale { low, high, from: 2.0, to: 98.0 }.at(number);
                    assert!((2.0..=98.0).contains(&place), "{number} in {low}..{high} is at {place}");
                }
            }
        }
    }

    #[test]
    fn ticks_are_round_and_cover_all() {
        assert_eq!(ticks(4.9, 6.3, 4), [4.5, 5.0, 5.5, 6.0, 6.5]);
        assert_eq!(ticks(0.0, 100.0, 4), [0.0, 25.0, 50.0, 75.0, 100.0]);
        let single = ticks(7.0, 7.0, 4);
        assert!(single.first().is_some_and(|low| *low < 7.0) && single.last().is_some_and(|high| *high > 7.0));
    }

    #[test]
    fn tick_texts_have_the_decimals_they_need() {
        assert_eq!(tick_text(5.0, &[4.5, 5.0]), "5.0");
        assert_eq!(tick_text(25.0, &[0.0, 25.0]), "25");
        assert_eq!(tick_text(0.0, &[-0.25, 0.0]), "0");
        assert_eq!(tick_text(0.002, &[0.0, 0.002]), "0.002");
    }

    #[test]
    fn a_scale_holds_what_lies_outside() {
        let scale = Scale { low: 0.0, high: 10.0, from: 100.0, to: 0.0 };
        assert_eq!(scale.at(5.0), 50.0);
        assert_eq!(scale.at(99.0), 0.0);
        assert_eq!(scale.at(f64::NAN), 50.0);
    }

    #[test]
    fn dates_get_few_ticks_at_real_places() {
        let years = date_ticks(at("2016-05-01T00:00:00Z"), at("2026-03-01T00:00:00Z"));
        assert_eq!(years.iter().map(|tick| tick.day.year()).collect::<Vec<_>>(), [2018, 2020, 2022, 2024, 2026]);
        let months = date_ticks(at("2026-01-15T00:00:00Z"), at("2026-04-02T00:00:00Z"));
        assert_eq!(months.iter().map(|tick| tick.day.month()).collect::<Vec<_>>(), [2, 3, 4]);
        assert!(date_ticks(at("2026-01-15T00:00:00Z"), at("2026-01-16T00:00:00Z")).is_empty());
    }
}
