//! Where a sealed body belongs.

use crate::kernel::id::TenantId;
use crate::port::storage::{Collection, Partition, Put, Row, RowId, Tag};

use super::KeyId;

/// The coordinates of a row, all of which its seal is bound to.
///
/// A body opens only at the place and in the version that it was sealed for, and with the order and the tags that it
/// was put with: whoever can write the database cannot move, swap, roll back, reorder or re-tag a row unseen. The
/// tenant and the key are bound as well; they come from the [`PartitionKey`](super::PartitionKey).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealContext<'a> {
    /// Whose row.
    pub partition: Partition,
    /// What kind of row.
    pub collection: Collection,
    /// Which one.
    pub row: RowId,
    /// The version that is put.
    pub version: u64,
    /// What lists are sorted by.
    pub order: i64,
    /// Its tags; their order does not matter.
    pub tags: &'a [Tag],
}

impl<'a> SealContext<'a> {
    /// The coordinates of what is about to be put; the body does not matter.
    #[must_use]
    pub fn of_put(partition: Partition, put: &'a Put) -> Self {
        let Put { collection, row, version, order, tags, body: _ } = put;
        Self { partition, collection: *collection, row: *row, version: *version, order: *order, tags }
    }

    /// The coordinates that storage gives a row.
    #[must_use]
    pub fn of_row(row: &'a Row) -> Self {
        let Row { partition, collection, row, version, order, tags, body: _ } = row;
        Self { partition: *partition, collection: *collection, row: *row, version: *version, order: *order, tags }
    }

    /// The associated data of AES-GCM (NIST SP 800-38D, section 5.2.1.1): every coordinate in fixed width, big
    /// endian, and the tags sorted, behind their number. Different coordinates give different bytes.
    pub(super) fn associated_data(&self, tenant: TenantId, key: KeyId) -> Vec<u8> {
        let mut tags = self.tags.to_vec();
        tags.sort_unstable();
        let mut data = Vec::with_capacity(107 + 16 * tags.len());
        data.extend_from_slice(b"mychartum/row/1");
        data.extend_from_slice(&tenant.to_bytes());
        data.push(self.partition.kind().code());
        data.extend_from_slice(&self.partition.id());
        data.extend_from_slice(&self.collection.number().to_be_bytes());
        data.extend_from_slice(&self.row.to_bytes());
        data.extend_from_slice(&self.version.to_be_bytes());
        data.extend_from_slice(&self.order.to_be_bytes());
        data.extend_from_slice(&key.number().to_be_bytes());
        data.extend_from_slice(&(tags.len() as u64).to_be_bytes());
        tags.iter().for_each(|tag| data.extend_from_slice(&tag.to_bytes()));
        data
    }
}
