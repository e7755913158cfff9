//! Where requests go.

use core::fmt;
use core::net::IpAddr;

use reqwest::Url;

use super::super::SetupError;

/// An address to send requests to: https, or http to the loopback.
#[derive(Clone)]
pub(in super::super) struct Endpoint(Url);

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A path may hold a secret of its receiver's.
        f.write_str("Endpoint([hidden])")
    }
}

impl Endpoint {
    pub(in super::super) fn parse(field: &'static str, address: &str) -> Result<Self, SetupError> {
        let wrong = SetupError::Url(field);
        let url = Url::parse(address).map_err(|_| wrong)?;
        let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !bare || url.host_str().is_none() {
            return Err(wrong);
        }
        let endpoint = Self(url);
        match endpoint.0.scheme() {
            "https" => Ok(endpoint),
            "http" if endpoint.names_loopback() => Ok(endpoint),
            "http" => Err(SetupError::ClearText(field)),
            _ => Err(wrong),
        }
    }

    pub(in super::super) fn url(&self) -> Url {
        self.0.clone()
    }

    /// Its host, where that is an address and not a name.
    pub(in super::super) fn address(&self) -> Option<IpAddr> {
        let host = self.0.host_str()?;
        host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    fn names_loopback(&self) -> bool {
        self.0.host_str() == Some("localhost") || self.address().is_some_and(|address| address.is_loopback())
    }
}
