//! What can go wrong with frames, certificates and deliveries.

use std::io;

use crate::hl7v2::{AckCode, ParseError};

/// Why a stream of bytes is no stream of frames, or a message cannot be put in one. The connection is of no further use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// A frame is larger than the limit.
    #[error("frame: larger than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// More bytes than the limit came outside of any frame: whoever speaks there does not speak MLLP.
    #[error("frame: {limit} bytes came without a start byte")]
    NoStart {
        /// The limit, in bytes.
        limit: usize,
    },
    /// A message holds the two bytes that end a frame.
    #[error("frame: the end of a frame inside of a message")]
    EndInside,
}

/// Why certificates or keys cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The certificates are no PEM, or none are in it.
    #[error("tls: expected certificates in PEM")]
    Certificates,
    /// The private key is no PEM, or does not belong to the certificate.
    #[error("tls: expected the certificate's private key in PEM")]
    Key,
    /// The name is no name of a server.
    #[error("tls: expected a name or an address of a server")]
    ServerName,
    /// The library for TLS refused the whole.
    #[error("tls: the configuration was refused")]
    Configuration,
}

/// Why a message counts as not delivered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// What was to be sent is no message. It was not sent.
    #[error("sending: {0}")]
    Message(#[from] ParseError),
    /// The message cannot be in a frame. It was not sent.
    #[error("sending: {0}")]
    Frame(#[from] FrameError),
    /// The message has no control id (MSH-10), so that no acknowledgement could name it. It was not sent.
    #[error("sending: MSH-10 is empty")]
    NoControlId,
    /// The receiver refused it for good (`AR`, `CR`). Sending it again is of no use.
    #[error("sending: refused with {}", code.as_str())]
    Refused {
        /// What the receiver said.
        code: AckCode,
    },
    /// It was not acknowledged in any of the tries. The receiver may have it all the same.
    #[error("sending: not acknowledged in {tries} tries: {last}")]
    NotAcknowledged {
        /// How often it was tried.
        tries: u32,
        /// How the last try ended.
        last: TryError,
    },
}

/// How one try of a delivery failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TryError {
    /// No connection, or it broke.
    #[error("the connection failed: {0}")]
    Connection(io::ErrorKind),
    /// No acknowledgement of this message came in time. Those of others do not count.
    #[error("no acknowledgement in time")]
    Timeout,
    /// The receiver hung up.
    #[error("the receiver hung up")]
    HungUp,
    /// The receiver sent what is no frame.
    #[error("{0}")]
    Frame(FrameError),
    /// The receiver could not take it now (`AE`, `CE`).
    #[error("answered with {}", .0.as_str())]
    Answer(AckCode),
}

impl From<io::Error> for TryError {
    fn from(error: io::Error) -> Self {
        Self::Connection(error.kind())
    }
}
