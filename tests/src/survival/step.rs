//! One step of the workload: a change set that says of itself what it must have changed.

use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::storage::{
    AuditHead, ChangeSet, Collection, Delete, Expect, Partition, Put, Row, RowId, Tag,
};
use sha2::{Digest as _, Sha256};

/// Who wrote each revision: one row a revision, never changed. What the audit trail is in a portal.
pub(super) const ENTRIES: Collection = Collection::new(0x0111);
/// A few rows that are overwritten in turn.
pub(super) const CHART: Collection = Collection::new(0x0112);
/// One row that every step overwrites.
pub(super) const SUMMARY: Collection = Collection::new(0x0113);
/// Work that is put, postponed two steps later, and done five steps later.
pub(super) const TASKS: Collection = Collection::new(0x8111);

/// How many rows of the chart take turns.
pub(super) const SLOTS: u64 = 8;
/// After how many steps a task is postponed.
const POSTPONED_AFTER: u64 = 2;
/// After how many steps a task is done.
const DONE_AFTER: u64 = 5;

/// Of how many change sets a storage knows the ids, at least (promise 7).
pub(super) const REMEMBERED: u64 = ChangeSet::REMEMBERED;

/// A link of a partition's chain.
pub(super) type Link = [u8; 32];

/// Who wrote a revision: enough to compute all of it again, when the link before it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// Which of the workload's partitions.
    pub partition: u32,
    /// The revision that the step brings its partition to.
    pub revision: u64,
    /// Which writer, of all that ever wrote.
    pub author: u64,
    /// Which of the writer's steps.
    pub number: u64,
    /// The partition's epoch that the writer expected.
    pub epoch: u64,
}

impl Step {
    /// The change set, given where it goes and the link that the chain ended with before.
    pub(super) fn set(self, partition: Partition, before: Link) -> ChangeSet {
        let link = self.link(partition, before);
        let state = State { link };
        let revision = self.revision;
        let mut puts = vec![self.entry(partition, before), state.chart(revision), state.summary(revision)];
        puts.push(state.task(revision, 1));
        puts.extend(earlier(revision, POSTPONED_AFTER).map(|task| state.task(task, 2)));
        let deletes =
            earlier(revision, DONE_AFTER).map(|task| Delete { collection: TASKS, row: row(task), version: 2 });
        ChangeSet {
            id: ChangeSetId::from_bytes(self.id(partition)),
            partition,
            expect: Expect { revision: revision.saturating_sub(1), epoch: self.epoch },
            puts,
            deletes: deletes.into_iter().collect(),
            audit: AuditHead { count: revision, link },
        }
    }

    /// The id of the change set: it can be computed again, whatever became of the writer.
    fn id(self, partition: Partition) -> [u8; 16] {
        let mut hash = Sha256::new_with_prefix(b"mychartum survival id");
        hash.update(partition.id());
        [self.revision, self.author, self.number, self.epoch]
            .iter()
            .for_each(|number| hash.update(number.to_be_bytes()));
        let digest: [u8; 32] = hash.finalize().into();
        digest.first_chunk().copied().unwrap_or_default()
    }

    /// The chain's link after this step.
    pub(super) fn link(self, partition: Partition, before: Link) -> Link {
        let mut hash = Sha256::new_with_prefix(b"mychartum survival link");
        hash.update(before);
        hash.update(partition.id());
        [self.revision, self.author, self.number, self.epoch]
            .iter()
            .for_each(|number| hash.update(number.to_be_bytes()));
        hash.finalize().into()
    }

    /// The row that says who wrote the revision, and that follows from the one before.
    fn entry(self, partition: Partition, before: Link) -> Put {
        let mut body = Vec::with_capacity(88);
        body.extend(self.author.to_be_bytes());
        body.extend(self.number.to_be_bytes());
        body.extend(self.epoch.to_be_bytes());
        body.extend(before);
        body.extend(self.link(partition, before));
        put(ENTRIES, row(self.revision), 1, order(self.revision), Vec::new(), body)
    }

    /// Reads back who wrote an entry; `None` where it is no entry.
    pub(super) fn read(partition: u32, entry: &Row) -> Option<Self> {
        let (author, rest) = entry.body.split_first_chunk()?;
        let (number, rest) = rest.split_first_chunk()?;
        let (epoch, _) = rest.split_first_chunk()?;
        let [author, number, epoch] = [author, number, epoch].map(|bytes| u64::from_be_bytes(*bytes));
        let revision = u64::from_be_bytes(*entry.row.to_bytes().last_chunk()?);
        Some(Self { partition, revision, author, number, epoch })
    }

    /// The entry's row as it must be stored.
    pub(super) fn entry_row(self, partition: Partition, before: Link) -> Row {
        stored(partition, self.entry(partition, before))
    }
}

/// What a partition holds besides its entries, computed from its links.
#[derive(Debug, Clone, Copy)]
struct State {
    /// The link of the step that wrote the row.
    link: Link,
}

impl State {
    fn chart(self, revision: u64) -> Put {
        let slot = revision % SLOTS;
        // Slot 0 is first written at revision SLOTS, slot n at revision n.
        let version = revision / SLOTS + u64::from(slot != 0);
        put(CHART, row(slot), version, order(revision), tags(revision), self.body(b'c', self.size()))
    }

    fn summary(self, revision: u64) -> Put {
        put(SUMMARY, row(0), revision, -order(revision), Vec::new(), self.body(b's', 40))
    }

    fn task(self, task: u64, version: u64) -> Put {
        // Postponed tasks come after all that are not.
        let order = if version == 1 { order(task) } else { order(task).saturating_add(1_000_000_000) };
        put(TASKS, row(task), version, order, Vec::new(), self.body(b't', 120))
    }

    /// Mostly some hundred bytes, sometimes several pages, so that one change set touches many places of a file.
    const fn size(self) -> usize {
        let [first, second, third, ..] = self.link;
        if first < 6 { 40_000 } else { u16::from_be_bytes([second % 8, third]) as usize }
    }

    /// Bytes that follow from the step, and end with a zero like some real ones do.
    fn body(self, kind: u8, size: usize) -> Vec<u8> {
        let link = self.link.iter().cycle();
        let turn = (0..=u8::MAX).cycle();
        let mut body: Vec<u8> =
            link.zip(turn).take(size).map(|(link, turn)| link.wrapping_add(turn).wrapping_mul(kind | 1)).collect();
        body.push(0);
        body
    }
}

/// All rows of a partition besides its entries, by collection and in the order of a scan; `links` begins with the empty one.
pub(super) fn rows(partition: Partition, links: &[Link]) -> Vec<(Collection, Vec<Row>)> {
    let last = u64::try_from(links.len()).unwrap_or(u64::MAX).saturating_sub(1);
    let at = |revision: u64| {
        let link = usize::try_from(revision).ok().and_then(|place| links.get(place));
        link.map(|link| State { link: *link })
    };
    let recent = |count: u64| last.saturating_sub(count - 1).max(1)..=last;
    let chart = recent(SLOTS).filter_map(|revision| Some(at(revision)?.chart(revision)));
    let summary = recent(1).filter_map(|revision| Some(at(revision)?.summary(revision)));
    let tasks = recent(DONE_AFTER).filter_map(|task| match task + POSTPONED_AFTER {
        later if later <= last => Some(at(later)?.task(task, 2)),
        _ => Some(at(task)?.task(task, 1)),
    });
    let all = [(CHART, chart.collect::<Vec<_>>()), (SUMMARY, summary.collect()), (TASKS, tasks.collect())];
    let all = all.into_iter().map(|(collection, puts)| {
        let mut rows: Vec<Row> = puts.into_iter().map(|put| stored(partition, put)).collect();
        rows.sort_by_key(Row::position);
        (collection, rows)
    });
    all.collect()
}

/// The tag that every third revision's row of the chart carries.
pub(super) const fn tag(revision: u64) -> Tag {
    let [a, b, c, d, e, f, g, h] = (revision % 3).to_be_bytes();
    Tag::from_bytes([7, 0, 0, 0, 0, 0, 0, 7, a, b, c, d, e, f, g, h])
}

fn tags(revision: u64) -> Vec<Tag> {
    vec![tag(revision)]
}

fn earlier(revision: u64, steps: u64) -> Option<u64> {
    revision.checked_sub(steps).filter(|task| *task > 0)
}

fn order(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

/// A row id that ends with its number.
fn row(number: u64) -> RowId {
    let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
    RowId::from_bytes([9, 0, 0, 0, 0, 0, 0, 9, a, b, c, d, e, f, g, h])
}

const fn put(collection: Collection, row: RowId, version: u64, order: i64, tags: Vec<Tag>, body: Vec<u8>) -> Put {
    Put { collection, row, version, order, tags, body }
}

fn stored(partition: Partition, put: Put) -> Row {
    let Put { collection, row, version, order, tags, body } = put;
    Row { partition, collection, row, version, order, tags, body }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mychartum_core::port::Storage as _;
    use mychartum_core::port::storage::{PartitionKind, Scan};
    use mychartum_storage::MemoryStorage;

    #[tokio::test]
    async fn what_is_written_is_what_is_computed() {
        let partition = Partition::new(PartitionKind::Patient, [5; 16]);
        let storage = MemoryStorage::new();
        let mut links = vec![[0; 32]];
        for revision in 1..=30 {
            let before = *links.last().unwrap();
            let step = Step { partition: 0, revision, author: revision % 2, number: revision, epoch: 0 };
            storage.commit(&step.set(partition, before)).await.unwrap();
            links.push(step.link(partition, before));
            let scan = |collection| Scan::new(partition, collection, 1000);
            let entries = storage.scan(&scan(ENTRIES)).await.unwrap();
            assert_eq!(entries.last(), Some(&step.entry_row(partition, before)));
            assert_eq!(Step::read(0, entries.last().unwrap()), Some(step));
            for (collection, rows) in rows(partition, &links) {
                assert_eq!(storage.scan(&scan(collection)).await.unwrap(), rows, "{collection:?} at {revision}");
            }
        }
    }
}
