//! Promise 1: when `commit` returns a receipt, the change set survives.

use super::Factory;
use super::patient::{Patient, delete, next, note, row};
use super::view::View;
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// Rows put, changed, moved and deleted, tags, due rows and heads are all the same after reopening.
pub(super) async fn everything_outlives_reopening(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let (mut one, mut two) = (Patient::new(), Patient::new());
    let mut first = note(row(), 5);
    first.tags = vec![one.tag];
    let second = note(row(), -5);
    let mut task = note(row(), 10);
    task.collection = one.tasks;
    one.put(&*storage, [first.clone(), second.clone(), task]).await?;
    two.put(&*storage, [note(row(), 1)]).await?;
    let mut moved = next(&first);
    moved.order = -50;
    let mut set = one.set([moved]);
    set.deletes.push(delete(&second));
    one.commit(&*storage, &set).await?;

    let before = (View::of(&*storage, &one).await?, View::of(&*storage, &two).await?);
    let storage = factory.reopen(storage).await?;
    let after = (View::of(&*storage, &one).await?, View::of(&*storage, &two).await?);
    ensure(before == after, "after reopening, an acknowledged change set was not as before")
}

/// Each of several commits is still there when the storage is reopened right after it.
pub(super) async fn the_last_commit_outlives_reopening(factory: &dyn Factory) -> Result<(), Breach> {
    let mut storage = factory.fresh().await?;
    let mut patient = Patient::new();
    for order in 0..3 {
        patient.put(&*storage, [note(row(), order)]).await?;
        storage = factory.reopen(storage).await?;
        let view = View::of(&*storage, &patient).await?;
        ensure(view.head.revision == patient.revision, "the last acknowledged commit was gone after reopening")?;
        ensure(view.notes.len() as u64 == patient.revision, "rows of the last acknowledged commit were gone")?;
    }
    Ok(())
}
