//! Many writers sharing one sync of the disk, beside one writer that waits for each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, and a program has no readers of its items"
)]

use core::time::Duration;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use mychartum_benches::{Bench, Floor, House, Unit};
use mychartum_core::kernel::id::{ChangeSetId, PatientId};
use mychartum_core::port::Storage as _;
use mychartum_core::port::storage::{AuditHead, ChangeSet, Collection, Expect, Partition, Put, RowId};
use mychartum_storage::SqliteStorage;

const WRITERS: u64 = 64;
const BODY: usize = 300;

/// One who commits one small row after the other to a partition of its own.
struct Writer {
    partition: Partition,
    revision: AtomicU64,
}

impl Writer {
    fn new(number: u64) -> Self {
        let id = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15), number);
        let id = [id.0.to_be_bytes(), id.1.to_be_bytes()].concat().try_into().unwrap();
        Self { partition: Partition::patient(PatientId::from_bytes(id)), revision: AtomicU64::new(0) }
    }

    async fn commit(&self, storage: &SqliteStorage) {
        let revision = self.revision.load(Ordering::Relaxed);
        let id = u128::from(revision).to_be_bytes();
        let set = ChangeSet {
            id: ChangeSetId::from_bytes(id),
            partition: self.partition,
            expect: Expect { revision, epoch: 0 },
            puts: vec![Put {
                collection: Collection::new(3),
                row: RowId::from_bytes(id),
                version: 1,
                order: revision.cast_signed(),
                tags: Vec::new(),
                body: vec![0xa5; BODY],
            }],
            deletes: Vec::new(),
            audit: AuditHead { count: revision + 1, link: [1; 32] },
        };
        let receipt = storage.commit(&set).await.unwrap();
        self.revision.store(receipt.revision, Ordering::Relaxed);
    }
}

fn main() {
    let mut bench = Bench::of_args();
    let each = if bench.is_quick() { 2 } else { 8 };
    let folder = tempfile::tempdir().unwrap();
    let house = House::open(folder.path());
    let writers: Vec<Arc<Writer>> = (1..=WRITERS).map(|number| Arc::new(Writer::new(number))).collect();
    let single = Writer::new(0);

    // A call is as many commits on both sides: every writer's, or as many by one.
    let count = WRITERS * each;
    let mut together = |times: u64| -> Duration {
        let start = Instant::now();
        house.runtime.block_on(async {
            let tasks: Vec<_> = writers
                .iter()
                .map(|writer| {
                    let (writer, storage) = (Arc::clone(writer), house.storage.clone());
                    house.runtime.spawn(async move {
                        for _ in 0..times * each {
                            writer.commit(&storage).await;
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        start.elapsed()
    };
    let mut alone = |times: u64| -> Duration {
        let start = Instant::now();
        house.runtime.block_on(async {
            for _ in 0..times * count {
                single.commit(&house.storage).await;
            }
        });
        start.elapsed()
    };
    bench.pair("durable_commits.64_writers", Unit::PerSecond(count), (8, 1), &mut together, &mut alone);

    // And what one commit costs beside a bare insert of an equal row, each durable.
    let floor = Floor::copy(&house.path, &folder.path().join("floor.db"));
    let mut order = 0;
    let mut bare = mychartum_benches::each(|| {
        order += 1;
        floor.insert(single.partition, Collection::new(4), order, &[0xa5; BODY]);
    });
    let mut ours = mychartum_benches::each(|| house.runtime.block_on(single.commit(&house.storage)));
    bench.pair("durable_commits.one", Unit::Nanoseconds, (200, 1), &mut ours, &mut bare);
    bench.finish();
}
