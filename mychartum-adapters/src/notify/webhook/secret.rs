//! Secrets of webhooks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::SetupError;
use super::super::outbound::HmacKey;

/// A secret that sender and receiver share: 24 to 64 bytes, written `whsec_` and base64 (Standard Webhooks, "Secrets").
#[derive(Debug, Clone)]
pub struct WebhookSecret(pub(super) HmacKey);

impl WebhookSecret {
    /// Takes a secret.
    ///
    /// # Errors
    /// [`SetupError::Secret`].
    pub fn parse(text: &str) -> Result<Self, SetupError> {
        let wrong = SetupError::Secret("webhook secret");
        let bytes = STANDARD.decode(text.strip_prefix("whsec_").ok_or(wrong)?).map_err(|_| wrong)?;
        if (24..=64).contains(&bytes.len()) { Ok(Self(HmacKey::new(bytes))) } else { Err(wrong) }
    }
}
