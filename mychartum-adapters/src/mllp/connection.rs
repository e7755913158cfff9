//! One connection that was taken, from its first byte to its end.

use core::net::SocketAddr;
use core::time::Duration;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use super::frame::{FrameDecoder, encode};
use super::receiver::{Answer, Ended, Ending, Received, Receiver};
use super::settings::ServeSettings;

/// How much is read at once. A connection that is idle holds no more than this.
const READ: usize = 8 << 10;

/// What a connection works with.
pub(super) struct Connection {
    pub(super) peer: SocketAddr,
    pub(super) settings: Arc<ServeSettings>,
    pub(super) receiver: Arc<dyn Receiver>,
    /// Says that the listener is shut down, or that nobody will say so any more.
    pub(super) shutdown: watch::Receiver<()>,
    /// Tells the receiver of the end, whichever way it comes.
    pub(super) farewell: Farewell,
}

/// Tells the receiver how a connection ended, when it is dropped: also when the task panics or is broken off.
pub(super) struct Farewell {
    pub(super) receiver: Arc<dyn Receiver>,
    pub(super) ended: Ended,
}

impl Drop for Farewell {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.ended.ending = Ending::Panicked;
        }
        self.receiver.ended(self.ended);
    }
}

impl Connection {
    /// Serves it to its end.
    pub(super) async fn run(mut self, stream: TcpStream) {
        // An answer is small and waited for; it is not to be held back for more.
        let ending = match stream.set_nodelay(true) {
            Err(error) => Ending::Io(error.kind()),
            Ok(()) => match self.settings.tls.clone() {
                None => self.converse(stream, None).await,
                Some(tls) => match timeout(self.settings.answer, tls.acceptor().accept(stream)).await {
                    Err(_) | Ok(Err(_)) => Ending::Tls,
                    Ok(Ok(stream)) => {
                        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
                        let certificate = shown.map(|certificate| certificate.to_vec());
                        self.converse(stream, certificate).await
                    }
                },
            },
        };
        self.farewell.ended.ending = ending;
    }

    async fn converse<S>(&mut self, mut stream: S, certificate: Option<Vec<u8>>) -> Ending
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut decoder = FrameDecoder::new(self.settings.limit);
        let mut buffer = vec![0; READ];
        let mut deadline = Deadline::Idle(Instant::now() + self.settings.idle);
        loop {
            let read = tokio::select! {
                // What has come already is read before the shutdown is looked at: it was sent in good faith.
                biased;
                read = timeout_at(deadline.at(), stream.read(&mut buffer)) => read,
                _ = self.shutdown.changed() => return self.leave(stream, Ending::Shutdown).await,
            };
            let count = match read {
                Err(_) => return self.leave(stream, deadline.ending()).await,
                Ok(Err(error)) => return Ending::Io(error.kind()),
                Ok(Ok(0)) if decoder.is_inside() => return Ending::CutOff { bytes: decoder.pending() },
                Ok(Ok(0)) => return self.leave(stream, Ending::Closed).await,
                Ok(Ok(count)) => count,
            };
            let mut rest = buffer.get(..count).unwrap_or_default();
            let mut whole = false;
            loop {
                let next = decoder.next(&mut rest);
                self.farewell.ended.skipped = decoder.skipped();
                match next {
                    Err(error) => return self.leave(stream, Ending::Frame(error)).await,
                    Ok(None) => break,
                    Ok(Some(message)) => {
                        whole = true;
                        let received = Received::new(message, self.peer, certificate.clone());
                        let answer = self.receiver.receive(received).await;
                        if let Some(ending) = self.answer(&mut stream, answer).await {
                            return self.leave(stream, ending).await;
                        }
                    }
                }
            }
            deadline = deadline.after(whole, decoder.is_inside(), &self.settings);
            // A client that never stops sending does not hold up the shutdown.
            if self.shutdown.has_changed().unwrap_or(true) && !decoder.is_inside() {
                return self.leave(stream, Ending::Shutdown).await;
            }
        }
    }

    /// Writes an answer; gives the reason where the connection ends with it.
    async fn answer<S: AsyncWrite + Unpin>(&mut self, stream: &mut S, answer: Answer) -> Option<Ending> {
        for message in &answer.messages {
            let frame = match encode(message) {
                Ok(frame) => frame,
                Err(error) => return Some(Ending::Answer(error)),
            };
            let write = async {
                stream.write_all(&frame).await?;
                stream.flush().await
            };
            match timeout(self.settings.answer, write).await {
                Err(_) => return Some(Ending::SlowAnswer),
                Ok(Err(error)) => return Some(Ending::Io(error.kind())),
                Ok(Ok(())) => (),
            }
        }
        self.farewell.ended.answered += 1;
        answer.hang_up.then_some(Ending::HungUp)
    }

    /// Says goodbye, so that the client sees an end and no fault; not for long.
    async fn leave<S: AsyncWrite + Unpin>(&self, mut stream: S, ending: Ending) -> Ending {
        let _ = timeout(Duration::from_secs(1), stream.shutdown()).await;
        ending
    }
}

/// Until when more must come.
#[derive(Clone, Copy)]
enum Deadline {
    Idle(Instant),
    Frame(Instant),
}

impl Deadline {
    const fn at(self) -> Instant {
        match self {
            Self::Idle(at) | Self::Frame(at) => at,
        }
    }

    const fn ending(self) -> Ending {
        match self {
            Self::Idle(_) => Ending::Idle,
            Self::Frame(_) => Ending::SlowFrame,
        }
    }

    /// The deadline after a read. A frame's counts from the read that it began in, and noise between frames is no sign of life, so
    /// that nobody holds a connection by one byte a minute.
    fn after(self, whole: bool, inside: bool, settings: &ServeSettings) -> Self {
        match (self, inside) {
            (Self::Frame(at), true) if !whole => Self::Frame(at),
            (_, true) => Self::Frame(Instant::now() + settings.frame),
            (Self::Idle(at), false) if !whole => Self::Idle(at),
            (_, false) => Self::Idle(Instant::now() + settings.idle),
        }
    }
}
