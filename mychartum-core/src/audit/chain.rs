//! The chain: what ties an entry to all entries before it.

use sha2::{Digest, Sha256};

use crate::kernel::id::TenantId;
use crate::port::storage::{AuditHead, Partition};

/// A link: SHA-256 (FIPS 180-4) over the link before it and an entry.
pub type Link = [u8; 32];

/// The link before a partition's first entry.
///
/// It differs from partition to partition, so that no entry of another chain fits, not even a first one:
/// `SHA-256("mychartum/chain/1" | tenant [16] | kind u8 | id [16])`.
#[must_use]
pub fn genesis(tenant: TenantId, partition: Partition) -> Link {
    Sha256::new()
        .chain_update(b"mychartum/chain/1")
        .chain_update(tenant.to_bytes())
        .chain_update([partition.kind().code()])
        .chain_update(partition.id())
        .finalize()
        .into()
}

/// The link of an entry with these canonical bytes: `SHA-256("mychartum/ev/1" | link before | length u32 | bytes)`.
///
/// The length is big endian. Entries are at most [`Entry::MAX_ENCODED`](super::Entry::MAX_ENCODED) bytes long; from
/// 2^32 on the length would no longer tell, and the hash would still cover every byte.
#[must_use]
pub fn link(before: &Link, canonical: &[u8]) -> Link {
    let length = u32::try_from(canonical.len()).unwrap_or(u32::MAX);
    Sha256::new()
        .chain_update(b"mychartum/ev/1")
        .chain_update(before)
        .chain_update(length.to_be_bytes())
        .chain_update(canonical)
        .finalize()
        .into()
}

/// The link at which the chain with this head ends; nothing if its count and its link contradict each other.
pub(super) fn end(head: AuditHead, tenant: TenantId, partition: Partition) -> Option<Link> {
    match (head.count == 0, head.link == AuditHead::EMPTY.link) {
        (true, true) => Some(genesis(tenant, partition)),
        (false, false) => Some(head.link),
        _ => None,
    }
}
