//! Faults about the states of buckets.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use mychartum_core::port::Custody;
use mychartum_core::port::custody::{BucketState, BucketStatus, Turn};
use mychartum_core::port::storage::{Bucket, StorageError};
use mychartum_storage::MemoryStorage;

use super::fault::Fault;

/// Lists one bucket too few.
#[derive(Debug, Default)]
pub(super) struct ForgetsBucket;

#[async_trait]
impl Fault for ForgetsBucket {
    async fn buckets(&self, sound: &MemoryStorage) -> Result<Vec<BucketStatus>, StorageError> {
        let mut all = sound.buckets().await?;
        all.pop();
        Ok(all)
    }
}

/// Says that a bucket is leaving, and goes on as before.
#[derive(Debug, Default)]
pub(super) struct NeverLeaves {
    said: Mutex<Vec<Bucket>>,
}

#[async_trait]
impl Fault for NeverLeaves {
    async fn turn(&self, sound: &MemoryStorage, turns: &[Turn]) -> Result<(), StorageError> {
        let leaving = turns.iter().filter(|turn| turn.to == BucketState::Leaving).map(|turn| turn.bucket);
        self.said.lock().unwrap_or_else(PoisonError::into_inner).extend(leaving);
        // The epoch is raised as it should be, and the bucket is given back at once.
        sound.turn(turns).await?;
        let back = |turn: &Turn| Turn { from: BucketState::Leaving, to: BucketState::Serving, ..*turn };
        let leaving: Vec<Turn> = turns.iter().filter(|turn| turn.to == BucketState::Leaving).map(back).collect();
        sound.turn(&leaving).await
    }

    async fn buckets(&self, sound: &MemoryStorage) -> Result<Vec<BucketStatus>, StorageError> {
        let mut all = sound.buckets().await?;
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        for status in all.iter_mut().filter(|status| said.contains(&status.bucket)) {
            status.state = BucketState::Leaving;
        }
        Ok(all)
    }
}

/// Answers reads of a bucket that is elsewhere as if the chart were empty.
#[derive(Debug, Default)]
pub(super) struct ShowsNothing;

#[async_trait]
impl Fault for ShowsNothing {
    const SHOWS_NOTHING: bool = true;
}

/// How a bucket stands.
async fn now(sound: &MemoryStorage, bucket: Bucket) -> Result<Option<BucketStatus>, StorageError> {
    Ok(sound.buckets().await?.into_iter().find(|status| status.bucket == bucket))
}

/// Turns a bucket from whatever state it is in, if there is a step from there.
#[derive(Debug, Default)]
pub(super) struct IgnoresState;

#[async_trait]
impl Fault for IgnoresState {
    async fn turn(&self, sound: &MemoryStorage, turns: &[Turn]) -> Result<(), StorageError> {
        for turn in turns {
            let from = now(sound, turn.bucket).await?.map_or(turn.from, |status| status.state);
            if from.may_become(turn.to).is_some() {
                sound.turn(&[Turn { from, ..*turn }]).await?;
            }
        }
        Ok(())
    }
}

/// Turns buckets one after the other and stops at the first that it cannot turn.
#[derive(Debug, Default)]
pub(super) struct OneByOne;

#[async_trait]
impl Fault for OneByOne {
    async fn turn(&self, sound: &MemoryStorage, turns: &[Turn]) -> Result<(), StorageError> {
        for turn in turns {
            sound.turn(&[*turn]).await?;
        }
        Ok(())
    }
}

/// Turns buckets and leaves their epochs as they are.
#[derive(Debug, Default)]
pub(super) struct KeepsEpoch;

#[async_trait]
impl Fault for KeepsEpoch {
    async fn turn(&self, sound: &MemoryStorage, turns: &[Turn]) -> Result<(), StorageError> {
        let mut kept = Vec::new();
        for turn in turns {
            let epoch = now(sound, turn.bucket).await?.map_or(turn.epoch, |status| status.epoch);
            kept.push(Turn { epoch, ..*turn });
        }
        sound.turn(&kept).await
    }
}

/// Clears a bucket in the expected state, whatever its epoch.
#[derive(Debug, Default)]
pub(super) struct ClearsAnyEpoch;

#[async_trait]
impl Fault for ClearsAnyEpoch {
    async fn clear(&self, sound: &MemoryStorage, status: BucketStatus) -> Result<(), StorageError> {
        let epoch = now(sound, status.bucket).await?.map_or(status.epoch, |now| now.epoch);
        sound.clear(BucketStatus { epoch, ..status }).await
    }
}

/// Says that it cleared.
#[derive(Debug, Default)]
pub(super) struct ClearsNothing;

#[async_trait]
impl Fault for ClearsNothing {
    async fn clear(&self, sound: &MemoryStorage, status: BucketStatus) -> Result<(), StorageError> {
        match now(sound, status.bucket).await? {
            Some(now) => now.may_be_cleared(status),
            None => Ok(()),
        }
    }
}
