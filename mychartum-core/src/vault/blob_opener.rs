//! Opening a blob, any chunk of it.

use core::fmt;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::AeadInOut;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::blob::{BLOB_HEADER, CHUNK_TAG, COMMITMENT, FIXED, SALT, StreamKey, nonce};
use super::{BlobContext, BlobLayout, Opened, SecretKey, VaultError};

/// Opens chunks of one blob whose length is known.
///
/// A chunk opens only as the one that it is: of this blob, at its place, with its length, and as the last one if it is
/// that.
pub struct BlobOpener {
    cipher: Aes256Gcm,
    associated: Vec<u8>,
    layout: BlobLayout,
}

impl BlobOpener {
    /// Begins to open a blob by its key, its place and its layout, all from a sealed row, and the header of its object.
    ///
    /// # Errors
    /// `Unreadable` for a header that is not one of this format, or that commits to another key.
    pub fn begin(
        key: &SecretKey,
        context: &BlobContext,
        layout: BlobLayout,
        header: &[u8],
    ) -> Result<Self, VaultError> {
        let header = <&[u8; BLOB_HEADER]>::try_from(header).map_err(|_| VaultError::Unreadable)?;
        let (fixed, rest) = header.split_first_chunk::<{ FIXED.len() }>().ok_or(VaultError::Unreadable)?;
        let (salt, rest) = rest.split_first_chunk::<SALT>().ok_or(VaultError::Unreadable)?;
        let commitment = <&[u8; COMMITMENT]>::try_from(rest).map_err(|_| VaultError::Unreadable)?;
        if *fixed != FIXED {
            return Err(VaultError::Unreadable);
        }
        let stream = StreamKey::derive(key, salt);
        if !bool::from(stream.commitment().ct_eq(commitment)) {
            return Err(VaultError::Unreadable);
        }
        Ok(Self { cipher: stream.cipher(), associated: context.associated_data(header), layout })
    }

    /// Opens a chunk by its number.
    ///
    /// # Errors
    /// `Unreadable`, whatever the cause.
    pub fn open(&self, number: u32, sealed: &[u8]) -> Result<Opened, VaultError> {
        let (text, tag) = sealed.split_last_chunk::<CHUNK_TAG>().ok_or(VaultError::Unreadable)?;
        if number > self.layout.last() || text.len() != self.layout.length_of(number) {
            return Err(VaultError::Unreadable);
        }
        let nonce = nonce(number, number == self.layout.last());
        let mut text = Zeroizing::new(text.to_vec());
        self.cipher
            .decrypt_inout_detached(&nonce.into(), &self.associated, text.as_mut_slice().into(), &(*tag).into())
            .map_err(|_| VaultError::Unreadable)?;
        Ok(Opened::new(text))
    }
}

impl fmt::Debug for BlobOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlobOpener([hidden])")
    }
}
