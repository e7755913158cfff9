//! Numbers of policy for accounts and sessions.

use chrono::Duration;

/// How long sessions live and how passwords are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountSettings {
    /// A session ends when nothing was done for so long. Default 15 minutes.
    pub idle: Duration,
    /// A session ends after so long, whatever was done. Default 12 hours (NIST SP 800-63B, section 2.2.3, allows 24).
    pub absolute: Duration,
    /// How precisely the last use is written down. Default 1 minute.
    pub touch: Duration,
    /// Argon2id memory in KiB. Default 19,456 (OWASP Password Storage Cheat Sheet).
    pub argon2_memory: u32,
    /// Argon2id passes. Default 2.
    pub argon2_passes: u32,
}

impl Default for AccountSettings {
    fn default() -> Self {
        Self {
            idle: Duration::minutes(15),
            absolute: Duration::hours(12),
            touch: Duration::minutes(1),
            argon2_memory: 19_456,
            argon2_passes: 2,
        }
    }
}
