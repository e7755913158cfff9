//! What the host brings beside storage and keys.

use std::sync::Arc;

use crate::account::{BreachedPasswords, ContextKind, ContextWords};
use crate::port::notifier::PortalName;
use crate::port::{Notifier, PasskeyVerifier};

/// What the host brings beside storage and keys, each optional.
#[derive(Debug, Default)]
pub(super) struct Outside {
    pub(super) name: PortalName,
    pub(super) notifier: Option<Arc<dyn Notifier>>,
    pub(super) passkeys: Option<Arc<dyn PasskeyVerifier>>,
    pub(super) breached: Option<Arc<dyn BreachedPasswords>>,
    /// Words that no password here is made of.
    pub(super) words: ContextWords,
}

impl Outside {
    /// The same, ready to be used: the portal's own name is one of the words.
    pub(super) fn ready(mut self) -> Self {
        self.words = self.words.with(ContextKind::Portal, self.name.as_str());
        self
    }
}
