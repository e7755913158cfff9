//! What the host brings: who takes the messages that come in.

use core::net::SocketAddr;
use std::io;

use async_trait::async_trait;

use super::error::FrameError;

/// A message as it came in.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received {
    /// The message: what stood between the start and the end of its frame.
    pub message: Vec<u8>,
    /// Where it came from.
    pub peer: SocketAddr,
    /// The client's certificate in DER, where it showed one and it was believed.
    pub certificate: Option<Vec<u8>>,
}

impl core::fmt::Debug for Received {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Received({} bytes from {}, [hidden])", self.message.len(), self.peer)
    }
}

impl Received {
    pub(super) const fn new(message: Vec<u8>, peer: SocketAddr, certificate: Option<Vec<u8>>) -> Self {
        Self { message, peer, certificate }
    }
}

/// What goes back for a message: frames in order, and whether the connection stays.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Answer {
    pub(super) messages: Vec<Vec<u8>>,
    pub(super) hang_up: bool,
}

impl core::fmt::Debug for Answer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Answer({} messages, hang up: {}, [hidden])", self.messages.len(), self.hang_up)
    }
}

impl Answer {
    /// These messages, such as those of [`Acknowledgement`](crate::hl7v2::Acknowledgement). None is an answer too.
    #[must_use]
    pub fn with(messages: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self { messages: messages.into_iter().collect(), hang_up: false }
    }

    /// The same, and then the connection is closed. With no message, it is how to say that nothing was kept and nothing can be said
    /// about it: the sender will come again.
    #[must_use]
    pub fn then_hang_up(mut self) -> Self {
        self.hang_up = true;
        self
    }
}

/// Takes the messages that come in.
///
/// **What it is for.** The host commits each message durably and answers it.
///
/// **Promises.** `receive` returns when what its answer says is true: an `AA` or `CA` only after the durable commit. Messages may come
/// twice, on one connection or on two, and at the same time.
///
/// **What the library promises you.** Messages of one connection come one after the other and in order; the next one is handed over
/// when the answer to the one before is written. Nothing is sent before `receive` returns. If it panics, its connection is closed
/// without an answer and the others go on.
///
/// **If you break it.** A message that was acknowledged and not kept is lost: the sender forgets it.
#[async_trait]
pub trait Receiver: core::fmt::Debug + Send + Sync + 'static {
    /// Takes a message and says what goes back.
    async fn receive(&self, received: Received) -> Answer;

    /// Is told that a connection ended, once for each that was taken. It must neither block nor panic.
    fn ended(&self, ended: Ended);
}

/// How a connection ended. It holds sizes and no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// Whose it was.
    pub peer: SocketAddr,
    /// Why.
    pub ending: Ending,
    /// How many messages were answered.
    pub answered: u64,
    /// How many bytes came outside of frames.
    pub skipped: u64,
}

impl Ended {
    pub(super) const fn new(peer: SocketAddr, ending: Ending, answered: u64, skipped: u64) -> Self {
        Self { peer, ending, answered, skipped }
    }
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// The client closed it, between two frames.
    Closed,
    /// The client closed it inside of a frame. That message is not received.
    CutOff {
        /// How many bytes of the frame had come.
        bytes: usize,
    },
    /// Nothing came for too long.
    Idle,
    /// A frame took too long to come.
    SlowFrame,
    /// The client did not take its answer.
    SlowAnswer,
    /// What came is no stream of frames, or too large.
    Frame(FrameError),
    /// What the host answered cannot be in a frame.
    Answer(FrameError),
    /// No TLS came about: no believed certificate, no TLS at all, or not in time.
    Tls,
    /// The connection failed.
    Io(io::ErrorKind),
    /// There were as many connections already as the settings allow.
    Full,
    /// The host's answer said so.
    HungUp,
    /// The receiver panicked.
    Panicked,
    /// The listener was shut down.
    Shutdown,
}
