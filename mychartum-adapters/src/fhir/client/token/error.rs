//! Why there is no access token.

use core::time::Duration;

/// There is no access token. Never tells a token, a key or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// No answer from the token endpoint, or none in time.
    #[error("token: no answer")]
    Unreachable,
    /// The token endpoint is busy or broken.
    #[error("token: the endpoint failed for now")]
    Passing {
        /// For how long it wants not to be asked, where it says so.
        retry_after: Option<Duration>,
    },
    /// What the token endpoint answered is no JSON object: a login page, an error page.
    #[error("token: the answer is not JSON")]
    NotJson,
    /// The answer is JSON without a bearer token in it.
    #[error("token: the answer holds no bearer token")]
    NoToken,
    /// The token endpoint does not accept us (RFC 6749 section 5.2).
    #[error("token: refused")]
    Refused,
    /// No assertion could be signed.
    #[error("token: signing failed")]
    Signing,
}
