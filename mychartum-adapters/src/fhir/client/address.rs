//! Where a server is, and what lies at it.

use core::fmt;
use core::net::IpAddr;

use reqwest::Url;

use super::error::ClientError;

/// The address of a FHIR server or a token endpoint: https, or http to the loopback. Paths below it are its own.
#[derive(Clone)]
pub(super) struct Address(Url);

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A path may name a tenant or hold a key.
        f.write_str("Address([hidden])")
    }
}

impl Address {
    pub(super) fn parse(field: &'static str, text: &str) -> Result<Self, ClientError> {
        let url = Url::parse(text).map_err(|_| ClientError::Address(field))?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(ClientError::Address(field));
        }
        match is_guarded(&url) {
            Some(true) => Ok(Self(url)),
            Some(false) => Err(ClientError::ClearText(field)),
            None => Err(ClientError::Address(field)),
        }
    }

    /// The base of a server, which ends with a slash.
    pub(super) fn base(field: &'static str, text: &str) -> Result<Self, ClientError> {
        let slash = if text.ends_with('/') { "" } else { "/" };
        Self::parse(field, &format!("{text}{slash}"))
    }

    pub(super) const fn url(&self) -> &Url {
        &self.0
    }

    /// A path below the base.
    pub(super) fn below(&self, path: &str) -> Option<Url> {
        self.0.join(path).ok().filter(|url| self.is_origin_of(url))
    }

    /// Where a link on a page leads, if it stays at this server's origin.
    ///
    /// A query alone belongs to the page; any other relative link is below the base (FHIR R4 section 3.1.0.1.4).
    pub(super) fn follow(&self, page: &Url, link: &str) -> Option<Url> {
        let from = if link.starts_with('?') { page } else { &self.0 };
        from.join(link).ok().filter(|url| self.is_origin_of(url))
    }

    /// Whether a URL has the same scheme, host and port, and brings no credentials of its own.
    pub(super) fn is_origin_of(&self, url: &Url) -> bool {
        is_same_origin(&self.0, url) && url.username().is_empty() && url.password().is_none()
    }

    /// Whether an absolute reference is to a resource of this server; the scheme and a final slash do not count.
    pub(super) fn holds(&self, reference: &str) -> bool {
        let Ok(url) = Url::parse(reference) else { return false };
        url.host() == self.0.host() && url.port() == self.0.port() && url.path().starts_with(self.0.path())
    }
}

pub(super) fn is_same_origin(one: &Url, other: &Url) -> bool {
    let port = Url::port_or_known_default;
    one.scheme() == other.scheme() && one.host() == other.host() && port(one) == port(other)
}

/// Whether what is sent there stays secret; `None` for what is no address to send anything to.
pub(super) fn is_guarded(url: &Url) -> Option<bool> {
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let host = url.host_str()?;
    match url.scheme() {
        "https" => Some(true),
        "http" => {
            let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
            Some(host == "localhost" || address.is_ok_and(|address| address.is_loopback()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_text_is_for_the_loopback() {
        for good in ["https://ehr.example.org/r4", "http://127.0.0.1:8080/fhir", "http://[::1]/", "http://localhost/x"]
        {
            assert!(Address::base("base", good).is_ok(), "{good}");
        }
        assert_eq!(Address::base("base", "http://ehr.example.org/r4").unwrap_err(), ClientError::ClearText("base"));
        for bad in ["ftp://a/", "https://u:p@a/", "https://a/?x", "https://a/#x", "nowhere", "", "https://"] {
            assert_eq!(Address::parse("base", bad).unwrap_err(), ClientError::Address("base"), "{bad}");
        }
    }

    #[test]
    fn links_stay_at_the_origin() {
        let base = Address::base("base", "https://a.example/r4").unwrap();
        let page = base.below("Observation?patient=1").unwrap();
        for (link, leads) in [
            ("https://a.example/r4?page=2", Some("https://a.example/r4?page=2")),
            ("https://a.example:443/other|x?b=%7C|", Some("https://a.example/other|x?b=%7C|")),
            ("?page=2", Some("https://a.example/r4/Observation?page=2")),
            ("Observation?page=2", Some("https://a.example/r4/Observation?page=2")),
            ("/r4/x", Some("https://a.example/r4/x")),
            ("http://a.example/r4?page=2", None),
            ("https://b.example/r4?page=2", None),
            ("//b.example/r4?page=2", None),
            ("https://a.example:8443/r4?page=2", None),
            ("https://u@a.example/r4", None),
            ("file:///etc/hosts", None),
        ] {
            assert_eq!(base.follow(&page, link).as_ref().map(Url::as_str), leads, "{link}");
        }
    }

    #[test]
    fn references_are_compared_with_the_base() {
        let base = Address::base("base", "https://a.example/r4").unwrap();
        assert!(base.holds("http://A.example/r4/Patient/1"));
        assert!(!base.holds("https://a.example/r5/Patient/1"));
        assert!(!base.holds("https://a.example/r4x/Patient/1"));
        assert!(!base.holds("https://b.example/r4/Patient/1"));
    }
}
