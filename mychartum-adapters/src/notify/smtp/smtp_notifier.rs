//! The notifier.

use core::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::kernel::Address;
use mychartum_core::port::notifier::{CarrierId, Channel, ChannelSet, NotifyError, NotifyErrorKind, Outgoing};
use mychartum_core::port::{Clock, Notifier};
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;

use super::super::SetupError;
use super::super::words::{LinkBase, Words};
use super::connection::{Stream, connect, connector, secure};
use super::conversation::Conversation;
use super::message::{WireAddress, compose};
use super::settings::{Security, SmtpSettings};
use super::verdict::Step;

/// Sends notices by e-mail over SMTP.
///
/// Each message has a connection of its own, one sender and one recipient. Its Message-ID is made of [`Outgoing::id`], so a
/// repetition has the same one, and mail servers and readers can tell it as such.
pub struct SmtpNotifier {
    settings: SmtpSettings,
    from: WireAddress,
    name: ServerName<'static>,
    connector: TlsConnector,
    words: Words,
    links: LinkBase,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for SmtpNotifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpNotifier").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl SmtpNotifier {
    /// A notifier with these settings. It does not connect yet.
    ///
    /// # Errors
    /// [`SetupError`] for plain SMTP to another machine, and for a server, a sender or a name that cannot be one.
    pub fn new(
        settings: SmtpSettings,
        words: Words,
        links: LinkBase,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SetupError> {
        let loopback = settings.server == "localhost"
            || settings.server.parse::<core::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if settings.security == Security::PlainLoopbackOnly && !loopback {
            return Err(SetupError::PlainElsewhere);
        }
        let sound = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        if settings.hello_name.is_empty() || settings.hello_name.len() > 255 || !settings.hello_name.bytes().all(sound)
        {
            return Err(SetupError::Field("hello name"));
        }
        if settings.sign_in.as_ref().is_some_and(|sign_in| sign_in.user.contains('\0')) {
            return Err(SetupError::Field("user"));
        }
        let from = WireAddress::of(&settings.from).ok_or(SetupError::Field("from"))?;
        let name = ServerName::try_from(settings.server.clone()).map_err(|_| SetupError::Field("server"))?;
        let connector = connector(settings.trust.client_config()?);
        Ok(Self { settings, from, name, connector, words, links, clock })
    }

    async fn send(&self, outgoing: &Outgoing) -> Result<(), NotifyError> {
        let Some(Address::Email(address)) = outgoing.address() else {
            return Err(NotifyError::new(NotifyErrorKind::Refused, "address"));
        };
        let to = WireAddress::of(address).ok_or(Step::Recipient.bad_address())?;
        let rendered = self.words.render(outgoing.text(), Channel::Email, &self.links)?;
        let message = compose(&self.settings, (&self.from, &to), (outgoing.id(), self.clock.now()), &rendered)?;
        let plain = self.settings.security == Security::PlainLoopbackOnly;
        let stream = connect(&self.settings.server, self.settings.port, plain).await?;
        match self.settings.security {
            Security::PlainLoopbackOnly => self.converse(stream, Greeted::No, &to, &message).await,
            Security::Tls => {
                let stream = secure(tokio::io::BufReader::new(stream), &self.connector, &self.name).await?;
                self.converse(stream, Greeted::No, &to, &message).await
            }
            Security::StartTls => {
                let mut clear = Conversation::over(stream);
                clear.greeting().await?;
                clear.hello(&self.settings.hello_name).await?;
                let stream = secure(clear.start_tls().await?, &self.connector, &self.name).await?;
                self.converse(stream, Greeted::Yes, &to, &message).await
            }
        }
    }

    async fn converse<S: Stream>(
        &self,
        stream: S,
        greeted: Greeted,
        to: &WireAddress,
        message: &[u8],
    ) -> Result<(), NotifyError> {
        let mut conversation = Conversation::over(stream);
        if greeted == Greeted::No {
            conversation.greeting().await?;
        }
        // What was said in clear text is forgotten (RFC 3207, section 4.2).
        conversation.hello(&self.settings.hello_name).await?;
        if let Some(sign_in) = &self.settings.sign_in {
            conversation.sign_in(sign_in).await?;
        }
        conversation.hand_over(&self.from, to, message).await
    }
}

/// Whether the server has greeted already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Greeted {
    Yes,
    No,
}

#[async_trait]
impl Notifier for SmtpNotifier {
    fn channels(&self) -> ChannelSet {
        Channel::Email.into()
    }

    /// The answer is the Message-ID without its brackets, as reports of bounces name it.
    async fn deliver(&self, outgoing: &Outgoing) -> Result<Option<CarrierId>, NotifyError> {
        if outgoing.channel() != Channel::Email {
            return Err(NotifyError::new(NotifyErrorKind::Refused, "channel"));
        }
        let sent = tokio::time::timeout(self.settings.timeout, self.send(outgoing)).await;
        sent.map_err(|_| NotifyError::new(NotifyErrorKind::Passing, "timeout"))??;
        Ok(CarrierId::parse(&format!("{}@{}", outgoing.id(), self.from.domain())))
    }
}
