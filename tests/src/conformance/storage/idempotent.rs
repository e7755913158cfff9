//! Promise 7: the same change set again changes nothing.

use std::sync::Arc;

use mychartum_core::port::Storage;
use mychartum_core::port::storage::{ChangeSet, Expect, Outcome, StorageErrorKind};

use super::Factory;
use super::patient::{Patient, delete, next, note, patiently, refused, row, tag};
use super::view::View;
use crate::conformance::Breach;
use crate::conformance::case::ensure;

async fn repeated(storage: &dyn Storage, set: &ChangeSet, revision: u64) -> Result<(), Breach> {
    let receipt = patiently(storage, set).await?;
    ensure(receipt.outcome == Outcome::Repeated, "a repeated change set was answered as applied")?;
    ensure(receipt.revision == revision, "a repeated change set did not give the first receipt's revision")
}

/// Repeating at once, and after later changes to the same rows, leaves everything as it is.
pub(super) async fn repeating_changes_nothing(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let (first, other) = (note(row(), 1), note(row(), 2));
    let set = patient.set([first.clone(), other.clone()]);
    patient.commit(&*storage, &set).await?;
    let after = View::of(&*storage, &patient).await?;
    repeated(&*storage, &set, 1).await?;
    ensure(View::of(&*storage, &patient).await? == after, "repeating a change set changed something")?;

    let mut later = patient.set([next(&first)]);
    later.deletes.push(delete(&other));
    patient.commit(&*storage, &later).await?;
    let after = View::of(&*storage, &patient).await?;
    repeated(&*storage, &set, 1).await?;
    repeated(&*storage, &later, 2).await?;
    ensure(View::of(&*storage, &patient).await? == after, "repeating an earlier change set changed something")
}

/// Each of the last 64 change sets of a partition is known again.
pub(super) async fn sixty_four_are_remembered(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let mut sets = Vec::new();
    for order in 0..70 {
        let set = patient.set([note(row(), order)]);
        patient.commit(&*storage, &set).await?;
        sets.push(set);
    }
    let after = View::of(&*storage, &patient).await?;
    for (set, revision) in sets.iter().zip(1..).skip(70 - 64) {
        repeated(&*storage, set, revision).await?;
    }
    ensure(View::of(&*storage, &patient).await? == after, "repeating the last 64 change sets changed something")
}

/// A host that lost the answer and started again may repeat.
pub(super) async fn remembered_after_reopening(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let set = patient.set([note(row(), 1)]);
    patient.commit(&*storage, &set).await?;
    let storage = factory.reopen(storage).await?;
    let after = View::of(&*storage, &patient).await?;
    repeated(&*storage, &set, 1).await?;
    ensure(View::of(&*storage, &patient).await? == after, "repeating after reopening changed something")
}

/// Whatever differs, even the expectation that would hold now, makes it another content.
pub(super) async fn other_content_is_invalid(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let old = note(row(), 0);
    patient.put(&*storage, [old.clone()]).await?;
    let mut set = patient.set([note(row(), 1)]);
    set.deletes.push(delete(&old));
    patient.commit(&*storage, &set).await?;
    let after = View::of(&*storage, &patient).await?;

    let changes: [fn(&mut ChangeSet); 9] = [
        |set| set.expect = Expect { revision: 2, epoch: 0 },
        |set| set.audit.count += 1,
        |set| set.audit.link = [0xee; 32],
        |set| set.deletes.clear(),
        |set| set.puts.clear(),
        |set| set.puts.iter_mut().for_each(|put| put.order += 1),
        |set| set.puts.iter_mut().for_each(|put| put.version += 1),
        |set| set.puts.iter_mut().for_each(|put| put.tags.push(tag())),
        |set| set.puts.iter_mut().for_each(|put| put.body.push(0)),
    ];
    for change in changes {
        let mut other = set.clone();
        change(&mut other);
        refused(&*storage, &other, StorageErrorKind::Invalid).await?;
        ensure(View::of(&*storage, &patient).await? == after, "a used id with other content changed something")?;
    }
    repeated(&*storage, &set, 2).await
}

/// An id that was refused with a conflict was not used: it may come again with a fresh head.
pub(super) async fn a_refused_id_is_free(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let mut set = patient.set([note(row(), 1)]);
    set.expect.revision = 5;
    refused(&*storage, &set, StorageErrorKind::Conflict).await?;
    set.expect.revision = 0;
    patient.commit(&*storage, &set).await
}

/// Several tasks send the same change set at once: one applies it, and all learn the same revision.
pub(super) async fn concurrent_repeats_apply_once(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let patient = Patient::new();
    let set = patient.set([note(row(), 1)]);
    let senders: Vec<_> = (0..8)
        .map(|_| {
            let (storage, set) = (Arc::clone(&storage), set.clone());
            tokio::spawn(async move { patiently(&*storage, &set).await })
        })
        .collect();
    let mut applied = 0;
    for sender in senders {
        let receipt = sender.await??;
        ensure(receipt.revision == 1, "one change set sent several times got several revisions")?;
        applied += usize::from(receipt.outcome == Outcome::Applied);
    }
    ensure(applied == 1, "one change set sent several times at once was not applied exactly once")
}
