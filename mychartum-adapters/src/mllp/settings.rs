//! How connections are taken.

use core::time::Duration;

use super::ServerTls;

/// How a listener treats its connections.
#[derive(Debug, Clone)]
pub struct ServeSettings {
    /// TLS; none at first, which is for the loopback and for networks that somebody else protects.
    pub tls: Option<ServerTls>,
    /// The most bytes of one message; 32 MiB at first.
    pub limit: usize,
    /// The most connections at once; 64 at first. One more is closed at once.
    pub connections: usize,
    /// How long a connection may say nothing between two messages; 15 minutes at first.
    pub idle: Duration,
    /// How long a message may take from its first byte to its last; 60 seconds at first.
    pub frame: Duration,
    /// How long a client may take for its answer, and for making TLS; 30 seconds at first.
    pub answer: Duration,
    /// How long a shutdown waits for what is in flight; 30 seconds at first. What takes longer is broken off without an answer, so
    /// its sender sends it again.
    pub drain: Duration,
}

impl Default for ServeSettings {
    fn default() -> Self {
        Self {
            tls: None,
            limit: 32 << 20,
            connections: 64,
            idle: Duration::from_secs(15 * 60),
            frame: Duration::from_secs(60),
            answer: Duration::from_secs(30),
            drain: Duration::from_secs(30),
        }
    }
}
