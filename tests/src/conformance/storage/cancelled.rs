//! Promise 17: dropping the future of `commit` leaves the change set applied whole or not at all.

use core::future::poll_fn;
use core::task::Poll;

use mychartum_core::port::Storage;
use mychartum_core::port::storage::{ChangeSet, Scan};

use super::Factory;
use super::patient::{NOTES, Patient, note, patiently, row};
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// Commits are dropped unpolled, and after one, two, three and more polls; then they are repeated.
pub(super) async fn whole_or_not_at_all(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    for polls in (0..8).cycle().take(40) {
        let patient = Patient::new();
        let set = patient.set((0..6).map(|order| note(row(), order)).collect::<Vec<_>>());
        abandon(&*storage, &set, polls).await;
        let all = Scan::new(patient.partition, NOTES, 100);
        let count = storage.scan(&all).await?.len();
        ensure(count == 0 || count == 6, "a dropped commit left a part of its change set")?;
        // What was dropped may still be on its way; repeating it tells, and is safe.
        let receipt = patiently(&*storage, &set).await?;
        ensure(receipt.revision == 1, "a dropped and repeated commit was applied twice")?;
        ensure(storage.scan(&all).await?.len() == 6, "a repeated commit was not whole")?;
        ensure(storage.head(patient.partition).await?.revision == 1, "a repeated commit moved the head twice")?;
    }
    Ok(())
}

/// Polls a commit so many times, letting others run in between, and drops it.
async fn abandon(storage: &dyn Storage, set: &ChangeSet, polls: usize) {
    let mut commit = storage.commit(set);
    for _ in 0..polls {
        let ended = poll_fn(|context| Poll::Ready(commit.as_mut().poll(context).is_ready())).await;
        if ended {
            return;
        }
        tokio::task::yield_now().await;
    }
}
