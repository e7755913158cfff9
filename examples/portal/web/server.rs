//! Listening on this machine only, until asked to stop.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How many ports after the wanted one are tried.
const TRIED: u16 = 50;

/// How long requests under way may take after Ctrl-C.
const PATIENCE: Duration = Duration::from_secs(3);

/// A port of this machine, under both of its addresses: browsers try either for `localhost`.
#[derive(Debug)]
pub(crate) struct Listening {
    four: TcpListener,
    six: Option<TcpListener>,
    /// The port.
    pub(crate) port: u16,
}

impl Listening {
    /// Listens on the wanted port, else on the next free one; on any for 0.
    ///
    /// # Errors
    /// What the system said of the last port tried.
    pub(crate) async fn on(wanted: u16) -> std::io::Result<Self> {
        let mut port = wanted;
        loop {
            match Self::exactly(port).await {
                Err(error) if error.kind() == ErrorKind::AddrInUse && (wanted == 0 || port - wanted < TRIED) => {
                    port = if wanted == 0 { 0 } else { port.checked_add(1).ok_or(error)? };
                }
                outcome => return outcome,
            }
        }
    }

    async fn exactly(port: u16) -> std::io::Result<Self> {
        let four = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = four.local_addr()?.port();
        let six = match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
            Ok(listener) => Some(listener),
            // Another program under the same name would get the browser's requests.
            Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(error),
            Err(_) => None,
        };
        Ok(Self { four, six, port })
    }

    /// Serves until Ctrl-C. Requests under way are finished, those that hang are not waited for.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) async fn serve(self, router: Router) -> std::io::Result<()> {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let (stop, stopped) = watch::channel(false);
        let until = |mut stopped: watch::Receiver<bool>| async move {
            drop(stopped.wait_for(|stopped| *stopped).await);
        };
        let four = axum::serve(self.four, service.clone()).with_graceful_shutdown(until(stopped.clone()));
        let six = async {
            match self.six {
                Some(listener) => axum::serve(listener, service).with_graceful_shutdown(until(stopped.clone())).await,
                None => Ok(()),
            }
        };
        let both = async { tokio::try_join!(four.into_future(), six).map(drop) };
        let asked = async {
            let asked = tokio::signal::ctrl_c().await;
            stop.send_replace(true);
            tokio::time::sleep(PATIENCE).await;
            asked
        };
        tokio::select! {
            served = both => served,
            asked = asked => asked,
        }
    }
}
