//! Numbers of policy for the whole portal.

use chrono::Duration;

use crate::account::AccountSettings;
use crate::attachments::AttachmentSettings;
use crate::notify::NotifySettings;
use crate::vault::VaultSettings;

/// How a portal behaves. The defaults suit most hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Accounts and sessions.
    pub accounts: AccountSettings,
    /// Attached files.
    pub attachments: AttachmentSettings,
    /// Carrying notices.
    pub notify: NotifySettings,
    /// Sealing.
    pub vault: VaultSettings,
    /// How long a permit may be used after it was given. Default 1 minute.
    pub permit_life: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            accounts: AccountSettings::default(),
            attachments: AttachmentSettings::default(),
            notify: NotifySettings::default(),
            vault: VaultSettings::default(),
            permit_life: Duration::minutes(1),
        }
    }
}
