//! What to write, before it is sealed; and the proof that it was written.

use zeroize::Zeroizing;

use crate::audit::Entry;
use crate::port::storage::{Collection, Delete, Partition, RowId, Tag};

/// A row to write, not yet sealed.
pub(crate) struct Draft {
    pub(crate) collection: Collection,
    pub(crate) row: RowId,
    /// One more than the stored version; 1 for a new row.
    pub(crate) version: u64,
    pub(crate) order: i64,
    pub(crate) tags: Vec<Tag>,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl Draft {
    /// The first version of a row without tags.
    pub(crate) fn first(collection: Collection, row: RowId, order: i64, body: Vec<u8>) -> Self {
        Self { collection, row, version: 1, order, tags: Vec::new(), body: body.into() }
    }
}

/// A change to one partition, not yet sealed.
pub(crate) struct Change {
    pub(crate) partition: Partition,
    pub(crate) puts: Vec<Draft>,
    pub(crate) deletes: Vec<Delete>,
}

impl Change {
    /// A change that writes nothing but its entry.
    pub(crate) const fn none(partition: Partition) -> Self {
        Self { partition, puts: Vec::new(), deletes: Vec::new() }
    }

    /// A change that writes these rows.
    pub(crate) const fn puts(partition: Partition, puts: Vec<Draft>) -> Self {
        Self { partition, puts, deletes: Vec::new() }
    }
}

/// The proof that a change set with this entry is durable.
///
/// INVARIANT (written before shown): only the ledger makes one, after storage acknowledged the commit, and a permit is made
/// from nothing else.
#[derive(Debug)]
pub(crate) struct Written {
    entry: Entry,
}

impl Written {
    pub(super) const fn new(entry: Entry) -> Self {
        Self { entry }
    }

    pub(crate) const fn entry(&self) -> &Entry {
        &self.entry
    }
}
