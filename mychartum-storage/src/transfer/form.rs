//! Heads and rows as bytes: what archives hold, and what a copy is compared by.
//!
//! ```text
//! partition   kind u8 | id [16]
//! head        partition | revision u64 | audit count u64 | audit link [32] | epoch u64 | applied u8 | applied ...
//! applied     change set [16] | digest [32] | revision u64
//! row         collection u16 | row id [16] | version u64 | order i64 | tags u8 | tag [16] ... | body ...
//! ```
//!
//! Numbers are big endian. What an archive holds is for ever, so this form does not change; another one gets another version
//! of the archive.

use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::custody::Applied;
use mychartum_core::port::storage::{AuditHead, Collection, Head, Partition, PartitionKind, Row, RowId, Tag};

/// Writes a partition.
pub(crate) fn put_partition(partition: Partition, out: &mut Vec<u8>) {
    out.push(partition.kind().code());
    out.extend_from_slice(&partition.id());
}

/// Writes a partition's head and the change sets that it remembers.
pub(crate) fn encode_partition(partition: Partition, head: &Head, applied: &[Applied], out: &mut Vec<u8>) {
    put_partition(partition, out);
    out.extend_from_slice(&head.revision.to_be_bytes());
    out.extend_from_slice(&head.audit.count.to_be_bytes());
    out.extend_from_slice(&head.audit.link);
    out.extend_from_slice(&head.epoch.to_be_bytes());
    out.push(u8::try_from(applied.len()).unwrap_or(u8::MAX));
    for Applied { id, digest, revision } in applied {
        out.extend_from_slice(&id.to_bytes());
        out.extend_from_slice(digest);
        out.extend_from_slice(&revision.to_be_bytes());
    }
}

/// Writes a row without its partition.
pub(crate) fn encode_row(row: &Row, out: &mut Vec<u8>) {
    let Row { partition: _, collection, row, version, order, tags, body } = row;
    out.extend_from_slice(&collection.number().to_be_bytes());
    out.extend_from_slice(&row.to_bytes());
    out.extend_from_slice(&version.to_be_bytes());
    out.extend_from_slice(&order.to_be_bytes());
    out.push(u8::try_from(tags.len()).unwrap_or(u8::MAX));
    tags.iter().for_each(|tag| out.extend_from_slice(&tag.to_bytes()));
    out.extend_from_slice(body);
}

/// Takes so many bytes off the front.
pub(crate) fn split<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*first)
}

/// Takes a partition off the front.
pub(crate) fn take_partition(bytes: &mut &[u8]) -> Option<Partition> {
    let [kind] = split(bytes)?;
    Some(Partition::new(PartitionKind::from_code(kind)?, split(bytes)?))
}

/// Reads what [`encode_partition`] wrote; `None` where it is anything else.
pub(crate) fn decode_partition(mut bytes: &[u8]) -> Option<(Partition, Head, Vec<Applied>)> {
    let bytes = &mut bytes;
    let partition = take_partition(bytes)?;
    let revision = u64::from_be_bytes(split(bytes)?);
    let audit = AuditHead { count: u64::from_be_bytes(split(bytes)?), link: split(bytes)? };
    let epoch = u64::from_be_bytes(split(bytes)?);
    let [count] = split(bytes)?;
    let mut applied = Vec::with_capacity(count.into());
    for _ in 0..count {
        let id = ChangeSetId::from_bytes(split(bytes)?);
        applied.push(Applied { id, digest: split(bytes)?, revision: u64::from_be_bytes(split(bytes)?) });
    }
    bytes.is_empty().then_some((partition, Head { revision, audit, epoch }, applied))
}

/// Reads what [`encode_row`] wrote for a row of this partition; `None` where it is too short.
pub(crate) fn decode_row(partition: Partition, mut bytes: &[u8]) -> Option<Row> {
    let bytes = &mut bytes;
    let collection = Collection::new(u16::from_be_bytes(split(bytes)?));
    let row = RowId::from_bytes(split(bytes)?);
    let version = u64::from_be_bytes(split(bytes)?);
    let order = i64::from_be_bytes(split(bytes)?);
    let [count] = split(bytes)?;
    let mut tags = Vec::with_capacity(count.into());
    for _ in 0..count {
        tags.push(Tag::from_bytes(split(bytes)?));
    }
    Some(Row { partition, collection, row, version, order, tags, body: bytes.to_vec() })
}
