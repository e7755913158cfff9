//! Repeatable randomness for the vault's own tests.

use core::fmt::Write as _;
use core::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::port::Entropy;
use crate::port::entropy::NoEntropy;

/// SHA-256 of a seed and a counter: the same bytes in every run, different ones in every call.
#[derive(Debug)]
pub(crate) struct TestEntropy {
    seed: u64,
    calls: AtomicU64,
}

impl TestEntropy {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, calls: AtomicU64::new(0) }
    }
}

impl Entropy for TestEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        for chunk in buffer.chunks_mut(32) {
            let call = self.calls.fetch_add(1, Ordering::Relaxed);
            let block = Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(call.to_be_bytes()).finalize();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

/// A generator that never answers.
#[derive(Debug)]
pub(crate) struct Silent;

impl Entropy for Silent {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoEntropy> {
        Err(NoEntropy)
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// Gives the same bytes over and over, for golden files.
#[derive(Debug)]
pub(crate) struct Fixed(pub(crate) Vec<u8>);

impl Entropy for Fixed {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        buffer.iter_mut().zip(self.0.iter().cycle()).for_each(|(to, from)| *to = *from);
        Ok(())
    }
}
