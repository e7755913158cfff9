//! Form tokens: proof that a form came from a page that this program gave to this browser.
//!
//! A token is an HMAC over the browser's own cookie with a key of this process, so nothing has to be kept.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The key that form tokens are made with.
pub(crate) struct FormKey([u8; 32]);

impl std::fmt::Debug for FormKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FormKey([hidden])")
    }
}

impl FormKey {
    /// A new key; `None` where the system has no randomness.
    pub(crate) fn random() -> Option<Self> {
        random_bytes().map(Self)
    }

    /// The token for a browser, by the cookie that it holds.
    pub(crate) fn token(&self, cookie: &str) -> String {
        hex(&self.keyed(b"form\0", cookie))
    }

    /// Whether a token is the one for this browser, compared in constant time.
    pub(crate) fn accepts(&self, token: &str, cookie: &str) -> bool {
        self.token(cookie).as_bytes().ct_eq(token.as_bytes()).into()
    }

    /// A keyed hash of something that should not be kept as it is, such as a name in the throttle.
    pub(crate) fn veil(&self, text: &str) -> [u8; 32] {
        self.keyed(b"veil\0", text)
    }

    fn keyed(&self, purpose: &[u8], text: &str) -> [u8; 32] {
        // HMAC takes keys of any length, so making one cannot fail; an all-zero tag would match nothing that is sent.
        Hmac::<Sha256>::new_from_slice(&self.0).map_or([0; 32], |mac| {
            mac.chain_update(purpose).chain_update(text.as_bytes()).finalize().into_bytes().into()
        })
    }
}

/// Thirty-two random bytes of the operating system.
pub(crate) fn random_bytes() -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes)
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_for_one_browser_and_one_process() {
        let (here, there) = (FormKey::random().unwrap(), FormKey::random().unwrap());
        let token = here.token("cookie-a");
        assert!(here.accepts(&token, "cookie-a"));
        assert!(!here.accepts(&token, "cookie-b"));
        assert!(!there.accepts(&token, "cookie-a"));
        assert!(!here.accepts("", "cookie-a"));
    }

    #[test]
    fn a_veil_is_no_token() {
        let key = FormKey::random().unwrap();
        assert_ne!(hex(&key.veil("cookie-a")), key.token("cookie-a"));
    }
}
