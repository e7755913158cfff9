//! What can be attached, and what is left of what cannot.

use mychartum_core::attachments::{AttachedTo, AttachmentError, AttachmentSettings, NewAttachment, Sweep};
use mychartum_core::chart::Section;
use mychartum_core::kernel::id::{ItemId, PatientId};
use mychartum_core::port::storage::StorageErrorKind;
use mychartum_core::portal::{Failure, Settings};

use crate::house::{attach, bytes, house, house_with, settings};

#[tokio::test]
async fn nothing_is_attached_to_what_is_not_there() {
    let house = house().await;
    let nobody = PatientId::from_bytes([9; 16]);
    let refused = attach(&house.portal, nobody, house.letter(), b"").await;
    assert_eq!(refused.unwrap_err(), AttachmentError::NoSuchPatient);
    let nowhere = [
        AttachedTo::Item(Section::Documents, ItemId::from_bytes([9; 16])),
        AttachedTo::Item(Section::Documents, house.others_document),
        AttachedTo::Item(Section::Results, house.document),
    ];
    for to in nowhere {
        assert_eq!(attach(&house.portal, house.maria, to, b"").await.unwrap_err(), AttachmentError::NoSuchItem);
    }
    for to in [AttachedTo::Section(Section::AccessLog), AttachedTo::Item(Section::AccessLog, house.document)] {
        let refused = attach(&house.portal, house.maria, to, b"").await;
        assert!(matches!(refused, Err(AttachmentError::Misuse(_))));
    }
    assert!(house.blobs.objects().is_empty());
}

#[tokio::test]
async fn a_file_over_the_limit_is_refused_and_leaves_nothing() {
    let attachments = AttachmentSettings { max_bytes: 100_000, ..settings().attachments };
    let house = house_with(Settings { attachments, ..settings() }).await;
    house.attach(&bytes(100_000, 1)).await.unwrap();
    let too_large = AttachmentError::TooLarge { most: 100_000 };
    assert_eq!(house.attach(&bytes(100_001, 1)).await.unwrap_err(), too_large);
    let mut upload = house.portal.attach(house.maria, NewAttachment::to(house.letter())).await.unwrap();
    upload.write(&bytes(60_000, 1)).await.unwrap();
    assert_eq!(upload.write(&bytes(40_001, 1)).await.unwrap_err(), too_large);
    // The rest of it would be another file than the one that was meant.
    assert_eq!(upload.write(b"x").await.unwrap_err(), AttachmentError::Broken);
    assert_eq!(upload.finish().await.unwrap_err(), AttachmentError::Broken);
    assert_eq!((house.blobs.objects().len(), house.attached().await.len()), (1, 1));
}

#[tokio::test]
async fn an_upload_that_is_dropped_attaches_nothing() {
    let house = house().await;
    let mut upload = house.portal.attach(house.maria, NewAttachment::to(house.letter())).await.unwrap();
    upload.write(&bytes(300_000, 1)).await.unwrap();
    drop(upload);
    assert!(house.blobs.objects().is_empty() && house.attached().await.is_empty());
}

/// What storage does not take is not attached; the object waits for the sweeper, since the commit may have come
/// through.
#[tokio::test]
async fn what_cannot_be_written_down_is_not_attached() {
    let house = house().await;
    for kind in [StorageErrorKind::Full, StorageErrorKind::Unavailable, StorageErrorKind::OutcomeUnknown] {
        let mut upload = house.portal.attach(house.maria, NewAttachment::to(house.letter())).await.unwrap();
        upload.write(b"file").await.unwrap();
        house.rows.refuse(Some(kind));
        let error = upload.finish().await.unwrap_err();
        assert!(matches!(error, AttachmentError::Failure(Failure::Storage(error)) if error.kind() == kind));
        house.rows.refuse(None);
    }
    assert!(house.attached().await.is_empty());
    assert_eq!(house.blobs.objects().len(), 3);
    house.wait();
    assert_eq!(house.sweep(Sweep::Remove).await.unnamed, 3);
    assert!(house.blobs.objects().is_empty());
}

/// Hosts hold uploads and readers in tasks and in bodies of answers.
#[test]
fn uploads_and_readers_go_from_thread_to_thread() {
    fn sendable<T: Send + 'static>() {}
    sendable::<mychartum_core::attachments::Upload>();
    sendable::<mychartum_core::attachments::AttachmentReader>();
    sendable::<mychartum_core::attachments::Chunk>();
}
