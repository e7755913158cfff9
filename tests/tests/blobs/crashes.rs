//! The process dies at every step that changes something, before it and after it.
//!
//! What must hold then for the next process: the chart names only files that are there and whole; what is there without
//! a name is swept after the grace, and nothing else; and the trail holds.

use mychartum_core::attachments::{Attachment, Sweep};

use crate::house::{House, all, attach, bytes, house};
use crate::ports::{Death, Process};

const LENGTH: usize = 200_000;

/// Checks a house after a crash; gives the files that the chart names.
async fn check(house: &House, known: &[(Attachment, Vec<u8>)], fresh: &[u8], what: &str) -> Vec<Attachment> {
    let named = house.attached().await;
    for attachment in &named {
        let read = house.read(attachment).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        let before = known.iter().find(|(known, _)| known == attachment).map(|(_, bytes)| bytes.as_slice());
        assert!(read == before.unwrap_or(fresh), "{what}: a named file is not what was attached");
    }
    // Within the grace nothing is touched.
    let before = house.blobs.objects().len();
    let young = house.sweep(Sweep::Remove).await;
    assert_eq!((young.named, young.named + young.young), (named.len() as u64, before as u64), "{what}: {young:?}");
    assert_eq!(house.blobs.objects().len(), before, "{what}");
    // After it only what is named is left, and that is still whole.
    house.wait();
    let look = house.sweep(Sweep::Look).await;
    assert_eq!(house.blobs.objects().len(), before, "{what}: looking removes nothing");
    let swept = house.sweep(Sweep::Remove).await;
    assert_eq!((look.named, look.unnamed), (swept.named, swept.unnamed), "{what}");
    assert_eq!((swept.named, swept.unnamed), (named.len() as u64, (before - named.len()) as u64), "{what}");
    assert_eq!(house.blobs.objects().len(), named.len(), "{what}");
    assert!(house.attached().await == named, "{what}");
    for attachment in &named {
        assert!(house.read(attachment).await.is_ok(), "{what}");
    }
    house.portal.verify_trail(house.maria).await.unwrap();
    named
}

fn points(steps: usize) -> impl Iterator<Item = (usize, Death)> {
    (0..steps).flat_map(|step| [(step, Death::Before), (step, Death::After)])
}

/// A house with two files in it.
async fn furnished() -> (House, Vec<(Attachment, Vec<u8>)>) {
    let house = house().await;
    let mut known = Vec::new();
    for seed in [1, 2] {
        let bytes = bytes(LENGTH, seed);
        known.push((house.attach(&bytes).await.unwrap(), bytes));
    }
    (house, known)
}

#[tokio::test]
async fn while_a_file_is_attached() {
    let fresh = bytes(LENGTH, 3);
    let steps = {
        let (house, _) = furnished().await;
        let process = Process::default();
        let (portal, _) = house.another(&process).await;
        process.begin();
        attach(&portal, house.maria, house.letter(), &fresh).await.unwrap();
        process.steps()
    };
    // Begin, header, three inner chunks, the last one, complete, commit.
    assert_eq!(steps, 8);
    let mut named = Vec::new();
    for (step, death) in points(steps) {
        let (house, known) = furnished().await;
        let process = Process::dies_at(step, death);
        let (portal, _) = house.another(&process).await;
        attach(&portal, house.maria, house.letter(), &fresh).await.unwrap_err();
        assert!(process.is_dead());
        let what = format!("step {step}, {death:?}");
        let files = check(&house, &known, &fresh, &what).await;
        named.push(files.len());
        // Doing it again attaches it, once more where it had come through.
        house.attach(&fresh).await.unwrap();
        assert_eq!(house.attached().await.len(), files.len() + 1, "{what}");
    }
    // Only the commit itself makes it a file of the chart.
    assert_eq!(named.split_last().unwrap(), (&3, vec![2; 2 * steps - 1].as_slice()));
}

#[tokio::test]
async fn while_a_file_is_removed() {
    let steps = 2;
    let mut named = Vec::new();
    for (step, death) in points(steps) {
        let (house, known) = furnished().await;
        let process = Process::dies_at(step, death);
        let (portal, _) = house.another(&process).await;
        let removed = portal.detach(house.maria, known[0].0.id).await;
        // Once the row is gone the file is removed, whether or not its object can be deleted now.
        assert_eq!(removed.is_ok(), step == 1);
        assert!(process.is_dead());
        named.push(check(&house, &known, &[], &format!("step {step}, {death:?}")).await.len());
    }
    assert_eq!(named, [2, 1, 1, 1]);
}

#[tokio::test]
async fn while_rubbish_is_swept() {
    // An upload that died between its object and its row leaves rubbish: twice.
    let littered = async || {
        let (house, known) = furnished().await;
        for _ in 0..2 {
            let (portal, _) = house.another(&Process::dies_at(7, Death::Before)).await;
            attach(&portal, house.maria, house.letter(), &bytes(LENGTH, 3)).await.unwrap_err();
        }
        assert_eq!(house.blobs.objects().len(), 4);
        house.wait();
        (house, known)
    };
    // For each: the row that forbids naming it, and the deletion.
    for (step, death) in points(4) {
        let (house, known) = littered().await;
        let process = Process::dies_at(step, death);
        let (portal, _) = house.another(&process).await;
        portal.sweep_attachments(Sweep::Remove, None).await.unwrap_err();
        assert!(process.is_dead());
        let what = format!("step {step}, {death:?}");
        let before = house.blobs.objects().len();
        assert!((2..=4).contains(&before));
        let swept = house.sweep(Sweep::Remove).await;
        assert_eq!((swept.named, swept.unnamed), (2, before as u64 - 2), "{what}");
        assert_eq!(check(&house, &known, &[], &what).await.len(), 2, "{what}");
        let entries = house.entries(mychartum_core::audit::Action::Sweep).await;
        assert_eq!(entries.len(), 2, "{what}: one for each, however often it was begun");
    }
}

/// A process that lives through all of it, so that the counts above are of what really happens.
#[tokio::test]
async fn a_process_that_does_not_die_leaves_nothing_to_sweep() {
    let (house, known) = furnished().await;
    let (portal, _) = house.another(&Process::default()).await;
    let attached = attach(&portal, house.maria, house.letter(), b"third").await.unwrap();
    portal.detach(house.maria, known[1].0.id).await.unwrap();
    let kept = [(attached.clone(), b"third".to_vec()), known[0].clone()];
    assert_eq!(check(&house, &kept, &[], "nothing").await.len(), 2);
    assert_eq!(all(house.reader(&attached).await).await.unwrap(), b"third");
}
