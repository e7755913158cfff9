//! Sending messages, and waiting for their acknowledgements.

use core::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::ClientTls;
use super::error::{SendError, TryError};
use super::frame::{FrameDecoder, encode};
use crate::hl7v2::{Message, Reply, Settings};

/// Where messages are sent to.
#[derive(Debug, Clone)]
pub struct Server {
    /// A name or an address.
    pub host: String,
    /// A port.
    pub port: u16,
    /// TLS; without it, only to the loopback or over networks that somebody else protects.
    pub tls: Option<ClientTls>,
}

/// How a client sends.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// How long a connection may take, with TLS; 10 seconds at first.
    pub connect: Duration,
    /// How long to wait for the acknowledgement of a message, sending it included; 30 seconds at first.
    pub acknowledgement: Duration,
    /// How long to wait before each further try; its length is how many there are. 1, 5 and 30 seconds at first.
    pub waits: Vec<Duration>,
    /// The most bytes of an acknowledgement; 1 MiB at first.
    pub limit: usize,
    /// How the receiver's acknowledgements are read.
    pub reading: Settings,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            acknowledgement: Duration::from_secs(30),
            waits: [1, 5, 30].into_iter().map(Duration::from_secs).collect(),
            limit: 1 << 20,
            reading: Settings::default(),
        }
    }
}

/// A message that was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivered {
    /// What the receiver said: `AA` or `CA`.
    pub reply: Reply,
    /// How often it was tried.
    pub tries: u32,
    /// Acknowledgements of other messages, and what was none, that came while this one waited. They count for nothing.
    pub strays: u32,
}

/// Sends messages to one receiver, one after the other, on a connection that stays open between them.
pub struct MllpClient {
    server: Server,
    settings: ClientSettings,
    link: Option<Link>,
}

impl core::fmt::Debug for MllpClient {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("MllpClient").field("connected", &self.link.is_some()).finish_non_exhaustive()
    }
}

/// A connection, plain or under TLS.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send + Sync {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + Sync> Stream for S {}

struct Link {
    stream: Box<dyn Stream>,
    decoder: FrameDecoder,
}

impl MllpClient {
    /// A client; it connects when there is something to send.
    #[must_use]
    pub const fn new(server: Server, settings: ClientSettings) -> Self {
        Self { server, settings, link: None }
    }

    /// Sends a message and waits until it is acknowledged.
    ///
    /// What is not acknowledged in time, or with `AE` or `CE`, is sent again as it is, with the same control id, so that a receiver
    /// which had it already can tell. An acknowledgement counts only if its MSA-2 is the message's MSH-10. After any fault the next try
    /// has a new connection, where no late answer to an earlier try can come.
    ///
    /// Do not send what asks for no accept acknowledgement and no application acknowledgement (MSH-15 and MSH-16 `NE`): it would be
    /// waited for in vain.
    ///
    /// # Errors
    /// [`SendError`]. After [`SendError::NotAcknowledged`] the receiver may have the message all the same.
    pub async fn send(&mut self, message: &[u8]) -> Result<Delivered, SendError> {
        let parsed = Message::parse(message, &self.settings.reading)?;
        let control_id = parsed.control_id().trim().to_owned();
        if control_id.is_empty() {
            return Err(SendError::NoControlId);
        }
        let frame = encode(message)?;
        let (mut tries, mut strays) = (0, 0);
        let mut waits = self.settings.waits.clone().into_iter();
        loop {
            tries += 1;
            let kept = self.link.is_some();
            let tried = self.attempt(&frame, &control_id, &mut strays).await;
            let last = match tried {
                Ok(reply) if reply.code.is_accept() => return Ok(Delivered { reply, tries, strays }),
                Ok(reply) if !reply.code.may_retry() => return Err(SendError::Refused { code: reply.code }),
                Ok(reply) => TryError::Answer(reply.code),
                // A connection that was kept since the last message may have died unseen. That says nothing about the receiver.
                Err(TryError::HungUp | TryError::Connection(_)) if kept => continue,
                Err(error) => error,
            };
            let Some(wait) = waits.next() else {
                return Err(SendError::NotAcknowledged { tries, last });
            };
            sleep(wait).await;
        }
    }

    /// One try. The connection is kept only if it ends with an answer to this message.
    async fn attempt(&mut self, frame: &[u8], control_id: &str, strays: &mut u32) -> Result<Reply, TryError> {
        let mut link = match self.link.take() {
            Some(link) => link,
            None => match timeout(self.settings.connect, self.connect()).await {
                Err(_) => return Err(TryError::Timeout),
                Ok(connected) => connected?,
            },
        };
        let deadline = Instant::now() + self.settings.acknowledgement;
        let exchange = exchange(&mut link, frame, control_id, strays, &self.settings.reading);
        let reply = timeout_at(deadline, exchange).await.map_err(|_| TryError::Timeout)??;
        self.link = Some(link);
        Ok(reply)
    }

    async fn connect(&self) -> Result<Link, TryError> {
        let stream = TcpStream::connect((self.server.host.as_str(), self.server.port)).await?;
        stream.set_nodelay(true)?;
        let stream: Box<dyn Stream> = match &self.server.tls {
            None => Box::new(stream),
            Some(tls) => Box::new(tls.connector().connect(tls.name(), stream).await?),
        };
        Ok(Link { stream, decoder: FrameDecoder::new(self.settings.limit) })
    }
}

/// Sends a frame and reads until the acknowledgement of its message comes.
async fn exchange(
    link: &mut Link,
    frame: &[u8],
    control_id: &str,
    strays: &mut u32,
    reading: &Settings,
) -> Result<Reply, TryError> {
    link.stream.write_all(frame).await?;
    link.stream.flush().await?;
    let mut buffer = vec![0; 4 << 10];
    loop {
        let count = link.stream.read(&mut buffer).await?;
        if count == 0 {
            return Err(TryError::HungUp);
        }
        let mut rest = buffer.get(..count).unwrap_or_default();
        while let Some(answer) = link.decoder.next(&mut rest).map_err(TryError::Frame)? {
            let reply = Message::parse(&answer, reading).ok().and_then(|answer| Reply::read(&answer).ok());
            match reply {
                // What comes behind it in the same read is answers to earlier tries, or the application's to this one.
                Some(reply) if reply.is_of(control_id) => return Ok(reply),
                _ => *strays = strays.saturating_add(1),
            }
        }
    }
}
