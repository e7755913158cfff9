//! The notifier.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::SecondsFormat;
use mychartum_core::port::notifier::{CarrierId, Channel, ChannelSet, NotifyError, NotifyErrorKind, Outgoing};
use mychartum_core::port::{Clock, Notifier};
use reqwest::header::CONTENT_TYPE;

use super::super::outbound::{Answer, Endpoint, Fault, Reach, Requester, is_public};
use super::super::{SetupError, Trust};
use super::secret::WebhookSecret;
use super::signature::sign;

/// Whether requests may go to private, link-local and loopback addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateTargets {
    /// No: whoever chooses the receiver's address cannot point it into the host's own network.
    Refused,
    /// Yes: the receiver is inside the house, and the operator chose it.
    Allowed,
}

/// Where webhooks go.
#[derive(Clone)]
#[non_exhaustive]
pub struct WebhookSettings {
    /// The receiver's address.
    pub target: String,
    /// What requests are signed with, 1 to 4: during a rotation the old and the new.
    pub secrets: Vec<WebhookSecret>,
    /// Whether the receiver may be at a private address; refused at first.
    pub private_targets: PrivateTargets,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// For one delivery as a whole; 15 seconds at first.
    pub timeout: Duration,
}

impl fmt::Debug for WebhookSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookSettings").field("private_targets", &self.private_targets).finish_non_exhaustive()
    }
}

impl WebhookSettings {
    /// A receiver on the public network.
    #[must_use]
    pub fn new(target: impl Into<String>, secrets: Vec<WebhookSecret>) -> Self {
        Self {
            target: target.into(),
            secrets,
            private_targets: PrivateTargets::Refused,
            trust: Trust::system(),
            timeout: Duration::from_secs(15),
        }
    }
}

/// Tells a program of the host's that something happened, as a signed request (Standard Webhooks).
///
/// The body is `{"type": notice, "id": id, "timestamp": when}`. No address, no text, no link and no code is in it: a receiver
/// that needs more asks the portal.
pub struct WebhookNotifier {
    settings: WebhookSettings,
    endpoint: Endpoint,
    requester: Requester,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for WebhookNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookNotifier").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl WebhookNotifier {
    /// A notifier with these settings. It does not connect yet.
    ///
    /// # Errors
    /// [`SetupError`] for a target in clear text or at a private address, and unless there are 1 to 4 secrets.
    pub fn new(settings: WebhookSettings, clock: Arc<dyn Clock>) -> Result<Self, SetupError> {
        let endpoint = Endpoint::parse("target", &settings.target)?;
        if !(1..=4).contains(&settings.secrets.len()) {
            return Err(SetupError::Secret("webhook secrets"));
        }
        let reach = match settings.private_targets {
            PrivateTargets::Allowed => Reach::Anywhere,
            PrivateTargets::Refused => Reach::PublicOnly,
        };
        // An address is not resolved, so it is looked at here.
        if reach == Reach::PublicOnly && endpoint.address().is_some_and(|address| !is_public(address)) {
            return Err(SetupError::PrivateTarget("target"));
        }
        let requester = Requester::new(&settings.trust, reach, settings.timeout)?;
        Ok(Self { settings, endpoint, requester, clock })
    }
}

#[async_trait]
impl Notifier for WebhookNotifier {
    fn channels(&self) -> ChannelSet {
        Channel::Webhook.into()
    }

    async fn deliver(&self, outgoing: &Outgoing) -> Result<Option<CarrierId>, NotifyError> {
        let refused = |at| NotifyError::new(NotifyErrorKind::Refused, at);
        if outgoing.channel() != Channel::Webhook {
            return Err(refused("channel"));
        }
        let (id, now) = (outgoing.id().to_string(), self.clock.now());
        let stamp = now.to_rfc3339_opts(SecondsFormat::Secs, true);
        let body = serde_json::json!({ "type": outgoing.text().notice().key(), "id": id, "timestamp": stamp });
        let (body, timestamp) = (body.to_string(), now.timestamp().to_string());
        let signed = |secret| sign(secret, &id, &timestamp, body.as_bytes());
        let signatures: Option<Vec<_>> = self.settings.secrets.iter().map(signed).collect();
        let entry = |signature: [u8; 32]| format!("v1,{}", STANDARD.encode(signature));
        let signatures: Vec<_> = signatures.ok_or(refused("secret"))?.into_iter().map(entry).collect();
        let request = self
            .requester
            .client()
            .post(self.endpoint.url())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signatures.join(" "))
            .body(body);
        let answer = self.requester.send(request.build().map_err(|_| refused("request"))?).await;
        match answer {
            Ok(Answer { status: 200..=299, .. }) => Ok(CarrierId::parse(&id)),
            // The receiver says that it is gone for good.
            Ok(Answer { status: 410, .. }) => Err(NotifyError::new(NotifyErrorKind::BadAddress, "receiver")),
            Ok(Answer { status: 408 | 425 | 429 | 500..=599, .. }) | Err(Fault::Silent) => {
                Err(NotifyError::new(NotifyErrorKind::Passing, "receiver"))
            }
            Ok(_) => Err(refused("receiver")),
            Err(Fault::Private) => Err(refused("private address")),
        }
    }
}
