//! Storages that list wrongly: order, limit, tags, due rows, heads.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{
    Bucket, ChangeSet, Direction, Due, Head, Partition, Position, Receipt, Row, RowId, Scan, StorageError, Tag,
};

use super::fault::Fault;

/// Sorts negative orders after positive ones.
#[derive(Debug, Default)]
pub(super) struct UnsignedOrder;

#[async_trait]
impl Fault for UnsignedOrder {
    async fn scan(&self, sound: &dyn Storage, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        let mut rows = sound.scan(scan).await?;
        rows.sort_by_key(|row| (row.order.cast_unsigned(), row.row));
        if scan.direction == Direction::Descending {
            rows.reverse();
        }
        Ok(rows)
    }
}

/// Gives one row more than asked.
#[derive(Debug, Default)]
pub(super) struct OneMore;

#[async_trait]
impl Fault for OneMore {
    async fn scan(&self, sound: &dyn Storage, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        let limit = if scan.limit == 0 { 0 } else { scan.limit.saturating_add(1) };
        sound.scan(&Scan { limit, ..scan.clone() }).await
    }
}

/// Continues with the last row of the page before instead of after it.
#[derive(Debug, Default)]
pub(super) struct RepeatsRow;

#[async_trait]
impl Fault for RepeatsRow {
    async fn scan(&self, sound: &dyn Storage, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        let step = |after: Position| {
            let number = u128::from_be_bytes(after.row.to_bytes());
            let number = match scan.direction {
                Direction::Ascending => number.saturating_sub(1),
                Direction::Descending => number.saturating_add(1),
            };
            Position { row: RowId::from_bytes(number.to_be_bytes()), ..after }
        };
        sound.scan(&Scan { after: scan.after.map(step), ..scan.clone() }).await
    }
}

/// Never takes a row out of its index of tags.
#[derive(Debug, Default)]
pub(super) struct KeepsOldTags {
    tagged: Mutex<BTreeMap<(Partition, Tag), Vec<RowId>>>,
}

#[async_trait]
impl Fault for KeepsOldTags {
    async fn commit(&self, sound: &dyn Storage, set: &ChangeSet) -> Result<Receipt, StorageError> {
        let receipt = sound.commit(set).await?;
        let mut tagged = self.tagged.lock().unwrap_or_else(PoisonError::into_inner);
        for put in &set.puts {
            for tag in &put.tags {
                tagged.entry((set.partition, *tag)).or_default().push(put.row);
            }
        }
        Ok(receipt)
    }

    async fn scan(&self, sound: &dyn Storage, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        let Some(tag) = scan.tag else { return sound.scan(scan).await };
        let ever = self.tagged.lock().unwrap_or_else(PoisonError::into_inner).get(&(scan.partition, tag)).cloned();
        let limit = if scan.limit == 0 { 0 } else { u32::MAX };
        let mut rows = sound.scan(&Scan { tag: None, limit, ..scan.clone() }).await?;
        rows.retain(|row| ever.as_ref().is_some_and(|ever| ever.contains(&row.row)));
        rows.truncate(scan.limit as usize);
        Ok(rows)
    }
}

/// Takes "before" for "until and with".
#[derive(Debug, Default)]
pub(super) struct DueTooEarly;

#[async_trait]
impl Fault for DueTooEarly {
    async fn due(&self, sound: &dyn Storage, due: &Due) -> Result<Vec<Row>, StorageError> {
        sound.due(&Due { before: due.before.saturating_add(1), ..*due }).await
    }
}

/// Leaves the first of several partitions out.
#[derive(Debug, Default)]
pub(super) struct ForgetsPartition;

#[async_trait]
impl Fault for ForgetsPartition {
    async fn heads(
        &self,
        sound: &dyn Storage,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        let mut heads = sound.heads(bucket, after, limit).await?;
        if heads.len() > 1 {
            heads.remove(0);
        }
        Ok(heads)
    }
}

/// Answers a limit of 0 with nothing instead of refusing it.
#[derive(Debug, Default)]
pub(super) struct TakesZero;

#[async_trait]
impl Fault for TakesZero {
    async fn scan(&self, sound: &dyn Storage, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        if scan.limit == 0 { Ok(Vec::new()) } else { sound.scan(scan).await }
    }
}
