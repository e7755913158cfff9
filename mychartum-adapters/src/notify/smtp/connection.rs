//! A connection to a mail server, plain or under TLS.

use core::net::SocketAddr;
use std::sync::Arc;

use mychartum_core::port::notifier::NotifyError;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::verdict::Step;

/// What a conversation runs over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Connects to the first address of a server that answers. With `plain`, only to addresses on the loopback: they are looked at
/// after the name was resolved, so that no name can lead elsewhere.
pub(super) async fn connect(server: &str, port: u16, plain: bool) -> Result<TcpStream, NotifyError> {
    let found: Vec<SocketAddr> =
        tokio::net::lookup_host((server, port)).await.map_err(|_| Step::Connect.passing())?.collect();
    if plain && found.iter().any(|address| !address.ip().is_loopback()) {
        return Err(Step::Connect.refused());
    }
    for address in found {
        if let Ok(stream) = TcpStream::connect(address).await {
            return Ok(stream);
        }
    }
    Err(Step::Connect.passing())
}

/// Puts TLS around a connection.
///
/// A certificate that is not believed is a passing fault: an expired one is renewed, a wrong name is set right, and the notice
/// then goes out. Meanwhile it waits, and is never sent without TLS.
pub(super) async fn secure(
    stream: BufReader<TcpStream>,
    connector: &TlsConnector,
    name: &ServerName<'static>,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, NotifyError> {
    // What came in clear text after the answer to STARTTLS is not the server's; whoever put it there meant it to be read as
    // said under TLS.
    if !stream.buffer().is_empty() {
        return Err(Step::Tls.passing());
    }
    connector.connect(name.clone(), stream.into_inner()).await.map_err(|_| Step::Tls.passing())
}

/// A connector that asks for a server's certificate.
pub(super) fn connector(config: rustls::ClientConfig) -> TlsConnector {
    TlsConnector::from(Arc::new(config))
}
