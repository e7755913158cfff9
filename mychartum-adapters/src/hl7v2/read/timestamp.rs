//! Dates and times as HL7 v2 writes them.

use core::fmt::Write as _;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use mychartum_core::kernel::PartialDate;

use super::zone::{Standing, offset_of};

/// What is to be known about how a timestamp was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeCaveat {
    /// It had no offset; the source's zone says it.
    ZoneAssumed = 1,
    /// The clocks were put forward over it in the source's zone; read with the offset before.
    Gap = 2,
    /// The clocks were put back over it in the source's zone; the first of the two is meant.
    Overlap = 4,
    /// It was a day, month or year with an offset. The offset is left out.
    OffsetLeftOut = 8,
    /// It had an hour without minutes. The hour is left out, since no date of ours is precise to the hour.
    HourLeftOut = 16,
    /// It was 24:00, and is midnight of the next day.
    EndOfDay = 32,
    /// Month or day were zero, and are left out.
    ZerosLeftOut = 64,
    /// Its second component says that it is less precise than it was written, and it was cut.
    Cut = 128,
}

/// The caveats of one timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TimeCaveats(u8);

impl TimeCaveats {
    /// Whether one is among them.
    #[must_use]
    pub const fn has(self, caveat: TimeCaveat) -> bool {
        self.0 & caveat as u8 != 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn add(&mut self, caveat: TimeCaveat) {
        self.0 |= caveat as u8;
    }
}

/// Why a timestamp says nothing. The text is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TimeError {
    /// It is all zeros, as programs write where they know none.
    #[error("timestamp: all zeros")]
    Zero,
    /// It has no known shape, or is on no calendar.
    #[error("timestamp: expected YYYY[MM[DD[HHMM[SS[.S]]]]][+ZZZZ]")]
    Invalid,
}

/// A timestamp that was read, as precise as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timestamp {
    /// When.
    pub date: PartialDate,
    /// What is to be known about it.
    pub caveats: TimeCaveats,
}

impl Timestamp {
    /// Reads the text of a DTM, DT or TS (HL7 v2.9 section 2A.2.21): `YYYY[MM[DD[HH[MM[SS[.SSSS]]]]]][+/-ZZZZ]`.
    ///
    /// A time without an offset gets that of the source's zone, the same every time, also where the clocks change. The second
    /// component of an old TS, its degree of precision, goes to [`read_cut`](Self::read_cut).
    ///
    /// # Errors
    /// [`TimeError`] for what says nothing. It is to be treated as absent, with an issue.
    pub fn read(text: &str, zone: Tz) -> Result<Self, TimeError> {
        Self::read_cut(text, "", zone)
    }

    /// Reads a TS with its degree of precision: one of `Y`, `L` (month), `D`, `H`, `M`, `S`, or nothing.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_cut(text: &str, precision: &str, zone: Tz) -> Result<Self, TimeError> {
        let mut caveats = TimeCaveats::default();
        let mut parts = Parts::of(text.trim()).ok_or(TimeError::Invalid)?;
        if parts.digits.bytes().all(|digit| digit == b'0') {
            return Err(TimeError::Zero);
        }
        let most = match precision.trim() {
            "Y" => 4,
            "L" => 6,
            "D" => 8,
            "H" => 10,
            "M" => 12,
            "S" => 14,
            _ => usize::MAX,
        };
        if most < parts.digits.len() || (most < usize::MAX && !parts.fraction.is_empty()) {
            parts.digits = parts.digits.get(..most).unwrap_or(parts.digits);
            parts.fraction = "";
            caveats.add(TimeCaveat::Cut);
        }
        let text = parts.write(zone, &mut caveats).ok_or(TimeError::Invalid)?;
        Ok(Self { date: text.parse().map_err(|_| TimeError::Invalid)?, caveats })
    }
}

/// A timestamp cut into its parts, all of them digits.
struct Parts<'t> {
    digits: &'t str,
    fraction: &'t str,
    offset: Option<(char, &'t str)>,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let (clock, offset) = match text.find(['+', '-']) {
            Some(at) => {
                let (clock, offset) = text.split_at_checked(at)?;
                (clock, Some((offset.chars().next()?, offset.get(1..)?)))
            }
            None => (text, None),
        };
        let (digits, fraction) = match clock.split_once('.') {
            // A fraction is one of a second.
            Some((digits, fraction)) if digits.len() == 14 && !fraction.is_empty() && fraction.len() <= 9 => {
                (digits, fraction)
            }
            Some(_) => return None,
            None => (clock, ""),
        };
        let numbers = [digits, fraction, offset.map_or("", |(_, offset)| offset)];
        let sound = numbers.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
            && matches!(digits.len(), 4 | 6 | 8 | 10 | 12 | 14)
            && offset.is_none_or(|(_, offset)| offset.len() == 4);
        sound.then_some(Self { digits, fraction, offset })
    }

    fn number(&self, from: usize, to: usize) -> Option<u32> {
        self.digits.get(from..to)?.parse().ok()
    }

    /// Writes it in the form of FHIR, which the core reads.
    fn write(&self, zone: Tz, caveats: &mut TimeCaveats) -> Option<String> {
        let year = self.digits.get(..4)?;
        let (month, day) = (self.number(4, 6), self.number(6, 8));
        // Zeros in place of a month or a day are how old programs fill up what they do not know.
        if month == Some(0) || day == Some(0) {
            caveats.add(TimeCaveat::ZerosLeftOut);
        }
        let Some(month) = month.filter(|month| *month > 0) else {
            self.leave_offset_out(caveats);
            return Some(year.to_owned());
        };
        let Some(day) = day.filter(|day| *day > 0) else {
            self.leave_offset_out(caveats);
            return Some(format!("{year}-{month:02}"));
        };
        let date = NaiveDate::from_ymd_opt(year.parse().ok()?, month, day)?;
        let Some(minute) = self.number(10, 12) else {
            if let Some(hour) = self.number(8, 10) {
                caveats.add(TimeCaveat::HourLeftOut);
                if hour > 24 {
                    return None;
                }
            }
            self.leave_offset_out(caveats);
            return Some(date.to_string());
        };
        let (hour, second) = (self.number(8, 10)?, self.number(12, 14));
        let (date, hour) = if hour == 24 && minute == 0 && second.unwrap_or(0) == 0 {
            caveats.add(TimeCaveat::EndOfDay);
            (date.succ_opt()?, 0)
        } else {
            (date, hour)
        };
        let mut text = format!("{date}T{hour:02}:{minute:02}");
        if let Some(second) = second {
            write!(text, ":{second:02}").ok()?;
        }
        if !self.fraction.is_empty() {
            write!(text, ".{}", self.fraction).ok()?;
        }
        // A leap second counts as the last second of its minute, as in the core.
        let local = date.and_time(NaiveTime::from_hms_opt(hour, minute, second.unwrap_or(0).min(59))?);
        self.write_offset(&mut text, local, zone, caveats)?;
        Some(text)
    }

    fn write_offset(&self, text: &mut String, local: NaiveDateTime, zone: Tz, caveats: &mut TimeCaveats) -> Option<()> {
        if let Some((sign, offset)) = self.offset {
            let (hours, minutes) = offset.split_at_checked(2)?;
            return write!(text, "{sign}{hours}:{minutes}").ok();
        }
        let (minutes, standing) = offset_of(local, zone);
        caveats.add(TimeCaveat::ZoneAssumed);
        match standing {
            Standing::Plain => (),
            Standing::Gap => caveats.add(TimeCaveat::Gap),
            Standing::Overlap => caveats.add(TimeCaveat::Overlap),
        }
        // Some offsets of before there were zones are too large to write down; such a time stays without.
        if minutes.abs() <= 14 * 60 {
            let sign = if minutes < 0 { '-' } else { '+' };
            write!(text, "{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60).ok()?;
        }
        Some(())
    }

    fn leave_offset_out(&self, caveats: &mut TimeCaveats) {
        if self.offset.is_some() {
            caveats.add(TimeCaveat::OffsetLeftOut);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::America::New_York;
    use proptest::prelude::*;

    fn read(text: &str) -> (String, Vec<TimeCaveat>) {
        use TimeCaveat::*;
        let read = Timestamp::read(text, New_York).unwrap();
        let all = [ZoneAssumed, Gap, Overlap, OffsetLeftOut, HourLeftOut, EndOfDay, ZerosLeftOut, Cut];
        (read.date.as_str().to_owned(), all.into_iter().filter(|caveat| read.caveats.has(*caveat)).collect())
    }

    #[test]
    fn as_precise_as_given() {
        use TimeCaveat::*;
        for (text, expected, caveats) in [
            ("2019", "2019", vec![]),
            ("201904", "2019-04", vec![]),
            ("20190402", "2019-04-02", vec![]),
            ("20190402+0100", "2019-04-02", vec![OffsetLeftOut]),
            ("2019040210", "2019-04-02", vec![HourLeftOut]),
            ("201904021005", "2019-04-02T10:05-04:00", vec![ZoneAssumed]),
            ("201901021005", "2019-01-02T10:05-05:00", vec![ZoneAssumed]),
            ("20190402100507+0530", "2019-04-02T10:05:07+05:30", vec![]),
            ("20190402100507.1234-0800", "2019-04-02T10:05:07.1234-08:00", vec![]),
            (" 20190402100560-0000 ", "2019-04-02T10:05:60-00:00", vec![]),
            ("201912312400+0000", "2020-01-01T00:00+00:00", vec![EndOfDay]),
            ("19800000", "1980", vec![ZerosLeftOut]),
            ("19800600", "1980-06", vec![ZerosLeftOut]),
            // Two in the morning was left out on this day; half past two is read as half past three.
            ("202003080230", "2020-03-08T02:30-05:00", vec![ZoneAssumed, Gap]),
            // Half past one was twice on this day; the first one is meant.
            ("202011010130", "2020-11-01T01:30-04:00", vec![ZoneAssumed, Overlap]),
        ] {
            assert_eq!(read(text), (expected.to_owned(), caveats), "{text}");
        }
        let gap = Timestamp::read("202003080230", New_York).unwrap();
        let after = Timestamp::read("202003080330", New_York).unwrap();
        assert_eq!(gap.date.order(), after.date.order());
    }

    #[test]
    fn the_degree_of_precision_cuts() {
        let cut = Timestamp::read_cut("20190402100507", "D", New_York).unwrap();
        assert_eq!(cut.date.as_str(), "2019-04-02");
        assert!(cut.caveats.has(TimeCaveat::Cut));
        assert_eq!(Timestamp::read_cut("2019", "S", New_York).unwrap().date.as_str(), "2019");
        assert!(Timestamp::read_cut("2019", "?", New_York).unwrap().caveats.is_empty());
    }

    #[test]
    fn what_says_nothing_is_an_error() {
        for text in [
            "0",
            "19",
            "2019-04-02",
            "20191301",
            "20190230",
            "2019040225",
            "201904021060",
            "20190402100561",
            "201904022401",
            "20190402100507.",
            "2019.1",
            "201904021005+5",
            "201904021005+9900",
            "yesterday",
            "",
            "\u{661}\u{662}",
        ] {
            assert_eq!(Timestamp::read(text, New_York).unwrap_err(), TimeError::Invalid, "{text}");
        }
        for text in ["0000", "00000000", "00000000000000", "000000000000+0000"] {
            assert_eq!(Timestamp::read(text, New_York).unwrap_err(), TimeError::Zero, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_in_any_zone(text in "[0-9]{0,15}([.][0-9]{0,4})?([-+][0-9]{0,5})?", zone in 0..chrono_tz::TZ_VARIANTS.len()) {
            let zone = chrono_tz::TZ_VARIANTS[zone];
            if let Ok(read) = Timestamp::read(&text, zone) {
                prop_assert!(text.starts_with(&read.date.first_day().format("%Y").to_string()) || read.caveats.has(TimeCaveat::EndOfDay));
            }
        }

        #[test]
        fn every_day_of_every_zone_is_read(days in 0..60_000i64, seconds in 0..86_400u32, zone in 0..chrono_tz::TZ_VARIANTS.len()) {
            let day = NaiveDate::from_ymd_opt(1880, 1, 1).unwrap() + chrono::TimeDelta::days(days);
            let local = day.and_time(NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap());
            let text = local.format("%Y%m%d%H%M%S").to_string();
            let read = Timestamp::read(&text, chrono_tz::TZ_VARIANTS[zone]).unwrap();
            prop_assert_eq!(read.date.day(), Some(day));
            prop_assert_eq!(read.date.time(), Some(local.time()));
        }
    }
}
