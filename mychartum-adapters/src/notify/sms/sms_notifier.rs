//! The notifier.

use core::fmt;

use async_trait::async_trait;
use mychartum_core::kernel::Address;
use mychartum_core::port::Notifier;
use mychartum_core::port::notifier::{
    CarrierId, Channel, ChannelSet, DeliveryReport, NotifyError, NotifyErrorKind, Outgoing,
};
use reqwest::header::{CONTENT_TYPE, HeaderName};
use secrecy::ExposeSecret as _;

use super::super::SetupError;
use super::super::outbound::{Endpoint, Reach, Requester};
use super::super::words::{LinkBase, Words};
use super::answer::verdict;
use super::report::{self, ReportError};
use super::settings::{Sender, SmsSettings};

/// Sends notices as text messages.
///
/// Twilio itself knows no idempotency key: a message whose answer was lost may come twice. A gateway that knows one is told it by
/// [`SmsSettings::idempotency_header`].
pub struct SmsNotifier {
    settings: SmsSettings,
    endpoint: Endpoint,
    idempotency: Option<HeaderName>,
    requester: Requester,
    words: Words,
    links: LinkBase,
}

impl fmt::Debug for SmsNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmsNotifier").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl SmsNotifier {
    /// A notifier with these settings. It does not connect yet.
    ///
    /// # Errors
    /// [`SetupError`] for a gateway in clear text, and for ids that cannot be ones.
    pub fn new(settings: SmsSettings, words: Words, links: LinkBase) -> Result<Self, SetupError> {
        let is_id = |id: &str| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_id(&settings.account) {
            return Err(SetupError::Field("account"));
        }
        if matches!(&settings.sender, Sender::Service(id) if !is_id(id)) {
            return Err(SetupError::Field("sender"));
        }
        if settings.token.expose_secret().is_empty() {
            return Err(SetupError::Secret("token"));
        }
        let base = settings.gateway.trim_end_matches('/');
        let address = format!("{base}/2010-04-01/Accounts/{}/Messages.json", settings.account);
        let endpoint = Endpoint::parse("gateway", &address)?;
        let header = settings.idempotency_header.as_deref().map(|name| HeaderName::from_bytes(name.as_bytes()));
        let idempotency = header.transpose().map_err(|_| SetupError::Field("idempotency header"))?;
        let requester = Requester::new(&settings.trust, Reach::Anywhere, settings.timeout)?;
        Ok(Self { settings, endpoint, idempotency, requester, words, links })
    }

    /// What a gateway reports of a message, or a reader's STOP, from a request to the host.
    ///
    /// `headers` has names in any case. `url` is the whole address that the gateway was given, with its query, as the gateway
    /// sees it: behind a proxy, the outer one. `body` is the form as it came. Incoming messages (STOP) have a message id of
    /// their own; the host finds the reader by the number in `From`.
    ///
    /// # Errors
    /// [`ReportError`]; nothing of an unsigned report is used.
    pub fn status_report<'a>(
        &self,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        url: &str,
        body: &[u8],
    ) -> Result<DeliveryReport, ReportError> {
        let mut headers = headers.into_iter();
        let signature = headers.find(|(name, _)| name.eq_ignore_ascii_case("x-twilio-signature"));
        let token = self.settings.token.expose_secret().as_bytes();
        report::read(token, signature.map(|(_, value)| value), url, body)
    }
}

#[async_trait]
impl Notifier for SmsNotifier {
    fn channels(&self) -> ChannelSet {
        Channel::Text.into()
    }

    async fn deliver(&self, outgoing: &Outgoing) -> Result<Option<CarrierId>, NotifyError> {
        let refused = |at| NotifyError::new(NotifyErrorKind::Refused, at);
        if outgoing.channel() != Channel::Text {
            return Err(refused("channel"));
        }
        let Some(Address::Phone(number)) = outgoing.address() else { return Err(refused("address")) };
        let rendered = self.words.render(outgoing.text(), Channel::Text, &self.links)?;
        let (from, sender) = match &self.settings.sender {
            Sender::Number(number) => ("From", number.as_str()),
            Sender::Service(id) => ("MessagingServiceSid", id.as_str()),
        };
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("To", number.as_str())
            .append_pair(from, sender)
            .append_pair("Body", rendered.body())
            .finish();
        let mut request = self
            .requester
            .client()
            .post(self.endpoint.url())
            .basic_auth(&self.settings.account, Some(self.settings.token.expose_secret()))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form);
        if let Some(name) = &self.idempotency {
            request = request.header(name, outgoing.id().to_string());
        }
        let request = request.build().map_err(|_| refused("request"))?;
        let answer = self.requester.send(request).await;
        verdict(&answer.map_err(|_| NotifyError::new(NotifyErrorKind::Passing, "gateway"))?)
    }
}
