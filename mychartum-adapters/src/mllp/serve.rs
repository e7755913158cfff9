//! Taking connections, until the host says that it is enough.

use core::future::Future;
use core::time::Duration;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::connection::{Connection, Farewell};
use super::receiver::{Ended, Ending, Receiver};
use super::settings::ServeSettings;

/// How long nothing is taken after the system had no room for a connection.
const PAUSE: Duration = Duration::from_millis(100);

/// What a listener did, when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Served {
    /// Connections that were taken, those that were one too many included.
    pub connections: u64,
    /// Connections that were broken off at the end, since their receiver took longer than the drain time. Their last message was not
    /// answered; its sender sends it again.
    pub broken_off: u64,
}

/// Takes connections from a listener and hands their messages to a receiver, until `shutdown` is ready.
///
/// Each connection is a task of its own on the host's runtime. A bad one ends by itself and harms no other. On shutdown no more
/// connections are taken, messages that came whole are still received and answered, and then connections are closed.
///
/// Dropping the future ends all of it at once: what is being received is broken off and not answered.
pub async fn serve(
    listener: TcpListener,
    settings: ServeSettings,
    receiver: Arc<dyn Receiver>,
    shutdown: impl Future<Output = ()> + Send,
) -> Served {
    let drain = settings.drain;
    let settings = Arc::new(settings);
    let (ending, watched) = watch::channel(());
    let mut tasks = JoinSet::new();
    let mut served = Served::default();
    tokio::pin!(shutdown);
    loop {
        let taken = tokio::select! {
            biased;
            () = &mut shutdown => break,
            // Ended tasks are let go of; the receiver was told how.
            Some(_) = tasks.join_next() => continue,
            taken = listener.accept() => taken,
        };
        let Ok((stream, peer)) = taken else {
            // The client is gone already, or the system is out of descriptors: neither is a reason to stop listening.
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                () = sleep(PAUSE) => continue,
            }
        };
        served.connections += 1;
        let full = tasks.len() >= settings.connections;
        // What a task that is broken off will have said.
        let first = if full { Ending::Full } else { Ending::Shutdown };
        let farewell = Farewell { receiver: receiver.clone(), ended: Ended::new(peer, first, 0, 0) };
        if full {
            continue;
        }
        let (settings, receiver, shutdown) = (settings.clone(), receiver.clone(), watched.clone());
        tasks.spawn(Connection { peer, settings, receiver, shutdown, farewell }.run(stream));
    }
    // Those who wait at the door are turned away at once.
    drop(listener);
    let _ = ending.send(());
    let drained = timeout(drain, async { while tasks.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        served.broken_off = tasks.len() as u64;
        tasks.shutdown().await;
    }
    served
}
