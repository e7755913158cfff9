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
//! Every body has a key of its own, so the limit of NIST SP 800-38D, section 8.3 (2^32 random nonces a key) is never
//! near: two bodies share key and nonce only if 192 random bits repeat. AES-GCM does not commit to its key, so a body
//! could be made that opens under two keys to two texts; the commitment closes that (two keys with one
//! commitment are a collision of SHA-256), and is compared before anything is decrypted.

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

#[cfg(test)]
mod tests {
    use super::super::SecretKey;
    use super::*;

    const KEY: KeyId = KeyId::new(7);
    const NONCE: Nonce = [[1; 12], [2; 12]];

    fn prk(byte: u8) -> Prk {
        Prk::extract(&SecretKey::from_bytes([byte; 32]))
    }

    #[test]
    fn a_body_is_as_much_longer_as_the_overhead_says() {
        let body = seal(&prk(1), KEY, NONCE, b"", b"four").unwrap();
        assert_eq!(body.len(), OVERHEAD + 4);
        assert_eq!(OVERHEAD, 82);
        assert_eq!(key_id(&body), Some(KEY));
    }

    #[test]
    fn a_body_that_commits_to_another_key_is_refused_although_its_tag_fits() {
        let (ours, theirs) = (prk(1), prk(2));
        let genuine = seal(&theirs, KEY, NONCE, b"place", b"text").unwrap();
        // What a forger of a two-key ciphertext would hand out: a tag that fits under their key, our commitment in
        // front.
        let mut forged = genuine.clone();
        forged[34..66].copy_from_slice(RecordKey::derive(&ours, KEY, NONCE).commitment());
        let parts = Parts::split(&forged).unwrap();
        let record = RecordKey::derive(&theirs, KEY, NONCE);
        let mut text = parts.ciphertext.to_vec();
        let tag_fits = record.cipher().decrypt_inout_detached(
            &record.nonce.into(),
            b"place",
            text.as_mut_slice().into(),
            &parts.tag.into(),
        );
        assert!(tag_fits.is_ok(), "AES-GCM alone would have taken it");
        assert_eq!(open(&theirs, KEY, b"place", &forged).err(), Some(VaultError::Unreadable));
        assert_eq!(open(&ours, KEY, b"place", &forged).err(), Some(VaultError::Unreadable));
        assert_eq!(open(&theirs, KEY, b"place", &genuine).unwrap().as_slice(), b"text");
    }

    #[test]
    fn the_key_id_is_part_of_the_derivation() {
        let mut body = seal(&prk(1), KEY, NONCE, b"", b"text").unwrap();
        body[2..10].copy_from_slice(&8u64.to_be_bytes());
        assert_eq!(open(&prk(1), KeyId::new(8), b"", &body).err(), Some(VaultError::Unreadable));
    }
}
