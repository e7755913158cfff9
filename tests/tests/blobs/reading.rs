//! Who reads an attached file, and what of it.

use chrono::Duration;
use mychartum_core::attachments::{AttachedTo, AttachmentError, AttachmentSettings, NewAttachment};
use mychartum_core::audit::{Action, Actor, Outcome};
use mychartum_core::chart::Section;
use mychartum_core::kernel::id::{AttachmentId, ItemId};
use mychartum_core::portal::{Portal, Settings};
use mychartum_testkit::{ManualClock, SeededEntropy};
use sha2::{Digest, Sha256};

use crate::house::{all, attach, bytes, house, house_with, label, settings};

const CHUNK: usize = 1 << 16;

#[tokio::test]
async fn what_the_clinic_attached_she_reads_byte_for_byte_and_the_trail_says_so() {
    let house = house().await;
    for (number, length) in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK, 2_000_000].into_iter().enumerate() {
        let wanted = bytes(length, 3);
        let attached = house.attach(&wanted).await.unwrap();
        house.clock.advance(Duration::seconds(1));
        assert_eq!(attached.bytes, length as u64);
        assert_eq!(attached.sha256, <[u8; 32]>::from(Sha256::digest(&wanted)));
        assert_eq!(
            (attached.media_type.clone(), attached.title.clone()),
            (Some(label("application/pdf")), Some(label("A letter")))
        );
        let listed = house.attached().await;
        assert_eq!(listed.len(), number + 1);
        assert!(listed[0] == attached, "the newest comes first, and says what was said");
        assert!(house.read(&attached).await.unwrap() == wanted, "{length} bytes");

        let entries = house.entries(Action::Attach).await;
        assert_eq!(entries.len(), number + 1);
        let facts = entries[0].facts();
        assert_eq!((facts.actor, facts.outcome, facts.subject), (Actor::Host, Outcome::Permitted, Some(house.maria)));
        assert_eq!(facts.record, Some(ItemId::from_bytes(attached.id.to_bytes())));
        assert_eq!(facts.sections.bits(), 1 << Section::Documents.number());
    }
    house.portal.verify_trail(house.maria).await.unwrap();
}

#[tokio::test]
async fn a_range_gives_its_bytes_and_fetches_only_its_chunks() {
    let house = house().await;
    let wanted = bytes(5 * CHUNK + 100, 9);
    let attached = house.attach(&wanted).await.unwrap();
    let end = wanted.len();
    let ranges = [
        0..0,
        0..1,
        0..end,
        0..CHUNK,
        CHUNK - 1..CHUNK + 1,
        CHUNK..2 * CHUNK,
        3 * CHUNK + 7..4 * CHUNK - 7,
        CHUNK / 2..4 * CHUNK + 5,
        end - 1..end,
        end..end,
        5 * CHUNK..end,
    ];
    for range in ranges {
        let reader = house.reader(&attached).await.range(range.start as u64..range.end as u64).unwrap();
        assert!(all(reader).await.unwrap() == wanted[range.clone()], "{range:?}");
    }
    #[allow(clippy::reversed_empty_ranges, reason = "a range that goes backwards is what is tested")]
    for range in [0..end as u64 + 1, 5..3, end as u64 + 1..end as u64 + 1, 0..u64::MAX] {
        let error = house.reader(&attached).await.range(range.clone()).unwrap_err();
        assert_eq!(error, AttachmentError::OutOfRange { bytes: end as u64 }, "{range:?}");
    }
    // With everything but one chunk spoiled, that chunk is still read.
    let (name, mut object) = house.blobs.objects()[0].clone();
    let sealed = CHUNK + 16;
    for (place, byte) in object.iter_mut().enumerate().skip(67) {
        if (place - 67) / sealed != 2 {
            *byte ^= 1;
        }
    }
    house.blobs.put(name, object);
    let reader = house.reader(&attached).await.range(2 * CHUNK as u64 + 5..3 * CHUNK as u64).unwrap();
    assert!(all(reader).await.unwrap() == wanted[2 * CHUNK + 5..3 * CHUNK]);
    let reader = house.reader(&attached).await.range(2 * CHUNK as u64 + 5..3 * CHUNK as u64 + 1).unwrap();
    assert!(all(reader).await.is_err());
}

#[tokio::test]
async fn nobody_reads_it_without_a_permit_for_its_section() {
    let house = house().await;
    let attached = house.attach(b"hers").await.unwrap();
    let loose = AttachedTo::Section(Section::Documents);
    let on_its_own = attach(&house.portal, house.maria, loose, b"on its own").await.unwrap();

    let chart = house.open_sections(&[Section::Results]).await;
    for id in [attached.id, on_its_own.id] {
        let refused = chart.attachment(Section::Documents, id).await.unwrap_err();
        assert!(matches!(refused, AttachmentError::Misuse(_)));
        assert!(chart.attachment(Section::Results, id).await.unwrap().is_none(), "it is not in that section");
    }
    for to in [house.letter(), loose] {
        assert!(matches!(chart.attachments(to).await, Err(AttachmentError::Misuse(_))));
    }
    let elsewhere = AttachedTo::Item(Section::Results, house.document);
    assert!(chart.attachments(elsewhere).await.unwrap().is_empty());

    // Somebody else's chart has none of it, whatever is asked.
    let others = house.open_others().await;
    for id in [attached.id, on_its_own.id, AttachmentId::from_bytes([1; 16])] {
        assert!(others.attachment(Section::Documents, id).await.unwrap().is_none());
    }
    for to in [house.letter(), loose, AttachedTo::Item(Section::Documents, house.others_document)] {
        assert!(others.attachments(to).await.unwrap().is_empty());
    }

    let chart = house.open().await;
    assert!(chart.attachments(loose).await.unwrap() == [on_its_own.clone()]);
    let reader = chart.attachment(Section::Documents, on_its_own.id).await.unwrap().unwrap();
    assert_eq!(all(reader).await.unwrap(), b"on its own");
}

#[tokio::test]
async fn what_is_withdrawn_takes_its_files_along() {
    let house = house().await;
    let attached = house.attach(b"of a wrong patient").await.unwrap();
    house.withdraw().await;
    let chart = house.open().await;
    assert!(chart.attachments(house.letter()).await.unwrap().is_empty());
    assert!(chart.attachment(Section::Documents, attached.id).await.unwrap().is_none());
    house.wait();
    assert_eq!(house.sweep(mychartum_core::attachments::Sweep::Remove).await.named, 1, "it is hidden, not rubbish");
}

#[tokio::test]
async fn a_permit_that_has_expired_opens_nothing_and_an_open_file_is_read_for_as_long_as_the_settings_say() {
    let attachments = AttachmentSettings { open_for: Duration::minutes(10), ..settings().attachments };
    let house = house_with(Settings { attachments, ..settings() }).await;
    let wanted = bytes(40 * CHUNK, 1);
    let attached = house.attach(&wanted).await.unwrap();
    let chart = house.open().await;
    let mut reader = chart.attachment(Section::Documents, attached.id).await.unwrap().unwrap();
    assert_eq!(&*reader.next().await.unwrap().unwrap(), &wanted[..CHUNK]);
    house.clock.advance(Duration::minutes(9));
    assert_eq!(chart.attachment(Section::Documents, attached.id).await.unwrap_err(), AttachmentError::Expired);
    assert_eq!(chart.attachments(house.letter()).await.unwrap_err(), AttachmentError::Expired);
    assert_eq!(&*reader.next().await.unwrap().unwrap(), &wanted[CHUNK..2 * CHUNK]);
    house.clock.advance(Duration::minutes(1));
    assert_eq!(reader.next().await.unwrap_err(), AttachmentError::Expired);
}

#[tokio::test]
async fn a_removed_file_is_gone_and_whoever_is_reading_it_is_told_that_without_a_fault() {
    let house = house().await;
    let (kept, removed) = (house.attach(b"kept").await.unwrap(), house.attach(&bytes(40 * CHUNK, 1)).await.unwrap());
    let mut reader = house.reader(&removed).await;
    reader.next().await.unwrap().unwrap();
    house.portal.detach(house.maria, removed.id).await.unwrap();
    let error = loop {
        match reader.next().await {
            Ok(chunk) => assert!(chunk.is_some(), "it ended as if it were whole"),
            Err(error) => break error,
        }
    };
    assert_eq!(error, AttachmentError::NotFound);
    assert_eq!(reader.next().await.unwrap_err(), AttachmentError::Broken);
    assert!(house.attached().await == [kept.clone()]);
    assert!(house.open().await.attachment(Section::Documents, removed.id).await.unwrap().is_none());
    assert_eq!(house.portal.detach(house.maria, removed.id).await, Err(AttachmentError::NotFound));
    assert_eq!(house.portal.detach(house.other, kept.id).await, Err(AttachmentError::NotFound));
    assert_eq!(house.blobs.objects().len(), 1);
    assert_eq!(house.entries(Action::Detach).await.len(), 1);
    assert!(house.entries(Action::IntegrityFault).await.is_empty());
    assert_eq!(house.read(&kept).await.unwrap(), b"kept");
}

#[tokio::test]
async fn without_a_blob_store_everything_says_so() {
    let house = house().await;
    let attached = house.attach(b"file").await.unwrap();
    let keys = mychartum_adapters::keys::SecretKeyring::new(mychartum_core::vault::SecretKey::from_bytes([7; 32]));
    let builder = Portal::builder().storage(house.rows.clone()).keys(keys).clock(ManualClock::default());
    let without = builder.entropy(SeededEntropy::new(99)).open().await.unwrap();
    let about = NewAttachment::to(house.letter());
    assert!(matches!(without.attach(house.maria, about).await, Err(AttachmentError::NoStore)));
    assert_eq!(without.detach(house.maria, attached.id).await, Err(AttachmentError::NoStore));
    let sweep = without.sweep_attachments(mychartum_core::attachments::Sweep::Look, None).await;
    assert_eq!(sweep, Err(AttachmentError::NoStore));
    let session = house.session("maria").await;
    let permit = session.ask(house.maria, Section::Documents, mychartum_core::audit::Purpose::Care).await.unwrap();
    let chart = without.disclose(permit).unwrap();
    assert_eq!(chart.attachments(house.letter()).await.unwrap_err(), AttachmentError::NoStore);
    assert_eq!(chart.attachment(Section::Documents, attached.id).await.unwrap_err(), AttachmentError::NoStore);
}
