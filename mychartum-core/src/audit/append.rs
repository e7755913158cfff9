//! Adding an entry to a chain.

use crate::kernel::id::TenantId;
use crate::port::storage::{AuditHead, Collection, Partition, Position, Put};

use super::chain::{end, link};
use super::{Entry, Facts};

/// An entry that was added to a chain: what to store, and the head to store with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The entry with its number.
    pub entry: Entry,
    /// Where the chain ends now.
    pub head: AuditHead,
    /// Where the row stands in the collection of entries; it follows from the entry's number.
    pub place: Position,
    /// The row's body before it is sealed: the canonical entry, then its link (32 bytes).
    pub body: Vec<u8>,
}

impl Appended {
    /// The row to put, with a sealed body. An entry is put once and never again, so its version is 1.
    #[must_use]
    pub const fn put(&self, collection: Collection, sealed: Vec<u8>) -> Put {
        let Position { order, row } = self.place;
        Put { collection, row, version: 1, order, tags: Vec::new(), body: sealed }
    }
}

/// A head that no chain can have: no entries but a link, or more entries than places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("audit head: count and link do not go together")]
pub struct InvalidHead;

/// Adds an entry to the chain of a partition that ends at `head`.
///
/// Pure: storage takes the row and the new head in one change set, and only if the head is still the one given here.
/// Several entries in one change set are appended one after the other, each to the head of the one before.
///
/// # Errors
/// [`InvalidHead`], which means that the head was damaged.
pub fn append(head: AuditHead, tenant: TenantId, partition: Partition, facts: Facts) -> Result<Appended, InvalidHead> {
    let before = end(head, tenant, partition).ok_or(InvalidHead)?;
    let position = head.count.checked_add(1).ok_or(InvalidHead)?;
    let place = Entry::place(position).ok_or(InvalidHead)?;
    let entry = Entry::new(position, facts);
    let mut body = entry.encode();
    let link = link(&before, &body);
    body.extend_from_slice(&link);
    Ok(Appended { entry, head: AuditHead { count: position, link }, place, body })
}
