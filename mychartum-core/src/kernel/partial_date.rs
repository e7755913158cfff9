//! Dates as precise as they were given.

use core::cmp::Ordering;

use chrono::{DateTime, Duration, FixedOffset, Months, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::{hidden, text_form};

/// A date or time with the precision it came with: `2019`, `2019-04`, `2019-04-02`, or an instant.
///
/// The text is kept as given and is what people are shown; nothing is ever made more precise. Shapes are those of FHIR R4
/// `date`, `dateTime` and `instant` (section 2.24.0.1), and a few that the field sends although the standard forbids them:
/// no seconds, no offset, an offset without a colon. A time without an offset is read as UTC for sorting only.
///
/// ```
/// use mychartum_core::kernel::PartialDate;
/// let month: PartialDate = "2019-04".parse()?;
/// let day: PartialDate = "2019-04-02".parse()?;
/// assert_eq!(month.as_str(), "2019-04");
/// assert_eq!(month.relation(&day), None); // a day inside the month is neither before nor after it
/// # Ok::<(), mychartum_core::kernel::partial_date::InvalidDate>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PartialDate {
    text: Box<str>,
    reading: Reading,
}

hidden!(PartialDate);
text_form!(PartialDate, str::parse);

/// How precise a date is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// A year.
    Year,
    /// A month of a year.
    Month,
    /// A day.
    Day,
    /// A time of day.
    Time,
}

/// A text that is no date in any known shape. The text is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("date: expected YYYY, YYYY-MM, YYYY-MM-DD or a date with a time and an offset")]
pub struct InvalidDate;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Reading {
    Date { first: NaiveDate, precision: Precision },
    Time { local: NaiveDateTime, offset: Option<FixedOffset>, unit: TimeUnit },
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum TimeUnit {
    Minute,
    Second,
    Microsecond,
}

impl PartialDate {
    /// The text as it was given, trimmed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How precise it is.
    #[must_use]
    pub const fn precision(&self) -> Precision {
        match self.reading {
            Reading::Date { precision, .. } => precision,
            Reading::Time { .. } => Precision::Time,
        }
    }

    /// The calendar day, in the zone it was given in, if it is at least that precise.
    #[must_use]
    pub fn day(&self) -> Option<NaiveDate> {
        match self.reading {
            Reading::Date { first, precision: Precision::Day } => Some(first),
            Reading::Date { .. } => None,
            Reading::Time { local, .. } => Some(local.date()),
        }
    }

    /// The first day it may mean, in the zone it was given in.
    #[must_use]
    pub fn first_day(&self) -> NaiveDate {
        match self.reading {
            Reading::Date { first, .. } => first,
            Reading::Time { local, .. } => local.date(),
        }
    }

    /// The local time of day, if one was given.
    #[must_use]
    pub fn time(&self) -> Option<NaiveTime> {
        match self.reading {
            Reading::Date { .. } => None,
            Reading::Time { local, .. } => Some(local.time()),
        }
    }

    /// The earliest instant it may mean; dates without a zone count from midnight UTC.
    #[must_use]
    pub fn lower(&self) -> DateTime<Utc> {
        match self.reading {
            Reading::Date { first, .. } => first.and_time(NaiveTime::MIN).and_utc(),
            Reading::Time { local, offset, .. } => match offset {
                Some(offset) => (local - offset).and_utc(),
                None => local.and_utc(),
            },
        }
    }

    /// The first instant that it can no longer mean.
    #[must_use]
    pub fn upper(&self) -> DateTime<Utc> {
        let lower = self.lower();
        let later = match self.reading {
            Reading::Date { precision: Precision::Year, .. } => lower.checked_add_months(Months::new(12)),
            Reading::Date { precision: Precision::Month, .. } => lower.checked_add_months(Months::new(1)),
            Reading::Date { .. } => lower.checked_add_signed(Duration::days(1)),
            Reading::Time { unit: TimeUnit::Minute, .. } => lower.checked_add_signed(Duration::minutes(1)),
            Reading::Time { unit: TimeUnit::Second, .. } => lower.checked_add_signed(Duration::seconds(1)),
            Reading::Time { unit: TimeUnit::Microsecond, .. } => lower.checked_add_signed(Duration::microseconds(1)),
        };
        later.unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Microseconds since 1970 of [`lower`](Self::lower): what lists are sorted by.
    #[must_use]
    pub fn order(&self) -> i64 {
        self.lower().timestamp_micros()
    }

    /// Before, after, or `None` where the two may overlap; `Equal` only for the same reading.
    #[must_use]
    pub fn relation(&self, other: &Self) -> Option<Ordering> {
        if self.reading == other.reading {
            Some(Ordering::Equal)
        } else if self.upper() <= other.lower() {
            Some(Ordering::Less)
        } else if other.upper() <= self.lower() {
            Some(Ordering::Greater)
        } else {
            None
        }
    }
}

impl core::str::FromStr for PartialDate {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let text = text.trim();
        let reading = read(text).ok_or(InvalidDate)?;
        Ok(Self { text: text.into(), reading })
    }
}

impl TryFrom<String> for PartialDate {
    type Error = InvalidDate;

    fn try_from(text: String) -> Result<Self, InvalidDate> {
        text.parse()
    }
}

impl From<PartialDate> for String {
    fn from(date: PartialDate) -> Self {
        date.text.into()
    }
}

impl From<NaiveDate> for PartialDate {
    fn from(day: NaiveDate) -> Self {
        let text = day.format("%Y-%m-%d").to_string().into();
        Self { text, reading: Reading::Date { first: day, precision: Precision::Day } }
    }
}

fn read(text: &str) -> Option<Reading> {
    match text.split_once(['T', ' ']) {
        Some((day, time)) => read_time(read_day(day)?, time),
        None => read_date(text),
    }
}

/// A run of exactly `width` digits.
fn digits(text: &str, width: usize) -> Option<u32> {
    (text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn read_day(text: &str) -> Option<NaiveDate> {
    match read_date(text)? {
        Reading::Date { first, precision: Precision::Day } => Some(first),
        _ => None,
    }
}

fn read_date(text: &str) -> Option<Reading> {
    let mut parts = text.split('-');
    let year = i32::try_from(digits(parts.next()?, 4)?).ok().filter(|year| *year > 0)?;
    let (month, day, precision) = match (parts.next(), parts.next(), parts.next()) {
        (None, None, None) => (1, 1, Precision::Year),
        (Some(month), None, None) => (digits(month, 2)?, 1, Precision::Month),
        (Some(month), Some(day), None) => (digits(month, 2)?, digits(day, 2)?, Precision::Day),
        _ => return None,
    };
    Some(Reading::Date { first: NaiveDate::from_ymd_opt(year, month, day)?, precision })
}

fn read_time(day: NaiveDate, text: &str) -> Option<Reading> {
    let (clock, offset) = if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        (clock, Some(FixedOffset::east_opt(0)?))
    } else if let Some(at) = text.rfind(['+', '-']) {
        let (clock, offset) = text.split_at_checked(at)?;
        (clock, Some(read_offset(offset)?))
    } else {
        (text, None)
    };
    let mut parts = clock.split(':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    let seconds = parts.next();
    if parts.next().is_some() {
        return None;
    }
    let (second, micro, unit) = match seconds {
        None => (0, 0, TimeUnit::Minute),
        Some(seconds) => match seconds.split_once('.') {
            None => (digits(seconds, 2)?, 0, TimeUnit::Second),
            Some((second, fraction)) => (digits(second, 2)?, read_fraction(fraction)?, TimeUnit::Microsecond),
        },
    };
    // A leap second (FHIR allows 60) is read as the last second of its minute; the text keeps what was said.
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second.min(59), micro).filter(|_| second <= 60)?;
    Some(Reading::Time { local: day.and_time(time), offset, unit })
}

/// The first six digits of a fraction, as microseconds.
fn read_fraction(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let six: String = text.chars().chain("000000".chars()).take(6).collect();
    six.parse().ok()
}

fn read_offset(text: &str) -> Option<FixedOffset> {
    let (sign, rest) = if let Some(rest) = text.strip_prefix('+') { (1, rest) } else { (-1, text.strip_prefix('-')?) };
    let (hours, minutes) = match rest.split_once(':') {
        Some((hours, minutes)) => (digits(hours, 2)?, digits(minutes, 2)?),
        None if rest.len() == 4 => (digits(rest.get(..2)?, 2)?, digits(rest.get(2..)?, 2)?),
        None => (digits(rest, 2)?, 0),
    };
    if hours > 14 || minutes > 59 {
        return None;
    }
    FixedOffset::east_opt(sign * i32::try_from(hours * 3600 + minutes * 60).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> PartialDate {
        text.parse().unwrap()
    }

    #[test]
    fn every_precision_keeps_its_text_and_its_bounds() {
        for (text, lower, upper, precision) in [
            ("2019", "2019-01-01T00:00:00Z", "2020-01-01T00:00:00Z", Precision::Year),
            ("2019-04", "2019-04-01T00:00:00Z", "2019-05-01T00:00:00Z", Precision::Month),
            ("2020-02-29", "2020-02-29T00:00:00Z", "2020-03-01T00:00:00Z", Precision::Day),
            ("2012-02-12T05:29:14+02:00", "2012-02-12T03:29:14Z", "2012-02-12T03:29:15Z", Precision::Time),
            ("2012-02-12T05:29+0200", "2012-02-12T03:29:00Z", "2012-02-12T03:30:00Z", Precision::Time),
            ("2012-02-12T05:29:14", "2012-02-12T05:29:14Z", "2012-02-12T05:29:15Z", Precision::Time),
        ] {
            let date = date(text);
            assert_eq!(date.as_str(), text);
            assert_eq!(date.lower().to_rfc3339_opts(chrono::SecondsFormat::Secs, true), lower);
            assert_eq!(date.upper().to_rfc3339_opts(chrono::SecondsFormat::Secs, true), upper);
            assert_eq!(date.precision(), precision);
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "19",
            "2019-13",
            "2019-02-30",
            "2019-4-2",
            "2019-04-02T",
            "2019-04-02T25:00:00Z",
            "0000",
            "2019-04-02T10:00:61Z",
            "2019-04-02T10:00:00+25:00",
            "2019-04T10:00:00Z",
            "04/02/2019",
            "2019-04-02T10:00:00.Z",
            "٢٠١٩",
        ] {
            assert!(text.parse::<PartialDate>().is_err());
        }
    }

    #[test]
    fn the_same_instant_in_two_zones_sorts_the_same() {
        assert_eq!(date("2020-01-01T00:00:00+01:00").order(), date("2019-12-31T23:00:00Z").order());
        assert_eq!(date("2020-01-01T00:30:00+01:00").day(), NaiveDate::from_ymd_opt(2020, 1, 1));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            let _ = text.parse::<PartialDate>();
        }

        #[test]
        fn near_dates_are_read_or_refused(text in "[0-9]{4}(-[0-9]{1,2}){0,2}(T[0-9:.]{0,12}[-+Z0-9:]{0,6})?") {
            if let Ok(date) = text.parse::<PartialDate>() {
                prop_assert_eq!(date.as_str(), text.trim());
                prop_assert!(date.lower() < date.upper());
                let json = serde_json::to_string(&date).unwrap();
                prop_assert_eq!(serde_json::from_str::<PartialDate>(&json).unwrap(), date);
            }
        }

        #[test]
        fn relation_is_antisymmetric(a in 1900i32..2100, b in 1900i32..2100, month in 1u32..=12) {
            let year = date(&format!("{a:04}"));
            let other = date(&format!("{b:04}-{month:02}"));
            prop_assert_eq!(year.relation(&other), other.relation(&year).map(Ordering::reverse));
            prop_assert_eq!(year.relation(&other).is_none(), a == b);
        }
    }
}
