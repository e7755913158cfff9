//! TLS to the server, by rustls: always with the server's name proved.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::io;
use std::sync::Arc;

use mychartum_core::port::storage::{StorageError, StorageErrorKind};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream as Stream;

use super::channel_binding;

/// What a server is believed by, and what we prove ourselves with.
#[derive(Clone)]
pub struct PostgresTls {
    config: Arc<ClientConfig>,
}

impl PostgresTls {
    /// Believes servers whose certificate leads to one of these roots and holds the name that is connected to.
    ///
    /// `roots` is PEM: one certificate or more. For the roots of the operating system read its file, such as
    /// `/etc/ssl/certs/ca-certificates.crt`.
    ///
    /// # Errors
    /// `Invalid` if there is no certificate in it or one that cannot be read.
    pub fn new(roots: &[u8]) -> Result<Self, StorageError> {
        Self::build(roots, None)
    }

    /// The same, and proves who we are by a client certificate (`chain`, the own one first) and its private key, both PEM.
    ///
    /// # Errors
    /// `Invalid` if one of them cannot be read, or the key is not of a kind that rustls knows.
    pub fn with_client_certificate(roots: &[u8], chain: &[u8], key: &[u8]) -> Result<Self, StorageError> {
        Self::build(roots, Some((chain, key)))
    }

    fn build(roots: &[u8], client: Option<(&[u8], &[u8])>) -> Result<Self, StorageError> {
        let bad_roots = StorageError::new(StorageErrorKind::Invalid, "open (root certificates)");
        let bad_client = StorageError::new(StorageErrorKind::Invalid, "open (client certificate)");
        let mut store = RootCertStore::empty();
        for root in certificates(roots).ok_or(bad_roots)? {
            store.add(root).map_err(|_| bad_roots)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| bad_roots)?
            .with_root_certificates(store);
        let config = match client {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => {
                let chain = certificates(chain).ok_or(bad_client)?;
                let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| bad_client)?;
                builder.with_client_auth_cert(chain, key).map_err(|_| bad_client)?
            }
        };
        Ok(Self { config: Arc::new(config) })
    }
}

/// All certificates in a PEM text; `None` if there is none or one is broken.
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let all: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
    (!all.is_empty()).then_some(all)
}

impl fmt::Debug for PostgresTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresTls").finish_non_exhaustive()
    }
}

/// Makes handshakes for a pool of connections.
#[derive(Clone)]
pub(super) struct Connector(pub(super) PostgresTls);

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Connector {
    type Stream = Encrypted<S>;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Handshake, io::Error> {
        let name = ServerName::try_from(domain.to_owned()).map_err(|_| io::ErrorKind::InvalidInput)?;
        Ok(Handshake { connector: TlsConnector::from(Arc::clone(&self.0.config)), name })
    }
}

/// A handshake to come.
pub(super) struct Handshake {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Handshake {
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move { self.connector.connect(self.name, stream).await.map(Encrypted) })
    }
}

/// A connection inside TLS.
pub(super) struct Encrypted<S>(Stream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    fn channel_binding(&self) -> ChannelBinding {
        let (_, session) = self.0.get_ref();
        let certificate = session.peer_certificates().and_then(<[_]>::first);
        certificate
            .and_then(|certificate| channel_binding::end_point(certificate))
            .map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, out)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
