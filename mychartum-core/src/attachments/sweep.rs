//! The sweeper: objects that no row names.
//!
//! An object without a row is left by an upload that broke off between the two, by a removal that broke off, or by
//! restoring an older copy of the rows. Whether a row names an object is asked of the row itself, whose place the name
//! tells.
//!
//! INVARIANT (swept is never named): before an object is deleted, a row that says so is written where the row would be
//! that names it. Storage takes only one of the two, since both are the first version of the same row. So whoever
//! attaches a file at the same moment, however slow and with whatever clock, either was first, and the object stays, or
//! is told that it was swept. No clock decides about a file; the grace decides only how long rubbish stays.

use crate::audit::Action;
use crate::chart::SectionSet;
use crate::kernel::id::{AttachmentId, PatientId};
use crate::ledger::{Change, Draft, Failure, Stored};
use crate::port::blob_store::{BlobName, BlobObject};
use crate::port::storage::{Partition, PartitionKind, StorageErrorKind};

use super::record::AttachmentRow;
use super::shelf::row_of;
use super::{AttachmentError, Shelf};

/// Whether a sweep removes what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sweep {
    /// It only counts: what an operator does first, after a restore.
    Look,
    /// It removes.
    Remove,
}

/// Where a sweep goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepCursor(BlobName);

/// What a part of a sweep found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[must_use]
pub struct SweepReport {
    /// Objects that a row names.
    pub named: u64,
    /// Objects that no row names, and that are younger than the grace; they are left alone.
    pub young: u64,
    /// Objects that no row names, and that are older: removed, or to be removed.
    pub unnamed: u64,
    /// Objects that this installation did not make; they are left alone.
    pub foreign: u64,
    /// Objects of partitions that cannot be asked now, because they are being moved or are kept elsewhere; they are
    /// left alone.
    pub undecided: u64,
    /// What broken uploads had left behind in the store, removed.
    pub tidied: u64,
    /// Where to go on; none at the end.
    pub next: Option<SweepCursor>,
}

/// Whether an object may go.
enum Verdict {
    Named,
    Young,
    /// It may; the row that forbids naming it is there, or nobody can write one.
    Rubbish,
}

impl Shelf {
    /// Sweeps a part of the objects, from a cursor on.
    pub(crate) async fn sweep(&self, how: Sweep, from: Option<SweepCursor>) -> Result<SweepReport, AttachmentError> {
        let limit = self.settings.sweep_at_once.get();
        let mut report = SweepReport::default();
        if from.is_none() && how == Sweep::Remove {
            report.tidied = self.store.tidy(self.ledger.now() - self.settings.grace).await?;
        }
        let objects = self.store.list(from.map(|SweepCursor(name)| name), limit).await?;
        for object in &objects {
            let Some((partition, id)) = self.ledger.vault.blob_names().read(object.name) else {
                report.foreign += 1;
                continue;
            };
            let verdict = match self.judge(how, object, partition, id).await {
                Err(AttachmentError::Failure(Failure::Storage(error)))
                    if matches!(error.kind(), StorageErrorKind::Busy | StorageErrorKind::Elsewhere) =>
                {
                    report.undecided += 1;
                    continue;
                }
                verdict => verdict?,
            };
            match verdict {
                Verdict::Named => report.named += 1,
                Verdict::Young => report.young += 1,
                Verdict::Rubbish => {
                    if how == Sweep::Remove {
                        self.store.delete(object.name).await?;
                    }
                    report.unnamed += 1;
                }
            }
        }
        let full = objects.len() >= limit as usize;
        report.next = objects.last().filter(|_| full).map(|object| SweepCursor(object.name));
        Ok(report)
    }

    async fn judge(
        &self,
        how: Sweep,
        object: &BlobObject,
        partition: Partition,
        id: AttachmentId,
    ) -> Result<Verdict, AttachmentError> {
        let rows = self.ledger.get(partition, Stored::ATTACHMENTS, &[row_of(id)]).await?;
        if let Some(row) = rows.first() {
            // A row that cannot be opened, because its key is not restored yet or because it is damaged, names its
            // object all the same.
            return Ok(match self.read(row).await {
                Ok(None) => Verdict::Rubbish,
                Ok(Some(_)) | Err(_) => Verdict::Named,
            });
        }
        if object.written_at > self.ledger.now() - self.settings.grace {
            return Ok(Verdict::Young);
        }
        if how == Sweep::Look || !self.can_be_written(partition).await? {
            return Ok(Verdict::Rubbish);
        }
        match self.doom(partition, id).await {
            Ok(()) => Ok(Verdict::Rubbish),
            // Somebody was first and named it.
            Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict => Ok(Verdict::Named),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Whether anybody can name something in a partition: not in one that was never there or was erased.
    async fn can_be_written(&self, partition: Partition) -> Result<bool, Failure> {
        Ok(!self.ledger.get(partition, Stored::KEY, &[Stored::ONLY]).await?.is_empty())
    }

    /// Writes the row that keeps an object from being named, with an entry.
    async fn doom(&self, partition: Partition, id: AttachmentId) -> Result<(), Failure> {
        let order = self.ledger.now().timestamp_micros();
        let draft = Draft::first(Stored::ATTACHMENTS, row_of(id), order, AttachmentRow::swept());
        let patient = PatientId::from_bytes(partition.id());
        let mut facts = self.facts(Action::Sweep, patient, id, SectionSet::NONE);
        facts.subject = (partition.kind() == PartitionKind::Patient).then_some(patient);
        self.ledger.record(Change::puts(partition, vec![draft]), facts).await.map(drop)
    }
}
