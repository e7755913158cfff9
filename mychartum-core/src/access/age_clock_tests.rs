//! When bands begin: to the microsecond of local midnight, with dates of birth that are known in part, and odd clocks.

use chrono::Duration;
use chrono_tz::Tz;

use super::pack::{EXAMPLE_PACK, PolicyPack};
use super::scene::*;
use super::*;
use crate::kernel::PartialDate;

fn clock(born: &str) -> AgeClock {
    scene::born(born, &policy())
}

fn band(clock: &AgeClock, now: &str) -> Option<u8> {
    clock.band(at(now))
}

#[test]
fn a_band_begins_at_local_midnight_of_the_birthday() {
    let clock = clock("2010-05-20");
    let midnights = [
        "2010-05-20T04:00:00Z",
        "2016-05-20T04:00:00Z",
        "2019-05-20T04:00:00Z",
        "2022-05-20T04:00:00Z",
        "2024-05-20T04:00:00Z",
        "2026-05-20T04:00:00Z",
        "2028-05-20T04:00:00Z",
    ];
    for (number, midnight) in (0u8..).zip(midnights) {
        let begins = at(midnight);
        assert_eq!((clock.begins(number), clock.begins_at_latest(number)), (Some(begins), Some(begins)));
        assert_eq!(clock.begins_at(number), Some(begins.timestamp_micros()));
        assert_eq!(clock.band(begins), Some(number));
        assert_eq!(clock.band(begins - Duration::microseconds(1)), number.checked_sub(1));
    }
    assert_eq!((clock.begins(7), clock.begins_at(7), clock.begins_at_latest(7)), (None, None, None));
    assert_eq!((clock.begins(200), clock.begins_at(200), clock.begins_at_latest(200)), (None, None, None));
    assert_eq!(band(&clock, "2100-01-01T00:00:00Z"), Some(6));
}

#[test]
fn where_nobody_knows_the_date_of_birth_no_band_is_known() {
    let (pack, zone) = (policy(), policy().zone());
    assert_eq!(AgeClock::new(None, zone, &pack), AgeClock::UNKNOWN);
    assert_eq!(AgeClock::of_all(&[], zone, &pack), AgeClock::UNKNOWN);
    let unknown = AgeClock::UNKNOWN;
    assert_eq!((band(&unknown, GROWN_UP), unknown.begins(0), unknown.begins_at_latest(0)), (None, None, None));
}

#[test]
fn a_month_or_a_year_of_birth_leaves_a_gap_between_the_bands() {
    let month = clock("2010-02");
    assert_eq!(band(&month, "2022-02-01T04:59:59Z"), Some(2));
    assert_eq!(band(&month, "2022-02-01T05:00:00Z"), None);
    assert_eq!(band(&month, "2022-02-28T04:59:59Z"), None);
    assert_eq!(band(&month, "2022-02-28T05:00:00Z"), Some(3));
    assert_eq!(month.begins(3), Some(at("2022-02-01T05:00:00Z")));
    assert_eq!(month.begins_at_latest(3), Some(at("2022-02-28T05:00:00Z")));
    assert_eq!(band(&month, "2010-02-10T00:00:00Z"), None);
    let year = clock("2010");
    assert_eq!(band(&year, "2021-12-31T12:00:00Z"), Some(2));
    assert_eq!(band(&year, "2022-01-01T05:00:00Z"), None);
    assert_eq!(band(&year, "2022-12-31T05:00:00Z"), Some(3));
    let minute = clock("2010-05-20T23:30:00Z");
    assert_eq!(minute.begins(3), minute.begins_at_latest(3));
}

#[test]
fn where_sources_do_not_agree_a_band_is_known_only_if_all_agree_on_it() {
    let born: Vec<PartialDate> = ["2010-05-20", "2010-06-01", "2010-05-25"].map(|date| date.parse().unwrap()).into();
    let clock = AgeClock::of_all(&born, policy().zone(), &policy());
    assert_eq!(clock.begins(3), Some(at("2022-05-20T04:00:00Z")));
    assert_eq!(clock.begins_at_latest(3), Some(at("2022-06-01T04:00:00Z")));
    assert_eq!(band(&clock, "2022-05-30T00:00:00Z"), None);
    assert_eq!((band(&clock, "2022-05-19T00:00:00Z"), band(&clock, "2022-06-02T00:00:00Z")), (Some(2), Some(3)));
}

#[test]
fn a_leap_day_has_its_birthday_on_the_day_that_the_policy_says() {
    let march = clock("2012-02-29");
    assert_eq!(march.begins(1), Some(at("2018-03-01T05:00:00Z")));
    assert_eq!(march.begins(3), Some(at("2024-02-29T05:00:00Z")));
    let february = PolicyPack::parse(&PACK.replace("march-1", "february-28")).unwrap();
    assert_eq!(born("2012-02-29", &february).begins(1), Some(at("2018-02-28T05:00:00Z")));
}

/// When someone who was born on a day comes of age in a zone, by the example policy.
fn of_age(born: &str, zone: Tz) -> String {
    let pack = PolicyPack::parse(EXAMPLE_PACK).unwrap();
    let born: PartialDate = born.parse().unwrap();
    AgeClock::new(Some(&born), zone, &pack).begins(2).unwrap().to_rfc3339()
}

#[test]
fn where_a_clock_jumps_over_midnight_the_day_begins_after_the_jump() {
    // An hour, from midnight to one (Beirut, 27 March 2022), and not from one of the quarters before.
    assert_eq!(of_age("2004-03-27", chrono_tz::Asia::Beirut), "2022-03-26T22:00:00+00:00");
    // A day as it always begins, where the hour that is told twice does not begin at midnight.
    assert_eq!(of_age("2004-11-06", chrono_tz::America::New_York), "2022-11-06T04:00:00+00:00");
    // Midnight that is told twice begins with the first one (Havana, 6 November 2022: at one, back to midnight).
    assert_eq!(of_age("2004-11-06", chrono_tz::America::Havana), "2022-11-06T04:00:00+00:00");
    // A day that was left out begins with the next one (Apia, 30 December 2011).
    assert_eq!(of_age("1993-12-30", chrono_tz::Pacific::Apia), "2011-12-30T10:00:00+00:00");
    // Odd seconds: 44 minutes and 30 seconds were left out (Monrovia, 7 January 1972).
    assert_eq!(of_age("1954-01-07", chrono_tz::Africa::Monrovia), "1972-01-07T00:44:30+00:00");
}
