//! The cookies: the session's, one for visitors who have not signed in yet, one for a sign-in that goes on, and one by
//! which a browser is known again.
//!
//! All carry the `__Host-` prefix (RFC 6265bis, section 4.1.3.2): secure, of this host alone, for the whole of it.

use axum::http::{HeaderMap, HeaderValue, header};

/// The cookie that holds the session token.
pub(crate) const SESSION: &str = "__Host-sid";

/// The cookie that ties a sign-in form to the browser that asked for it.
pub(crate) const VISIT: &str = "__Host-visit";

/// The cookie that holds the token of a sign-in that goes on, and what is asked.
pub(crate) const STEP: &str = "__Host-step";

/// The cookie by which a browser is known again; it opens nothing by itself.
pub(crate) const DEVICE: &str = "__Host-device";

/// For how long a sign-in that goes on is kept, in seconds; the engine gives it less.
const STEP_LIFE: u32 = 900;

/// For how long a browser keeps by what it is known: 400 days, the most that browsers do (RFC 6265bis, section 5.5).
const DEVICE_LIFE: u32 = 400 * 86_400;

/// The value of a cookie; `None` where it is missing, or there more than once.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(known, _)| *known == name)
        .map(|(_, value)| value);
    let only = found.next()?;
    (found.next().is_none() && is_plain(only)).then_some(only)
}

/// A header that sets a cookie until the browser is closed.
pub(crate) fn set(name: &str, value: &str) -> Option<HeaderValue> {
    let line = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax");
    is_plain(value).then(|| HeaderValue::from_str(&line).ok())?
}

/// A header that sets the cookie of a sign-in that goes on.
pub(crate) fn set_step(value: &str) -> Option<HeaderValue> {
    set_for(STEP, value, STEP_LIFE)
}

/// A header that sets the cookie by which the browser is known again.
pub(crate) fn set_device(value: &str) -> Option<HeaderValue> {
    set_for(DEVICE, value, DEVICE_LIFE)
}

fn set_for(name: &str, value: &str, seconds: u32) -> Option<HeaderValue> {
    let line = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    is_plain(value).then(|| HeaderValue::from_str(&line).ok())?
}

/// A header that takes the cookie of a sign-in away.
pub(crate) const CLEAR_STEP: HeaderValue =
    HeaderValue::from_static("__Host-step=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");

/// A header that takes the session cookie away.
pub(crate) const CLEAR_SESSION: HeaderValue =
    HeaderValue::from_static("__Host-sid=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");

fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && value.len() <= 256
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (header::COOKIE, HeaderValue::from_str(line).unwrap())).collect()
    }

    #[test]
    fn a_cookie_is_read_by_its_whole_name() {
        assert_eq!(read(&headers(&["a=1; __Host-sid=abc; b=2"]), SESSION), Some("abc"));
        assert_eq!(read(&headers(&["x__Host-sid=abc"]), SESSION), None);
        assert_eq!(read(&headers(&["__Host-sid="]), SESSION), None);
    }

    #[test]
    fn two_of_the_same_name_are_none() {
        assert_eq!(read(&headers(&["__Host-sid=abc; __Host-sid=def"]), SESSION), None);
        assert_eq!(read(&headers(&["__Host-sid=abc", "__Host-sid=def"]), SESSION), None);
    }

    #[test]
    fn a_cookie_is_never_made_of_foreign_characters() {
        assert_eq!(set(SESSION, "abc; Domain=x"), None);
        assert_eq!(set(SESSION, "abc").unwrap(), "__Host-sid=abc; Path=/; Secure; HttpOnly; SameSite=Lax");
    }
}
