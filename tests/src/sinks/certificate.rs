//! A certificate for a sink, made anew each time.

use std::io::{Error, Result};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// A self-signed certificate with its key.
#[derive(Clone)]
pub struct SinkCertificate {
    pem: String,
    acceptor: TlsAcceptor,
}

impl core::fmt::Debug for SinkCertificate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SinkCertificate").finish_non_exhaustive()
    }
}

impl SinkCertificate {
    /// A certificate for a name, such as `localhost`.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn of(name: &str) -> Result<Self> {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).map_err(Error::other)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().map_err(Error::other)?.with_no_client_auth();
        let config = builder.with_single_cert(vec![made.cert.der().clone()], key).map_err(Error::other)?;
        Ok(Self { pem: made.cert.pem(), acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    /// The certificate in PEM, for whoever shall believe it.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    pub(super) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }
}
