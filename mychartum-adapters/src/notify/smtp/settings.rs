//! Where mail is handed over, and as whom.

use core::fmt;
use core::time::Duration;

use mychartum_core::kernel::EmailAddress;
use mychartum_core::port::notifier::PortalName;
use secrecy::SecretString;

use super::super::Trust;

/// How the way to the server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// STARTTLS (RFC 3207), required: a server that does not offer it gets no message. Usually port 587.
    StartTls,
    /// TLS from the first byte (RFC 8314). Usually port 465.
    Tls,
    /// None. Refused for any server that is not on the loopback.
    PlainLoopbackOnly,
}

/// A name and a password for the server. Never sent but under TLS, or to the loopback.
#[derive(Clone)]
pub struct SignIn {
    /// The name.
    pub user: String,
    /// The password.
    pub password: SecretString,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignIn([hidden])")
    }
}

/// How mail leaves.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SmtpSettings {
    /// The host's own mail server or its provider's: a name, or an address. Its certificate must have it.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the way to it is secured; [`Security::Tls`] at first.
    pub security: Security,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// The name and password, where the server wants them.
    pub sign_in: Option<SignIn>,
    /// Whom messages are from. Its domain is in each Message-ID.
    pub from: EmailAddress,
    /// What stands before that address, if anything.
    pub from_name: Option<PortalName>,
    /// What this machine calls itself in EHLO; `localhost` at first.
    pub hello_name: String,
    /// For one delivery as a whole; 30 seconds at first.
    pub timeout: Duration,
}

impl SmtpSettings {
    /// TLS from the first byte at port 465, without a sign-in.
    #[must_use]
    pub fn new(server: impl Into<String>, from: EmailAddress) -> Self {
        Self {
            server: server.into(),
            port: 465,
            security: Security::Tls,
            trust: Trust::system(),
            sign_in: None,
            from,
            from_name: None,
            hello_name: "localhost".to_owned(),
            timeout: Duration::from_secs(30),
        }
    }
}
