//! A day as notices show it.

use chrono::{DateTime, Datelike as _, Utc};

/// Month and day of a moment, in UTC: as coarse as a notice may tell it. Without the year, the hour or the zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MonthDay {
    pub(super) month: u32,
    pub(super) day: u32,
}

impl MonthDay {
    pub(super) fn of(moment: DateTime<Utc>) -> Self {
        Self { month: moment.month(), day: moment.day() }
    }

    /// The key of its month's name.
    pub(super) fn key(self) -> String {
        format!("month-{}", self.month)
    }
}
