//! What can go wrong in the vault.

use crate::port::entropy::NoEntropy;
use crate::port::key_provider::KeyError;

/// An error of the vault. It carries no key, no text and no hint of what was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Sealed bytes could not be opened.
    ///
    /// Altered, moved, rolled back, truncated, of an unknown format, or sealed with another key: all of them look the
    /// same, so that nobody learns anything by trying.
    #[error("sealed bytes: cannot be opened")]
    Unreadable,
    /// No randomness for a key or a nonce; nothing was sealed.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
    /// The tenant's wrapping key could not do its work.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The calling code broke a rule, which is named; nothing was sealed.
    #[error("vault: {0}")]
    Misuse(&'static str),
}
