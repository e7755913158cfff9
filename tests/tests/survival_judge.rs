//! The judge of the survival harness: it finds a sound storage sound, and sees through the bad ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::sync::{Arc, mpsc};

use mychartum_core::port::Storage;
use mychartum_storage::MemoryStorage;
use mychartum_testkit::bad_storage;
use mychartum_testkit::survival::{Event, Loss, Record, Step, Verdict, Witness as _, Workload, Writers, judge, repeat};

/// Lets writers write until they have said so much, and gives what they said.
async fn write(storage: &Arc<dyn Storage>, workload: Workload, events: usize) -> Record {
    let (said, heard) = mpsc::channel();
    let writers = Writers::new(workload, 1);
    let mut record = Record::default();
    let running = tokio::spawn({
        let (writers, storage) = (writers.clone(), Arc::clone(storage));
        async move { writers.run(storage, Arc::new(said)).await }
    });
    record.extend(heard.iter().take(events));
    writers.stop();
    running.await.unwrap();
    record.extend(heard.iter());
    record
}

/// All that a judge finds, before and after repeating.
async fn judge_twice(storage: &dyn Storage, workload: Workload, record: &mut Record) -> Verdict {
    let mut verdict = judge(storage, workload, record).await;
    verdict.losses.extend(repeat(storage, workload, record).await.losses);
    verdict.losses.extend(judge(storage, workload, record).await.losses);
    verdict
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sound_storage_is_found_sound() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
    for generation in 0..5 {
        let workload = Workload::new(1).generation(generation);
        let mut record = write(&storage, workload, 1000).await;
        let verdict = judge_twice(&*storage, workload, &mut record).await;
        verdict.assert_sound();
        assert_eq!(verdict.kept, record.acknowledged() as u64);
        assert!(record.acknowledged() > 200 && record.unknown().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn bad_storages_are_seen_through() {
    // What these do wrong does not show where well-behaved writers write and all of it is read in few pages.
    let other = BTreeSet::from([
        "reads several rows in pieces",
        "ignores the expected row version",
        "applies half of a refused change set",
        "returns a stranger's row",
        "sorts orders as unsigned",
        "lists due rows too early",
        "takes a limit of 0 for nothing",
        "ignores the expected head",
        "gives a row more than the limit",
        "repeats the row that a page continues after",
        "lets partitions conflict with each other",
        "leaves half of a dropped change set",
    ]);
    let mut seen_through = BTreeSet::new();
    for bad in bad_storage::ALL {
        let factory = (bad.factory)();
        let storage = factory.fresh().await.unwrap();
        let workload = Workload::new(2);
        let mut record = write(&storage, workload, 600).await;
        let Ok(storage) = factory.reopen(storage).await else {
            // It does not even open: it kept the change sets of overlapping writers in a wrong order.
            seen_through.insert(bad.name);
            continue;
        };
        let verdict = judge_twice(&*storage, workload, &mut record).await;
        seen_through.extend((!verdict.is_sound()).then_some(bad.name));
    }
    let all: BTreeSet<&str> = bad_storage::ALL.iter().map(|bad| bad.name).collect();
    assert_eq!(seen_through, &all - &other);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_kind_of_lie_has_its_name() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
    let workload = Workload::new(3).writers(1);
    let sound = write(&storage, workload, 100).await;
    let partition = workload.partition(0);
    let head = storage.head(partition).await.unwrap();
    let (step, set) = workload.step(0, head, 77, 1);
    let found = async |event| {
        let mut record = sound.clone();
        record.take(event);
        judge(&*storage, workload, &record).await.losses
    };
    // Not there, and said to be.
    assert_eq!(found(Event::Acknowledged(step)).await, [Loss::Acknowledged(step)]);
    // There, and written by nobody, or refused.
    storage.commit(&set).await.unwrap();
    assert_eq!(found(Event::Opening).await, [Loss::Nobody(step)]);
    assert_eq!(found(Event::Refused(step)).await, [Loss::Refused(step), Loss::Nobody(step)]);
    assert_eq!(found(Event::Trying(step)).await, []);
    let other = Step { number: 2, ..step };
    let mut record = sound.clone();
    record.extend([Event::Trying(step), Event::Trying(other), Event::Acknowledged(other)]);
    assert_eq!(judge(&*storage, workload, &record).await.losses, [Loss::Acknowledged(other)]);
}

#[test]
fn what_a_witness_hears_can_be_told_to_another() {
    let (said, heard) = mpsc::channel();
    said.tell(Event::Opening).unwrap();
    assert_eq!(heard.recv(), Ok(Event::Opening));
    drop(heard);
    assert!(said.tell(Event::Opening).is_err());
}
