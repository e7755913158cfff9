//! The sweeper beside uploads that are under way, with wrong clocks, after a restore, after an erasure, in a shared
//! place.

use chrono::Duration;
use mychartum_core::attachments::{AttachmentError, AttachmentSettings, NewAttachment, Sweep};
use mychartum_core::audit::{Action, Actor, Outcome};
use mychartum_core::chart::Section;
use mychartum_core::kernel::id::{ChangeSetId, ItemId};
use mychartum_core::port::custody::{BucketState, Turn};
use mychartum_core::port::storage::{ChangeSet, Delete, Expect, Partition, Scan, StorageErrorKind};
use mychartum_core::port::{BlobStore, Custody, Storage};
use mychartum_core::portal::Settings;
use mychartum_storage::MemoryStorage;
use mychartum_testkit::ManualClock;

use crate::house::{ATTACHMENTS, House, KEY, attach, bytes, house, house_with, portal, settings, sweep};

/// Sweeps right before the row is written that names an object which, by the sweeper's clock, is older than the grace.
async fn sweep_before_commit(house: &House, skew: Duration) {
    let clock = house.clock.clone();
    clock.advance(skew);
    let sweeper = portal(house.rows.honest.clone(), house.blobs.clone(), &clock, settings()).await;
    clock.advance(-skew);
    house.rows.before_commit(ATTACHMENTS, move |_| {
        Box::pin(async move {
            clock.advance(skew);
            let _ = sweep(&sweeper, Sweep::Remove).await;
            clock.advance(-skew);
        })
    });
}

#[tokio::test]
async fn a_file_whose_object_is_swept_before_its_row_is_written_is_refused_and_never_named() {
    let house = house().await;
    let kept = house.attach(b"kept").await.unwrap();
    // As if the commit came a day late, or the sweeper's clock were ten years ahead.
    for skew in [Duration::hours(25), Duration::days(3_650)] {
        sweep_before_commit(&house, skew).await;
        assert_eq!(house.attach(b"late").await.unwrap_err(), AttachmentError::Swept);
        assert!(house.attached().await == [kept.clone()]);
        assert_eq!(house.blobs.objects().len(), 1);
    }
    let swept = house.entries(Action::Sweep).await;
    assert_eq!(swept.len(), 2);
    let facts = swept[0].facts();
    assert_eq!((facts.actor, facts.outcome, facts.subject), (Actor::Host, Outcome::Permitted, Some(house.maria)));
    assert!(facts.record.is_some());
    assert_eq!(house.read(&kept).await.unwrap(), b"kept");
    // It is enough to attach it again.
    house.attach(b"again").await.unwrap();
    assert_eq!(house.attached().await.len(), 2);
}

#[tokio::test]
async fn a_sweeper_whose_clock_is_behind_touches_nothing() {
    let house = house().await;
    sweep_before_commit(&house, Duration::days(-3_650)).await;
    let attached = house.attach(b"file").await.unwrap();
    assert_eq!(house.read(&attached).await.unwrap(), b"file");
    assert!(house.entries(Action::Sweep).await.is_empty());
}

/// The row is written after the sweeper saw that there is none, and before it forbids it: then the sweeper gives way.
#[tokio::test]
async fn of_a_row_and_the_row_that_forbids_it_the_first_wins() {
    let house = house().await;
    let clock = house.clock.clone();
    let (sweeper, sweepers_rows) = house.another(&crate::ports::Process::default()).await;
    let honest = house.rows.honest.clone();
    house.rows.before_commit(ATTACHMENTS, move |naming: ChangeSet| {
        Box::pin(async move {
            // Right before the sweeper writes its row, the other one comes through.
            sweepers_rows.before_commit(ATTACHMENTS, move |_| {
                Box::pin(async move {
                    honest.commit(&naming).await.unwrap();
                })
            });
            clock.advance(Duration::hours(25));
            let report = sweep(&sweeper, Sweep::Remove).await;
            assert_eq!((report.named, report.unnamed), (1, 0));
            clock.advance(Duration::hours(-25));
        })
    });
    let attached = house.attach(b"file").await.unwrap();
    assert_eq!(house.read(&attached).await.unwrap(), b"file");
    assert!(house.attached().await == [attached]);
    assert!(house.entries(Action::Sweep).await.is_empty());
}

#[tokio::test]
async fn a_sweep_goes_on_page_by_page() {
    let attachments =
        AttachmentSettings { sweep_at_once: core::num::NonZeroU32::new(3).unwrap(), ..settings().attachments };
    let house = house_with(Settings { attachments, ..settings() }).await;
    for number in 0..10 {
        house.attach(&[number]).await.unwrap();
    }
    let mut looked_at = Vec::new();
    let mut from = None;
    loop {
        let report = house.portal.sweep_attachments(Sweep::Remove, from).await.unwrap();
        looked_at.push(report.named);
        match report.next {
            None => break,
            next => from = next,
        }
    }
    assert_eq!(looked_at, [3, 3, 3, 1]);
}

/// Whoever shares the place, with objects of another tenant or with anything else, loses nothing.
#[tokio::test]
async fn what_another_tenant_or_program_keeps_there_is_left_alone() {
    let house = house().await;
    house.attach(b"ours").await.unwrap();
    let theirs = portal(MemoryStorage::new(), house.blobs.clone(), &house.clock, settings()).await;
    let name = mychartum_core::port::blob_store::BlobName::from_bytes([7; 65]);
    house.blobs.put(name, b"anything".to_vec());
    house.wait();
    let report = sweep(&theirs, Sweep::Remove).await;
    assert_eq!((report.foreign, report.unnamed, report.named), (2, 0, 0));
    let report = house.sweep(Sweep::Remove).await;
    assert_eq!((report.foreign, report.unnamed, report.named), (1, 0, 1));
    assert_eq!(house.blobs.objects().len(), 2);
}

/// The rows of an older backup: what was attached since is swept, what was removed since is missed, and both are told.
#[tokio::test]
async fn an_older_copy_of_the_rows_fits_together_with_newer_objects() {
    let house = house().await;
    let (early, removed) = (house.attach(b"early").await.unwrap(), house.attach(b"removed").await.unwrap());
    let backup: Vec<ChangeSet> = house.rows.applied.lock().unwrap().clone();
    house.portal.detach(house.maria, removed.id).await.unwrap();
    house.attach(b"late").await.unwrap();
    assert_eq!(house.blobs.objects().len(), 2);

    // The restore: the rows as they were, beside the objects as they are.
    let older = MemoryStorage::new();
    for set in &backup {
        older.commit(set).await.unwrap();
    }
    let clock = ManualClock::default();
    clock.advance(Duration::hours(25));
    let restored = House {
        portal: portal(older.clone(), house.blobs.clone(), &clock, settings()).await,
        rows: crate::ports::Rows::over(older, crate::ports::Process::default()),
        clock,
        blobs: house.blobs.clone(),
        ..house
    };
    assert_eq!(restored.attached().await.len(), 2);
    assert_eq!(restored.read(&early).await.unwrap(), b"early");
    assert_eq!(restored.read(&removed).await.unwrap_err(), AttachmentError::Gone);
    let look = restored.sweep(Sweep::Look).await;
    assert_eq!((look.named, look.unnamed), (1, 1));
    let swept = restored.sweep(Sweep::Remove).await;
    assert_eq!((swept.named, swept.unnamed), (1, 1));
    assert_eq!(restored.blobs.objects().len(), 1);
    assert_eq!(restored.read(&early).await.unwrap(), b"early");
}

/// Deletes rows of her chart behind the portal's back, as an erasure does.
async fn erase(house: &House, collections: &[mychartum_core::port::storage::Collection]) {
    let (storage, partition) = (&house.rows.honest, Partition::patient(house.maria));
    let mut deletes = Vec::new();
    for collection in collections {
        let rows = storage.scan(&Scan::new(partition, *collection, 100)).await.unwrap();
        deletes.extend(rows.iter().map(|row| Delete {
            collection: row.collection,
            row: row.row,
            version: row.version,
        }));
    }
    let head = storage.head(partition).await.unwrap();
    let expect = Expect { revision: head.revision, epoch: head.epoch };
    let set = ChangeSet {
        id: ChangeSetId::from_bytes([0xee; 16]),
        partition,
        expect,
        puts: vec![],
        deletes,
        audit: head.audit,
    };
    storage.commit(&set).await.unwrap();
}

/// Without the partition's data key nothing opens, wherever the objects and the rows are.
#[tokio::test]
async fn destroying_the_data_key_destroys_the_files() {
    let house = house().await;
    let attached = house.attach(&bytes(200_000, 1)).await.unwrap();
    erase(&house, &[KEY]).await;
    // A process that does not have the key in memory any more.
    let portal = portal(house.rows.clone(), house.blobs.clone(), &house.clock, settings()).await;
    house.wait();
    // A row still names the object. That its key is not there may also mean that keys are restored later.
    let report = sweep(&portal, Sweep::Remove).await;
    assert_eq!((report.named, report.unnamed), (1, 0));
    assert!(attach(&portal, house.maria, house.letter(), b"").await.is_err());
    assert!(portal.detach(house.maria, attached.id).await.is_err());
    // Erasing takes the rows as well, and then the objects go.
    let partition = Partition::patient(house.maria);
    let rows = house.rows.honest.scan(&Scan::new(partition, ATTACHMENTS, 10)).await.unwrap();
    assert_eq!(rows.len(), 1);
    let head = house.rows.honest.head(partition).await.unwrap();
    let set = ChangeSet {
        id: ChangeSetId::from_bytes([0xef; 16]),
        partition,
        expect: Expect { revision: head.revision, epoch: head.epoch },
        puts: vec![],
        deletes: vec![Delete { collection: ATTACHMENTS, row: rows[0].row, version: rows[0].version }],
        audit: head.audit,
    };
    house.rows.honest.commit(&set).await.unwrap();
    let report = sweep(&portal, Sweep::Remove).await;
    assert_eq!((report.named, report.unnamed), (0, 1));
    assert!(house.blobs.objects().is_empty());
    assert_eq!(
        house.rows.honest.head(partition).await.unwrap().revision,
        head.revision + 1,
        "nothing was written there"
    );
}

/// An object of a chart that is not in the storage at all, as after restoring a copy from before the patient came.
#[tokio::test]
async fn an_object_of_an_unknown_chart_goes_without_making_one() {
    let house = house().await;
    house.attach(b"file").await.unwrap();
    let founding: Vec<ChangeSet> =
        house.rows.applied.lock().unwrap().iter().filter(|set| set.partition == Partition::SYSTEM).cloned().collect();
    let older = MemoryStorage::new();
    for set in &founding {
        older.commit(set).await.unwrap();
    }
    let clock = house.clock.clone();
    let restored = portal(older.clone(), house.blobs.clone(), &clock, settings()).await;
    assert_eq!(sweep(&restored, Sweep::Remove).await.young, 1);
    clock.advance(Duration::hours(25));
    assert_eq!(sweep(&restored, Sweep::Remove).await.unnamed, 1);
    assert!(house.blobs.objects().is_empty());
    assert_eq!(older.head(Partition::patient(house.maria)).await.unwrap().revision, 0);
}

/// Somebody who can write rows but has no keys cannot make the sweeper delete a file by altering its row.
#[tokio::test]
async fn a_row_that_does_not_open_still_names_its_object() {
    let house = house().await;
    house.attach(b"file").await.unwrap();
    let partition = Partition::patient(house.maria);
    let mut rows = house.rows.honest.scan(&Scan::new(partition, ATTACHMENTS, 10)).await.unwrap();
    let row = rows.remove(0);
    let head = house.rows.honest.head(partition).await.unwrap();
    let set = ChangeSet {
        id: ChangeSetId::from_bytes([0xed; 16]),
        partition,
        expect: Expect { revision: head.revision, epoch: head.epoch },
        puts: vec![mychartum_core::port::storage::Put {
            collection: ATTACHMENTS,
            row: row.row,
            version: row.version + 1,
            order: row.order,
            tags: row.tags,
            body: vec![2],
        }],
        deletes: vec![],
        audit: head.audit,
    };
    house.rows.honest.commit(&set).await.unwrap();
    house.wait();
    assert_eq!(house.sweep(Sweep::Remove).await.named, 1);
    let error = house.open().await.attachments(house.letter()).await.unwrap_err();
    assert!(matches!(error, AttachmentError::Failure(failure) if failure.is_integrity()));
    let id = mychartum_core::kernel::id::AttachmentId::from_bytes(row.row.to_bytes());
    assert!(house.open().await.attachment(Section::Documents, id).await.is_err());
    let faults = house.entries(Action::IntegrityFault).await;
    assert!(faults.iter().all(|entry| entry.facts().record == Some(ItemId::from_bytes(id.to_bytes()))));
    assert_eq!(faults.len(), 2);
}

/// An upload that takes longer than the grace is safe: its object is not there to be swept until it is complete.
#[tokio::test]
async fn an_upload_that_takes_days_is_attached() {
    let house = house().await;
    let mut upload = house.portal.attach(house.maria, NewAttachment::to(house.letter())).await.unwrap();
    let wanted = bytes(300_000, 4);
    for piece in wanted.chunks(100_000) {
        upload.write(piece).await.unwrap();
        house.wait();
        assert_eq!(house.sweep(Sweep::Remove).await, mychartum_core::attachments::SweepReport::default());
    }
    let attached = upload.finish().await.unwrap();
    assert!(house.read(&attached).await.unwrap() == wanted);
    assert!(house.blobs.list(None, 10).await.unwrap().len() == 1);
}

/// What is being moved to another storage, or was moved there, cannot be asked, and so nothing of it is removed.
#[tokio::test]
async fn what_is_kept_elsewhere_is_left_alone() {
    let house = house().await;
    house.attach(b"file").await.unwrap();
    house.rows.refuse(Some(StorageErrorKind::Full));
    house.attach(b"rubbish").await.unwrap_err();
    house.rows.refuse(None);
    house.wait();
    let bucket = Partition::patient(house.maria).bucket();
    let turn = async |from, to| {
        let status = house.rows.honest.buckets().await.unwrap();
        let epoch = status.iter().find(|status| status.bucket == bucket).map_or(0, |status| status.epoch);
        house.rows.honest.turn(&[Turn { bucket, from, to, epoch }]).await
    };
    turn(BucketState::Serving, BucketState::Leaving).await.unwrap();
    let report = house.sweep(Sweep::Remove).await;
    assert_eq!((report.named, report.unnamed, report.undecided), (1, 0, 1), "it can be read and not written");
    turn(BucketState::Leaving, BucketState::Elsewhere).await.unwrap();
    let report = house.sweep(Sweep::Remove).await;
    assert_eq!((report.named, report.unnamed, report.undecided), (0, 0, 2));
    assert_eq!(house.blobs.objects().len(), 2);
}
