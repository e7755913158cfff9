//! What somebody wants to be told, by which way, when.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::port::notifier::{Category, Channel};

/// The matrix of what is wanted: a category and a channel, on or off and how often; quiet hours; the hour of the digest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Preferences {
    /// What was chosen. What was not is as the category's default: e-mail at once, no texts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "as_list")]
    chosen: BTreeMap<(Category, Channel), Preference>,
    /// Own quiet hours; without them, the clinic's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
    /// The hour of the day at which a digest is sent. Default 18.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest_hour: Option<u8>,
}

/// Whether and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preference {
    /// Not at all.
    Off,
    /// As it happens.
    On(Rhythm),
}

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rhythm {
    /// Each notice by itself.
    AtOnce,
    /// Once a day, all in one.
    Daily,
}

/// Hours of the day in which nobody is disturbed: from one hour until another, both of the reader's own day. The same hour twice
/// means none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct QuietHours {
    from: u8,
    until: u8,
}

impl QuietHours {
    /// From one full hour (0 to 23) until another; `None` for hours that no day has.
    #[must_use]
    pub const fn new(from: u8, until: u8) -> Option<Self> {
        if from < 24 && until < 24 { Some(Self { from, until }) } else { None }
    }

    /// From which hour until which.
    #[must_use]
    pub const fn hours(self) -> (u8, u8) {
        (self.from, self.until)
    }

    const fn holds_at(self, hour: u8) -> bool {
        if self.from <= self.until {
            self.from <= hour && hour < self.until
        } else {
            hour >= self.from || hour < self.until
        }
    }

    /// When somebody in a zone may be told: now, or when the quiet hours end.
    #[must_use]
    pub fn next(self, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        let here = now.with_timezone(&zone);
        if !self.holds_at(u8::try_from(here.hour()).unwrap_or(0)) {
            return now;
        }
        at_hour(now, zone, self.until)
    }
}

/// The next time that it is this hour in a zone; a clock that is set forward over it gives the first moment after.
fn at_hour(now: DateTime<Utc>, zone: Tz, hour: u8) -> DateTime<Utc> {
    let here = now.with_timezone(&zone);
    let time = NaiveTime::from_hms_opt(u32::from(hour), 0, 0).unwrap_or_default();
    let on = |days: u64| {
        let moment = here.date_naive().checked_add_days(Days::new(days))?.and_time(time);
        let found =
            (0..4).find_map(|later| zone.from_local_datetime(&(moment + chrono::Duration::hours(later))).earliest());
        found.map(|found| found.with_timezone(&Utc))
    };
    on(0).filter(|moment| *moment > now).or_else(|| on(1)).unwrap_or(now)
}

impl Preferences {
    /// Nothing chosen.
    pub(crate) const NONE: Self = Self { chosen: BTreeMap::new(), quiet: None, digest_hour: None };

    /// What is wanted of a category by a channel. What is mandatory is always on and at once.
    #[must_use]
    pub fn of(&self, category: Category, channel: Channel) -> Preference {
        if category.is_mandatory() {
            return Preference::On(Rhythm::AtOnce);
        }
        let default = if channel == Channel::Email { Preference::On(Rhythm::AtOnce) } else { Preference::Off };
        self.chosen.get(&(category, channel)).copied().unwrap_or(default)
    }

    /// Chooses. A choice about what is mandatory is not kept.
    pub fn choose(&mut self, category: Category, channel: Channel, preference: Preference) {
        if !category.is_mandatory() {
            self.chosen.insert((category, channel), preference);
        }
    }

    /// When a digest goes out next.
    #[must_use]
    pub fn next_digest(&self, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        at_hour(now, zone, self.digest_hour.filter(|hour| *hour < 24).unwrap_or(18))
    }
}

/// A map with two keys as a list, since keys of JSON are texts.
mod as_list {
    use super::{BTreeMap, Category, Channel, Preference};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    type Chosen = BTreeMap<(Category, Channel), Preference>;

    pub(super) fn serialize<S: Serializer>(chosen: &Chosen, serializer: S) -> Result<S::Ok, S::Error> {
        let list: Vec<_> =
            chosen.iter().map(|((category, channel), preference)| (category, channel, preference)).collect();
        list.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Chosen, D::Error> {
        let list = Vec::<(Category, Channel, Preference)>::deserialize(deserializer)?;
        Ok(list.into_iter().map(|(category, channel, preference)| ((category, channel), preference)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn nobody_is_woken() {
        let night = QuietHours::new(21, 8).unwrap();
        let zone: Tz = "America/New_York".parse().unwrap();
        assert_eq!(night.next(at("2026-01-10T03:30:00Z"), zone), at("2026-01-10T13:00:00Z"));
        assert_eq!(night.next(at("2026-01-10T13:00:00Z"), zone), at("2026-01-10T13:00:00Z"));
        assert_eq!(night.next(at("2026-01-11T01:59:59Z"), zone), at("2026-01-11T01:59:59Z"));
        assert_eq!(night.next(at("2026-01-11T02:00:00Z"), zone), at("2026-01-11T13:00:00Z"));
        // The night in which the clock is set forward from 2 to 3.
        let early = QuietHours::new(0, 2).unwrap();
        assert_eq!(early.next(at("2026-03-08T06:30:00Z"), zone), at("2026-03-08T07:00:00Z"));
    }

    #[test]
    fn what_is_mandatory_cannot_be_turned_off() {
        let mut preferences = Preferences::default();
        preferences.choose(Category::Security, Channel::Email, Preference::Off);
        preferences.choose(Category::Records, Channel::Email, Preference::Off);
        assert_eq!(preferences.of(Category::Security, Channel::Email), Preference::On(Rhythm::AtOnce));
        assert_eq!(preferences.of(Category::Records, Channel::Email), Preference::Off);
        assert_eq!(preferences.of(Category::Records, Channel::Text), Preference::Off);
        let json = serde_json::to_string(&preferences).unwrap();
        assert_eq!(serde_json::from_str::<Preferences>(&json).unwrap(), preferences);
    }

    proptest! {
        #[test]
        fn quiet_hours_end(from in 0u8..24, until in 0u8..24, secs in 0i64..4_000_000_000, zone in 0..chrono_tz::TZ_VARIANTS.len()) {
            let (quiet, zone) = (QuietHours::new(from, until).unwrap(), chrono_tz::TZ_VARIANTS[zone]);
            let now = DateTime::from_timestamp(secs, 0).unwrap();
            let next = quiet.next(now, zone);
            prop_assert!(next >= now && next - now <= chrono::Duration::hours(27));
        }
    }
}
