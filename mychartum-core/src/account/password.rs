//! Passwords: taken in, hashed, compared; never shown.

use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::kernel::hidden;
use crate::ledger::Failure;
use crate::port::Entropy;
use crate::vault::SecretKey;

use super::settings::AccountSettings;

/// A password: 15 characters or more, since it is the only factor (NIST SP 800-63B-4, section 3.1.1.2), at most 256 bytes.
///
/// No other rule: length is what counts. Wiped from memory when dropped.
pub struct Password(SecretString);

/// Why a password was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than 15 characters.
    #[error("password: shorter than {} characters", Password::MIN_CHARACTERS)]
    TooShort,
    /// More than 256 bytes.
    #[error("password: longer than {} bytes", Password::MAX_BYTES)]
    TooLong,
}

impl Password {
    /// The fewest characters of a new password.
    pub const MIN_CHARACTERS: usize = 15;
    /// The most bytes.
    pub const MAX_BYTES: usize = 256;

    /// Takes a new password.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub fn new(password: &str) -> Result<Self, PasswordError> {
        if password.chars().count() < Self::MIN_CHARACTERS {
            Err(PasswordError::TooShort)
        } else {
            Self::entered(password)
        }
    }

    /// Takes a password that someone entered to sign in: any length up to the limit.
    ///
    /// # Errors
    /// [`PasswordError::TooLong`].
    pub fn entered(password: &str) -> Result<Self, PasswordError> {
        if password.len() > Self::MAX_BYTES {
            Err(PasswordError::TooLong)
        } else {
            Ok(Self(SecretString::from(password)))
        }
    }
}

hidden!(Password, PasswordHash);

/// A password as it is kept: Argon2id (RFC 9106) with a salt, keyed with the tenant's pepper.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct PasswordHash {
    memory: u32,
    passes: u32,
    salt: [u8; 16],
    hash: [u8; 32],
}

impl PasswordHash {
    /// Hashes a password. Takes some 20 ms and `argon2_memory` KiB.
    pub(super) fn new(
        password: &Password,
        pepper: &SecretKey,
        settings: &AccountSettings,
        entropy: &dyn Entropy,
    ) -> Result<Self, Failure> {
        let mut salt = [0; 16];
        entropy.fill(&mut salt)?;
        let mut made = Self { memory: settings.argon2_memory, passes: settings.argon2_passes, salt, hash: [0; 32] };
        made.hash = *made.compute(password, pepper)?;
        Ok(made)
    }

    /// A hash that no password has, for names that nobody has: comparing with it takes as long as with a real one.
    pub(super) const fn of_nobody(settings: &AccountSettings) -> Self {
        Self { memory: settings.argon2_memory, passes: settings.argon2_passes, salt: [0; 16], hash: [0; 32] }
    }

    /// Whether the password is the one. Takes as long as hashing it.
    pub(super) fn matches(&self, password: &Password, pepper: &SecretKey) -> Result<bool, Failure> {
        let computed = self.compute(password, pepper)?;
        Ok(computed.ct_eq(&self.hash).into())
    }

    fn compute(&self, password: &Password, pepper: &SecretKey) -> Result<Zeroizing<[u8; 32]>, Failure> {
        const UNUSABLE: Failure = Failure::Damaged("password hash: parameters");
        let params = Params::new(self.memory, self.passes, 1, Some(32)).map_err(|_| UNUSABLE)?;
        let argon2 = Argon2::new_with_secret(pepper.expose(), Algorithm::Argon2id, Version::V0x13, params)
            .map_err(|_| UNUSABLE)?;
        let mut hash = Zeroizing::new([0; 32]);
        argon2
            .hash_password_into(password.0.expose_secret().as_bytes(), &self.salt, &mut *hash)
            .map_err(|_| UNUSABLE)?;
        Ok(hash)
    }
}
