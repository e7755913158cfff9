//! What the clients write: change sets that depend on a seed alone, so that the judge knows them too.

use std::collections::BTreeMap;

use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::storage::{
    AuditHead, ChangeSet, Collection, Delete, Expect, Partition, PartitionKind, Put, RowId, Tag,
};
use sha2::{Digest as _, Sha256};

use crate::dice::Dice;

/// For each of some partitions a row of change sets, each of which expects the one before.
#[derive(Debug)]
pub struct Script {
    sets: Vec<Vec<ChangeSet>>,
}

/// Lengths of bodies in bytes: empty, usual, and over several pages of the file.
const BODIES: [usize; 9] = [0, 40, 300, 600, 600, 900, 3000, 9000, 40_000];

impl Script {
    /// Rows of the chart.
    pub const NOTES: Collection = Collection::new(7);
    /// An entry for each change set.
    pub const AUDIT: Collection = Collection::new(1);
    /// Rows whose time comes.
    pub const TASKS: Collection = Collection::new(0x8001);
    /// All of them.
    pub const COLLECTIONS: [Collection; 3] = [Self::AUDIT, Self::NOTES, Self::TASKS];
    /// The tags that rows may carry.
    pub const TAGS: [Tag; 3] = [Tag::from_bytes([1; 16]), Tag::from_bytes([2; 16]), Tag::from_bytes([3; 16])];

    /// A script of so many partitions, each with so many change sets. The first two partitions share a bucket.
    #[must_use]
    pub fn new(seed: u64, partitions: usize, sets: usize) -> Self {
        let mut dice = Dice::new(seed);
        let shared = dice.sixteen();
        let mut all = Vec::with_capacity(partitions);
        for number in 0..partitions {
            let mut id = dice.sixteen();
            if number < 2 {
                id.iter_mut().zip(shared).take(2).for_each(|(byte, shared)| *byte = shared);
            }
            let kind = *dice.pick(&PartitionKind::ALL).unwrap_or(&PartitionKind::Patient);
            let mut author = Author::new(Partition::new(kind, id));
            all.push((0..sets).map(|_| author.next(&mut dice)).collect());
        }
        Self { sets: all }
    }

    /// The same script, in which one change set of the first partition also puts a note of so many bytes.
    #[must_use]
    pub fn with_heavy(mut self, revision: u64, bytes: usize) -> Self {
        let mut dice = Dice::new(revision);
        let index = usize::try_from(revision).unwrap_or(0).wrapping_sub(1);
        if let Some(set) = self.sets.first_mut().and_then(|sets| sets.get_mut(index)) {
            let row = RowId::from_bytes(dice.sixteen());
            let (body, order, tags) = (dice.bytes(bytes), 0, Vec::new());
            set.puts.push(Put { collection: Self::NOTES, row, version: 1, order, tags, body });
        }
        self
    }

    /// How many partitions.
    #[must_use]
    pub fn partitions(&self) -> usize {
        self.sets.len()
    }

    /// The change sets of a partition in order: the first makes revision 1.
    #[must_use]
    pub fn sets(&self, partition: usize) -> &[ChangeSet] {
        self.sets.get(partition).map_or(&[], Vec::as_slice)
    }

    /// The change set of a partition that makes this revision.
    #[must_use]
    pub fn set(&self, partition: usize, revision: u64) -> Option<&ChangeSet> {
        self.sets(partition).get(usize::try_from(revision).ok()?.checked_sub(1)?)
    }
}

/// Writes one partition's change sets, and remembers what is there by then.
struct Author {
    partition: Partition,
    revision: u64,
    audit: AuditHead,
    there: BTreeMap<(Collection, RowId), u64>,
}

impl Author {
    const fn new(partition: Partition) -> Self {
        Self { partition, revision: 0, audit: AuditHead::EMPTY, there: BTreeMap::new() }
    }

    fn next(&mut self, dice: &mut Dice) -> ChangeSet {
        let (mut puts, mut deletes) = (Vec::new(), Vec::new());
        let entry = dice.bytes(120);
        let mut hash = Sha256::new();
        hash.update(self.audit.link);
        hash.update(&entry);
        self.audit = AuditHead { count: self.audit.count + 1, link: hash.finalize().into() };
        puts.push(Put {
            collection: Script::AUDIT,
            row: RowId::from_bytes(u128::from(self.audit.count).to_be_bytes()),
            version: 1,
            order: i64::try_from(self.audit.count).unwrap_or(i64::MAX),
            tags: Vec::new(),
            body: entry,
        });
        let changed: Vec<_> = self.there.iter().map(|(place, version)| (*place, *version)).collect();
        for ((collection, row), version) in changed {
            match dice.below(12) {
                0 | 1 => puts.push(put(collection, row, version + 1, dice)),
                2 => deletes.push(Delete { collection, row, version }),
                _ => {}
            }
        }
        for _ in 0..=dice.below(3) {
            let collection = if dice.chance(1, 4) { Script::TASKS } else { Script::NOTES };
            puts.push(put(collection, RowId::from_bytes(dice.sixteen()), 1, dice));
        }
        for delete in &deletes {
            self.there.remove(&(delete.collection, delete.row));
        }
        for put in puts.iter().filter(|put| put.collection != Script::AUDIT) {
            self.there.insert((put.collection, put.row), put.version);
        }
        let expect = Expect { revision: self.revision, epoch: 0 };
        self.revision += 1;
        let id = ChangeSetId::from_bytes(dice.sixteen());
        ChangeSet { id, partition: self.partition, expect, puts, deletes, audit: self.audit }
    }
}

fn put(collection: Collection, row: RowId, version: u64, dice: &mut Dice) -> Put {
    let length = BODIES.get(dice.below(BODIES.len())).copied().unwrap_or(0);
    Put {
        collection,
        row,
        version,
        order: i64::try_from(dice.below(2000)).unwrap_or(0) - 1000,
        tags: Script::TAGS.into_iter().filter(|_| dice.chance(1, 3)).collect(),
        body: dice.bytes(length),
    }
}
