//! How long a call waits for a bucket that is on its way.

use core::time::Duration;

use tokio::time::{Instant, sleep};

/// The patience that one call has left.
#[derive(Debug)]
pub(super) struct Waiting {
    until: Instant,
    pause: Duration,
}

impl Waiting {
    const FIRST: Duration = Duration::from_millis(2);
    const LONGEST: Duration = Duration::from_millis(200);

    pub(super) fn new(patience: Duration) -> Self {
        Self { until: Instant::now() + patience, pause: Self::FIRST }
    }

    /// Waits a little longer than the last time; `false` when the patience is over.
    pub(super) async fn a_little(&mut self) -> bool {
        if Instant::now() >= self.until {
            return false;
        }
        sleep(self.pause.min(self.until.saturating_duration_since(Instant::now()))).await;
        self.pause = (self.pause * 2).min(Self::LONGEST);
        true
    }
}
