//! A storage that notes every call and its answer.

use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{
    Bucket, ChangeSet, Collection, Due, Head, Partition, Receipt, Row, RowId, Scan, StorageError, StorageErrorKind,
};

use super::history::History;
use super::operation::{CommitAnswer, Seen};

/// Notes into a history what goes through it. Clones share both.
#[derive(Debug, Clone)]
pub struct Recorded {
    storage: Arc<dyn Storage>,
    history: Arc<History>,
}

impl Recorded {
    /// Notes what this storage answers.
    #[must_use]
    pub const fn new(storage: Arc<dyn Storage>, history: Arc<History>) -> Self {
        Self { storage, history }
    }
}

/// A commit under way: dropped without an answer, its outcome is unknown.
struct UnderWay<'a> {
    history: &'a History,
    began: u64,
    set: Option<Arc<ChangeSet>>,
}

impl UnderWay<'_> {
    fn end(&mut self, answer: CommitAnswer) {
        if let Some(set) = self.set.take() {
            self.history.add(set.partition, self.began, Seen::Commit { set, answer });
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.end(CommitAnswer::Unknown);
    }
}

#[async_trait]
impl Storage for Recorded {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        self.history.know(set.partition);
        let began = self.history.now();
        let mut under_way = UnderWay { history: &self.history, began, set: Some(Arc::new(set.clone())) };
        let answer = self.storage.commit(set).await;
        match answer {
            Ok(receipt) => under_way.end(CommitAnswer::Receipt(receipt)),
            Err(error) => match error.kind() {
                StorageErrorKind::Conflict => under_way.end(CommitAnswer::Conflict),
                StorageErrorKind::Invalid => under_way.end(CommitAnswer::Invalid),
                StorageErrorKind::OutcomeUnknown => under_way.end(CommitAnswer::Unknown),
                // By the contract nothing happened, and the caller learned nothing.
                _ => under_way.set = None,
            },
        }
        answer
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        let began = self.history.now();
        let head = self.storage.head(partition).await?;
        self.history.add(partition, began, Seen::Head(head));
        Ok(head)
    }

    async fn get(
        &self,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        let began = self.history.now();
        let answer = self.storage.get(partition, collection, rows).await?;
        let seen = Seen::Get { collection, rows: rows.to_vec(), answer: answer.clone() };
        self.history.add(partition, began, seen);
        Ok(answer)
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        let began = self.history.now();
        let answer = self.storage.scan(scan).await?;
        self.history.add(scan.partition, began, Seen::Scan { scan: scan.clone(), answer: answer.clone() });
        Ok(answer)
    }

    /// What it says about each partition that is known is noted as a scan of that partition.
    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        let known = self.history.known_in(due.bucket);
        let began = self.history.now();
        let answer = self.storage.due(due).await?;
        if answer.len() < due.limit as usize {
            for partition in known {
                let rows = answer.iter().filter(|row| row.partition == partition).cloned().collect();
                let scan = Scan { until: Some(due.before), ..Scan::new(partition, due.collection, due.limit) };
                self.history.add(partition, began, Seen::Scan { scan, answer: rows });
            }
        }
        Ok(answer)
    }

    /// What it says about each partition that is known is noted as that partition's head.
    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        let known = self.history.known_in(bucket);
        let began = self.history.now();
        let answer = self.storage.heads(bucket, after, limit).await?;
        let is_all = after.is_none() && answer.len() < limit as usize;
        for partition in known {
            let head = answer.iter().find(|(listed, _)| *listed == partition).map(|(_, head)| *head);
            match head {
                Some(head) => self.history.add(partition, began, Seen::Head(head)),
                None if is_all => self.history.add(partition, began, Seen::Unlisted),
                None => {}
            }
        }
        Ok(answer)
    }
}
