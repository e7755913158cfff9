//! A sender of messages over MLLP, as careless as senders are.

use core::time::Duration;

use mychartum_adapters::mllp::{ClientSettings, Delivered, MllpClient, SendError, Server, encode};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::survival::Chance;

use super::delivery::Delivery;

/// How careless a sender is, once in so many messages; 0 is never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineFaults {
    /// The connection breaks inside of the message, before it is sent whole.
    pub half: u64,
    /// The message is sent whole, and the sender hangs up before it is acknowledged.
    pub deaf: u64,
}

impl LineFaults {
    /// One message in seven is sent by half first, and one in five without waiting for its acknowledgement.
    pub const CARELESS: Self = Self { half: 7, deaf: 5 };
}

/// Sends messages to a port of the loopback, one after the other, each until it is acknowledged.
///
/// The sending itself is [`MllpClient`]'s: the same bytes again, and so the same MSH-10, until there is an acknowledgement of it.
/// Before that, the faults of the line send parts of it and hang up.
#[derive(Debug)]
pub struct MllpSender {
    client: MllpClient,
    port: u16,
    faults: LineFaults,
    chance: Chance,
}

impl MllpSender {
    /// A sender to a port. It tries without a pause, `tries` times for each message, and waits five seconds at most for each
    /// acknowledgement.
    #[must_use]
    pub fn to(port: u16, tries: usize, seed: u64, faults: LineFaults) -> Self {
        let settings = ClientSettings {
            acknowledgement: Duration::from_secs(5),
            waits: vec![Duration::ZERO; tries.saturating_sub(1)],
            ..ClientSettings::default()
        };
        let server = Server { host: "127.0.0.1".to_owned(), port, tls: None };
        Self { client: MllpClient::new(server, settings), port, faults, chance: Chance::new(seed, 3) }
    }

    /// Sends a message until it is acknowledged.
    ///
    /// # Errors
    /// [`SendError`]: it was refused for good, or never acknowledged.
    pub async fn send(&mut self, delivery: &Delivery) -> Result<Delivered, SendError> {
        let frame = encode(&delivery.message)?;
        let happens = |times: u64| times > 0 && self.chance.once_in(times);
        if happens(self.faults.half) {
            let length = self.chance.below(frame.len() as u64);
            self.hang_up_after(frame.get(..usize::try_from(length).unwrap_or(0)).unwrap_or_default()).await;
        }
        if happens(self.faults.deaf) {
            self.hang_up_after(&frame).await;
        }
        self.client.send(&delivery.message).await
    }

    /// Sends bytes on a connection of their own and hangs up. That nobody takes them is one more fault of the line.
    async fn hang_up_after(&self, bytes: &[u8]) {
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)).await {
            let _ = stream.write_all(bytes).await;
        }
    }
}
