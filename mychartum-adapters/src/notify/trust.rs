//! Whom a notifier's connections believe.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::SetupError;

/// Which certificates of servers are believed.
///
/// There is no way to believe all. TLS is 1.2 or 1.3, with ring, whatever other parts of the process have chosen.
#[derive(Debug, Clone, Default)]
pub struct Trust(Roots);

#[derive(Debug, Clone, Default)]
enum Roots {
    #[default]
    System,
    Only(Vec<CertificateDer<'static>>),
}

impl Trust {
    /// What the operating system trusts.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// Only these certificates of authorities, in PEM: for a relay or a receiver inside one's own house.
    ///
    /// # Errors
    /// [`SetupError::Certificates`].
    pub fn only(pem: &str) -> Result<Self, SetupError> {
        let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let roots = roots.map_err(|_| SetupError::Certificates)?;
        if roots.is_empty() { Err(SetupError::Certificates) } else { Ok(Self(Roots::Only(roots))) }
    }

    pub(crate) fn client_config(&self) -> Result<ClientConfig, SetupError> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone());
        let builder = builder.with_safe_default_protocol_versions().map_err(|_| SetupError::Tls)?;
        Ok(match &self.0 {
            Roots::System => {
                let verifier = rustls_platform_verifier::Verifier::new(provider).map_err(|_| SetupError::Tls)?;
                builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
            }
            Roots::Only(certificates) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates {
                    roots.add(certificate.clone()).map_err(|_| SetupError::Certificates)?;
                }
                builder.with_root_certificates(roots).with_no_client_auth()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_refused() {
        assert!(Trust::system().client_config().is_ok());
        assert_eq!(Trust::only("").unwrap_err(), SetupError::Certificates);
        assert_eq!(Trust::only("-----BEGIN CERTIFICATE-----\n*\n").unwrap_err(), SetupError::Certificates);
        let nonsense = Trust::only("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
        assert_eq!(nonsense.client_config().unwrap_err(), SetupError::Certificates);
    }
}
