//! Whole storages for the tests of copies and backups: something to fill them with, and all that they hold.
#![allow(dead_code, reason = "each test program uses its own part")]

use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::Custody;
use mychartum_core::port::custody::{Applied, BucketState};
use mychartum_core::port::storage::{
    AuditHead, Bucket, ChangeSet, Collection, Delete, Expect, Head, Partition, PartitionKind, Put, Row, RowId, Tag,
};

/// A collection of due work.
pub(crate) const DUE: Collection = Collection::DUE;

/// Ordinary rows.
pub(crate) const NOTES: Collection = Collection::new(7);

/// The time of a backup or a copy: the beginning of 2026, in milliseconds since 1970.
pub(crate) const NOW: u64 = 1_767_225_600_000;

/// The partition of a kind with this number; its bucket is the number too.
pub(crate) fn partition(kind: PartitionKind, number: u16) -> Partition {
    let mut id = [0; 16];
    id[..2].copy_from_slice(&(number << 4).to_be_bytes());
    Partition::new(kind, id)
}

/// A patient's partition.
pub(crate) fn patient(number: u16) -> Partition {
    partition(PartitionKind::Patient, number)
}

/// A patient's partition in bucket 9, among many.
pub(crate) fn neighbour(number: u16) -> Partition {
    let mut id = patient(9).id();
    id[14..].copy_from_slice(&number.to_be_bytes());
    Partition::new(PartitionKind::Patient, id)
}

pub(crate) fn row_id(number: u64) -> RowId {
    RowId::from_bytes(u128::from(number).to_le_bytes())
}

/// A row's first version, with a tag for every third one.
pub(crate) fn put(collection: Collection, number: u64, body: Vec<u8>) -> Put {
    let tags = if number.is_multiple_of(3) { vec![Tag::from_bytes([3; 16]), Tag::from_bytes([9; 16])] } else { vec![] };
    Put { collection, row: row_id(number), version: 1, order: -i64::try_from(number).unwrap(), tags, body }
}

/// The change set that follows a head.
pub(crate) fn set(partition: Partition, head: Head, puts: Vec<Put>, deletes: Vec<Delete>) -> ChangeSet {
    let count = head.audit.count + 1;
    let mut id = partition.id();
    id[8..].copy_from_slice(&count.to_be_bytes());
    ChangeSet {
        id: ChangeSetId::from_bytes(id),
        partition,
        expect: Expect { revision: head.revision, epoch: head.epoch },
        puts,
        deletes,
        audit: AuditHead { count, link: [u8::try_from(count % 251).unwrap(); 32] },
    }
}

/// Commits rows onto whatever head the partition has.
pub(crate) async fn commit(storage: &dyn Custody, partition: Partition, puts: Vec<Put>, deletes: Vec<Delete>) {
    let head = storage.head(partition).await.unwrap();
    storage.commit(&set(partition, head, puts, deletes)).await.unwrap();
}

/// A little of everything that can be in a storage; small, for what is done with it byte by byte.
pub(crate) async fn move_in_a_little(storage: &dyn Custody) {
    for (kind, number) in PartitionKind::ALL.into_iter().zip([0, 17, 17, 300, 4095]) {
        let whose = partition(kind, number);
        let key = put(Collection::KEYS, 0, format!("wrapped key {number}").into_bytes());
        commit(storage, whose, vec![key, put(NOTES, 1, b"sealed".to_vec())], vec![]).await;
    }
    let due = vec![put(DUE, 1, b"due".to_vec()), put(NOTES, 2, Vec::new()), put(Collection::new(1), 1, vec![0])];
    commit(storage, patient(17), due, vec![]).await;
    let again = Put { version: 2, order: 5, ..put(NOTES, 1, b"sealed again".to_vec()) };
    let gone = Delete { collection: NOTES, row: row_id(2), version: 1 };
    commit(storage, patient(17), vec![again], vec![gone]).await;
}

/// More than fits into a page, a batch or the memory of a partition's change sets.
pub(crate) async fn move_in(storage: &dyn Custody) {
    move_in_a_little(storage).await;
    for number in 0..70 {
        commit(storage, patient(2), vec![put(NOTES, number, vec![1; 40])], vec![]).await;
    }
    let many: Vec<Put> = (0..2300).map(|number| put(NOTES, number, vec![2; 100])).collect();
    commit(storage, patient(3), many, vec![]).await;
    for number in 0..6 {
        let long = vec![put(NOTES, number, vec![u8::try_from(number).unwrap(); 2 << 20])];
        commit(storage, patient(4), long, vec![]).await;
    }
    for number in 0..520 {
        commit(storage, neighbour(number), vec![put(NOTES, 1, vec![4; 20])], vec![]).await;
    }
}

/// All that one partition holds.
pub(crate) type Holding = (Partition, Head, Vec<Applied>, Vec<Row>);

/// All that a storage holds, in every state of its buckets, with the epochs left out of the heads.
pub(crate) async fn everything(storage: &dyn Custody) -> Vec<Holding> {
    let mut snapshot = storage.snapshot().await.unwrap();
    let mut all = Vec::new();
    for bucket in Bucket::all() {
        for (partition, head) in snapshot.heads(bucket, None, u32::MAX).await.unwrap() {
            let applied = snapshot.applied(partition).await.unwrap();
            let (mut rows, mut after) = (Vec::new(), None);
            loop {
                let page = snapshot.rows(partition, after, 1000).await.unwrap();
                let Some(last) = page.last() else { break };
                after = Some((last.collection, last.row));
                rows.extend(page);
            }
            all.push((partition, Head { epoch: 0, ..head }, applied, rows));
        }
    }
    all
}

/// Whether all buckets are in this state.
pub(crate) async fn all_are(storage: &dyn Custody, state: BucketState) -> bool {
    storage.buckets().await.unwrap().iter().all(|status| status.state == state)
}
