//! A notifier that keeps what it is given, for tests.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use mychartum_core::port::Notifier;
use mychartum_core::port::notifier::{
    CarrierId, Channel, ChannelSet, Links, Notice, NotifyError, NotifyErrorKind, Outgoing,
};

/// Keeps what it is given instead of carrying it, and fails when it is told to. Clones are the same notifier.
#[derive(Debug, Clone, Default)]
pub struct KeptNotifier(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    kept: Vec<KeptMessage>,
    failing: Option<NotifyErrorKind>,
    tried: u64,
}

/// A message as it would have gone out.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptMessage {
    /// Its id: the same in every try.
    pub id: String,
    /// By which way.
    pub channel: Channel,
    /// Where to.
    pub address: String,
    /// What it tells.
    pub notice: Notice,
    /// Where its link leads.
    pub page: Option<Links>,
    /// What its link proves itself by.
    pub token: Option<String>,
    /// The code that it carries.
    pub code: Option<String>,
    /// How many.
    pub count: Option<u32>,
    /// Which language it is in.
    pub language: String,
}

impl core::fmt::Debug for KeptMessage {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("KeptMessage")
            .field("notice", &self.notice)
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}

impl KeptNotifier {
    /// What was kept so far, in the order in which it came.
    #[must_use]
    pub fn kept(&self) -> Vec<KeptMessage> {
        self.inside().kept.clone()
    }

    /// What was kept so far; it is forgotten.
    pub fn take(&self) -> Vec<KeptMessage> {
        core::mem::take(&mut self.inside().kept)
    }

    /// The last message of a kind.
    #[must_use]
    pub fn last(&self, notice: Notice) -> Option<KeptMessage> {
        self.inside().kept.iter().rev().find(|kept| kept.notice == notice).cloned()
    }

    /// From now on it fails like this, or works again.
    pub fn fail(&self, failing: Option<NotifyErrorKind>) {
        self.inside().failing = failing;
    }

    /// How often it was asked to carry something.
    #[must_use]
    pub fn tried(&self) -> u64 {
        self.inside().tried
    }

    fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Notifier for KeptNotifier {
    fn channels(&self) -> ChannelSet {
        ChannelSet::NONE.with(Channel::Email).with(Channel::Text)
    }

    async fn deliver(&self, outgoing: &Outgoing) -> Result<Option<CarrierId>, NotifyError> {
        let mut inside = self.inside();
        inside.tried += 1;
        if let Some(kind) = inside.failing {
            return Err(NotifyError::new(kind, "kept"));
        }
        let text = outgoing.text();
        let link = text.link();
        inside.kept.push(KeptMessage {
            id: outgoing.id().to_string(),
            channel: outgoing.channel(),
            address: outgoing.address().map(|address| address.as_str().to_owned()).unwrap_or_default(),
            notice: text.notice(),
            page: link.map(mychartum_core::port::notifier::PublicLink::page),
            token: link.and_then(|link| link.expose_token().map(str::to_owned)),
            code: text.expose_code().map(str::to_owned),
            count: text.count(),
            language: text.language().as_str().to_owned(),
        });
        Ok(CarrierId::parse(&outgoing.id().to_string()))
    }
}
