//! Change sets for the tests of the SQLite file.
#![allow(dead_code, reason = "each test program uses its own part")]

use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::storage::{
    AuditHead, ChangeSet, Collection, Expect, Partition, PartitionKind, Put, RowId, Tag,
};

/// The collection that these tests write to.
pub(crate) const NOTES: Collection = Collection::new(7);

/// A patient's partition with this number.
pub(crate) fn patient(number: u64) -> Partition {
    Partition::new(PartitionKind::Patient, bytes(number))
}

/// The row that revision `revision` of a partition puts.
pub(crate) fn row(revision: u64) -> RowId {
    RowId::from_bytes(bytes(revision))
}

/// The `revision`-th change set of a partition: one new row with a body of `size` bytes.
pub(crate) fn note(partition: Partition, revision: u64, size: usize) -> ChangeSet {
    let mut id = bytes(revision);
    id.reverse();
    ChangeSet {
        id: ChangeSetId::from_bytes(id),
        partition,
        expect: Expect { revision: revision - 1, epoch: 0 },
        puts: vec![Put {
            collection: NOTES,
            row: row(revision),
            version: 1,
            order: i64::try_from(revision).unwrap(),
            tags: vec![Tag::from_bytes([7; 16])],
            body: vec![u8::try_from(revision % 251).unwrap(); size],
        }],
        deletes: Vec::new(),
        audit: AuditHead { count: revision, link: [u8::try_from(revision % 251).unwrap(); 32] },
    }
}

/// Sixteen bytes that spread over the buckets and are different for different numbers.
fn bytes(number: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    bytes
}
