//! Days counted from `today`, and moments written with the local offset.
//!
//! The household lives on the east coast of the United States: -05:00 in winter, -04:00 between the second Sunday of
//! March and the first Sunday of November.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// The day on which the world is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calendar {
    pub(super) today: NaiveDate,
}

impl Calendar {
    /// The day so many days ago.
    pub(super) fn days_ago(self, days: i64) -> NaiveDate {
        earlier(self.today, days)
    }

    /// The last working day that is at least so many days ago.
    pub(super) fn workday_ago(self, days: i64) -> NaiveDate {
        let day = self.days_ago(days);
        match day.weekday() {
            Weekday::Sat => earlier(day, 1),
            Weekday::Sun => earlier(day, 2),
            _ => day,
        }
    }

    /// The first working day that is at least so many days ahead.
    pub(super) fn workday_ahead(self, days: i64) -> NaiveDate {
        workday_from(later(self.today, days))
    }

    /// The same day so many months ago (the last day of the month where that day does not exist).
    pub(super) fn months_ago(self, months: u32) -> NaiveDate {
        self.today.checked_sub_months(Months::new(months)).unwrap_or(self.today)
    }
}

/// This day, or the Monday after it if it is a weekend.
pub(super) fn workday_from(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => later(day, 2),
        Weekday::Sun => later(day, 1),
        _ => day,
    }
}

/// So many days later; the day itself at the end of the calendar.
pub(super) fn later(day: NaiveDate, days: i64) -> NaiveDate {
    if days < 0 {
        return earlier(day, days.saturating_neg());
    }
    day.checked_add_days(Days::new(days.unsigned_abs())).unwrap_or(day)
}

/// So many days earlier; the day itself at the start of the calendar.
pub(super) fn earlier(day: NaiveDate, days: i64) -> NaiveDate {
    if days < 0 {
        return later(day, days.saturating_neg());
    }
    day.checked_sub_days(Days::new(days.unsigned_abs())).unwrap_or(day)
}

/// A minute of a day, in local time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) date: NaiveDate,
    minute: i64,
}

impl Moment {
    /// At this hour and minute of the day.
    pub(super) const fn at(date: NaiveDate, hour: i64, minute: i64) -> Self {
        Self { date, minute: hour * 60 + minute }
    }

    /// So many minutes later, but never past the end of the day.
    pub(super) fn plus(self, minutes: i64) -> Self {
        Self { date: self.date, minute: (self.minute + minutes).clamp(0, 24 * 60 - 1) }
    }

    /// A FHIR instant with the local offset.
    pub(super) fn text(self) -> String {
        format!("{}T{:02}:{:02}:00{}", self.date, self.minute / 60, self.minute % 60, offset(self.date))
    }
}

/// The local offset on a day (15 U.S.C. section 260a).
fn offset(date: NaiveDate) -> &'static str {
    let summer = NaiveDate::from_weekday_of_month_opt(date.year(), 3, Weekday::Sun, 2);
    let winter = NaiveDate::from_weekday_of_month_opt(date.year(), 11, Weekday::Sun, 1);
    match (summer, winter) {
        (Some(summer), Some(winter)) if date >= summer && date < winter => "-04:00",
        _ => "-05:00",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn the_offset_changes_on_the_right_sundays() {
        assert_eq!(Moment::at(day(2025, 3, 8), 9, 5).text(), "2025-03-08T09:05:00-05:00");
        assert_eq!(Moment::at(day(2025, 3, 9), 9, 5).text(), "2025-03-09T09:05:00-04:00");
        assert_eq!(Moment::at(day(2025, 11, 1), 9, 5).text(), "2025-11-01T09:05:00-04:00");
        assert_eq!(Moment::at(day(2025, 11, 2), 9, 5).text(), "2025-11-02T09:05:00-05:00");
    }

    #[test]
    fn weekends_move_away_from_today() {
        let sunday = Calendar { today: day(2026, 3, 1) };
        assert_eq!(sunday.workday_ago(0), day(2026, 2, 27));
        assert_eq!(sunday.workday_ahead(0), day(2026, 3, 2));
        assert_eq!(Calendar { today: day(2028, 2, 29) }.months_ago(12), day(2027, 2, 28));
    }
}
