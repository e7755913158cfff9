//! A pepper with its number.

use serde::{Deserialize, Serialize};

use crate::vault::SecretKey;

/// Which pepper a hash was made with, so that a pepper can be replaced while older hashes still verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PepperId(u32);

impl PepperId {
    /// The pepper that follows from the tenant's first key, and that hashes without a number were made with.
    pub const FIRST: Self = Self(1);

    /// The pepper of this number.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// A pepper: a secret that is mixed into hashes and is not in the database (NIST SP 800-63B-4, section 3.1.1.2).
#[derive(Debug)]
pub struct PepperKey {
    id: PepperId,
    key: SecretKey,
}

impl PepperKey {
    /// A pepper by its number and its bytes.
    #[must_use]
    pub const fn new(id: PepperId, key: SecretKey) -> Self {
        Self { id, key }
    }

    /// Which it is.
    #[must_use]
    pub const fn id(&self) -> PepperId {
        self.id
    }

    pub(super) const fn key(&self) -> &SecretKey {
        &self.key
    }
}
