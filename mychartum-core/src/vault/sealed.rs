//! The format of sealed bytes, byte for byte.
//!
//! ```text
//! 0x01 | suite u8 | key id u64 | nonce [24] | commitment [32] | ciphertext | tag [16]       numbers are big endian
//!
//! okm = HKDF-SHA256-Expand(PRK of the key, "mychartum/rec/1" | suite | key id | nonce[0..12], 64)
//! key = okm[0..32]   commitment = okm[32..64]
//! ciphertext | tag = AES-256-GCM(key, nonce[12..24], plaintext, associated data)            suite 1
//! ```
//!
//! Every body has a key of its own, so the limit of NIST SP 800-38D, section 8.3 (2^32 random nonces a key) is never near:
//! two bodies share key and nonce only if 192 random bits repeat. AES-GCM does not commit to its key, so a body could be made
//! that opens under two keys to two texts; the commitment closes that (RFC 5869's output is collision resistant), and is
//! compared before anything is decrypted.

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::prk::Prk;
use super::{KeyId, VaultError};

/// How many bytes longer than its plaintext a sealed body is.
pub const OVERHEAD: usize = HEADER + TAG;

const FORMAT: u8 = 1;
const AES_256_GCM: u8 = 1;
const TAG: usize = 16;
const HEADER: usize = 2 + 8 + 24 + 32;

/// The nonce: its first half goes into the derivation, its second into the cipher.
pub(super) type Nonce = [[u8; 12]; 2];

/// Seals a plaintext. The nonce must be fresh and random.
pub(super) fn seal(
    prk: &Prk,
    key: KeyId,
    nonce: Nonce,
    associated: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, VaultError> {
    let record = RecordKey::derive(prk, key, nonce);
    let mut body = Vec::with_capacity(OVERHEAD + plaintext.len());
    body.extend_from_slice(&[FORMAT, AES_256_GCM]);
    body.extend_from_slice(&key.number().to_be_bytes());
    body.extend_from_slice(nonce.as_flattened());
    body.extend_from_slice(record.commitment());
    body.extend_from_slice(plaintext);
    let (_, text) = body.split_at_mut(HEADER);
    let tag = record
        .cipher()
        .encrypt_inout_detached(&record.nonce.into(), associated, text.into())
        .map_err(|_| VaultError::Misuse("plaintext: at most 64 GiB"))?;
    body.extend_from_slice(&tag);
    Ok(body)
}

/// Opens what [`seal`] made with the same key and associated data.
pub(super) fn open(prk: &Prk, key: KeyId, associated: &[u8], body: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let parts = Parts::split(body).ok_or(VaultError::Unreadable)?;
    if parts.key != key {
        return Err(VaultError::Unreadable);
    }
    let record = RecordKey::derive(prk, key, parts.nonce);
    if !bool::from(record.commitment().ct_eq(parts.commitment)) {
        return Err(VaultError::Unreadable);
    }
    let mut text = Zeroizing::new(parts.ciphertext.to_vec());
    record
        .cipher()
        .decrypt_inout_detached(&record.nonce.into(), associated, text.as_mut_slice().into(), &parts.tag.into())
        .map_err(|_| VaultError::Unreadable)?;
    Ok(text)
}

/// The key that sealed bytes name; says nothing about whether they open.
pub(super) fn key_id(body: &[u8]) -> Option<KeyId> {
    Parts::split(body).map(|parts| parts.key)
}

/// Sealed bytes, taken apart.
struct Parts<'a> {
    key: KeyId,
    nonce: Nonce,
    commitment: &'a [u8; 32],
    ciphertext: &'a [u8],
    tag: [u8; TAG],
}

impl<'a> Parts<'a> {
    /// Takes bytes of a known format and suite apart.
    fn split(body: &'a [u8]) -> Option<Self> {
        let (&[FORMAT, AES_256_GCM], rest) = body.split_first_chunk::<2>()? else { return None };
        let (key, rest) = rest.split_first_chunk()?;
        let (first, rest) = rest.split_first_chunk()?;
        let (second, rest) = rest.split_first_chunk()?;
        let (commitment, rest) = rest.split_first_chunk()?;
        let (ciphertext, tag) = rest.split_last_chunk()?;
        Some(Self {
            key: KeyId::new(u64::from_be_bytes(*key)),
            nonce: [*first, *second],
            commitment,
            ciphertext,
            tag: *tag,
        })
    }
}

/// What is derived for one body: its cipher key and its commitment, and the nonce that goes with them.
struct RecordKey {
    okm: Zeroizing<[[u8; 32]; 2]>,
    nonce: [u8; 12],
}

impl RecordKey {
    fn derive(prk: &Prk, key: KeyId, [first, second]: Nonce) -> Self {
        let okm = prk.expand(&[b"mychartum/rec/1", &[AES_256_GCM], &key.number().to_be_bytes(), &first]);
        Self { okm, nonce: second }
    }

    fn cipher(&self) -> Aes256Gcm {
        let [key, _] = &*self.okm;
        Aes256Gcm::new(key.into())
    }

    fn commitment(&self) -> &[u8; 32] {
        let [_, commitment] = &*self.okm;
        commitment
    }
}
