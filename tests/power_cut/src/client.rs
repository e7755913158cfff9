//! A client that plays a script against a storage and says aloud what it was told.

use std::sync::Arc;

use mychartum_core::port::Storage as _;
use mychartum_core::port::storage::{Scan, StorageError};
use mychartum_storage::SqliteStorage;

use crate::event::Mark;
use crate::script::Script;
use crate::watched::Watched;

/// Whether partitions are written one after another or all at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// One change set at a time: each is synced alone, and the same seed gives the same recording.
    Alone,
    /// A task for each partition: change sets share their syncs.
    Together,
}

/// Plays the next change sets of each partition, so many of them, after the revisions that are there; returns those
/// that are there then.
///
/// # Errors
/// The first that a commit or a read gives.
pub async fn play(
    storage: &SqliteStorage,
    script: &Arc<Script>,
    watched: &Arc<Watched>,
    after: &[u64],
    count: u64,
    manner: Manner,
) -> Result<Vec<u64>, StorageError> {
    match manner {
        Manner::Alone => {
            for step in 1..=count {
                for (partition, after) in after.iter().enumerate() {
                    one(storage, script, watched, partition, after + step).await?;
                }
            }
        }
        Manner::Together => {
            let tasks: Vec<_> = after
                .iter()
                .enumerate()
                .map(|(partition, after)| {
                    let (storage, script, watched) = (storage.clone(), Arc::clone(script), Arc::clone(watched));
                    let after = *after;
                    tokio::spawn(async move {
                        for step in 1..=count {
                            one(&storage, &script, &watched, partition, after + step).await?;
                        }
                        Ok(())
                    })
                })
                .collect();
            for task in tasks {
                let lost = StorageError::new(mychartum_core::port::storage::StorageErrorKind::Unavailable, "task");
                task.await.unwrap_or(Err(lost))?;
            }
        }
    }
    let sets = |partition| script.sets(partition).len() as u64;
    Ok(after.iter().enumerate().map(|(partition, after)| (after + count).min(sets(partition))).collect())
}

/// Commits the change set that makes this revision, and reads now and then.
async fn one(
    storage: &SqliteStorage,
    script: &Script,
    watched: &Watched,
    partition: usize,
    revision: u64,
) -> Result<(), StorageError> {
    let Some(set) = script.set(partition, revision) else { return Ok(()) };
    watched.mark(Mark::Attempted(partition, revision));
    storage.commit(set).await?;
    watched.mark(Mark::Acknowledged(partition, revision));
    if revision.is_multiple_of(4) {
        storage.scan(&Scan::new(set.partition, Script::NOTES, 20)).await?;
    }
    Ok(())
}
