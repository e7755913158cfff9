//! Who writes where.

use mychartum_core::port::storage::{ChangeSet, Head, Partition, PartitionKind};
use sha2::{Digest as _, Sha256};

use super::Step;
use super::chance::Chance;

/// Concurrent writers over several partitions: each has one of its own, and two are shared by all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workload {
    seed: u64,
    generation: u32,
    writers: u32,
}

impl Workload {
    /// How many partitions all writers share.
    pub const SHARED: u32 = 2;

    /// A workload of six writers.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, generation: 0, writers: 6 }
    }

    /// The same with so many writers.
    #[must_use]
    pub const fn writers(self, writers: u32) -> Self {
        Self { writers, ..self }
    }

    /// The same on other partitions: a test that goes on for long begins new ones, since judging takes time with their length.
    #[must_use]
    pub const fn generation(self, generation: u32) -> Self {
        Self { generation, ..self }
    }

    /// How many writers there are.
    #[must_use]
    pub const fn writer_count(&self) -> u32 {
        self.writers
    }

    /// How many partitions they write to, from number 0 on.
    #[must_use]
    pub const fn partition_count(&self) -> u32 {
        self.writers + Self::SHARED
    }

    /// One of the partitions. They come in pairs of one bucket, so that due work of several partitions lies side by side.
    #[must_use]
    pub fn partition(&self, number: u32) -> Partition {
        let [bucket @ .., _, _] = self.hash(b"bucket", number / 2);
        let id = self.hash(b"partition", number);
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(bucket.iter().take(2).chain(id.iter())).for_each(|(byte, from)| *byte = *from);
        Partition::new(PartitionKind::Patient, bytes)
    }

    /// The step that an author takes next on one of the partitions, when its head is this one.
    #[must_use]
    pub fn step(&self, partition: u32, head: Head, author: u64, number: u64) -> (Step, ChangeSet) {
        let step = Step { partition, revision: head.revision + 1, author, number, epoch: head.epoch };
        (step, step.set(self.partition(partition), head.audit.link))
    }

    /// Where a writer goes next: mostly to its own partition.
    pub(super) fn next(&self, writer: u32, chance: &Chance) -> u32 {
        if chance.once_in(3) {
            self.writers + u32::try_from(chance.below(u64::from(Self::SHARED))).unwrap_or(0)
        } else {
            writer
        }
    }

    pub(super) const fn seed(&self) -> u64 {
        self.seed
    }

    fn hash(&self, kind: &[u8], number: u32) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix(kind);
        hash.update(self.seed.to_be_bytes());
        hash.update(self.generation.to_be_bytes());
        hash.update(number.to_be_bytes());
        hash.finalize().into()
    }

    /// As text for another process.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{} {} {}", self.seed, self.generation, self.writers)
    }

    /// Reads the text; `None` for any other.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let seed = words.next()?.parse().ok()?;
        let generation = words.next()?.parse().ok()?;
        let writers = words.next()?.parse().ok()?;
        words.next().is_none().then_some(Self { seed, generation, writers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn partitions_differ_and_share_buckets_in_pairs() {
        let workload = Workload::new(1).writers(4);
        let other = workload.generation(1);
        let all: BTreeSet<Partition> = (0..workload.partition_count())
            .flat_map(|number| [workload.partition(number), other.partition(number)])
            .collect();
        assert_eq!(all.len(), 12);
        assert_eq!(workload.partition(0).bucket(), workload.partition(1).bucket());
        assert_ne!(workload.partition(1).bucket(), workload.partition(2).bucket());
    }

    #[test]
    fn a_workload_is_handed_to_another_process() {
        let workload = Workload::new(u64::MAX).writers(3).generation(7);
        assert_eq!(Workload::read(&workload.to_text()), Some(workload));
        assert_eq!(Workload::read("1 2"), None);
        assert_eq!(Workload::read("1 2 3 4"), None);
    }
}
