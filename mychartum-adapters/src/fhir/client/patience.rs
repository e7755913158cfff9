//! How long to wait before asking again.

use core::time::Duration;

use chrono::{DateTime, Utc};

/// How long to wait before asking a busy server again.
///
/// The client itself never waits: it says for how long the caller should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The first wait where a server does not say for how long; it doubles with each failure. 2 seconds at first.
    pub first: Duration,
    /// The longest wait, also where a server asks for more. 15 minutes at first.
    pub longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { first: Duration::from_secs(2), longest: Duration::from_secs(900) }
    }
}

impl Patience {
    /// How long to wait: what the server said, or a doubled time, with some chance in it so that clients do not come all at once.
    ///
    /// `failures` is how many there were in a row before this one, `chance` any byte. What a server said is never cut short but
    /// for the longest wait, and prolonged by a tenth at most; an own wait is between a half and the whole of its time.
    pub(super) fn wait(&self, said: Option<Duration>, failures: u32, chance: u8) -> Duration {
        let wait = match said {
            Some(said) => {
                let said = said.min(self.longest);
                said + said / 10 * u32::from(chance) / 255
            }
            None => {
                let own = self.first.saturating_mul(1u32.checked_shl(failures.min(16)).unwrap_or(u32::MAX));
                let own = own.min(self.longest);
                own / 2 + own / 2 * u32::from(chance) / 255
            }
        };
        wait.min(self.longest)
    }
}

/// What a `Retry-After` says: seconds or a date (RFC 9110 section 10.2.3). A date in the past is no wait.
pub(super) fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are still a very long time.
        return Some(Duration::from_secs(value.parse::<u32>().unwrap_or(u32::MAX).into()));
    }
    let until = DateTime::parse_from_rfc2822(value).ok()?;
    Some((until.with_timezone(&Utc) - now).to_std().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn seconds_and_dates_are_read() {
        let now = DateTime::parse_from_rfc3339("1994-11-06T08:49:07Z").unwrap().with_timezone(&Utc);
        for (said, wait) in [
            ("30", Some(30)),
            (" 0 ", Some(0)),
            ("99999999999999999999", Some(u64::from(u32::MAX))),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(said, now), wait.map(Duration::from_secs), "{said}");
        }
    }

    proptest! {
        #[test]
        fn waits_are_bounded_and_obey(said in proptest::option::of(0u64..1_000_000), failures in 0u32..100, chance: u8) {
            let patience = Patience::default();
            let said = said.map(Duration::from_secs);
            let wait = patience.wait(said, failures, chance);
            prop_assert!(wait <= patience.longest);
            match said {
                Some(said) => prop_assert!(wait >= said.min(patience.longest)),
                None => prop_assert!(wait >= patience.first / 2),
            }
        }
    }
}
