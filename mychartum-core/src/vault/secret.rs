//! Secret key bytes, wiped when dropped and never shown.

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::port::Entropy;
use crate::port::entropy::NoEntropy;

/// Thirty-two secret bytes.
///
/// Not `Clone`, not `Serialize`; `Debug` shows nothing; the memory is wiped when the key is dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`NoEntropy`].
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        let mut key = Self([0; 32]);
        entropy.fill(&mut key.0)?;
        Ok(key)
    }

    /// Takes thirty-two bytes as a key.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Shows the bytes, for a key provider that has to wrap them.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey([hidden])")
    }
}
