//! Where the host's pages are.

use core::fmt;

use mychartum_core::port::notifier::{Links, PublicLink};

use super::super::SetupError;

/// The address of the host's pages, and the path of each that notices lead to.
///
/// A token goes into the query, as `?t=...`. It would be safer in the fragment, which no server sees, but then a page
/// needs a script to read it, and the pages must work without. So the page that takes a token has duties: it sends
/// `Referrer-Policy: no-referrer` and `Cache-Control: no-store`, links to nothing outside, does nothing until a form is sent,
/// and the host's access log leaves queries out. A token opens nothing without a date of birth or a password.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkBase {
    base: String,
    sign_in: String,
    activate: String,
    reset: String,
    freeze: String,
    cancel_recovery: String,
}

impl LinkBase {
    /// Takes an address such as `https://portal.example.org` or `https://example.org/portal`; at most 200 bytes.
    ///
    /// The pages are `/sign-in`, `/activate`, `/reset`, `/freeze` and `/cancel-recovery` under it.
    ///
    /// # Errors
    /// [`SetupError::ClearText`] for `http` to anything but `localhost` and the loopback; [`SetupError::Url`].
    pub fn parse(base: &str) -> Result<Self, SetupError> {
        let wrong = SetupError::Url("link base");
        let base = base.trim_end_matches('/');
        let (scheme, rest) = base.split_once("://").ok_or(wrong)?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = match authority.strip_prefix('[') {
            Some(six) => six.split_once(']').map(|(host, _)| host).ok_or(wrong)?,
            None => authority.split(':').next().unwrap_or(""),
        };
        let port = match authority.strip_prefix('[') {
            Some(six) => six.split_once(']').map_or("", |(_, port)| port),
            None => authority.strip_prefix(host).unwrap_or(""),
        };
        let sound_port =
            port.is_empty() || port.strip_prefix(':').is_some_and(|digits| digits.parse::<u16>().is_ok_and(|n| n > 0));
        let host_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        let six = authority.starts_with('[');
        let sound_host = if six { host.parse::<core::net::Ipv6Addr>().is_ok() } else { host.bytes().all(host_letter) };
        if base.len() > 200 || host.is_empty() || !sound_host || !sound_port || !is_path(path) {
            return Err(wrong);
        }
        match scheme {
            "https" => {}
            "http" if is_loopback(host) => {}
            "http" => return Err(SetupError::ClearText("link base")),
            _ => return Err(wrong),
        }
        Ok(Self {
            base: base.to_owned(),
            sign_in: "/sign-in".to_owned(),
            activate: "/activate".to_owned(),
            reset: "/reset".to_owned(),
            freeze: "/freeze".to_owned(),
            cancel_recovery: "/cancel-recovery".to_owned(),
        })
    }

    /// With another path for a page, such as `/a`: the shorter, the more room for words in a text message.
    ///
    /// # Errors
    /// [`SetupError::Field`] unless it is `/` and at most 64 letters of a path.
    pub fn with_page(mut self, page: Links, path: &str) -> Result<Self, SetupError> {
        let wrong = SetupError::Field("page");
        let rest = path.strip_prefix('/').ok_or(wrong)?;
        if path.len() > 64 || !is_path(rest) {
            return Err(wrong);
        }
        let place = match page {
            Links::SignIn => &mut self.sign_in,
            Links::Activate => &mut self.activate,
            Links::Reset => &mut self.reset,
            Links::Freeze => &mut self.freeze,
            Links::CancelRecovery => &mut self.cancel_recovery,
            _ => return Err(wrong),
        };
        path.clone_into(place);
        Ok(self)
    }

    /// The whole link.
    #[must_use]
    pub fn link(&self, link: &PublicLink) -> String {
        let path = match link.page() {
            Links::Activate => &self.activate,
            Links::Reset => &self.reset,
            Links::Freeze => &self.freeze,
            Links::CancelRecovery => &self.cancel_recovery,
            // Every page can be found once one is signed in.
            _ => &self.sign_in,
        };
        let mut whole = format!("{}{path}", self.base);
        if let Some(token) = link.expose_token() {
            whole.push_str("?t=");
            push_escaped(token, &mut whole);
        }
        whole
    }
}

impl fmt::Debug for LinkBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkBase").field("base", &self.base).finish_non_exhaustive()
    }
}

/// Unreserved letters and slashes (RFC 3986, section 2.3), and no step upwards.
fn is_path(path: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/');
    path.bytes().all(letter) && !path.split('/').any(|step| step == ".." || step == ".")
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<core::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Percent-encodes all but unreserved letters.
fn push_escaped(text: &str, into: &mut String) {
    use core::fmt::Write as _;
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            into.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_text_is_for_this_machine() {
        for base in
            ["https://portal.example.org", "https://example.org/portal/", "http://localhost:3000", "http://[::1]:80"]
        {
            assert!(LinkBase::parse(base).is_ok(), "{base}");
        }
        for base in
            ["http://portal.example.org", "http://10.0.0.1", "http://localhost.example.org", "http://127.0.0.1.nip.io"]
        {
            assert_eq!(LinkBase::parse(base), Err(SetupError::ClearText("link base")), "{base}");
        }
    }

    #[test]
    fn what_is_no_plain_address_is_refused() {
        let wrong = [
            "",
            "portal.example.org",
            "https://",
            "https://user@example.org",
            "https://user:word@example.org",
            "https://example.org?x=1",
            "https://example.org#x",
            "https://example.org/a b",
            "https://example.org/\r\nX: y",
            "https://example.org/../x",
            "https://exa mple.org",
            "https://example.org:port",
            "https://example.org:70000",
            "https://[::1",
            "https://[example]",
            "javascript://x",
            "ftp://example.org",
        ];
        for base in wrong {
            assert_eq!(LinkBase::parse(base), Err(SetupError::Url("link base")), "{base:?}");
        }
        let base = LinkBase::parse("https://example.org").unwrap();
        for path in ["", "x", "/a?b", "/a#b", "/a b", "/\n", "/../x"] {
            assert_eq!(base.clone().with_page(Links::Reset, path), Err(SetupError::Field("page")), "{path:?}");
        }
    }

    #[test]
    fn a_token_cannot_leave_its_place() {
        let mut link = String::new();
        push_escaped("a-b_c.~&x=1#\r\n é", &mut link);
        assert_eq!(link, "a-b_c.~%26x%3D1%23%0D%0A%20%C3%A9");
    }
}
