//! A blob store that lies: whatever it changes is never shown and always written down. What it holds says nothing.

use mychartum_core::attachments::{AttachedTo, AttachmentError};
use mychartum_core::audit::{Action, Outcome};
use mychartum_core::chart::Section;
use mychartum_core::kernel::id::ItemId;
use mychartum_core::port::storage::{Partition, Scan};
use mychartum_core::port::{BlobStore, Storage};
use mychartum_testkit::leak_tester::LeakTester;

use crate::house::{ATTACHMENTS, all, attach, bytes, house};

const HEADER: usize = 67;
const SEALED: usize = (1 << 16) + 16;

#[tokio::test]
async fn bytes_that_are_not_what_was_put_there_are_never_shown_and_always_written_down() {
    let house = house().await;
    let wanted = bytes(3 << 16, 5);
    let attached = house.attach(&wanted).await.unwrap();
    let (name, truth) = house.blobs.objects()[0].clone();
    let twin = house.attach(&wanted).await.unwrap();
    let others_letter = AttachedTo::Item(Section::Documents, house.others_document);
    attach(&house.portal, house.other, others_letter, &wanted).await.unwrap();
    let strangers: Vec<Vec<u8>> =
        house.blobs.objects().into_iter().filter(|(other, _)| *other != name).map(|(_, object)| object).collect();
    assert_eq!(strangers.len(), 2);
    let chunk =
        |object: &[u8], number: usize| object[HEADER + number * SEALED..HEADER + (number + 1) * SEALED].to_vec();

    let mut lies: Vec<(String, Vec<u8>)> = vec![
        ("nothing".into(), vec![]),
        ("only the header".into(), truth[..HEADER].to_vec()),
        ("without the last chunk".into(), truth[..HEADER + 2 * SEALED].to_vec()),
        ("a byte short".into(), truth[..truth.len() - 1].to_vec()),
        ("a byte longer".into(), [truth.as_slice(), &[0]].concat()),
        ("a chunk longer".into(), [truth.as_slice(), &chunk(&truth, 2)].concat()),
        ("chunks swapped".into(), [&truth[..HEADER], &chunk(&truth, 1), &chunk(&truth, 0), &chunk(&truth, 2)].concat()),
        ("a chunk twice".into(), [&truth[..HEADER], &chunk(&truth, 0), &chunk(&truth, 0), &chunk(&truth, 2)].concat()),
        (
            "the last chunk first".into(),
            [&truth[..HEADER], &chunk(&truth, 2), &chunk(&truth, 1), &chunk(&truth, 0)].concat(),
        ),
        ("a stranger's object".into(), strangers[0].clone()),
        ("another stranger's object".into(), strangers[1].clone()),
        (
            "a stranger's chunk".into(),
            [&truth[..HEADER + SEALED], &chunk(&strangers[0], 1), &chunk(&truth, 2)].concat(),
        ),
        ("a stranger's header".into(), [&strangers[0][..HEADER], &truth[HEADER..]].concat()),
    ];
    for place in [0, 1, 2, 3, 34, 35, 66, HEADER, HEADER + SEALED - 1, HEADER + SEALED, truth.len() - 1] {
        let mut altered = truth.clone();
        altered[place] ^= 1;
        lies.push((format!("byte {place} altered"), altered));
    }
    let mut faults = 0;
    for (lie, object) in lies {
        house.blobs.put(name, object);
        let mut reader = house.reader(&attached).await;
        let mut shown = Vec::new();
        let error = loop {
            match reader.next().await {
                Ok(Some(chunk)) => shown.extend_from_slice(&chunk),
                Ok(None) => panic!("{lie}: it was read to its end"),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, AttachmentError::Failure(failure) if failure.is_integrity()), "{lie}: {error:?}");
        assert!(wanted.starts_with(&shown) && shown.len() < wanted.len(), "{lie}: only true chunks are shown");
        assert_eq!(reader.next().await.unwrap_err(), AttachmentError::Broken, "{lie}");
        faults += 1;
        let told = house.entries(Action::IntegrityFault).await;
        assert_eq!(told.len(), faults, "{lie}: it is written down once");
        let facts = told[0].facts();
        assert_eq!((facts.outcome, facts.subject), (Outcome::Failed, Some(house.maria)));
        assert_eq!(facts.record, Some(ItemId::from_bytes(attached.id.to_bytes())));
        assert!(facts.session.is_some());
    }
    house.blobs.put(name, truth);
    assert!(house.read(&attached).await.unwrap() == wanted);
    assert!(house.read(&twin).await.unwrap() == wanted);
}

#[tokio::test]
async fn a_lost_object_is_told_as_that_and_written_down() {
    let house = house().await;
    for (number, length) in [0, 1, 300_000].into_iter().enumerate() {
        let attached = house.attach(&bytes(length, 5)).await.unwrap();
        for (name, _) in house.blobs.objects() {
            house.blobs.delete(name).await.unwrap();
        }
        assert_eq!(house.read(&attached).await.unwrap_err(), AttachmentError::Gone);
        assert_eq!(house.entries(Action::IntegrityFault).await.len(), number + 1);
    }
    // It is still listed: the chart knows of it, and a restored blob store has it again.
    assert_eq!(house.attached().await.len(), 3);
}

#[tokio::test]
async fn nothing_that_is_stored_holds_what_was_attached() {
    let house = house().await;
    let mut tester = LeakTester::new();
    let content = tester.canary("content");
    let title = tester.canary("title");
    let about = mychartum_core::attachments::NewAttachment {
        to: house.letter(),
        media_type: None,
        title: Some(crate::house::label(&title)),
    };
    let mut upload = house.portal.attach(house.maria, about).await.unwrap();
    upload.write(content.as_bytes()).await.unwrap();
    tester.assert_absent("the upload's debug", format!("{upload:?}").as_bytes());
    let attached = upload.finish().await.unwrap();
    tester.assert_absent("the attachment's debug", format!("{attached:?}").as_bytes());
    let mut reader = house.reader(&attached).await;
    tester.assert_absent("the reader's debug", format!("{reader:?}").as_bytes());
    let chunk = reader.next().await.unwrap().unwrap();
    tester.assert_absent("the chunk's debug", format!("{chunk:?}").as_bytes());
    assert_eq!(&*chunk, content.as_bytes());
    for (name, object) in house.blobs.objects() {
        tester.assert_absent("a name", &name.to_bytes());
        tester.assert_absent("an object", &object);
    }
    for set in house.rows.applied.lock().unwrap().iter() {
        tester.assert_absent("a change set", format!("{set:?}").as_bytes());
        for put in &set.puts {
            tester.assert_absent("a row", &put.body);
        }
    }
    let rows = house.rows.honest.scan(&Scan::new(Partition::patient(house.maria), ATTACHMENTS, 10)).await.unwrap();
    assert_eq!(rows.len(), 1);
    // A name says nothing of whose it is.
    let (name, _) = house.blobs.objects()[0];
    let whose = house.maria.to_bytes();
    assert!(!name.to_bytes().windows(4).any(|window| whose.windows(4).any(|part| part == window)));
    assert_eq!(all(house.reader(&attached).await).await.unwrap(), content.as_bytes());
}
