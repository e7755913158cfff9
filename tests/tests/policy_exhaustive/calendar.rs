//! The calendar of the specification: days as people count them, without a library.

/// A day of the calendar: year, month, day.
pub(crate) type Date = (i64, i64, i64);

/// A date of birth, as precise as it is known.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Born {
    Nobody,
    Year(i64),
    Month(i64, i64),
    Day(i64, i64, i64),
}

/// Every day that a date of birth may mean.
pub(crate) fn days_of(born: Born) -> Vec<Date> {
    let month = |year, month| (1..=length(year, month)).map(move |day| (year, month, day));
    match born {
        Born::Nobody => Vec::new(),
        Born::Day(year, month, day) => vec![(year, month, day)],
        Born::Month(year, of) => month(year, of).collect(),
        Born::Year(year) => (1..=12).flat_map(|of| month(year, of)).collect(),
    }
}

/// The day that the patient's calendar shows.
pub(crate) fn date_of(micros: i64, hours_behind: i64) -> Date {
    let mut left = (micros - hours_behind * 3_600_000_000).div_euclid(86_400_000_000);
    let mut year = 1970;
    while left < 0 {
        year -= 1;
        left += if is_leap(year) { 366 } else { 365 };
    }
    while left >= if is_leap(year) { 366 } else { 365 } {
        left -= if is_leap(year) { 366 } else { 365 };
        year += 1;
    }
    let mut month = 1;
    while left >= length(year, month) {
        left -= length(year, month);
        month += 1;
    }
    (year, month, left + 1)
}

pub(crate) const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn length(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The day after.
pub(crate) const fn next_day((year, month, day): Date) -> Date {
    if day < length(year, month) {
        (year, month, day + 1)
    } else if month < 12 {
        (year, month + 1, 1)
    } else {
        (year + 1, 1, 1)
    }
}
