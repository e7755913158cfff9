//! The slow, salted, peppered hash under passwords and codes.

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::account::settings::AccountSettings;
use crate::kernel::hidden;
use crate::ledger::Failure;
use crate::port::Entropy;

use super::hash_gate::HashGate;
use super::pepper_key::{PepperId, PepperKey};

/// Argon2id (RFC 9106) with a salt of its own, keyed with a pepper.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SlowHash {
    memory: u32,
    passes: u32,
    salt: [u8; 16],
    hash: [u8; 32],
    /// Hashes of before peppers had numbers have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pepper: Option<PepperId>,
}

hidden!(SlowHash);

impl SlowHash {
    /// Hashes a secret. Takes some 20 ms and `argon2_memory` KiB.
    pub(super) fn new(
        secret: &[u8],
        pepper: &PepperKey,
        settings: &AccountSettings,
        gate: &HashGate,
        entropy: &dyn Entropy,
    ) -> Result<Self, Failure> {
        let mut made = Self::of_nobody(settings, pepper.id());
        entropy.fill(&mut made.salt)?;
        made.hash = *made.compute(secret, pepper, gate)?;
        Ok(made)
    }

    /// A hash that no secret has: comparing with it takes as long as with a real one.
    pub(super) const fn of_nobody(settings: &AccountSettings, pepper: PepperId) -> Self {
        Self {
            memory: settings.argon2_memory,
            passes: settings.argon2_passes,
            salt: [0; 16],
            hash: [0; 32],
            pepper: Some(pepper),
        }
    }

    /// Whether the secret is the one. Takes as long as hashing it.
    pub(super) fn matches(&self, secret: &[u8], pepper: &PepperKey, gate: &HashGate) -> Result<bool, Failure> {
        if pepper.id() != self.pepper() {
            return Err(Failure::Damaged("hash: made with another pepper"));
        }
        let computed = self.compute(secret, pepper, gate)?;
        Ok(computed.ct_eq(&self.hash).into())
    }

    /// Which pepper it has to be compared under.
    pub(super) fn pepper(&self) -> PepperId {
        self.pepper.unwrap_or(PepperId::FIRST)
    }

    #[cfg(test)]
    pub(super) const fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// Whether it is of before peppers had numbers and passwords were normalised.
    pub(super) const fn is_of_old_form(&self) -> bool {
        self.pepper.is_none()
    }

    /// Whether a hash made today would be stronger, or under another pepper.
    pub(super) fn is_outdated(&self, settings: &AccountSettings, pepper: PepperId) -> bool {
        self.memory < settings.argon2_memory || self.passes < settings.argon2_passes || self.pepper != Some(pepper)
    }

    fn compute(&self, secret: &[u8], pepper: &PepperKey, gate: &HashGate) -> Result<Zeroizing<[u8; 32]>, Failure> {
        const UNUSABLE: Failure = Failure::Damaged("password hash: parameters");
        let params = Params::new(self.memory, self.passes, 1, Some(32)).map_err(|_| UNUSABLE)?;
        let argon2 = Argon2::new_with_secret(pepper.key().expose(), Algorithm::Argon2id, Version::V0x13, params)
            .map_err(|_| UNUSABLE)?;
        let mut hash = Zeroizing::new([0; 32]);
        gate.run(|| argon2.hash_password_into(secret, &self.salt, &mut *hash)).map_err(|_| UNUSABLE)?;
        Ok(hash)
    }
}

/// Cheap parameters, a pepper and a gate for tests.
#[cfg(test)]
pub(super) mod cheap {
    use super::*;
    use crate::vault::SecretKey;

    pub(in super::super) fn settings() -> AccountSettings {
        AccountSettings { argon2_memory: 8, argon2_passes: 1, ..AccountSettings::default() }
    }

    pub(in super::super) fn pepper(byte: u8) -> PepperKey {
        PepperKey::new(PepperId::FIRST, SecretKey::from_bytes([byte; 32]))
    }

    pub(in super::super) fn gate() -> HashGate {
        HashGate::new(2)
    }
}
