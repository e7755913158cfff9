//! The key of one partition, ready for use.

use core::fmt;

use crate::kernel::id::TenantId;
use crate::port::Entropy;
use crate::port::storage::Partition;

use super::prk::Prk;
use super::sealed::{self, Nonce};
use super::{DataKey, KeyId, Opened, SealContext, VaultError};

/// Seals and opens the rows of one partition of one tenant, and of no other.
///
/// It knows whose it is: a row of another partition is refused before any cryptography. Held as `Arc`, never cloned.
pub struct PartitionKey {
    tenant: TenantId,
    partition: Partition,
    id: KeyId,
    prk: Prk,
}

impl PartitionKey {
    /// The key of a partition made from its data key.
    #[must_use]
    pub fn new(tenant: TenantId, partition: Partition, key: &DataKey) -> Self {
        Self { tenant, partition, id: key.id(), prk: Prk::extract(key.secret()) }
    }

    /// Whose rows it seals.
    #[must_use]
    pub const fn partition(&self) -> Partition {
        self.partition
    }

    /// Which data key it is.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Seals a row's body; the result is [`OVERHEAD`](super::OVERHEAD) bytes longer. Takes 24 random bytes.
    ///
    /// # Errors
    /// `Misuse` for a context of another partition; `Entropy`.
    pub fn seal(
        &self,
        context: &SealContext<'_>,
        plaintext: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, VaultError> {
        if context.partition != self.partition {
            return Err(VaultError::Misuse("context: the key is of another partition"));
        }
        let mut nonce = Nonce::default();
        entropy.fill(nonce.as_flattened_mut())?;
        sealed::seal(&self.prk, self.id, nonce, &context.associated_data(self.tenant, self.id), plaintext)
    }

    /// Opens a row's body.
    ///
    /// # Errors
    /// `Unreadable`, whatever the cause: altered, moved, of another version, order, tag or partition, or another key.
    pub fn open(&self, context: &SealContext<'_>, body: &[u8]) -> Result<Opened, VaultError> {
        if context.partition != self.partition {
            return Err(VaultError::Unreadable);
        }
        sealed::open(&self.prk, self.id, &context.associated_data(self.tenant, self.id), body).map(Opened::new)
    }
}

impl fmt::Debug for PartitionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartitionKey({:?}, {:016x}, [hidden])", self.partition, self.id.number())
    }
}
