//! Numbers of policy for attachments.

use core::num::NonZeroU32;

use chrono::Duration;

/// How attachments are kept. The defaults suit most hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttachmentSettings {
    /// The longest file in bytes. Default 2 GiB.
    pub max_bytes: u64,
    /// How long an object that no row names is left alone. Default 24 hours.
    ///
    /// It decides how soon rubbish goes, not whether a file is safe: a file that is being attached while its object is
    /// swept is refused, and never lost.
    pub grace: Duration,
    /// How long a file that was opened may be read. Default 1 hour: a large file takes longer than a permit lasts.
    pub open_for: Duration,
    /// How many chunks of 64 KiB are read from the store at once. Default 16, which is 1 MiB.
    pub chunks_at_once: NonZeroU32,
    /// How many objects the sweeper looks at in one call. Default 1,000.
    pub sweep_at_once: NonZeroU32,
}

impl Default for AttachmentSettings {
    fn default() -> Self {
        Self {
            max_bytes: 2 << 30,
            grace: Duration::hours(24),
            open_for: Duration::hours(1),
            chunks_at_once: NonZeroU32::MIN.saturating_add(15),
            sweep_at_once: NonZeroU32::MIN.saturating_add(999),
        }
    }
}
