//! Dates, exactly as precise as they were given.

use chrono::{DateTime, Datelike, Local, NaiveDate, Timelike, Utc};
use maud::{Markup, html};
use mychartum_core::kernel::PartialDate;
use mychartum_core::kernel::partial_date::Precision;

use crate::words::{fill, look_up, say};

/// A date in words: `2019`, `April 2019`, `2 April 2019` or `2 April 2019, 14:05`.
pub(crate) fn words(date: &PartialDate) -> String {
    match date.precision() {
        Precision::Year => date.first_day().format("%Y").to_string(),
        Precision::Month => month_of(date.first_day()),
        Precision::Day => day_of(date.first_day()),
        Precision::Time => {
            let time = date.time().map(|time| time.format("%H:%M").to_string()).unwrap_or_default();
            fill("date.time", &[("day", &day_of(date.first_day())), ("time", &time)])
        }
    }
}

/// The same without a time of day, for lists.
pub(crate) fn day_words(date: &PartialDate) -> String {
    match date.precision() {
        Precision::Time => day_of(date.first_day()),
        _ => words(date),
    }
}

/// A date as an element that machines can read as it was given.
pub(crate) fn shown(date: &PartialDate) -> Markup {
    html! { time datetime=(machine(date)) { (words(date)) } }
}

/// A date as an element, with its zone where a time came with one.
pub(crate) fn shown_with_zone(date: &PartialDate) -> Markup {
    html! { (shown(date)) @if let Some(zone) = zone(date) { " " span.quiet { (zone) } } }
}

/// The same without a time of day.
pub(crate) fn shown_day(date: &PartialDate) -> Markup {
    let precise = machine(date);
    let day = precise.split(['T', ' ']).next().unwrap_or_default();
    html! { time datetime=(day) { (day_words(date)) } }
}

/// A date that may be missing.
pub(crate) fn shown_or_unknown(date: Option<&PartialDate>) -> Markup {
    match date {
        Some(date) => shown_day(date),
        None => html! { span.quiet { (say("date.unknown")) } },
    }
}

/// An instant of this computer's own clock, in this computer's zone.
pub(crate) fn instant(at: DateTime<Utc>) -> Markup {
    html! { time datetime=(at.with_timezone(&Local).format("%Y-%m-%dT%H:%M:%S%:z")) { (moment(at)) } }
}

/// The same as words only, to be filled into a sentence.
pub(crate) fn moment(at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&Local);
    let time = local.format("%H:%M").to_string();
    fill("date.time", &[("day", &day_of(local.date_naive())), ("time", &time)])
}

/// The time of day of an instant, in this computer's zone.
pub(crate) fn clock_time(at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&Local);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// A day as people say it near today: `Today`, `Yesterday`, else the date.
pub(crate) fn near(day: NaiveDate, today: NaiveDate) -> String {
    match (today - day).num_days() {
        0 => say("date.today").to_owned(),
        1 => say("date.yesterday").to_owned(),
        -1 => say("date.tomorrow").to_owned(),
        _ => fill("date.weekday", &[("weekday", weekday(day)), ("day", &day_of(day))]),
    }
}

/// A calendar day in words.
pub(crate) fn day_of(day: NaiveDate) -> String {
    fill("date.day", &[("day", &day.day().to_string()), ("month", month(day)), ("year", &day.format("%Y").to_string())])
}

/// A calendar month in words.
pub(crate) fn month_of(day: NaiveDate) -> String {
    fill("date.month", &[("month", month(day)), ("year", &day.format("%Y").to_string())])
}

/// A month for an axis, such as `Apr 2026`.
pub(crate) fn short_month(day: NaiveDate) -> String {
    let short: String = month(day).chars().take(3).collect();
    fill("date.month", &[("month", &short), ("year", &day.format("%Y").to_string())])
}

fn month(day: NaiveDate) -> &'static str {
    look_up(&format!("month.{}", day.month())).unwrap_or_default()
}

fn weekday(day: NaiveDate) -> &'static str {
    look_up(&format!("weekday.{}", day.weekday().number_from_monday())).unwrap_or_default()
}

/// The text as HTML's `datetime` attribute wants it: `T` between day and time.
fn machine(date: &PartialDate) -> String {
    date.as_str().replacen(' ', "T", 1)
}

/// The zone that a time was given in, such as `UTC-05:00`.
fn zone(date: &PartialDate) -> Option<String> {
    let (_, time) = date.as_str().split_once(['T', ' '])?;
    if time.ends_with(['Z', 'z']) {
        return Some("UTC".to_owned());
    }
    let at = time.rfind(['+', '-'])?;
    let (sign, offset) = time.get(at..)?.split_at_checked(1)?;
    let sign = if sign == "-" { "\u{2212}" } else { sign };
    Some(format!("UTC{sign}{offset}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> PartialDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_date_is_shown_as_precise_as_it_was_given() {
        assert_eq!(words(&date("2019")), "2019");
        assert_eq!(words(&date("2019-04")), "April 2019");
        assert_eq!(words(&date("2019-04-02")), "2 April 2019");
        assert_eq!(words(&date("2019-04-02T14:05:09-05:00")), "2 April 2019, 14:05");
        assert_eq!(day_words(&date("2019-04-02T14:05:09-05:00")), "2 April 2019");
        assert_eq!(day_words(&date("2019-04")), "April 2019");
    }

    #[test]
    fn a_time_keeps_the_zone_it_came_with() {
        assert_eq!(zone(&date("2019-04-02T14:05:09-05:00")).as_deref(), Some("UTC\u{2212}05:00"));
        assert_eq!(zone(&date("2019-04-02T14:05:09Z")).as_deref(), Some("UTC"));
        assert_eq!(zone(&date("2019-04-02T14:05:09")), None);
        assert_eq!(zone(&date("2019-04-02")), None);
    }

    #[test]
    fn machines_read_what_was_given() {
        let day = shown_day(&date("2019-04-02T14:05:09-05:00")).into_string();
        assert_eq!(day, "<time datetime=\"2019-04-02\">2 April 2019</time>");
        assert_eq!(shown(&date("2019-04")).into_string(), "<time datetime=\"2019-04\">April 2019</time>");
    }

    #[test]
    fn near_days_have_names() {
        let today = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        assert_eq!(near(today, today), "Today");
        assert_eq!(near(today.pred_opt().unwrap(), today), "Yesterday");
        assert_eq!(near(NaiveDate::from_ymd_opt(2026, 2, 20).unwrap(), today), "Friday, 20 February 2026");
    }
}
