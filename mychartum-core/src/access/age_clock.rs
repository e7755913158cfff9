//! When a patient enters each of a pack's age bands.

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::kernel::PartialDate;
use crate::kernel::partial_date::Precision;

use super::pack::{LeapDay, PolicyPack};

/// The instants at which a patient enters each age band of a pack: local midnight of a birthday, in the patient's zone.
///
/// Computed once from the date of birth; nothing has to run at midnight for a band to begin (INVARIANT (no late birthday)). A
/// date of birth that is a month or a year has an earliest and a latest reading, and a band is known only where both agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeClock {
    /// Microseconds since 1970, if born on the first possible day.
    if_oldest: [i64; Self::BANDS],
    /// The same, if born on the last possible day.
    if_youngest: [i64; Self::BANDS],
    bands: u8,
}

impl AgeClock {
    /// The most bands that a pack may have.
    pub const BANDS: usize = 8;

    /// A clock for someone whose date of birth nobody knows.
    pub const UNKNOWN: Self = Self { if_oldest: [0; Self::BANDS], if_youngest: [0; Self::BANDS], bands: 0 };

    /// The clock of a date of birth.
    #[must_use]
    pub fn new(born: Option<&PartialDate>, zone: Tz, pack: &PolicyPack) -> Self {
        born.map_or(Self::UNKNOWN, |born| Self::of_all(core::slice::from_ref(born), zone, pack))
    }

    /// The clock of several dates of birth, where sources do not agree: a band is known only where all of them agree on it.
    #[must_use]
    pub fn of_all(born: &[PartialDate], zone: Tz, pack: &PolicyPack) -> Self {
        let readings: Option<Vec<(NaiveDate, NaiveDate)>> = born.iter().map(days).collect();
        let readings = readings.unwrap_or_default();
        let first = readings.iter().map(|(first, _)| *first).min();
        let last = readings.iter().map(|(_, last)| *last).max();
        let (Some(first), Some(last)) = (first, last) else { return Self::UNKNOWN };
        let mut clock = Self::UNKNOWN;
        for ((band, oldest), youngest) in pack.bands().iter().zip(&mut clock.if_oldest).zip(&mut clock.if_youngest) {
            let at = |born| Some(midnight(birthday(born, band.from, pack.leap_day())?, zone)?.timestamp_micros());
            let (Some(early), Some(late)) = (at(first), at(last)) else { return Self::UNKNOWN };
            (*oldest, *youngest) = (early, late);
            clock.bands += 1;
        }
        clock
    }

    /// The place of the band at a time; `None` where it is not known, or before birth.
    #[must_use]
    pub fn band(&self, now: DateTime<Utc>) -> Option<u8> {
        self.band_at(now.timestamp_micros())
    }

    pub(super) fn band_at(&self, now: i64) -> Option<u8> {
        let count = |edges: &[i64; Self::BANDS]| {
            edges.iter().take(usize::from(self.bands)).fold(0u8, |count, edge| count + u8::from(*edge <= now))
        };
        let (oldest, youngest) = (count(&self.if_oldest), count(&self.if_youngest));
        if oldest == youngest { oldest.checked_sub(1) } else { None }
    }

    /// When a band begins, if that is known to the day.
    #[must_use]
    pub fn begins(&self, band: u8) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.begins_at(band)?)
    }

    /// When a band begins at the latest, where the date of birth is not known to the day.
    pub(super) fn begins_at_latest(&self, band: u8) -> Option<DateTime<Utc>> {
        let edge = self.if_youngest.get(usize::from(band)).copied();
        (band < self.bands).then_some(edge).flatten().and_then(DateTime::from_timestamp_micros)
    }

    pub(super) fn begins_at(&self, band: u8) -> Option<i64> {
        let place = usize::from(band);
        // The earlier one: of two readings it is the one that lets less be seen.
        (band < self.bands).then(|| self.if_oldest.get(place).copied()).flatten()
    }
}

/// Whether someone so born may be of these ages now: from the first birthday on, until the second. True where nobody knows.
#[must_use]
pub fn may_be_of_age(
    born: &[PartialDate],
    (from, until): (u8, u8),
    (now, zone): (DateTime<Utc>, Tz),
    pack: &PolicyPack,
) -> bool {
    let readings: Option<Vec<(NaiveDate, NaiveDate)>> = born.iter().map(days).collect();
    let Some(readings) = readings.filter(|readings| !readings.is_empty()) else { return true };
    let starts = |born, years| midnight(birthday(born, years, pack.leap_day())?, zone);
    readings.into_iter().any(|(first, last)| {
        let is_old_enough = starts(first, from).is_none_or(|start| start <= now);
        let is_young_enough = starts(last, until).is_none_or(|end| now < end);
        is_old_enough && is_young_enough
    })
}

/// The first and the last day that a date of birth may mean.
fn days(born: &PartialDate) -> Option<(NaiveDate, NaiveDate)> {
    let first = born.first_day();
    let last = match born.precision() {
        Precision::Year => NaiveDate::from_ymd_opt(first.year(), 12, 31)?,
        Precision::Month => first.checked_add_months(Months::new(1))?.pred_opt()?,
        Precision::Day | Precision::Time => first,
    };
    Some((first, last))
}

/// The birthday on which someone has so many years.
fn birthday(born: NaiveDate, years: u8, leap_day: LeapDay) -> Option<NaiveDate> {
    let year = born.year().checked_add(i32::from(years))?;
    NaiveDate::from_ymd_opt(year, born.month(), born.day()).or_else(|| match leap_day {
        LeapDay::February28 => NaiveDate::from_ymd_opt(year, 2, 28),
        LeapDay::March1 => NaiveDate::from_ymd_opt(year, 3, 1),
    })
}

/// The first instant of a day in a zone. Where clocks jump over midnight, it is the first instant after the jump.
fn midnight(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let start = day.and_time(NaiveTime::MIN);
    // A day that a zone left out altogether (Samoa, 30 December 2011) begins with the next one.
    let at = |seconds| zone.from_local_datetime(&(start + Duration::seconds(seconds))).earliest();
    let found = (0..=96).map(|quarters| 900 * quarters).find(|seconds| at(*seconds).is_some())?;
    // Clocks have jumped by odd seconds (Monrovia, 7 January 1972): back to the first one that there was.
    let first =
        (0..900).map(|back| found - back).take_while(|seconds| *seconds >= 0 && at(*seconds).is_some()).last()?;
    at(first).map(|at| at.with_timezone(&Utc))
}
