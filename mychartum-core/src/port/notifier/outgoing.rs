//! One message on its way, and what is heard of it later.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::text::Text;
use crate::kernel::{Address, LanguageTag, hidden};

use super::channel::Channel;
use super::notice::Notice;
use super::public_text::PublicText;

/// One message to one person.
pub struct Outgoing {
    pub(crate) id: NoticeId,
    pub(crate) channel: Channel,
    pub(crate) address: Option<Address>,
    pub(crate) text: PublicText,
}

hidden!(Outgoing);

impl Outgoing {
    /// A message as the engine makes them, with made-up link, code and moment: to preview words, and to test notifiers with.
    #[must_use]
    pub fn sample(
        id: [u8; 16],
        channel: Channel,
        address: Option<Address>,
        notice: Notice,
        language: LanguageTag,
    ) -> Self {
        Self { id: NoticeId::from_bytes(id), channel, address, text: PublicText::sample(notice, language) }
    }

    /// The id of this message: the same in every try, so that a repetition is known as one.
    #[must_use]
    pub const fn id(&self) -> NoticeId {
        self.id
    }

    /// By which way.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// Where to; none for a webhook, which the notifier knows itself.
    #[must_use]
    pub const fn address(&self) -> Option<&Address> {
        self.address.as_ref()
    }

    /// What it says.
    #[must_use]
    pub const fn text(&self) -> &PublicText {
        &self.text
    }
}

/// A message's id: 32 hexadecimal digits that say nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoticeId([u8; 16]);

impl NoticeId {
    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::kernel::id::write_hex(&self.0, f)
    }
}

impl fmt::Debug for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What the next hop calls a message: a gateway's id, at most 128 bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierId(Text<128>);

hidden!(CarrierId);

impl CarrierId {
    /// Takes an id; `None` for one that is blank or too long to be one.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        Text::parse(id).ok().map(Self)
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// What a provider reported of a message later, after its signature was checked by the adapter.
#[derive(Debug, Clone)]
pub struct DeliveryReport {
    /// Who carried it.
    pub channel: Channel,
    /// What they call the message.
    pub message: CarrierId,
    /// What became of it.
    pub reported: Reported,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reported {
    /// It arrived.
    Delivered,
    /// It came back: the address does not work.
    Bounced,
    /// It was lost on the way.
    Failed,
    /// Its reader wants no more by this way (STOP, unsubscribe).
    Unsubscribed,
}
