//! A partition under test, and the change sets written to it.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{
    AuditHead, Bucket, ChangeSet, Collection, Delete, Expect, Outcome, Partition, PartitionKind, Put, Receipt, RowId,
    StorageError, StorageErrorKind, Tag,
};

use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// The collection that is not due.
pub(in crate::conformance) const NOTES: Collection = Collection::new(0x0101);

/// A random partition with the revision that it must have by now.
#[derive(Debug, Clone)]
pub(in crate::conformance) struct Patient {
    pub(in crate::conformance) partition: Partition,
    pub(in crate::conformance) revision: u64,
    /// The epoch that its bucket has by now.
    pub(in crate::conformance) epoch: u64,
    /// A due collection that, in this bucket, nobody else writes to.
    pub(in crate::conformance) tasks: Collection,
    /// A tag that nobody else uses.
    pub(in crate::conformance) tag: Tag,
}

impl Patient {
    /// A partition that nobody else writes to.
    pub(in crate::conformance) fn new() -> Self {
        Self::at(Partition::new(PartitionKind::Patient, sixteen()))
    }

    /// One in the same bucket, with the same due collection.
    pub(in crate::conformance) fn neighbour(&self) -> Self {
        let mut id = sixteen();
        for (byte, own) in id.iter_mut().zip(self.partition.id()).take(2) {
            *byte = own;
        }
        Self { tasks: self.tasks, ..Self::at(Partition::new(PartitionKind::Patient, id)) }
    }

    /// One with the same id and another kind.
    pub(in crate::conformance) fn namesake(&self, kind: PartitionKind) -> Self {
        Self { tasks: self.tasks, ..Self::at(Partition::new(kind, self.partition.id())) }
    }

    fn at(partition: Partition) -> Self {
        // The upper quarter of the numbers: far from the collections of a real host.
        let [first, second, ..] = sixteen();
        let tasks = Collection::new(0xc000 | u16::from_be_bytes([first, second]));
        Self { partition, revision: 0, epoch: 0, tasks, tag: tag() }
    }

    pub(in crate::conformance) fn bucket(&self) -> Bucket {
        self.partition.bucket()
    }

    /// The next change set, with these puts.
    pub(in crate::conformance) fn set(&self, puts: impl Into<Vec<Put>>) -> ChangeSet {
        let mut link = [0; 32];
        for (byte, random) in link.iter_mut().zip(sixteen().into_iter().chain(sixteen())) {
            *byte = random;
        }
        ChangeSet {
            id: ChangeSetId::from_bytes(sixteen()),
            partition: self.partition,
            expect: Expect { revision: self.revision, epoch: self.epoch },
            puts: puts.into(),
            deletes: Vec::new(),
            audit: AuditHead { count: self.revision + 1, link },
        }
    }

    /// The next change set, with these deletes.
    pub(in crate::conformance) fn set_deleting(&self, deletes: impl Into<Vec<Delete>>) -> ChangeSet {
        ChangeSet { deletes: deletes.into(), ..self.set([]) }
    }

    /// Commits the next change set, which must be applied.
    pub(in crate::conformance) async fn commit(
        &mut self,
        storage: &dyn Storage,
        set: &ChangeSet,
    ) -> Result<(), Breach> {
        let receipt = patiently(storage, set).await?;
        ensure(receipt.outcome == Outcome::Applied, "a new change set was answered as repeated")?;
        self.revision += 1;
        ensure(receipt.revision == self.revision, "a receipt named another revision than the next")
    }

    /// Commits these puts, which must be applied.
    pub(in crate::conformance) async fn put(
        &mut self,
        storage: &dyn Storage,
        puts: impl Into<Vec<Put>>,
    ) -> Result<(), Breach> {
        let set = self.set(puts);
        self.commit(storage, &set).await
    }
}

/// Commits, and tries again while the storage asks for it, as a host would.
pub(in crate::conformance) async fn patiently(storage: &dyn Storage, set: &ChangeSet) -> Result<Receipt, StorageError> {
    for _ in 0..1000 {
        match storage.commit(set).await {
            Err(error) if error.kind().may_retry() => tokio::task::yield_now().await,
            answer => return answer,
        }
    }
    storage.commit(set).await
}

/// Commits a change set that must be refused in one way.
pub(in crate::conformance) async fn refused(
    storage: &dyn Storage,
    set: &ChangeSet,
    kind: StorageErrorKind,
) -> Result<(), Breach> {
    match patiently(storage, set).await {
        Err(error) if error.kind() == kind => Ok(()),
        Err(error) => Err(Breach(format!("expected {kind:?}, got: {error}"))),
        Ok(_) => Err(Breach(format!("expected {kind:?}, but the change set was accepted"))),
    }
}

/// A put of a first version.
pub(in crate::conformance) fn note(row: RowId, order: i64) -> Put {
    Put { collection: NOTES, row, version: 1, order, tags: Vec::new(), body: row.to_bytes().to_vec() }
}

/// The same row's next version.
pub(in crate::conformance) fn next(put: &Put) -> Put {
    let mut body = put.body.clone();
    body.push(0x5a);
    Put { version: put.version + 1, body, ..put.clone() }
}

/// The delete of a row as it was put.
pub(in crate::conformance) const fn delete(put: &Put) -> Delete {
    Delete { collection: put.collection, row: put.row, version: put.version }
}

/// A random row id.
pub(in crate::conformance) fn row() -> RowId {
    RowId::from_bytes(sixteen())
}

/// A row id that ends with this number and is otherwise zero.
pub(in crate::conformance) const fn row_number(number: u8) -> RowId {
    RowId::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number])
}

/// A random tag.
pub(in crate::conformance) fn tag() -> Tag {
    Tag::from_bytes(sixteen())
}

/// Sixteen random bytes; the standard library seeds its hashers from the operating system.
fn sixteen() -> [u8; 16] {
    let number = |salt: u8| u128::from(RandomState::new().hash_one(salt));
    (number(0) << 64 | number(1)).to_be_bytes()
}
