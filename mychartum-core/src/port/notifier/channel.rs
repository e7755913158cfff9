//! By which way people are told.

use serde::{Deserialize, Serialize};

/// A way to tell someone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// E-mail.
    Email,
    /// A text message (SMS). Restricted as a second factor (NIST SP 800-63B-4, section 3.1.3.3).
    Text,
    /// A webhook of the host: a signed request with ids only.
    Webhook,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Email, Self::Text, Self::Webhook];

    const fn bit(self) -> u8 {
        match self {
            Self::Email => 1,
            Self::Text => 2,
            Self::Webhook => 4,
        }
    }
}

/// Some channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ChannelSet(u8);

impl ChannelSet {
    /// None.
    pub const NONE: Self = Self(0);

    /// These and one more.
    #[must_use]
    pub const fn with(self, channel: Channel) -> Self {
        Self(self.0 | channel.bit())
    }

    /// Whether a channel is among them.
    #[must_use]
    pub const fn contains(self, channel: Channel) -> bool {
        self.0 & channel.bit() != 0
    }
}

impl From<Channel> for ChannelSet {
    fn from(channel: Channel) -> Self {
        Self::NONE.with(channel)
    }
}
