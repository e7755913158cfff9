//! Storages that write something other than what they were given.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{AuditHead, ChangeSet, Head, Partition, Receipt, StorageError};

use super::fault::Fault;

/// Leaves out the last of several puts.
#[derive(Debug, Default)]
pub(super) struct DropsWrite;

#[async_trait]
impl Fault for DropsWrite {
    async fn commit(&self, sound: &dyn Storage, set: &ChangeSet) -> Result<Receipt, StorageError> {
        set.check()?;
        let mut set = set.clone();
        if set.puts.len() > 1 {
            set.puts.pop();
        }
        sound.commit(&set).await
    }
}

/// Takes trailing zeros for padding.
#[derive(Debug, Default)]
pub(super) struct TrimsBodies;

#[async_trait]
impl Fault for TrimsBodies {
    async fn commit(&self, sound: &dyn Storage, set: &ChangeSet) -> Result<Receipt, StorageError> {
        set.check()?;
        let mut set = set.clone();
        for put in &mut set.puts {
            while put.body.last() == Some(&0) {
                put.body.pop();
            }
        }
        sound.commit(&set).await
    }
}

/// Writes the tags of new rows only.
#[derive(Debug, Default)]
pub(super) struct ForgetsTags;

#[async_trait]
impl Fault for ForgetsTags {
    async fn commit(&self, sound: &dyn Storage, set: &ChangeSet) -> Result<Receipt, StorageError> {
        set.check()?;
        let mut set = set.clone();
        set.puts.iter_mut().filter(|put| put.version > 1).for_each(|put| put.tags.clear());
        sound.commit(&set).await
    }
}

/// Writes a partition's audit head once and never again.
#[derive(Debug, Default)]
pub(super) struct KeepsFirstAudit {
    first: Mutex<BTreeMap<Partition, AuditHead>>,
}

#[async_trait]
impl Fault for KeepsFirstAudit {
    async fn head(&self, sound: &dyn Storage, partition: Partition) -> Result<Head, StorageError> {
        let head = sound.head(partition).await?;
        if head == Head::EMPTY {
            return Ok(head);
        }
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Head { audit: *first.entry(partition).or_insert(head.audit), ..head })
    }
}
