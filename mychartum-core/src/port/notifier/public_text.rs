//! What may leave in a notice.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

use crate::kernel::{LanguageTag, hidden};

use super::notice::Notice;

/// What a notice says: which one, for which language, and the few values that it may carry.
///
/// INVARIANT (public texts): nothing of a chart fits in. There is no constructor outside the engine and no field for free text;
/// what varies is the portal's own name, a count, a moment, a code of digits, and a link that opens nothing by itself.
pub struct PublicText {
    notice: Notice,
    language: LanguageTag,
    portal: PortalName,
    link: Option<PublicLink>,
    code: Option<SecretString>,
    at: Option<DateTime<Utc>>,
    count: Option<u32>,
}

/// What the portal calls itself in notices: at most 64 bytes of one line.
///
/// An organisation's name can tell what somebody is treated for; a host whose name does, chooses another one here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalName(Box<str>);

impl PortalName {
    /// Takes a name; `None` for one that is blank, too long, or more than one line.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.trim();
        let fits = (1..=64).contains(&name.len()) && !name.chars().any(char::is_control);
        fits.then(|| Self(name.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for PortalName {
    fn default() -> Self {
        Self("MyChartum".into())
    }
}

/// Where a link leads: a page of the host and, for some, a token.
pub struct PublicLink {
    /// Which page.
    page: Links,
    token: Option<SecretString>,
}

hidden!(PublicText, PublicLink);

/// Pages that notices lead to. The host says where they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Links {
    /// Where one signs in.
    SignIn,
    /// Where an account is made with an activation link.
    Activate,
    /// Where a new password is chosen.
    Reset,
    /// Where one says "this wasn't me".
    Freeze,
    /// Where a recovery is cancelled.
    CancelRecovery,
}

impl PublicText {
    pub(crate) const fn new(notice: Notice, language: LanguageTag, portal: PortalName) -> Self {
        Self { notice, language, portal, link: None, code: None, at: None, count: None }
    }

    /// What the engine would say, with made-up values for whatever the notice may carry.
    pub(super) fn sample(notice: Notice, language: LanguageTag) -> Self {
        // As long as the longest of the engine's own, so that who measures a message measures a real one.
        let token = || Some(SecretString::from("sample-token".repeat(6).split_at(66).0));
        let bare = Self::new(notice, language, PortalName::default());
        match notice {
            Notice::Activation => bare.linking(Links::Activate, token()),
            Notice::PasswordReset => bare.linking(Links::Reset, token()),
            Notice::ContactCode | Notice::SignInCode => bare.with_code(SecretString::from("123456")),
            Notice::RecoveryStarted => {
                bare.linking(Links::CancelRecovery, token()).on(DateTime::from_timestamp(1_800_000_000, 0))
            }
            Notice::BirthdayAhead | Notice::ProxyEndsSoon => {
                bare.linking(Links::SignIn, None).on(DateTime::from_timestamp(1_800_000_000, 0))
            }
            Notice::NewSignIn | Notice::PasswordChanged | Notice::FactorRemoved | Notice::RecoveryCodeUsed => {
                bare.linking(Links::Freeze, token())
            }
            Notice::Digest => bare.linking(Links::SignIn, None).counting(Some(2)),
            _ => bare.linking(Links::SignIn, None),
        }
    }

    pub(crate) fn linking(self, page: Links, token: Option<SecretString>) -> Self {
        Self { link: Some(PublicLink { page, token }), ..self }
    }

    pub(crate) fn with_code(self, code: SecretString) -> Self {
        Self { code: Some(code), ..self }
    }

    pub(crate) fn on(self, at: Option<DateTime<Utc>>) -> Self {
        Self { at, ..self }
    }

    pub(crate) fn counting(self, count: Option<u32>) -> Self {
        Self { count, ..self }
    }

    /// Which notice.
    #[must_use]
    pub const fn notice(&self) -> Notice {
        self.notice
    }

    /// The language of its reader.
    #[must_use]
    pub const fn language(&self) -> &LanguageTag {
        &self.language
    }

    /// What the portal calls itself.
    #[must_use]
    pub fn portal(&self) -> &str {
        self.portal.as_str()
    }

    /// Where its link leads.
    #[must_use]
    pub const fn link(&self) -> Option<&PublicLink> {
        self.link.as_ref()
    }

    /// The code, to be sent and not to be kept.
    #[must_use]
    pub fn expose_code(&self) -> Option<&str> {
        self.code.as_ref().map(|code| code.expose_secret())
    }

    /// The moment that it speaks of; to be shown no finer than the notice's words do.
    #[must_use]
    pub const fn at(&self) -> Option<DateTime<Utc>> {
        self.at
    }

    /// How many.
    #[must_use]
    pub const fn count(&self) -> Option<u32> {
        self.count
    }
}

impl PublicLink {
    /// Which page.
    #[must_use]
    pub const fn page(&self) -> Links {
        self.page
    }

    /// The token to end the link with, to be sent and not to be kept.
    #[must_use]
    pub fn expose_token(&self) -> Option<&str> {
        self.token.as_ref().map(|token| token.expose_secret())
    }
}
