//! Access tokens: who asks, and what for.

mod access_token;
mod access_tokens;
mod assertion;
mod backend_services;
mod error;

pub use access_token::AccessToken;
pub use access_tokens::{AccessTokens, NoToken};
pub use assertion::SigningKey;
pub use backend_services::{BackendServices, BackendSettings};
pub use error::TokenError;
