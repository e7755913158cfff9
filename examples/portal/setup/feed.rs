//! A real feed: HL7 v2 over MLLP on this machine, straight into charts, while the portal runs.

use std::net::Ipv4Addr;
use std::sync::Arc;

use mychartum_adapters::hl7v2::SourceSettings;
use mychartum_adapters::mllp::{ChartFeed, ServeSettings, serve};
use mychartum_core::chart::SourceId;
use mychartum_core::portal::Portal;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::trouble::Trouble;
use crate::web::clock::HouseClock;
use crate::words::fill;

/// A feed that listens.
#[derive(Debug)]
pub(crate) struct Feed {
    /// The port it listens on.
    pub(crate) port: u16,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Feed {
    /// Listens on a port of this machine, 0 for any free one. What comes is of this source; only ADT introduces patients.
    ///
    /// # Errors
    /// [`Trouble`] says what to do.
    pub(crate) async fn listen(
        (portal, source, settings): (Portal, SourceId, SourceSettings),
        port: u16,
        clock: HouseClock,
    ) -> Result<Self, Trouble> {
        let why = |error: std::io::Error| {
            let why = error.kind().to_string();
            Trouble::new(fill("trouble.port", &[("port", &port.to_string()), ("why", &why)]))
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(why)?;
        let port = listener.local_addr().map_err(why)?.port();
        let feed = ChartFeed::new(Arc::new(portal), source, settings, Arc::new(clock), |_| {});
        let (stop, mut stopped) = watch::channel(false);
        let task = tokio::spawn(async move {
            let until = async move {
                // Nobody who could stop it any more is a stop too.
                let _ = stopped.wait_for(|stopped| *stopped).await;
            };
            serve(listener, ServeSettings::default(), Arc::new(feed), until).await;
        });
        Ok(Self { port, stop, task })
    }

    /// Lets it finish what is under way, and ends it.
    pub(crate) async fn end(self) {
        self.stop.send_replace(true);
        drop(self.task.await);
    }
}
