//! A partition's data key.

use core::fmt;

use crate::port::Entropy;
use crate::port::entropy::NoEntropy;

use super::SecretKey;

/// Which data key sealed something; stands in every sealed body, so that keys can be changed while old bodies still
/// open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(u64);

impl KeyId {
    /// The audit keys, which are derived from the tenant key and never stored.
    pub const AUDIT: Self = Self(0);

    /// The key with this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// The key that everything in one partition hangs on; destroying it erases the partition.
///
/// Stored only wrapped by the [`TenantKey`](super::TenantKey). Not `Clone`; `Debug` shows its id only; wiped when
/// dropped.
pub struct DataKey {
    id: KeyId,
    secret: SecretKey,
}

impl DataKey {
    /// A new random key with a random id.
    ///
    /// # Errors
    /// [`NoEntropy`].
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        let mut id = [0; 8];
        entropy.fill(&mut id)?;
        Ok(Self { id: KeyId(u64::from_be_bytes(id)), secret: SecretKey::generate(entropy)? })
    }

    /// The key with this id and these bytes.
    pub(super) const fn new(id: KeyId, secret: SecretKey) -> Self {
        Self { id, secret }
    }

    /// Which key it is.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    pub(super) const fn secret(&self) -> &SecretKey {
        &self.secret
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey({:016x}, [hidden])", self.id.0)
    }
}
