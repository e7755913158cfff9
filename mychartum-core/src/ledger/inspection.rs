//! Looking at everything in a snapshot: every seal opened, every chain followed to its head.

use std::sync::Arc;

use crate::audit::{Fault, Unreadable, Verifier};
use crate::port::Snapshot;
use crate::port::custody::BucketState;
use crate::port::storage::{Bucket, Collection, Head, Partition, Row, RowId, StorageError};
use crate::vault::{PartitionKey, SealContext, Vault};

use super::collection::Stored;
use super::failure::Failure;

/// How many heads or rows are read at once.
const PAGE: u32 = 500;

/// What an inspection found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inspection {
    /// Partitions that were looked at.
    pub partitions: u64,
    /// Rows that were looked at, entries included.
    pub rows: u64,
    /// Audit entries that follow from those before them.
    pub entries: u64,
    /// How many faults there are in all.
    pub fault_count: u64,
    /// The first faults, at most [`Inspection::MOST_FAULTS`]; of each partition each kind once.
    pub faults: Vec<InspectionFault>,
}

impl Inspection {
    /// So many faults are named.
    pub const MOST_FAULTS: usize = 100;

    /// Whether every seal opened and every chain held.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.fault_count == 0
    }

    fn add(&mut self, of: OfPartition<'_>) {
        let (partition, entries, faults) = of.finish();
        self.entries += entries;
        self.fault_count += faults.len() as u64;
        let room = Self::MOST_FAULTS.saturating_sub(self.faults.len());
        self.faults.extend(faults.into_iter().take(room).map(|kind| InspectionFault { partition, kind }));
    }
}

/// Something that is not as it was written. It names no row and no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InspectionFault {
    /// Where.
    pub partition: Partition,
    /// What.
    pub kind: InspectionFaultKind,
}

/// What is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InspectionFaultKind {
    /// A founding record stands where none belongs.
    #[error("a founding record stands where none belongs")]
    Founding,
    /// The data key is not there: it was destroyed, or the keys of the backup are not complete.
    #[error("the data key is not there")]
    KeyMissing,
    /// The data key cannot be unwrapped.
    #[error("the data key cannot be unwrapped")]
    KeyUnreadable,
    /// A row does not open: altered, moved, rolled back, or sealed with another key.
    #[error("a row does not open")]
    RowUnreadable,
    /// The audit chain does not hold.
    #[error("the audit chain does not hold: {0}")]
    Trail(Fault),
    /// The snapshot gave a row of another partition, or rows out of order.
    #[error("rows of another partition, or out of order")]
    Stranger,
}

/// How far an inspection got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InspectionProgress {
    /// Partitions that were looked at.
    pub partitions: u64,
    /// How many there are in all.
    pub of_partitions: u64,
    /// Rows that were looked at.
    pub rows: u64,
}

/// Who is told of the progress, partition by partition and page by page.
pub type InspectionReport<'a> = &'a mut (dyn FnMut(InspectionProgress) + Send);

/// Inspects every bucket that is kept or arriving in the storage.
pub(crate) async fn inspect(
    vault: &Vault,
    snapshot: &mut dyn Snapshot,
    report: InspectionReport<'_>,
) -> Result<Inspection, StorageError> {
    let statuses = snapshot.buckets().await?;
    let here = statuses.iter().filter(|status| status.state != BucketState::Elsewhere);
    let buckets: Vec<Bucket> = here.map(|status| status.bucket).collect();
    let mut of_partitions = 0;
    for bucket in &buckets {
        let mut after = None;
        while let Some((page, last)) = heads(snapshot, *bucket, after).await? {
            of_partitions += page.len() as u64;
            after = Some(last);
        }
    }
    let mut found = Inspection::default();
    for bucket in buckets {
        let mut after = None;
        while let Some((page, last)) = heads(snapshot, bucket, after).await? {
            for (partition, head) in page {
                found.partitions += 1;
                let mut of_partition = OfPartition::new(vault, partition, head);
                loop {
                    let before = of_partition.last;
                    let rows = snapshot.rows(partition, before, PAGE).await?;
                    rows.iter().for_each(|row| of_partition.look_at(row));
                    found.rows += rows.len() as u64;
                    report(InspectionProgress { partitions: found.partitions, of_partitions, rows: found.rows });
                    // Without a row that comes after the ones before, the next page would be the same one.
                    if of_partition.last == before {
                        break;
                    }
                }
                found.add(of_partition);
            }
            after = Some(last);
        }
    }
    Ok(found)
}

type Heads = Vec<(Partition, Head)>;

/// A page of heads and the last partition of it; `None` after the last page.
async fn heads(
    snapshot: &mut dyn Snapshot,
    bucket: Bucket,
    after: Option<Partition>,
) -> Result<Option<(Heads, Partition)>, StorageError> {
    let page = snapshot.heads(bucket, after, PAGE).await?;
    let last = page.last().map(|(last, _)| *last).filter(|last| after.is_none_or(|after| *last > after));
    Ok(last.map(|last| (page, last)))
}

/// One partition on its way through the inspection. Its rows come in the order of their collections: the key before what it
/// opens.
struct OfPartition<'a> {
    vault: &'a Vault,
    partition: Partition,
    key: Option<PartitionKey>,
    audit_key: Arc<PartitionKey>,
    trail: Verifier,
    entries: u64,
    last: Option<(Collection, RowId)>,
    /// Each kind once.
    faults: Vec<InspectionFaultKind>,
}

impl<'a> OfPartition<'a> {
    fn new(vault: &'a Vault, partition: Partition, head: Head) -> Self {
        Self {
            vault,
            partition,
            key: None,
            audit_key: vault.audit_key(partition),
            trail: Verifier::new(vault.tenant(), partition, head.audit),
            entries: 0,
            last: None,
            faults: Vec::new(),
        }
    }

    fn note(&mut self, kind: InspectionFaultKind) {
        if !self.faults.contains(&kind) {
            self.faults.push(kind);
        }
    }

    fn look_at(&mut self, row: &Row) {
        let place = (row.collection, row.row);
        if row.partition != self.partition || self.last.is_some_and(|last| last >= place) {
            return self.note(InspectionFaultKind::Stranger);
        }
        self.last = Some(place);
        if let Err(kind) = self.look_into(row) {
            self.note(kind);
        }
    }

    fn look_into(&mut self, row: &Row) -> Result<(), InspectionFaultKind> {
        match row.collection {
            // The one that the vault was opened with authenticates itself.
            Stored::FOUNDING if self.partition == Partition::SYSTEM && row.row == Stored::ONLY => Ok(()),
            Stored::FOUNDING => Err(InspectionFaultKind::Founding),
            Stored::KEY => {
                let key = self.vault.read_partition_key(self.partition, &row.body);
                self.key = Some(key.map_err(|_| InspectionFaultKind::KeyUnreadable)?);
                Ok(())
            }
            Stored::AUDIT => self.follow(row),
            _ => {
                let key = self.key.as_ref().ok_or(InspectionFaultKind::KeyMissing)?;
                let opened = key.open(&SealContext::of_row(row), &row.body);
                opened.map(drop).map_err(|_| InspectionFaultKind::RowUnreadable)
            }
        }
    }

    /// Follows the chain by one entry; its first fault sticks.
    fn follow(&mut self, row: &Row) -> Result<(), InspectionFaultKind> {
        let opened = self.audit_key.open(&SealContext::of_row(row), &row.body);
        let body = opened.as_ref().map(|opened| &**opened).map_err(|_| Unreadable);
        self.trail.push(row.position(), body).map_err(|broken| InspectionFaultKind::Trail(broken.fault))?;
        self.entries += 1;
        Ok(())
    }

    /// What was found, now that all rows were seen: the chain must be as long as its head says.
    fn finish(mut self) -> (Partition, u64, Vec<InspectionFaultKind>) {
        if let Err(broken) = self.trail.finish() {
            let kind = InspectionFaultKind::Trail(broken.fault);
            if !self.faults.contains(&kind) {
                self.faults.push(kind);
            }
        }
        (self.partition, self.entries, self.faults)
    }
}

/// The founding record's bytes in a snapshot; `None` where the snapshot holds nothing at all.
pub(crate) async fn founding_in(snapshot: &mut dyn Snapshot) -> Result<Option<Vec<u8>>, Failure> {
    let rows = snapshot.rows(Partition::SYSTEM, None, 1).await?;
    let first = rows.into_iter().next().filter(|row| row.collection == Stored::FOUNDING && row.row == Stored::ONLY);
    if let Some(row) = first {
        return Ok(Some(row.body));
    }
    for bucket in Bucket::all() {
        if !snapshot.heads(bucket, None, 1).await?.is_empty() {
            return Err(Failure::Damaged("founding record: missing"));
        }
    }
    Ok(None)
}
