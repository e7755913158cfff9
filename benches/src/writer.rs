//! Someone who commits rows through the storage port, as they are, without a vault.

use std::sync::atomic::{AtomicU64, Ordering};

use mychartum_core::kernel::id::{ChangeSetId, PatientId};
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{AuditHead, ChangeSet, Collection, Expect, Partition, Put, RowId, Tag};

/// One who commits to a partition of its own, one change set after the other.
#[derive(Debug)]
pub struct Writer {
    /// Where it writes.
    pub partition: Partition,
    revision: AtomicU64,
    rows: AtomicU64,
}

impl Writer {
    /// Where its rows are kept.
    pub const ROWS: Collection = Collection::new(3);

    /// The writer with this number.
    #[must_use]
    pub fn new(number: u64) -> Self {
        let id = (u128::from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 64) | u128::from(number);
        let partition = Partition::patient(PatientId::from_bytes(id.to_be_bytes()));
        Self { partition, revision: AtomicU64::new(0), rows: AtomicU64::new(0) }
    }

    /// New rows with bodies of so many bytes that do not compress, each with a tag if there are tags.
    #[must_use]
    pub fn rows(&self, count: u64, bytes: usize, tags: &[Tag]) -> Vec<Put> {
        let first = self.rows.fetch_add(count, Ordering::Relaxed);
        let mut tags = tags.iter().cycle();
        let put = |number: u64| Put {
            collection: Self::ROWS,
            row: RowId::from_bytes(noise(number, 16).try_into().unwrap()),
            version: 1,
            order: number.cast_signed(),
            tags: tags.next().copied().into_iter().collect(),
            body: noise(number, bytes),
        };
        (first..first + count).map(put).collect()
    }

    /// The next change set, with these rows.
    pub fn set(&self, puts: Vec<Put>) -> ChangeSet {
        let revision = self.revision.load(Ordering::Relaxed);
        ChangeSet {
            id: ChangeSetId::from_bytes(u128::from(revision).to_be_bytes()),
            partition: self.partition,
            expect: Expect { revision, epoch: 0 },
            puts,
            deletes: Vec::new(),
            audit: AuditHead { count: revision + 1, link: [1; 32] },
        }
    }

    /// Commits the next change set.
    ///
    /// # Panics
    /// If the storage does not take it.
    pub async fn commit(&self, storage: &dyn Storage, puts: Vec<Put>) {
        let receipt = storage.commit(&self.set(puts)).await.unwrap();
        self.revision.store(receipt.revision, Ordering::Relaxed);
    }
}

/// Bytes that look random and are the same in every run (splitmix64).
pub(crate) fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0xd134_2543_de82_ef95);
    let mut all: Vec<u8> = Vec::with_capacity(bytes + 8);
    while all.len() < bytes {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        all.extend((word ^ (word >> 31)).to_be_bytes());
    }
    all.truncate(bytes);
    all
}
