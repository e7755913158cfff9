//! Sealing a blob, chunk by chunk.

use core::fmt;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::AeadInOut;

use crate::port::Entropy;

use super::blob::{BLOB_HEADER, FIXED, SALT, StreamKey, nonce};
use super::{BlobContext, CHUNK, SecretKey, VaultError};

/// Seals one blob, from its first chunk to its last. Holds one chunk at most at a time, and that is the caller's.
pub struct BlobSealer {
    cipher: Aes256Gcm,
    associated: Vec<u8>,
    /// The number of the next chunk; none after the last.
    next: Option<u32>,
}

/// Whether a chunk is the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkPosition {
    /// Others follow.
    Inner,
    /// It is the last one.
    Last,
}

impl BlobSealer {
    /// Begins to seal a blob with a key that seals no other; gives the object's header. Takes 32 random bytes.
    ///
    /// # Errors
    /// `Entropy`.
    pub fn begin(
        key: &SecretKey,
        context: &BlobContext,
        entropy: &dyn Entropy,
    ) -> Result<(Self, [u8; BLOB_HEADER]), VaultError> {
        let mut salt = [0; SALT];
        entropy.fill(&mut salt)?;
        let stream = StreamKey::derive(key, &salt);
        let mut header = [0; BLOB_HEADER];
        let parts = FIXED.iter().chain(&salt).chain(stream.commitment());
        header.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
        let sealer = Self { cipher: stream.cipher(), associated: context.associated_data(&header), next: Some(0) };
        Ok((sealer, header))
    }

    /// Seals the next chunk where it stands; it gets 16 bytes longer.
    ///
    /// # Errors
    /// `Misuse` for a chunk after the last, an inner one that is not [`CHUNK`] bytes long, or a last one that is longer
    /// or is empty behind others.
    pub fn seal(&mut self, chunk: &mut Vec<u8>, position: ChunkPosition) -> Result<(), VaultError> {
        let number = self.next.ok_or(VaultError::Misuse("blob: a chunk after the last"))?;
        let last = position == ChunkPosition::Last;
        let fits = match position {
            ChunkPosition::Inner => chunk.len() == CHUNK,
            ChunkPosition::Last => chunk.len() <= CHUNK && (number == 0 || !chunk.is_empty()),
        };
        if !fits {
            return Err(VaultError::Misuse("blob: a chunk of the wrong length"));
        }
        let tag = self
            .cipher
            .encrypt_inout_detached(&nonce(number, last).into(), &self.associated, chunk.as_mut_slice().into())
            .map_err(|_| VaultError::Misuse("blob: a chunk of the wrong length"))?;
        chunk.extend_from_slice(&tag);
        self.next = if last { None } else { number.checked_add(1) };
        Ok(())
    }
}

impl fmt::Debug for BlobSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlobSealer([hidden])")
    }
}
