//! Session tokens: what a browser keeps, and what is stored of it.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::kernel::hidden;
use crate::kernel::id::{AccountId, SessionId};
use crate::port::Entropy;
use crate::port::entropy::NoEntropy;

/// An opaque token that resumes a session: 128 hexadecimal digits, of which 256 bits are random and secret.
///
/// Only a hash of the secret part is stored, so a stolen database resumes nothing.
pub struct SessionToken(SecretString);

hidden!(SessionToken);

/// A token taken apart.
pub(super) struct TokenParts {
    pub(super) account: AccountId,
    pub(super) session: SessionId,
    secret: SecretString,
}

impl SessionToken {
    /// A token that someone presents. Whether it is worth anything shows when it is used.
    #[must_use]
    pub fn presented(token: &str) -> Self {
        Self(SecretString::from(token))
    }

    /// Shows the token, for a cookie.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// A new token, and the hash to store of it.
    pub(super) fn new(
        account: AccountId,
        session: SessionId,
        entropy: &dyn Entropy,
    ) -> Result<(Self, [u8; 32]), NoEntropy> {
        let mut random = zeroize::Zeroizing::new([0u8; 32]);
        entropy.fill(&mut *random)?;
        let secret: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let hash = hash(&secret);
        Ok((Self(SecretString::from(format!("{account}{session}{secret}"))), hash))
    }

    pub(super) fn parts(&self) -> Option<TokenParts> {
        let text = self.expose();
        let (account, rest) = text.split_at_checked(32)?;
        let (session, secret) = rest.split_at_checked(32)?;
        let secret = (secret.len() == 64).then(|| SecretString::from(secret))?;
        Some(TokenParts { account: account.parse().ok()?, session: session.parse().ok()?, secret })
    }
}

impl TokenParts {
    /// Whether the secret part is the one that was hashed, compared in constant time.
    pub(super) fn proves(&self, stored: &[u8; 32]) -> bool {
        hash(self.secret.expose_secret()).ct_eq(stored).into()
    }
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::new().chain_update(b"mychartum/session/1").chain_update(secret).finalize().into()
}
