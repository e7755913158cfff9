//! Storages that accept what they should refuse, or do again what was done.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{
    ChangeSet, Collection, Expect, Outcome, Receipt, RowId, StorageError, StorageErrorKind,
};

use super::fault::Fault;

fn conflicts(answer: &Result<Receipt, StorageError>) -> bool {
    answer.is_err_and(|error| error.kind() == StorageErrorKind::Conflict)
}

/// The same change set as it would have to be to fit the present head.
async fn with_present_head(sound: &dyn Storage, set: &ChangeSet) -> Result<ChangeSet, StorageError> {
    let head = sound.head(set.partition).await?;
    Ok(ChangeSet { expect: Expect { revision: head.revision, epoch: head.epoch }, ..set.clone() })
}

async fn version(
    sound: &dyn Storage,
    set: &ChangeSet,
    collection: Collection,
    row: RowId,
) -> Result<u64, StorageError> {
    let rows = sound.get(set.partition, collection, &[row]).await?;
    Ok(rows.first().map_or(0, |row| row.version))
}

/// The same change set as it would have to be to fit the present rows.
async fn with_present_versions(sound: &dyn Storage, set: &ChangeSet) -> Result<ChangeSet, StorageError> {
    let mut set = set.clone();
    for place in 0..set.puts.len() {
        let Some((collection, row)) = set.puts.get(place).map(|put| (put.collection, put.row)) else { continue };
        let present = version(sound, &set, collection, row).await?;
        set.puts.iter_mut().skip(place).take(1).for_each(|put| put.version = present + 1);
    }
    let mut deletes = Vec::new();
    for mut delete in set.deletes.clone() {
        delete.version = version(sound, &set, delete.collection, delete.row).await?;
        deletes.extend((delete.version > 0).then_some(delete));
    }
    set.deletes = deletes;
    Ok(set)
}

/// Writes whatever the head is.
#[derive(Debug, Default)]
pub(super) struct IgnoresHead;

#[async_trait]
impl Fault for IgnoresHead {
    async fn commit(&self, sound: &dyn Storage, set: &ChangeSet) -> Result<Receipt, StorageError> {
        let answer = sound.commit(set).await;
        if conflicts(&answer) { sound.commit(&with_present_head(sound, set).await?).await } else { answer }
    }
}

/// Writes whatever the rows' versions are.
#[derive(Debug, Default)]
pub(super) struct IgnoresVersion;

#[async_trait]
impl Fault for IgnoresVersion {
    async fn commit(&self, sound: &dyn Storage, set: &ChangeSet) -> Result<Receipt, StorageError> {
        let answer = sound.commit(set).await;
        if conflicts(&answer) { sound.commit(&with_present_versions(sound, set).await?).await } else { answer }
    }
}

/// Finds a conflict at the last row, when the first one is already written.
#[derive(Debug, Default)]
pub(super) struct AppliesHalf;

#[async_trait]
impl Fault for AppliesHalf {
    async fn commit(&self, sound: &dyn Storage, set: &ChangeSet) -> Result<Receipt, StorageError> {
        let answer = sound.commit(set).await;
        if conflicts(&answer) && set.puts.len() > 1 {
            let half = ChangeSet { puts: set.puts.iter().take(1).cloned().collect(), ..set.clone() };
            sound.commit(&ChangeSet { deletes: Vec::new(), ..half }).await.ok();
        }
        answer
    }
}

/// Takes a repeated change set for a new one.
#[derive(Debug, Default)]
pub(super) struct AppliesAgain {
    times: Mutex<u128>,
}

#[async_trait]
impl Fault for AppliesAgain {
    async fn commit(&self, sound: &dyn Storage, set: &ChangeSet) -> Result<Receipt, StorageError> {
        let answer = sound.commit(set).await;
        if !answer.is_ok_and(|receipt| receipt.outcome == Outcome::Repeated) {
            return answer;
        }
        let again = with_present_head(sound, &with_present_versions(sound, set).await?).await?;
        let number = {
            let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
            *times += 1;
            *times
        };
        sound.commit(&ChangeSet { id: ChangeSetId::from_bytes(number.to_be_bytes()), ..again }).await
    }
}

/// Has no memory for change sets: a repeated one meets a head that it does not expect.
#[derive(Debug, Default)]
pub(super) struct ForgetsRepeats {
    seen: Mutex<BTreeSet<ChangeSetId>>,
}

#[async_trait]
impl Fault for ForgetsRepeats {
    async fn commit(&self, sound: &dyn Storage, set: &ChangeSet) -> Result<Receipt, StorageError> {
        if self.seen.lock().unwrap_or_else(PoisonError::into_inner).contains(&set.id) {
            return Err(StorageError::new(StorageErrorKind::Conflict, "commit"));
        }
        let answer = sound.commit(set).await;
        if answer.is_ok() {
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(set.id);
        }
        answer
    }
}
