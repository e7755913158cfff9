//! Clients that call a storage at random, and note what they see.

use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{
    AuditHead, ChangeSet, Collection, Delete, Direction, Due, Expect, Head, Partition, PartitionKind, Put, Row, RowId,
    Scan, StorageError, Tag,
};
use tokio::task::JoinSet;

use super::{History, Recorded};
use crate::survival::chance::Chance;

/// Collections that the clients write to; the last is due.
const COLLECTIONS: [Collection; 3] = [Collection::new(0x0121), Collection::new(0x0122), Collection::new(0x8121)];
/// How many rows a collection has at most: few, so that clients meet.
const ROWS: u64 = 4;
/// How many tags there are.
const TAGS: u64 = 3;

/// Concurrent clients: each a loop of random calls on a few partitions that all share.
#[derive(Debug, Clone, Copy)]
pub struct Clients {
    seed: u64,
    clients: u32,
    partitions: u32,
    calls: u32,
}

impl Clients {
    /// Four clients on three partitions, two of them in one bucket, with 150 calls each.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, clients: 4, partitions: 3, calls: 150 }
    }

    /// So many clients.
    #[must_use]
    pub const fn clients(self, clients: u32) -> Self {
        Self { clients, ..self }
    }

    /// So many partitions.
    #[must_use]
    pub const fn partitions(self, partitions: u32) -> Self {
        Self { partitions, ..self }
    }

    /// So many calls, or a few more, by each client.
    #[must_use]
    pub const fn calls(self, calls: u32) -> Self {
        Self { calls, ..self }
    }

    /// Runs all clients to their ends on a storage that has none of the seed's partitions yet, and gives what they saw.
    ///
    /// Calls that fail are left out, except that a commit of unknown outcome may have happened. Clients take turns only where
    /// the storage lets them: on a runtime with several threads they overlap more.
    pub async fn run(self, storage: Arc<dyn Storage>) -> Arc<History> {
        let history = Arc::new(History::new());
        let recorded = Recorded::new(storage, Arc::clone(&history));
        self.run_on(Arc::new(recorded)).await;
        history
    }

    /// Runs all clients to their ends on a storage that keeps a history by itself.
    pub async fn run_on(self, storage: Arc<dyn Storage>) {
        let shared = Arc::new(Mutex::new(Vec::new()));
        let mut clients = JoinSet::new();
        for number in 0..self.clients {
            let client = Client {
                clients: self,
                chance: Chance::new(self.seed, u64::from(number) + 1),
                storage: Arc::clone(&storage),
                shared: Arc::clone(&shared),
                earlier: BTreeMap::new(),
            };
            clients.spawn(client.run());
        }
        clients.join_all().await;
    }

    /// One of the partitions; the first two share a bucket.
    #[must_use]
    pub fn partition(&self, number: u32) -> Partition {
        let [a, b, ..] = Chance::new(self.seed, u64::from(u32::MAX) + u64::from(number.max(1))).bytes::<16>();
        let [.., c, d, e, f] = number.to_be_bytes();
        let [.., g, h] = self.seed.to_be_bytes();
        Partition::new(PartitionKind::Patient, [a, b, 0, 0, 0, 0, 0, 0, 0, 0, g, h, c, d, e, f])
    }
}

struct Client {
    clients: Clients,
    chance: Chance,
    storage: Arc<dyn Storage>,
    /// Change sets that any client has tried.
    shared: Arc<Mutex<Vec<ChangeSet>>>,
    /// Heads seen some time ago.
    earlier: BTreeMap<Partition, Head>,
}

impl Client {
    async fn run(mut self) {
        for _ in 0..self.clients.calls {
            // A call that fails teaches nothing; the history has noted whatever may have happened.
            let _ = self.call().await;
            if self.chance.once_in(4) {
                tokio::task::yield_now().await;
            }
        }
    }

    async fn call(&mut self) -> Result<(), StorageError> {
        let number = u32::try_from(self.chance.below(u64::from(self.clients.partitions))).unwrap_or(0);
        let partition = self.clients.partition(number);
        match self.chance.below(100) {
            0..40 => self.write(partition).await,
            40..48 => self.write_on_an_earlier_head(partition).await,
            48..58 => self.repeat().await,
            58..68 => self.storage.head(partition).await.map(drop),
            68..80 => self.storage.get(partition, self.collection(), &self.some_rows()).await.map(drop),
            80..92 => self.storage.scan(&self.scan(partition).await?).await.map(drop),
            92..96 => {
                let before = i64::try_from(self.chance.below(40)).unwrap_or(0) - 20;
                let [.., collection] = COLLECTIONS;
                let due = Due { bucket: partition.bucket(), collection, before, limit: u32::MAX };
                self.storage.due(&due).await.map(drop)
            }
            _ => self.storage.heads(partition.bucket(), None, u32::MAX).await.map(drop),
        }
    }

    async fn write(&mut self, partition: Partition) -> Result<(), StorageError> {
        let head = self.storage.head(partition).await?;
        self.earlier.entry(partition).or_insert(head);
        let set = self.set(partition, head).await?;
        self.commit(set).await
    }

    async fn write_on_an_earlier_head(&mut self, partition: Partition) -> Result<(), StorageError> {
        let head = self.earlier.remove(&partition).unwrap_or(Head::EMPTY);
        let set = self.set(partition, head).await?;
        self.commit(set).await
    }

    /// Commits again what somebody tried before, now and then with another content.
    async fn repeat(&self) -> Result<(), StorageError> {
        let set = {
            let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
            let recent = shared.len().saturating_sub(12);
            let place = self.chance.below(u64::try_from(shared.len() - recent).unwrap_or(0));
            shared.iter().skip(recent).nth(usize::try_from(place).unwrap_or(0)).cloned()
        };
        let Some(mut set) = set else { return Ok(()) };
        if self.chance.once_in(5) {
            set.puts.iter_mut().take(1).for_each(|put| put.body.push(1));
        }
        self.storage.commit(&set).await.map(drop)
    }

    /// Commits, sometimes without waiting for the answer.
    async fn commit(&self, set: ChangeSet) -> Result<(), StorageError> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).push(set.clone());
        let mut commit = pin!(self.storage.commit(&set));
        let mut patience = if self.chance.once_in(8) { Some(self.chance.below(4)) } else { None };
        poll_fn(|context| match (commit.as_mut().poll(context), &mut patience) {
            (Poll::Ready(answer), _) => Poll::Ready(answer.map(drop)),
            (Poll::Pending, Some(0)) => Poll::Ready(Ok(())),
            (Poll::Pending, Some(left)) => {
                *left -= 1;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            (Poll::Pending, None) => Poll::Pending,
        })
        .await
    }

    /// A change set of several rows that fits what is there, if nobody else writes in between.
    async fn set(&self, partition: Partition, head: Head) -> Result<ChangeSet, StorageError> {
        let (mut puts, mut deletes) = (Vec::new(), Vec::new());
        for collection in COLLECTIONS {
            let ids = self.some_rows();
            let there = self.storage.get(partition, collection, &ids).await?;
            for row in ids {
                let version = there.iter().find(|there| there.row == row).map_or(0, |there| there.version);
                if version > 0 && self.chance.once_in(4) {
                    deletes.push(Delete { collection, row, version });
                } else {
                    // Now and then a version that does not fit, whatever the head is.
                    let next = version + 1 + u64::from(self.chance.once_in(20));
                    puts.push(self.put(collection, row, next));
                }
            }
        }
        Ok(ChangeSet {
            id: ChangeSetId::from_bytes(self.chance.bytes()),
            partition,
            expect: Expect { revision: head.revision, epoch: head.epoch },
            puts,
            deletes,
            audit: AuditHead { count: head.revision + 1, link: self.chance.bytes() },
        })
    }

    fn put(&self, collection: Collection, row: RowId, version: u64) -> Put {
        let order = i64::try_from(self.chance.below(40)).unwrap_or(0) - 20;
        let mut body = self.chance.bytes::<8>().to_vec();
        // Zeros at the end are part of a body.
        body.resize(8 + usize::try_from(self.chance.below(8)).unwrap_or(0), 0);
        let tags = (0..TAGS).filter(|_| self.chance.once_in(2)).map(tag).collect();
        Put { collection, row, version, order, tags, body }
    }

    fn collection(&self) -> Collection {
        let [first, second, due] = COLLECTIONS;
        match self.chance.below(3) {
            0 => first,
            1 => second,
            _ => due,
        }
    }

    /// Some of the rows, each once.
    fn some_rows(&self) -> Vec<RowId> {
        (0..ROWS).filter(|_| self.chance.once_in(2)).map(row).collect()
    }

    async fn scan(&self, partition: Partition) -> Result<Scan, StorageError> {
        let limit = if self.chance.once_in(2) { 100 } else { 2 };
        let mut scan = Scan::new(partition, self.collection(), limit);
        scan.tag = self.chance.once_in(3).then(|| tag(self.chance.below(TAGS)));
        scan.from = self.chance.once_in(4).then_some(-10);
        scan.until = self.chance.once_in(4).then_some(10);
        if self.chance.once_in(2) {
            scan.direction = Direction::Descending;
        }
        if self.chance.once_in(3) {
            scan.after = self.storage.scan(&scan).await?.last().map(Row::position);
        }
        Ok(scan)
    }
}

fn row(number: u64) -> RowId {
    let [.., last] = number.to_be_bytes();
    RowId::from_bytes([last; 16])
}

fn tag(number: u64) -> Tag {
    let [.., last] = number.to_be_bytes();
    Tag::from_bytes([last; 16])
}
