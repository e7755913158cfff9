//! The clock of the portal: this computer's, and on the stage so much later as it was turned forward.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, Utc};
use mychartum_core::port::Clock;

/// This computer's clock, and what it was turned forward by.
#[derive(Debug, Clone, Default)]
pub(crate) struct HouseClock {
    /// Seconds.
    ahead: Arc<AtomicI64>,
}

/// The farthest that it is turned forward: ten years.
const FARTHEST: i64 = 3_653 * 86_400;

impl HouseClock {
    /// By how much it is ahead of this computer's clock.
    pub(crate) fn ahead(&self) -> Duration {
        Duration::seconds(self.ahead.load(Ordering::SeqCst))
    }

    /// Turns it forward; there is no way back, as in life.
    pub(crate) fn turn(&self, by: Duration) {
        let turned = |ahead: i64| Some(ahead.saturating_add(by.num_seconds().max(0)).min(FARTHEST));
        // The closure always gives a value, so this cannot fail.
        let _ = self.ahead.fetch_update(Ordering::SeqCst, Ordering::SeqCst, turned);
    }
}

impl Clock for HouseClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.ahead()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_forward_only_and_not_for_ever() {
        let clock = HouseClock::default();
        let shared = clock.clone();
        clock.turn(Duration::days(30));
        clock.turn(Duration::days(-1));
        assert_eq!(shared.ahead(), Duration::days(30));
        assert!(shared.now() > Utc::now() + Duration::days(29));
        clock.turn(Duration::days(100_000));
        assert_eq!(shared.ahead().num_seconds(), FARTHEST);
    }
}
