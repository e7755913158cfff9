//! MLLP: HL7 v2 messages over TCP, with and without TLS.
//!
//! [`FrameDecoder`] and [`encode`] are the frames. [`serve`] takes connections on a listener of the host's and hands every message
//! to the host's [`Receiver`]; what that answers is sent when it answers, not before. [`MllpClient`] sends a message and waits for
//! its acknowledgement. [`ChartFeed`] is a receiver that files what comes into charts. Nothing here runs unless the host calls it. See this folder's `README.md`.

mod chart_feed;
mod client;
mod connection;
mod error;
mod frame;
mod receiver;
mod serve;
mod settings;
mod tls;

pub use chart_feed::{ChartFeed, Taken};
pub use client::{ClientSettings, Delivered, MllpClient, Server};
pub use error::{FrameError, SendError, TlsError, TryError};
pub use frame::{FrameDecoder, encode};
pub use receiver::{Answer, Ended, Ending, Received, Receiver};
pub use serve::{Served, serve};
pub use settings::ServeSettings;
pub use tls::{ClientCertificates, ClientTls, Identity, ServerTls};
