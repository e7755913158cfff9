//! The machine's clock.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use mychartum_core::port::Clock;

/// Tells the machine's time.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        SystemTime::now().into()
    }
}
