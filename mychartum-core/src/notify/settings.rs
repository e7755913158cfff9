//! Numbers of the outbox.

use chrono::Duration;

/// How notices are carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotifySettings {
    /// The wait after the first passing error; it doubles with each. Default 30 seconds.
    pub first_retry: Duration,
    /// The longest wait between tries. Default 1 hour.
    pub longest_retry: Duration,
    /// When to give up: the notice becomes a dead letter that staff see. Default 72 hours.
    pub give_up: Duration,
    /// How long a delivery may be under way before another worker takes it up. Default 2 minutes.
    pub lease: Duration,
}

impl Default for NotifySettings {
    fn default() -> Self {
        Self {
            first_retry: Duration::seconds(30),
            longest_retry: Duration::hours(1),
            give_up: Duration::hours(72),
            lease: Duration::minutes(2),
        }
    }
}

impl NotifySettings {
    /// How long to wait before another try, after so many that failed. `jitter` (0 to 255) spreads those that failed together
    /// over a quarter of the wait.
    #[must_use]
    pub fn wait(&self, failed: u16, jitter: u8) -> Duration {
        let doubled = 1i32.checked_shl(u32::from(failed.saturating_sub(1)).min(20)).unwrap_or(i32::MAX);
        let wait = self.first_retry.checked_mul(doubled).unwrap_or(self.longest_retry).min(self.longest_retry);
        wait + wait * i32::from(jitter) / (4 * 255)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let settings = NotifySettings::default();
        let waits: Vec<i64> = (1..=9).map(|failed| settings.wait(failed, 0).num_seconds()).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        assert_eq!(settings.wait(u16::MAX, 0), settings.longest_retry);
        assert_eq!(settings.wait(1, 255).num_milliseconds(), 37_500);
    }
}
