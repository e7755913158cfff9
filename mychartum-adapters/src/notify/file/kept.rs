//! Messages in memory.

use core::fmt;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use mychartum_core::kernel::Address;
use mychartum_core::port::Notifier;
use mychartum_core::port::notifier::{CarrierId, Channel, ChannelSet, NoticeId, NotifyError, Outgoing};

use super::super::words::{LinkBase, Words};

/// How many messages are kept.
const MOST: usize = 1000;

/// Keeps messages in memory, for a page that shows what a portal would have sent. **For development.**
///
/// The newest 1,000 are kept, each id once. Whoever can ask for them can read links and codes.
#[derive(Debug)]
pub struct Kept {
    words: Words,
    links: LinkBase,
    messages: Mutex<VecDeque<KeptMessage>>,
}

/// A message that was not sent.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptMessage {
    /// Its id.
    pub id: NoticeId,
    /// By which way it would have gone.
    pub channel: Channel,
    /// Where to.
    pub address: Option<Address>,
    /// Its subject; none in a text message.
    pub subject: Option<String>,
    /// What it says.
    pub body: String,
}

impl fmt::Debug for KeptMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptMessage").field("id", &self.id).field("channel", &self.channel).finish_non_exhaustive()
    }
}

impl Kept {
    /// Nothing yet.
    #[must_use]
    pub fn new(words: Words, links: LinkBase) -> Self {
        Self { words, links, messages: Mutex::default() }
    }

    /// All that is kept, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<KeptMessage> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Forgets all of it.
    pub fn clear(&self) {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[async_trait]
impl Notifier for Kept {
    fn channels(&self) -> ChannelSet {
        ChannelSet::from(Channel::Email).with(Channel::Text)
    }

    async fn deliver(&self, outgoing: &Outgoing) -> Result<Option<CarrierId>, NotifyError> {
        let rendered = self.words.render(outgoing.text(), outgoing.channel(), &self.links)?;
        let message = KeptMessage {
            id: outgoing.id(),
            channel: outgoing.channel(),
            address: outgoing.address().cloned(),
            subject: rendered.subject().map(str::to_owned),
            body: rendered.body().to_owned(),
        };
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        messages.retain(|kept| kept.id != message.id);
        if messages.len() >= MOST {
            messages.pop_front();
        }
        messages.push_back(message);
        Ok(CarrierId::parse(&outgoing.id().to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mychartum_core::kernel::LanguageTag;
    use mychartum_core::port::notifier::{Notice, NotifyErrorKind};

    #[tokio::test]
    async fn messages_are_kept_once_each_and_shown_to_nobody_by_debug() {
        let kept = Kept::new(Words::shipped(), LinkBase::parse("http://localhost:3000").unwrap());
        let sample = |id: u16, channel| {
            let mut bytes = [0; 16];
            bytes[..2].copy_from_slice(&id.to_be_bytes());
            Outgoing::sample(bytes, channel, None, Notice::SignInCode, LanguageTag::default())
        };
        for _ in 0..2 {
            kept.deliver(&sample(1, Channel::Email)).await.unwrap();
        }
        kept.deliver(&sample(2, Channel::Text)).await.unwrap();
        let messages = kept.messages();
        assert_eq!(messages.len(), 2);
        assert_eq!(messages[0].subject.as_deref(), Some("Your sign-in code"));
        assert!(messages[1].body.contains("123456"));
        assert!(!format!("{kept:?}{messages:?}").contains("123456"));
        let refused = kept.deliver(&sample(3, Channel::Webhook)).await.unwrap_err();
        assert_eq!(refused.kind(), NotifyErrorKind::Refused);
        for id in 3..1100 {
            kept.deliver(&sample(id, Channel::Text)).await.unwrap();
        }
        assert_eq!(kept.messages().len(), MOST);
        assert_eq!(kept.messages()[0].id.to_string().get(..4), Some("0064"));
        kept.clear();
        assert!(kept.messages().is_empty());
    }
}
