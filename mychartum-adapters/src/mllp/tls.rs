//! TLS for both sides, with certificates that the host brings.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::error::TlsError;

/// A certificate with the chain that leads to it, and its private key.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl core::fmt::Debug for Identity {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Identity([hidden])")
    }
}

impl Identity {
    /// Reads both from PEM, the certificate of the owner first.
    ///
    /// # Errors
    /// [`TlsError::Certificates`] and [`TlsError::Key`].
    pub fn of_pem(chain: &str, key: &str) -> Result<Self, TlsError> {
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| TlsError::Key)?;
        Ok(Self { chain: certificates(chain)?, key })
    }
}

/// Which certificates a listener asks its clients for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientCertificates<'a> {
    /// None.
    None,
    /// One that an authority of these (in PEM) has signed, if the client has one. Another one is refused.
    Optional(&'a str),
    /// As before, and a client without one is refused.
    Required(&'a str),
}

/// TLS of a listener: 1.2 or 1.3, with ring, whatever other parts of the process have chosen.
#[derive(Clone)]
pub struct ServerTls(TlsAcceptor);

impl core::fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ServerTls")
    }
}

impl ServerTls {
    /// With the listener's own certificate.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn new(identity: Identity, clients: ClientCertificates<'_>) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone());
        let builder = builder.with_safe_default_protocol_versions().map_err(|_| TlsError::Configuration)?;
        let verifier = |pem: &str| Ok(WebPkiClientVerifier::builder_with_provider(Arc::new(roots(pem)?), provider));
        let builder = match clients {
            ClientCertificates::None => builder.with_no_client_auth(),
            ClientCertificates::Optional(pem) => {
                let verifier = verifier(pem)?.allow_unauthenticated().build();
                builder.with_client_cert_verifier(verifier.map_err(|_| TlsError::Certificates)?)
            }
            ClientCertificates::Required(pem) => {
                builder.with_client_cert_verifier(verifier(pem)?.build().map_err(|_| TlsError::Certificates)?)
            }
        };
        let config = builder.with_single_cert(identity.chain, identity.key).map_err(|_| TlsError::Key)?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    pub(super) const fn acceptor(&self) -> &TlsAcceptor {
        &self.0
    }
}

/// TLS of a client: 1.2 or 1.3, with ring. There is no way to believe every server.
#[derive(Clone)]
pub struct ClientTls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl core::fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ClientTls({:?})", self.name)
    }
}

impl ClientTls {
    /// To a server whose certificate has this name and is signed by one of these authorities (in PEM); with a certificate of one's
    /// own where the server asks for it.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn new(name: &str, authorities: &str, identity: Option<Identity>) -> Result<Self, TlsError> {
        let name = ServerName::try_from(name.to_owned()).map_err(|_| TlsError::ServerName)?;
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().map_err(|_| TlsError::Configuration)?;
        let builder = builder.with_root_certificates(roots(authorities)?);
        let config = match identity {
            Some(Identity { chain, key }) => builder.with_client_auth_cert(chain, key).map_err(|_| TlsError::Key)?,
            None => builder.with_no_client_auth(),
        };
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }

    pub(super) const fn connector(&self) -> &TlsConnector {
        &self.connector
    }

    pub(super) fn name(&self) -> ServerName<'static> {
        self.name.clone()
    }
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    read.ok().filter(|read| !read.is_empty()).ok_or(TlsError::Certificates)
}

fn roots(pem: &str) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem)? {
        roots.add(certificate).map_err(|_| TlsError::Certificates)?;
    }
    Ok(roots)
}
