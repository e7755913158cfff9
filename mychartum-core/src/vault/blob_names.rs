//! Names of objects: random to look at, and for the tenant the way back to the row.

use core::fmt;

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};

use crate::kernel::id::{AttachmentId, TenantId};
use crate::port::blob_store::BlobName;
use crate::port::storage::{Partition, PartitionKind};

use super::VaultError;
use super::prk::Prk;

/// Makes names of objects and reads them again.
///
/// ```text
/// place = partition kind u8 | partition id [16] | attachment [16]
/// salt  = HKDF-SHA256-Expand(PRK of the names, "mychartum/name/salt/1" | place, 16)
/// key   = HKDF-SHA256-Expand(PRK of the names, "mychartum/name/key/1" | salt, 32)
/// name  = salt | AES-256-GCM(key, 0 [12], place, associated data = "mychartum/name/1" | tenant [16] | salt)      65 bytes
/// ```
///
/// To whoever has no key a name is random: it tells neither the patient nor the row, also to somebody who sees both
/// stores. Whoever has the key finds the row that should name an object without reading the object or searching for the
/// row, and knows which objects are the tenant's own: a name cannot be made up. The salt follows from the place, so a
/// key seals one place only.
pub struct BlobNames {
    tenant: TenantId,
    prk: Prk,
}

/// Kind, partition and attachment.
const PLACE: usize = 33;

impl BlobNames {
    pub(super) const fn new(tenant: TenantId, prk: Prk) -> Self {
        Self { tenant, prk }
    }

    /// The name of an attachment's object.
    ///
    /// # Errors
    /// None that can happen: the cipher takes 33 bytes.
    pub fn name(&self, partition: Partition, attachment: AttachmentId) -> Result<BlobName, VaultError> {
        let mut place = [0; PLACE];
        let parts = [partition.kind().code()].into_iter().chain(partition.id()).chain(attachment.to_bytes());
        place.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        let okm = self.prk.expand::<1>(&[b"mychartum/name/salt/1", &place]);
        let mut salt = [0; 16];
        salt.iter_mut().zip(okm.as_flattened()).for_each(|(to, from)| *to = *from);
        let data = self.associated_data(&salt);
        let tag = self
            .cipher(&salt)
            .encrypt_inout_detached(&[0; 12].into(), &data, place.as_mut_slice().into())
            .map_err(|_| VaultError::Misuse("blob name: a place of the wrong length"))?;
        let mut name = [0; BlobName::BYTES];
        let parts = salt.iter().chain(&place).chain(&tag);
        name.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
        Ok(BlobName::from_bytes(name))
    }

    /// Where the row is that names this object; `None` for a name that this tenant did not make.
    #[must_use]
    pub fn read(&self, name: BlobName) -> Option<(Partition, AttachmentId)> {
        let name = name.to_bytes();
        let (salt, rest) = name.split_first_chunk::<16>()?;
        let (place, tag) = rest.split_first_chunk::<PLACE>()?;
        let tag = <[u8; 16]>::try_from(tag).ok()?;
        let mut place = *place;
        let data = self.associated_data(salt);
        self.cipher(salt)
            .decrypt_inout_detached(&[0; 12].into(), &data, place.as_mut_slice().into(), &tag.into())
            .ok()?;
        let (&[kind], rest) = place.split_first_chunk()?;
        let (partition, attachment) = rest.split_first_chunk()?;
        let partition = Partition::new(PartitionKind::from_code(kind)?, *partition);
        Some((partition, AttachmentId::from_bytes(attachment.try_into().ok()?)))
    }

    fn cipher(&self, salt: &[u8; 16]) -> Aes256Gcm {
        let okm = self.prk.expand::<1>(&[b"mychartum/name/key/1", salt]);
        let [key] = &*okm;
        Aes256Gcm::new(key.into())
    }

    fn associated_data(&self, salt: &[u8; 16]) -> Vec<u8> {
        [b"mychartum/name/1", self.tenant.to_bytes().as_slice(), salt].concat()
    }
}

impl fmt::Debug for BlobNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlobNames([hidden])")
    }
}
