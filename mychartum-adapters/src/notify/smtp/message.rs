//! The message itself (RFC 5322).

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use mychartum_core::kernel::EmailAddress;
use mychartum_core::port::notifier::{NoticeId, NotifyError, NotifyErrorKind};

use super::super::words::Rendered;
use super::settings::SmtpSettings;

/// Not an answer to be answered by machines (RFC 3834, section 5).
#[derive(Debug, Clone, Copy)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// An address as it goes over the wire: its domain in ASCII (RFC 5890), so that only a local part outside ASCII needs a server
/// that knows SMTPUTF8 (RFC 6531).
#[derive(Clone)]
pub(super) struct WireAddress(String);

impl WireAddress {
    pub(super) fn of(address: &EmailAddress) -> Option<Self> {
        let (local, domain) = address.as_str().rsplit_once('@')?;
        let domain = if domain.is_ascii() { domain.to_owned() } else { idna::domain_to_ascii(domain).ok()? };
        Some(Self(format!("{local}@{domain}")))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// Writes one message out. Without a copy, without an HTML part, with nothing about the machine that made it.
pub(super) fn compose(
    settings: &SmtpSettings,
    (from, to): (&WireAddress, &WireAddress),
    (id, now): (NoticeId, DateTime<Utc>),
    rendered: &Rendered,
) -> Result<Vec<u8>, NotifyError> {
    let refused = |at| NotifyError::new(NotifyErrorKind::Refused, at);
    let mailbox = |address: &WireAddress| address.as_str().parse::<Address>().ok();
    let name = settings.from_name.as_ref().map(|name| name.as_str().to_owned());
    let from_box = Mailbox::new(name, mailbox(from).ok_or(refused("from"))?);
    let bad = NotifyError::new(NotifyErrorKind::BadAddress, "address");
    let to_box = Mailbox::new(None, mailbox(to).ok_or(bad)?);
    let message = Message::builder()
        .message_id(Some(format!("<{id}@{}>", from.domain())))
        .date(SystemTime::from(now))
        .from(from_box)
        .to(to_box)
        .subject(rendered.subject().ok_or(refused("words"))?)
        .header(AutoSubmitted)
        .header(ContentType::TEXT_PLAIN)
        .body(rendered.body().to_owned());
    Ok(message.map_err(|_| refused("message"))?.formatted())
}
