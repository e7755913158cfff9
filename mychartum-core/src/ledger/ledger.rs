//! Writing change sets with their entries, and opening rows.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::account::HashGate;
use crate::audit::{Facts, append};
use crate::kernel::id::ChangeSetId;
use crate::port::entropy::NoEntropy;
use crate::port::storage::{
    ChangeSet, Collection, Delete, Expect, Head, Partition, Put, Receipt, Row, RowId, Scan, StorageError,
    StorageErrorKind,
};
use crate::port::{Clock, Entropy, Storage};
use crate::vault::{Opened, PartitionKey, SealContext, Vault};

use super::answer::{answers_get, answers_scan};
use super::change::{Change, Draft, Written};
use super::collection::{Stored, packing as packing_of};
use super::failure::Failure;
use super::packing::{is_packed, pack, unpack};
use super::patience::Patience;

/// How often a change set is made anew after another writer was first, before the caller is told.
const TRIES_AFTER_CONFLICT: u32 = 64;

/// How often the same change set is repeated after a passing fault.
const TRIES_AFTER_FAULT: u32 = 3;

/// Storage, vault, clock and randomness as one: the only way to read or write.
pub(crate) struct Ledger {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// How many slow hashes are computed at once.
    pub(crate) hashes: Arc<HashGate>,
}

impl core::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Ledger").field("storage", &self.storage).finish_non_exhaustive()
    }
}

impl Ledger {
    /// The time now.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Sixteen random bytes, for an id.
    pub(crate) fn random_id(&self) -> Result<[u8; 16], NoEntropy> {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// Whether anything was ever written to a partition.
    pub(crate) async fn exists(&self, partition: Partition) -> Result<bool, Failure> {
        Ok(self.head(partition).await?.revision > 0)
    }

    /// A partition's head.
    pub(crate) async fn head(&self, partition: Partition) -> Result<Head, Failure> {
        Ok(self.storage.head(partition).await?)
    }

    /// Writes a change and its entry, whole, and returns when both are durable.
    ///
    /// # Errors
    /// A `Conflict` of storage if a row's version is not the expected one: nothing was written, decide anew.
    pub(crate) async fn record(&self, change: Change, facts: Facts) -> Result<Written, Failure> {
        let written = self.write(&change, Some(facts), None, TRIES_AFTER_CONFLICT).await?;
        written.ok_or(Failure::Damaged("ledger: no entry"))
    }

    /// Writes a change and its entry if nothing was written to the partition since a head was read: for what was decided upon rows
    /// that the change itself does not touch.
    ///
    /// # Errors
    /// A `Conflict` of storage if anything was: nothing was written, decide anew.
    pub(crate) async fn record_upon(&self, head: Head, change: Change, facts: Facts) -> Result<Written, Failure> {
        let written = self.write(&change, Some(facts), Some(head), 1).await?;
        written.ok_or(Failure::Damaged("ledger: no entry"))
    }

    /// Writes an entry alone, onto a head that was just read, which saves reading it again.
    ///
    /// # Errors
    /// As [`record`](Self::record); a head that is not the last one any more costs another try and nothing else.
    pub(crate) async fn note(&self, partition: Partition, head: Head, facts: Facts) -> Result<Written, Failure> {
        let written = self.write(&Change::none(partition), Some(facts), Some(head), TRIES_AFTER_CONFLICT).await?;
        written.ok_or(Failure::Damaged("ledger: no entry"))
    }

    /// Writes a change that nobody has to answer for: when a session was last used.
    pub(crate) async fn housekeep(&self, change: Change) -> Result<(), Failure> {
        self.write(&change, None, None, TRIES_AFTER_CONFLICT).await.map(drop)
    }

    /// Takes a row away that nobody has to answer for, if it is there: an entry of a directory that leads nowhere any more.
    pub(crate) async fn remove(&self, partition: Partition, collection: Collection, row: RowId) -> Result<(), Failure> {
        let mut patience = Patience::default();
        loop {
            let known = self.get(partition, collection, &[row]).await?;
            let Some(version) = known.first().map(|known| known.version) else { return Ok(()) };
            let deletes = vec![Delete { collection, row, version }];
            match self.housekeep(Change { partition, puts: Vec::new(), deletes }).await {
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                outcome => return outcome,
            }
        }
    }

    async fn write(
        &self,
        change: &Change,
        facts: Option<Facts>,
        mut just_read: Option<Head>,
        tries: u32,
    ) -> Result<Option<Written>, Failure> {
        let partition = change.partition;
        let mut last_seen = None;
        let mut sealed: Option<(Arc<PartitionKey>, Vec<Put>)> = None;
        for _ in 0..tries {
            let head = match just_read.take() {
                Some(head) => head,
                None => self.storage.head(partition).await?,
            };
            if last_seen == Some(head.revision) {
                // Nobody else wrote in between: it is a row that was not as expected, and trying again cannot help.
                return Err(StorageError::new(StorageErrorKind::Conflict, "commit").into());
            }
            last_seen = Some(head.revision);
            let (key, wrapped) = self.key_for_writing(partition, head).await?;
            let mut puts = match sealed.take() {
                Some((known, puts)) if known.id() == key.id() => puts,
                _ => self.seal_all(&key, partition, &change.puts)?,
            };
            let rows = puts.len();
            puts.extend(wrapped.map(|body| Put {
                collection: Stored::KEY,
                row: Stored::ONLY,
                version: 1,
                order: 0,
                tags: Vec::new(),
                body,
            }));
            let (written, audit) = match facts {
                None => (None, head.audit),
                Some(facts) => {
                    let added = append(head.audit, self.vault.tenant(), partition, facts)
                        .map_err(|_| Failure::Damaged("audit head"))?;
                    let mut put = added.put(Stored::AUDIT, Vec::new());
                    let audit_key = self.vault.audit_key(partition);
                    put.body = self.vault.seal(&audit_key, &SealContext::of_put(partition, &put), &added.body)?;
                    puts.push(put);
                    (Some(Written::new(added.entry)), added.head)
                }
            };
            let set = ChangeSet {
                id: ChangeSetId::from_bytes(self.random_id()?),
                partition,
                expect: Expect { revision: head.revision, epoch: head.epoch },
                puts,
                deletes: change.deletes.clone(),
                audit,
            };
            match self.commit(&set).await {
                Ok(_) => return Ok(written),
                Err(error) if error.kind() == StorageErrorKind::Conflict => {
                    let mut puts = set.puts;
                    puts.truncate(rows);
                    sealed = Some((key, puts));
                }
                Err(error) => return Err(error.into()),
            }
        }
        let kind = if tries == 1 { StorageErrorKind::Conflict } else { StorageErrorKind::Busy };
        Err(StorageError::new(kind, "commit").into())
    }

    /// Commits, and repeats the same change set after a passing fault: that is safe by promise 7 of the port.
    ///
    /// A later try that fails otherwise does not undo the doubt of an earlier one: the change set may have been applied.
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        let mut doubt = None;
        for _ in 1..TRIES_AFTER_FAULT {
            match self.storage.commit(set).await {
                Err(error) if error.kind() == StorageErrorKind::OutcomeUnknown => doubt = Some(error),
                Err(error) if error.kind().may_retry() => {}
                outcome => return in_doubt(outcome, doubt),
            }
        }
        in_doubt(self.storage.commit(set).await, doubt)
    }

    fn seal_all(&self, key: &PartitionKey, partition: Partition, drafts: &[Draft]) -> Result<Vec<Put>, Failure> {
        drafts
            .iter()
            .map(|draft| {
                let mut put = Put {
                    collection: draft.collection,
                    row: draft.row,
                    version: draft.version,
                    order: draft.order,
                    tags: draft.tags.clone(),
                    body: Vec::new(),
                };
                // What its author packed already stays so: a row that must not be compressed says it that way.
                let packed = (!is_packed(&draft.body)).then(|| pack(&draft.body, packing_of(draft.collection)));
                let body = packed.as_ref().unwrap_or(&draft.body);
                put.body = self.vault.seal(key, &SealContext::of_put(partition, &put), body)?;
                Ok(put)
            })
            .collect()
    }

    /// The partition's key; for a new partition a new one, with the wrapped key to be stored in the same change set.
    async fn key_for_writing(
        &self,
        partition: Partition,
        head: Head,
    ) -> Result<(Arc<PartitionKey>, Option<Vec<u8>>), Failure> {
        if head.revision == 0 {
            let (key, wrapped) = self.vault.new_partition_key(partition)?;
            return Ok((key, Some(wrapped)));
        }
        if let Some(key) = self.vault.cached_since(partition, head.epoch) {
            return Ok((key, None));
        }
        // Restored or moved since the key was read: what is sealed with the key of before could not be opened again.
        self.vault.forget(partition);
        let key = self.key(partition).await?;
        self.vault.confirm(&key, head.epoch);
        Ok((key, None))
    }

    /// The key of a partition that was written to before.
    pub(crate) async fn key(&self, partition: Partition) -> Result<Arc<PartitionKey>, Failure> {
        if let Some(key) = self.vault.cached(partition) {
            return Ok(key);
        }
        let rows = self.storage.get(partition, Stored::KEY, &[Stored::ONLY]).await?;
        let row = rows.first().ok_or(Failure::Damaged("data key: missing"))?;
        Ok(self.vault.partition_key(partition, &row.body)?)
    }

    /// Rows by their ids. A row that was not asked for is an integrity error (INVARIANT (what was asked for)).
    pub(crate) async fn get(
        &self,
        partition: Partition,
        collection: Collection,
        ids: &[RowId],
    ) -> Result<Vec<Row>, Failure> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.storage.get(partition, collection, ids).await?;
        if answers_get(partition, collection, ids, &rows) { Ok(rows) } else { Err(stranger("get")) }
    }

    /// Rows in order. A row that was not asked for, or not in its place, is an integrity error.
    pub(crate) async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, Failure> {
        let rows = self.storage.scan(scan).await?;
        if answers_scan(scan, &rows) { Ok(rows) } else { Err(stranger("scan")) }
    }

    /// Opens a row with its partition's key and unpacks it. A key that does not open is dropped: after a restore there
    /// may be another.
    pub(crate) fn open(&self, key: &PartitionKey, row: &Row) -> Result<Opened, Failure> {
        let opened = self.vault.open(key, &SealContext::of_row(row), &row.body);
        let opened = opened.inspect_err(|_| self.vault.forget(row.partition))?;
        // Entries are never packed: they are short, and their form is that of the chain.
        let packed = row.collection != Stored::AUDIT && is_packed(&opened);
        Ok(if packed { Opened::new(unpack(&opened)?) } else { opened })
    }

    /// Opens a row of a partition with the key that the partition has now, also where the cached one is of before a restore.
    pub(crate) async fn open_own(&self, row: &Row) -> Result<Opened, Failure> {
        let key = self.key(row.partition).await?;
        let opened = self.open(&key, row);
        if opened.is_err() {
            let now = self.key(row.partition).await?;
            if now.id() != key.id() {
                return self.open(&now, row);
            }
        }
        opened
    }

    /// The one record of a partition, with its version; `None` where there is none.
    pub(crate) async fn only_record<T: DeserializeOwned>(
        &self,
        partition: Partition,
    ) -> Result<Option<(T, u64)>, Failure> {
        let rows = self.get(partition, Stored::RECORD, &[Stored::ONLY]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let opened = self.open_own(row).await?;
        Ok(Some((decode(&opened, "record")?, row.version)))
    }
}

/// What is known after an earlier try whose outcome was not. A conflict tells: a change set that was applied is answered as
/// repeated.
fn in_doubt(outcome: Result<Receipt, StorageError>, doubt: Option<StorageError>) -> Result<Receipt, StorageError> {
    match (outcome, doubt) {
        (Err(error), Some(doubt)) if error.kind() != StorageErrorKind::Conflict => Err(doubt),
        (outcome, _) => outcome,
    }
}

fn stranger(operation: &'static str) -> Failure {
    StorageError::new(StorageErrorKind::Integrity, operation).into()
}

/// The form of a body before it is packed: a format byte, then JSON.
const FORMAT_JSON: u8 = 1;

/// Writes a value in the form of a row's body.
pub(crate) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::with_capacity(512);
    body.push(FORMAT_JSON);
    serde_json::to_writer(&mut body, value).map_err(|_| Failure::Damaged("body: cannot be written"))?;
    Ok(body)
}

/// Reads a value from a row's body.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8], place: &'static str) -> Result<T, Failure> {
    match body.split_first() {
        // Checked as UTF-8 once as a whole, which is much faster than text by text.
        Some((&FORMAT_JSON, json)) => core::str::from_utf8(json)
            .ok()
            .and_then(|json| serde_json::from_str(json).ok())
            .ok_or(Failure::Damaged(place)),
        _ => Err(Failure::Damaged(place)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::storage::Outcome;

    #[test]
    fn a_doubt_ends_with_a_receipt_or_a_conflict_and_not_with_another_fault() {
        let error = |kind| StorageError::new(kind, "commit");
        let doubt = error(StorageErrorKind::OutcomeUnknown);
        for kind in [StorageErrorKind::Unavailable, StorageErrorKind::Full, StorageErrorKind::Busy] {
            assert_eq!(in_doubt(Err(error(kind)), Some(doubt)), Err(doubt));
            assert_eq!(in_doubt(Err(error(kind)), None), Err(error(kind)));
        }
        let conflict = Err(error(StorageErrorKind::Conflict));
        assert_eq!(in_doubt(conflict, Some(doubt)), conflict);
        let receipt = Ok(Receipt { revision: 3, outcome: Outcome::Repeated });
        assert_eq!(in_doubt(receipt, Some(doubt)), receipt);
    }
}
