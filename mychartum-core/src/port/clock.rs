//! Time as an input.

use core::fmt::Debug;

use chrono::{DateTime, Utc};

/// Tells the time.
///
/// # What it is for
/// Core has no clock of its own; expiry of permits and sessions and the time of audit entries come from here.
///
/// # Promises
/// 1. `now` is the current time in UTC, as good as the host's own clock.
/// 2. `now` neither blocks nor fails.
///
/// # What the library promises you
/// Nothing depends on two calls being ordered: a clock that steps back ends no session early and revives none that ended.
///
/// # If you break it
/// A clock that stands still keeps sessions alive until it moves; entries carry the wrong time, in the right order.
///
/// # Test yourself
/// There is nothing to configure; the testkit's `ManualClock` is an example of an implementation.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Debug + Send + Sync + 'static {
    /// The current time.
    fn now(&self) -> DateTime<Utc>;
}

impl<T: Clock + ?Sized> Clock for std::sync::Arc<T> {
    fn now(&self) -> DateTime<Utc> {
        (**self).now()
    }
}
