//! Names of objects: random to look at, and for the tenant the way back to the row.

use core::fmt;

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};

use crate::kernel::id::{AttachmentId, TenantId};
use crate::port::blob_store::BlobName;
use crate::port::storage::{Partition, PartitionKind};

use super::prk::Prk;

/// Makes names of objects and reads them again.
///
/// ```text
/// name = attachment [16] | AES-256-GCM(key, 0 [12], partition kind u8 | partition id [16], associated data)        49 bytes
/// key  = HKDF-SHA256-Expand(PRK of the names, "mychartum/name/1" | attachment, 32)
/// associated data = "mychartum/name/1" | tenant [16] | attachment
/// ```
///
/// An attachment's id is random, so its key seals one partition only, and the name is random to whoever has no key: names of one
/// patient cannot be told from those of others. Whoever has the key finds the row that should name an object without reading the
/// object or searching for the row, and knows which objects are the tenant's own: a name cannot be made up.
pub struct BlobNames {
    tenant: TenantId,
    prk: Prk,
}

const LABEL: &[u8] = b"mychartum/name/1";

impl BlobNames {
    pub(super) const fn new(tenant: TenantId, prk: Prk) -> Self {
        Self { tenant, prk }
    }

    /// The name of an attachment's object.
    #[must_use]
    pub fn name(&self, partition: Partition, attachment: AttachmentId) -> BlobName {
        let id = attachment.to_bytes();
        let mut place = [0; 17];
        let parts = [partition.kind().code()].into_iter().chain(partition.id());
        place.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        let sealed = self.cipher(&id).encrypt_inout_detached(
            &[0; 12].into(),
            &self.associated_data(&id),
            place.as_mut_slice().into(),
        );
        // Seventeen bytes are never too many for the cipher; if they were, the name would be one that leads nowhere.
        let tag: [u8; 16] = sealed.map_or([0; 16], Into::into);
        let mut name = [0; BlobName::BYTES];
        let parts = id.iter().chain(&place).chain(&tag);
        name.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
        BlobName::from_bytes(name)
    }

    /// Where the row is that names this object; `None` for a name that this tenant did not make.
    #[must_use]
    pub fn read(&self, name: BlobName) -> Option<(Partition, AttachmentId)> {
        let name = name.to_bytes();
        let (id, rest) = name.split_first_chunk::<16>()?;
        let (place, rest) = rest.split_first_chunk::<17>()?;
        let tag = <[u8; 16]>::try_from(rest).ok()?;
        let mut place = *place;
        self.cipher(id)
            .decrypt_inout_detached(
                &[0; 12].into(),
                &self.associated_data(id),
                place.as_mut_slice().into(),
                &tag.into(),
            )
            .ok()?;
        let [kind, partition @ ..] = place;
        Some((Partition::new(PartitionKind::from_code(kind)?, partition), AttachmentId::from_bytes(*id)))
    }

    fn cipher(&self, id: &[u8; 16]) -> Aes256Gcm {
        let okm = self.prk.expand::<1>(&[LABEL, id]);
        let [key] = &*okm;
        Aes256Gcm::new(key.into())
    }

    fn associated_data(&self, id: &[u8; 16]) -> Vec<u8> {
        [LABEL, &self.tenant.to_bytes(), id].concat()
    }
}

impl fmt::Debug for BlobNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlobNames([hidden])")
    }
}
