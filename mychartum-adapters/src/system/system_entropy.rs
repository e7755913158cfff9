//! The operating system's randomness.

use mychartum_core::port::Entropy;
use mychartum_core::port::entropy::NoEntropy;

/// Gives random bytes of the operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        getrandom::fill(buffer).map_err(|_| NoEntropy)
    }
}
