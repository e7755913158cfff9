//! Promise 15: what is over the limits is invalid, and changes nothing.

use mychartum_core::port::storage::{ChangeSet, Delete, Due, Put, Scan, StorageErrorKind};

use super::Factory;
use super::patient::{NOTES, Patient, delete, next, note, refused, row, tag};
use super::view::View;
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// Too many rows, too long a body, too many or equal tags, a row twice, version 0.
pub(super) async fn oversized_sets(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let known = note(row(), 1);
    patient.put(&*storage, [known.clone()]).await?;
    let before = View::of(&*storage, &patient).await?;
    let one = note(row(), 1);
    let twice = patient.tag;
    let fewer_puts = (0..ChangeSet::MAX_ROWS).map(|_| note(row(), 1)).collect::<Vec<_>>();
    let mut put_and_delete = patient.set([next(&known)]);
    put_and_delete.deletes.push(delete(&known));
    let mut one_too_many = patient.set(fewer_puts);
    one_too_many.deletes.push(delete(&known));
    let sets = [
        one_too_many,
        patient.set([Put { body: vec![1; ChangeSet::MAX_BODY + 1], ..one.clone() }]),
        patient.set([Put { tags: (0..=ChangeSet::MAX_TAGS).map(|_| tag()).collect(), ..one.clone() }]),
        patient.set([Put { tags: vec![twice, twice], ..one.clone() }]),
        patient.set([one.clone(), one.clone()]),
        put_and_delete,
        patient.set_deleting([delete(&known), delete(&known)]),
        patient.set([Put { version: 0, ..one.clone() }]),
        patient.set([Put { version: u64::MAX, ..one }]),
        patient.set_deleting([Delete { version: 0, ..delete(&known) }]),
    ];
    for set in sets {
        refused(&*storage, &set, StorageErrorKind::Invalid).await?;
        ensure(View::of(&*storage, &patient).await? == before, "a change set over the limits changed something")?;
    }
    Ok(())
}

/// The most rows and the most tags are taken.
pub(super) async fn greatest_sets(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let put = |_| Put { body: Vec::new(), ..note(row(), 1) };
    let mut puts: Vec<Put> = (1..ChangeSet::MAX_ROWS).map(put).collect();
    let tags: Vec<_> = (0..ChangeSet::MAX_TAGS).map(|_| tag()).collect();
    puts.push(Put { tags, ..note(row(), 1) });
    patient.put(&*storage, puts).await?;
    let count = View::of(&*storage, &patient).await?.notes.len();
    ensure(count == ChangeSet::MAX_ROWS, "a change set at the limits was not stored whole")
}

/// `scan`, `due` and `heads` refuse a limit of 0.
pub(super) async fn limits_of_zero(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    patient.put(&*storage, [note(row(), 1)]).await?;
    let scan = Scan::new(patient.partition, NOTES, 0);
    let tagged = Scan { tag: Some(patient.tag), ..scan.clone() };
    let due = Due { bucket: patient.bucket(), collection: patient.tasks, before: 0, limit: 0 };
    let kinds = [
        storage.scan(&scan).await.err(),
        storage.scan(&tagged).await.err(),
        storage.due(&due).await.err(),
        storage.heads(patient.bucket(), None, 0).await.err(),
    ];
    let invalid = kinds.iter().all(|error| error.is_some_and(|error| error.kind() == StorageErrorKind::Invalid));
    ensure(invalid, "a limit of 0 was not refused as invalid")
}
