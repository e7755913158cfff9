//! Where tokens come from.

use core::fmt::Debug;

use async_trait::async_trait;

use super::access_token::AccessToken;
use super::error::TokenError;

/// Gives access tokens: [`BackendServices`](super::BackendServices), or a host's own that holds what patients granted.
#[async_trait]
pub trait AccessTokens: Debug + Send + Sync + 'static {
    /// The token to send; `None` for a server that needs none.
    ///
    /// `refused` is the one that the server has just answered 401 to: another one is wanted.
    ///
    /// # Errors
    /// [`TokenError`].
    async fn token(&self, refused: Option<&AccessToken>) -> Result<Option<AccessToken>, TokenError>;
}

/// For a server that needs no token, such as one behind a gateway of the host's.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoToken;

#[async_trait]
impl AccessTokens for NoToken {
    async fn token(&self, _: Option<&AccessToken>) -> Result<Option<AccessToken>, TokenError> {
        Ok(None)
    }
}
