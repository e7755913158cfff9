//! The format of a sealed blob, byte for byte, and where in it a part of the plaintext is.
//!
//! ```text
//! object = header | chunk 0 | chunk 1 | ... | chunk n-1                                         numbers are big endian
//! header = 0x01 | suite u8 | 0x10 (chunks of 2^16 bytes) | salt [32] | commitment [32]
//! chunk  = ciphertext (65,536 bytes; the last one 0 to 65,536) | tag [16]
//!
//! okm = HKDF-SHA256-Expand(Extract(blob key), "mychartum/blob/1" | 0x01 | suite | 0x10 | salt, 64)
//! key = okm[0..32]   commitment = okm[32..64]
//! chunk i = AES-256-GCM(key, 0 [7] | i u32 | last u8, plaintext of i, associated data)                         suite 1
//! associated data = "mychartum/blob/1" | tenant [16] | partition kind u8 | partition id [16] | attachment [16] | header
//! ```
//!
//! This is the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár (CRYPTO 2015, section 7): the counter in
//! the nonce finds what is moved, left out or repeated, and the last flag, 1 for the last chunk and else 0, finds what
//! is cut off or added. Chunks can be opened alone. An empty blob has one empty chunk; no other blob has an empty one,
//! so a length has one layout only.
//!
//! A nonce is used once: the key is of this blob alone, derived with 256 random bits of its own. At most 2^32 chunks
//! have counters. The commitment binds the object to one key, as it does for rows.

use core::ops::Range;

use aes_gcm::{Aes256Gcm, KeyInit};
use zeroize::Zeroizing;

use crate::kernel::id::{AttachmentId, TenantId};
use crate::port::storage::Partition;

use super::SecretKey;
use super::prk::Prk;

/// How many bytes of plaintext a chunk has; only the last one may have fewer.
pub const CHUNK: usize = 1 << 16;

/// How many bytes stand before the first chunk.
pub const BLOB_HEADER: usize = FIXED.len() + SALT + COMMITMENT;

/// How many bytes longer than its plaintext a sealed chunk is.
pub const CHUNK_TAG: usize = 16;

pub(super) const SALT: usize = 32;
pub(super) const COMMITMENT: usize = 32;

/// Format 1, suite 1 (AES-256-GCM), chunks of 2^16 bytes.
pub(super) const FIXED: [u8; 3] = [1, 1, 16];

const LABEL: &[u8] = b"mychartum/blob/1";

/// Where a blob belongs; its seal is bound to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobContext {
    /// Whose installation.
    pub tenant: TenantId,
    /// In which partition the row is that names it.
    pub partition: Partition,
    /// Which attachment it is.
    pub attachment: AttachmentId,
}

impl BlobContext {
    /// The associated data of every chunk.
    pub(super) fn associated_data(&self, header: &[u8; BLOB_HEADER]) -> Vec<u8> {
        let mut data = Vec::with_capacity(LABEL.len() + 49 + BLOB_HEADER);
        data.extend_from_slice(LABEL);
        data.extend_from_slice(&self.tenant.to_bytes());
        data.push(self.partition.kind().code());
        data.extend_from_slice(&self.partition.id());
        data.extend_from_slice(&self.attachment.to_bytes());
        data.extend_from_slice(header);
        data
    }
}

/// What is derived for one blob: the key of its chunks, and its commitment.
pub(super) struct StreamKey(Zeroizing<[[u8; 32]; 2]>);

impl StreamKey {
    pub(super) fn derive(key: &SecretKey, salt: &[u8; SALT]) -> Self {
        Self(Prk::extract(key).expand(&[LABEL, &FIXED, salt]))
    }

    pub(super) fn cipher(&self) -> Aes256Gcm {
        let [key, _] = &*self.0;
        Aes256Gcm::new(key.into())
    }

    pub(super) fn commitment(&self) -> &[u8; COMMITMENT] {
        let [_, commitment] = &*self.0;
        commitment
    }
}

/// The nonce of a chunk.
pub(super) fn nonce(number: u32, last: bool) -> [u8; 12] {
    let [a, b, c, d] = number.to_be_bytes();
    [0, 0, 0, 0, 0, 0, 0, a, b, c, d, u8::from(last)]
}

/// Where the parts of a blob of a known length stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobLayout {
    bytes: u64,
    last: u32,
}

impl BlobLayout {
    /// The most bytes of plaintext that a blob can have: 2^32 chunks, 256 TiB.
    pub const MAX_BYTES: u64 = (1 << 32) * CHUNK as u64;

    /// The layout of a blob with so many bytes of plaintext; `None` above [`MAX_BYTES`](Self::MAX_BYTES).
    #[must_use]
    pub fn of(bytes: u64) -> Option<Self> {
        let last = bytes.saturating_sub(1) / CHUNK as u64;
        u32::try_from(last).ok().map(|last| Self { bytes, last })
    }

    /// The length of the plaintext in bytes.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The number of the last chunk; the first is 0.
    #[must_use]
    pub const fn last(&self) -> u32 {
        self.last
    }

    /// The length of the whole object in bytes.
    #[must_use]
    pub const fn sealed_bytes(&self) -> u64 {
        BLOB_HEADER as u64 + self.bytes + (self.last as u64 + 1) * CHUNK_TAG as u64
    }

    /// The number of the chunk that has the byte at a place; the last one for a place at the end or beyond.
    #[must_use]
    pub fn chunk_at(&self, place: u64) -> u32 {
        u32::try_from(place / CHUNK as u64).map_or(self.last, |number| number.min(self.last))
    }

    /// The place of a chunk's first byte in the plaintext.
    #[must_use]
    pub const fn place_of(&self, chunk: u32) -> u64 {
        chunk as u64 * CHUNK as u64
    }

    /// The length of a chunk's plaintext in bytes; 0 beyond the last.
    #[must_use]
    pub fn length_of(&self, chunk: u32) -> usize {
        let rest = self.bytes.saturating_sub(self.place_of(chunk));
        usize::try_from(rest).map_or(CHUNK, |rest| rest.min(CHUNK))
    }

    /// Where in the object some chunks stand, from the first to the last one given.
    #[must_use]
    pub fn sealed(&self, first: u32, last: u32) -> Range<u64> {
        let begin = |chunk: u64| BLOB_HEADER as u64 + chunk * (CHUNK + CHUNK_TAG) as u64;
        let end = begin(u64::from(last) + 1).min(self.sealed_bytes());
        begin(u64::from(first)).min(end)..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn layouts_of_telling_lengths() {
        let chunk = CHUNK as u64;
        assert_eq!(BLOB_HEADER, 67);
        let cases = [
            (0, 0, 0),
            (1, 0, 1),
            (chunk - 1, 0, CHUNK - 1),
            (chunk, 0, CHUNK),
            (chunk + 1, 1, 1),
            (2 * chunk, 1, CHUNK),
        ];
        for (bytes, last, length) in cases {
            let layout = BlobLayout::of(bytes).unwrap();
            assert_eq!(
                (layout.last(), layout.length_of(last), layout.length_of(last + 1)),
                (last, length, 0),
                "{bytes}"
            );
            assert_eq!(layout.sealed(0, last), 67..layout.sealed_bytes(), "{bytes}");
        }
        assert_eq!(BlobLayout::of(BlobLayout::MAX_BYTES).unwrap().last(), u32::MAX);
        assert_eq!(BlobLayout::of(BlobLayout::MAX_BYTES + 1), None);
    }

    proptest! {
        #[test]
        fn chunks_stand_one_behind_the_other_and_cover_everything(bytes in 0u64..1 << 22, place in 0u64..1 << 22) {
            let layout = BlobLayout::of(bytes).unwrap();
            let (mut at, mut plain) = (BLOB_HEADER as u64, 0);
            for chunk in 0..=layout.last() {
                let range = layout.sealed(chunk, chunk);
                prop_assert_eq!(range.start, at);
                prop_assert_eq!(range.end - range.start, (layout.length_of(chunk) + CHUNK_TAG) as u64);
                prop_assert_eq!(layout.place_of(chunk), plain);
                (at, plain) = (range.end, plain + layout.length_of(chunk) as u64);
            }
            prop_assert_eq!((at, plain), (layout.sealed_bytes(), bytes));
            let chunk = layout.chunk_at(place);
            if place < bytes {
                let start = layout.place_of(chunk);
                prop_assert!((start..start + layout.length_of(chunk) as u64).contains(&place));
            } else {
                prop_assert_eq!(chunk, layout.last());
            }
        }
    }
}
