//! Which gateway carries texts, and as whom.

use core::fmt;
use core::time::Duration;

use mychartum_core::kernel::PhoneNumber;
use secrecy::SecretString;

use super::super::Trust;

/// Whom texts are from.
#[derive(Debug, Clone)]
pub enum Sender {
    /// A number of one's own.
    Number(PhoneNumber),
    /// A messaging service of the gateway's, which chooses a number: its id.
    Service(String),
}

/// How texts leave.
#[derive(Clone)]
#[non_exhaustive]
pub struct SmsSettings {
    /// The gateway's address up to `/2010-04-01`; `https://api.twilio.com` at first.
    pub gateway: String,
    /// The account's id, 1 to 64 letters and digits. Also the name to sign in with.
    pub account: String,
    /// The account's token: the password, and the key of reports' signatures.
    pub token: SecretString,
    /// Whom texts are from.
    pub sender: Sender,
    /// A header that takes the message's id, such as `Idempotency-Key`, where the gateway knows one.
    pub idempotency_header: Option<String>,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// For one delivery as a whole; 15 seconds at first.
    pub timeout: Duration,
}

impl fmt::Debug for SmsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmsSettings").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl SmsSettings {
    /// Twilio itself.
    #[must_use]
    pub fn new(account: impl Into<String>, token: SecretString, sender: Sender) -> Self {
        Self {
            gateway: "https://api.twilio.com".to_owned(),
            account: account.into(),
            token,
            sender,
            idempotency_header: None,
            trust: Trust::system(),
            timeout: Duration::from_secs(15),
        }
    }
}
