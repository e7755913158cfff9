//! Where the notifiers under test come from, and what is at their other end.

use core::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::kernel::Address;
use mychartum_core::port::Notifier;
use mychartum_core::port::notifier::Channel;

/// What is at the other end of a notifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FarSide {
    /// It takes all messages.
    Good,
    /// It says that it is busy, and to come back later.
    Busy,
    /// It says that this address does not exist.
    BadAddress,
    /// It says no, for a reason of its own.
    Refusing,
    /// It takes the connection and never answers.
    Silent,
}

/// A message as it came out at the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Everyone it was for, as the other end saw it: recipients of the envelope, the number. Empty for a webhook.
    pub to: Vec<String>,
    /// Its id or idempotency key, where the channel has one.
    pub id: Option<String>,
    /// What it says, decoded.
    pub text: String,
}

/// A notifier with its other end.
pub struct Stage {
    /// The notifier under test.
    pub notifier: Arc<dyn Notifier>,
    /// What came out so far.
    pub received: Box<dyn Fn() -> Vec<Received> + Send + Sync>,
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage").field("notifier", &self.notifier).finish_non_exhaustive()
    }
}

/// Makes notifiers for the cases and owns what is at their other end.
#[async_trait]
pub trait Harness: Send + Sync {
    /// The channel to test.
    fn channel(&self) -> Channel;

    /// An address for it; none for a webhook.
    fn address(&self) -> Option<Address>;

    /// A notifier with such an other end; `None` where its channel cannot have one (nobody says of a webhook that its address
    /// does not exist). `Good` must be possible. Its timeout should be short: a case waits for it.
    async fn stage(&self, far_side: FarSide) -> Option<Stage>;
}
