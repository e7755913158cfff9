//! Storages that answer `get` and `head` wrongly.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{
    ChangeSet, Collection, Head, Outcome, Partition, Receipt, Row, RowId, StorageError,
};

use super::fault::Fault;

/// Answers each head as it was before the last commit, as a lagging replica does.
#[derive(Debug, Default)]
pub(super) struct StaleHead {
    before: Mutex<BTreeMap<Partition, Head>>,
}

#[async_trait]
impl Fault for StaleHead {
    async fn commit(&self, sound: &dyn Storage, set: &ChangeSet) -> Result<Receipt, StorageError> {
        let before = sound.head(set.partition).await?;
        let receipt = sound.commit(set).await?;
        if receipt.outcome == Outcome::Applied {
            self.before.lock().unwrap_or_else(PoisonError::into_inner).insert(set.partition, before);
        }
        Ok(receipt)
    }

    async fn head(&self, _: &dyn Storage, partition: Partition) -> Result<Head, StorageError> {
        let before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(before.get(&partition).copied().unwrap_or(Head::EMPTY))
    }
}

/// Looks rows up by their id alone when their own partition does not have them.
#[derive(Debug, Default)]
pub(super) struct StrangersRow {
    whose: Mutex<BTreeMap<RowId, Partition>>,
}

#[async_trait]
impl Fault for StrangersRow {
    async fn commit(&self, sound: &dyn Storage, set: &ChangeSet) -> Result<Receipt, StorageError> {
        let receipt = sound.commit(set).await?;
        let mut whose = self.whose.lock().unwrap_or_else(PoisonError::into_inner);
        whose.extend(set.puts.iter().map(|put| (put.row, set.partition)));
        Ok(receipt)
    }

    async fn get(
        &self,
        sound: &dyn Storage,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        let mut found = Vec::new();
        for row in rows {
            let own = sound.get(partition, collection, &[*row]).await?;
            let stranger = self.whose.lock().unwrap_or_else(PoisonError::into_inner).get(row).copied();
            let answer = match stranger {
                Some(stranger) if own.is_empty() => sound.get(stranger, collection, &[*row]).await?,
                _ => own,
            };
            found.extend(answer.into_iter().map(|row| Row { partition, ..row }));
        }
        Ok(found)
    }
}

/// Reads one row after another without holding on to one state.
#[derive(Debug, Default)]
pub(super) struct ReadsInPieces;

#[async_trait]
impl Fault for ReadsInPieces {
    async fn get(
        &self,
        sound: &dyn Storage,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        let mut found = Vec::new();
        for row in rows {
            found.extend(sound.get(partition, collection, &[*row]).await?);
            tokio::task::yield_now().await;
        }
        Ok(found)
    }
}
