//! Promises 4 and 6: the head is expected, and follows.

use std::sync::Arc;

use mychartum_core::port::storage::{AuditHead, Expect, Head, Scan, StorageErrorKind};

use super::Factory;
use super::patient::{NOTES, Patient, note, patiently, refused, row};
use super::view::View;
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// An unknown partition has the empty head and no rows.
pub(super) async fn unknown_partitions_are_empty(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let partition = Patient::new().partition;
    ensure(storage.head(partition).await? == Head::EMPTY, "an unknown partition has a head that is not empty")?;
    ensure(storage.get(partition, NOTES, &[row()]).await?.is_empty(), "an unknown partition has a row")?;
    ensure(storage.scan(&Scan::new(partition, NOTES, 10)).await?.is_empty(), "an unknown partition has rows")
}

/// Earlier and later revisions and another epoch are conflicts, for known and unknown partitions.
pub(super) async fn other_heads_conflict(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    for _ in 0..3 {
        let before = View::of(&*storage, &patient).await?;
        let now = patient.revision;
        let wrong = (0..now + 4).filter(|revision| *revision != now).map(|revision| Expect { revision, epoch: 0 });
        for expect in wrong.chain([Expect { revision: now, epoch: 1 }]) {
            let mut set = patient.set([note(row(), 1)]);
            set.expect = expect;
            refused(&*storage, &set, StorageErrorKind::Conflict).await?;
            ensure(View::of(&*storage, &patient).await? == before, "a conflicting change set changed something")?;
        }
        patient.put(&*storage, [note(row(), 1)]).await?;
    }
    Ok(())
}

/// Many tasks expect the same head at the same time: exactly one is accepted.
pub(super) async fn one_of_many_wins(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    for _ in 0..5 {
        let rivals: Vec<_> = (0..8)
            .map(|order| {
                let (storage, set) = (Arc::clone(&storage), patient.set([note(row(), order)]));
                tokio::spawn(async move { patiently(&*storage, &set).await })
            })
            .collect();
        let mut winners = 0;
        for rival in rivals {
            match rival.await? {
                Ok(_) => winners += 1,
                Err(error) => ensure(error.kind() == StorageErrorKind::Conflict, "a loser got no conflict")?,
            }
        }
        patient.revision += 1;
        ensure(winners == 1, "of several change sets with the same expectation not exactly one was accepted")?;
        let view = View::of(&*storage, &patient).await?;
        let as_one = view.head.revision == patient.revision && view.notes.len() as u64 == patient.revision;
        ensure(as_one, "losers of a race left something behind")?;
    }
    Ok(())
}

/// Each commit, also an empty one, raises the revision by one and sets the audit head it carries.
pub(super) async fn the_head_follows(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    for order in 0..5 {
        let puts = if order % 2 == 0 { vec![note(row(), order)] } else { Vec::new() };
        let mut set = patient.set(puts);
        // The count is the library's affair: it need not follow the revision.
        set.audit = AuditHead { count: 1 << (order * 8), ..set.audit };
        patient.commit(&*storage, &set).await?;
        let wanted = Head { revision: patient.revision, audit: set.audit, epoch: 0 };
        ensure(storage.head(patient.partition).await? == wanted, "the head is not the one that the commit made")?;
    }
    Ok(())
}
