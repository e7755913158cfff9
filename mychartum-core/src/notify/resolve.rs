//! By which ways somebody is told of something: a pure function.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::kernel::{Address, hidden};
use crate::port::notifier::{Category, Channel, ChannelSet};

use super::delivery::Suppressed;
use super::preferences::{Preference, Preferences, QuietHours, Rhythm};

/// How somebody can be reached.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Reachable {
    /// Verified addresses that still work.
    pub addresses: Vec<Address>,
    /// Where everything goes that is not about an address itself (45 CFR 164.522(b)): it overrides the others.
    pub confidential: Option<Address>,
}

hidden!(Reachable);

/// One way to tell somebody, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) channel: Channel,
    pub(crate) address: Address,
    pub(crate) at: DateTime<Utc>,
    pub(crate) rhythm: Rhythm,
}

/// By which ways somebody is told of a category now; none with the reason.
///
/// 1. An address for confidential communications is the only one, whatever is preferred.
/// 2. What is mandatory goes to every address by a channel that is carried, at any hour.
/// 3. Otherwise by the channels that are wanted, after the quiet hours.
pub(crate) fn resolve(
    category: Category,
    reachable: &Reachable,
    preferences: &Preferences,
    (now, zone, quiet): (DateTime<Utc>, Tz, QuietHours),
    carried: ChannelSet,
) -> Result<Vec<Way>, Suppressed> {
    let addresses: Vec<&Address> = match &reachable.confidential {
        Some(only) => vec![only],
        None => reachable.addresses.iter().collect(),
    };
    if addresses.is_empty() {
        return Err(Suppressed::NoAddress);
    }
    let channel = |address: &Address| match address {
        Address::Email(_) => Channel::Email,
        Address::Phone(_) => Channel::Text,
    };
    let carried: Vec<&Address> = addresses.into_iter().filter(|address| carried.contains(channel(address))).collect();
    if carried.is_empty() {
        return Err(Suppressed::NoCarrier);
    }
    let only_way = reachable.confidential.is_some();
    let ways: Vec<Way> = carried
        .into_iter()
        .filter_map(|address| {
            let channel = channel(address);
            let wanted = match preferences.of(category, channel) {
                Preference::On(rhythm) => rhythm,
                // Whoever named one way only is not cut off because that way is not the usual one.
                Preference::Off if only_way && preferences.of(category, Channel::Email) != Preference::Off => {
                    Rhythm::AtOnce
                }
                Preference::Off => return None,
            };
            let at = match wanted {
                _ if category.is_mandatory() => now,
                Rhythm::AtOnce => preferences.quiet.unwrap_or(quiet).next(now, zone),
                Rhythm::Daily => preferences.next_digest(now, zone),
            };
            Some(Way { channel, address: address.clone(), at, rhythm: wanted })
        })
        .collect();
    if ways.is_empty() { Err(Suppressed::NotWanted) } else { Ok(ways) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{EmailAddress, PhoneNumber};

    fn email(text: &str) -> Address {
        Address::Email(EmailAddress::parse(text).unwrap())
    }

    fn phone() -> Address {
        Address::Phone(PhoneNumber::parse("+16175550134").unwrap())
    }

    fn asked(category: Category, reachable: &Reachable, preferences: &Preferences) -> Result<Vec<Way>, Suppressed> {
        let night = "2026-01-10T03:30:00Z".parse().unwrap();
        let carried = ChannelSet::NONE.with(Channel::Email).with(Channel::Text);
        let when = (night, chrono_tz::America::New_York, QuietHours::new(21, 8).unwrap());
        resolve(category, reachable, preferences, when, carried)
    }

    #[test]
    fn security_goes_everywhere_at_once_and_the_rest_waits_for_the_morning() {
        let both = Reachable { addresses: vec![email("maria@example.org"), phone()], confidential: None };
        let preferences = Preferences::default();
        let ways = asked(Category::Security, &both, &preferences).unwrap();
        assert_eq!(ways.len(), 2);
        assert!(ways.iter().all(|way| way.at.to_rfc3339() == "2026-01-10T03:30:00+00:00"));
        let ways = asked(Category::Records, &both, &preferences).unwrap();
        assert_eq!(ways.len(), 1, "texts are off unless they are wanted");
        assert_eq!(ways[0].at.to_rfc3339(), "2026-01-10T13:00:00+00:00");
    }

    #[test]
    fn a_confidential_address_overrides_everything() {
        let reachable = Reachable { addresses: vec![email("family@example.org")], confidential: Some(phone()) };
        for category in Category::ALL {
            let ways = asked(category, &reachable, &Preferences::default()).unwrap();
            assert_eq!(ways.iter().map(|way| way.address.clone()).collect::<Vec<_>>(), [phone()], "{category:?}");
        }
    }

    #[test]
    fn why_nothing_is_sent_is_told() {
        let nobody = Reachable::default();
        assert_eq!(asked(Category::Security, &nobody, &Preferences::default()), Err(Suppressed::NoAddress));
        let mut preferences = Preferences::default();
        preferences.choose(Category::Records, Channel::Email, Preference::Off);
        let one = Reachable { addresses: vec![email("maria@example.org")], confidential: None };
        assert_eq!(asked(Category::Records, &one, &preferences), Err(Suppressed::NotWanted));
        let none = resolve(
            Category::Security,
            &one,
            &preferences,
            (DateTime::UNIX_EPOCH, chrono_tz::UTC, QuietHours::new(0, 0).unwrap()),
            ChannelSet::NONE,
        );
        assert_eq!(none, Err(Suppressed::NoCarrier));
    }
}
