//! Randomness as an input.

use core::fmt::Debug;

/// Gives random bytes.
///
/// # What it is for
/// Keys, nonces, tokens and ids. Core has no randomness of its own, so tests can be repeated exactly.
///
/// # Promises
/// 1. The bytes are unpredictable to anyone: a cryptographic generator seeded by the operating system.
/// 2. The whole buffer is filled, or an error is returned; never a part.
///
/// # What the library promises you
/// It asks for at most 64 bytes at a time.
///
/// # If you break it
/// Predictable bytes break every promise of confidentiality: this port is as sensitive as the key itself.
///
/// # Test yourself
/// Use the operating system's generator (`SystemEntropy` of `mychartum-adapters` does), and there is nothing to test.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Entropy: Debug + Send + Sync + 'static {
    /// Fills the buffer with random bytes.
    ///
    /// # Errors
    /// [`NoEntropy`] when the generator cannot answer.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoEntropy>;
}

/// The source of randomness did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness did not answer")]
pub struct NoEntropy;

impl<T: Entropy + ?Sized> Entropy for std::sync::Arc<T> {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        (**self).fill(buffer)
    }
}
