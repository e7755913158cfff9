//! The domain that passkeys are bound to, and the pages that may ask for them.

use mychartum_core::kernel::Text;

use super::error::RelyingPartyError;

/// A relying party (WebAuthn Level 3, section 4) that was found in order.
#[derive(Debug, Clone)]
pub(super) struct RelyingParty {
    pub(super) id: String,
    pub(super) name: Text<64>,
    pub(super) origins: Vec<String>,
}

impl RelyingParty {
    /// Checks what the host set.
    pub(super) fn new<'a>(
        id: &str,
        name: &str,
        origins: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, RelyingPartyError> {
        if !is_domain(id) {
            return Err(RelyingPartyError::Id);
        }
        let name = Text::parse(name).map_err(|_| RelyingPartyError::Name)?;
        let mut checked = Vec::new();
        for origin in origins {
            if !is_origin_of(id, origin) {
                return Err(RelyingPartyError::Origin);
            }
            checked.push(origin.to_owned());
        }
        if checked.is_empty() {
            return Err(RelyingPartyError::NoOrigin);
        }
        Ok(Self { id: id.to_owned(), name, origins: checked })
    }
}

/// `localhost`, or a domain of two labels or more in lower case; its last label is not a number, as an address's is.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        let letters = label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        (1..=63).contains(&label.len()) && letters && !label.starts_with('-') && !label.ends_with('-')
    };
    let named = text.rsplit('.').next().is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_lowercase()));
    let whole = text == "localhost" || text.contains('.');
    whole && named && text.len() <= 253 && text.split('.').all(label)
}

/// Whether a text is an origin as browsers write it, and may use the relying party (section 5.1.3, step 8).
fn is_origin_of(id: &str, origin: &str) -> bool {
    let Some((scheme, place)) = origin.split_once("://") else { return false };
    let (host, port) = place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port)));
    let own_host = host == id || host.strip_suffix(id).is_some_and(|before| before.ends_with('.'));
    // A port that the scheme has anyway is never written.
    let port_is = |usual: u16| {
        port.is_none_or(|port| port.parse::<u16>().is_ok_and(|number| number != usual && number.to_string() == port))
    };
    own_host
        && is_domain(host)
        && match scheme {
            "https" => port_is(443),
            // Browsers take this machine itself for secure; nothing else without TLS.
            "http" => (host == "localhost" || host.ends_with(".localhost")) && port_is(80),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &str, origin: &str) -> Option<RelyingPartyError> {
        RelyingParty::new(id, "Riverside", [origin]).err()
    }

    #[test]
    fn domains_and_their_pages() {
        assert_eq!(check("example.org", "https://example.org"), None);
        assert_eq!(check("example.org", "https://portal.example.org:8443"), None);
        assert_eq!(check("localhost", "http://localhost:8080"), None);
        assert_eq!(check("localhost", "http://portal.localhost"), None);
    }

    #[test]
    fn what_is_no_domain() {
        let long = format!("{}.org", "a".repeat(64));
        for id in ["", "org", "Example.org", "example.org.", ".org", "a..org", "10.0.0.1", "-a.org", "a-.org", &long] {
            assert_eq!(check(id, "https://example.org"), Some(RelyingPartyError::Id), "{id}");
        }
    }

    #[test]
    fn what_is_no_origin_of_it() {
        for origin in [
            "example.org",
            "http://example.org",
            "https://example.org/",
            "https://example.org:443",
            "https://example.org:0443",
            "https://example.org:",
            "https://example.org:65536",
            "https://example.org:80:80",
            "https://Example.org",
            "https://notexample.org",
            "https://org",
            "https://example.org.evil.net",
            "https://user@example.org",
            "https://.example.org",
            "android:apk-key-hash:abc",
            "null",
        ] {
            assert_eq!(check("example.org", origin), Some(RelyingPartyError::Origin), "{origin}");
        }
        assert_eq!(check("localhost", "http://localhost:80"), Some(RelyingPartyError::Origin));
    }

    #[test]
    fn names_and_lists() {
        assert_eq!(RelyingParty::new("example.org", " ", ["https://example.org"]).err(), Some(RelyingPartyError::Name));
        assert_eq!(RelyingParty::new("example.org", "Riverside", []).err(), Some(RelyingPartyError::NoOrigin));
    }
}
