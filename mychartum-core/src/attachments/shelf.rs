//! Where attachments are: rows in the ledger, objects in the blob store.

use std::sync::Arc;

use crate::audit::{Action, Actor, Facts, Outcome, Purpose, SectionBits};
use crate::chart::SectionSet;
use crate::kernel::id::{AttachmentId, ItemId, PatientId};
use crate::ledger::{Failure, Ledger, Stored};
use crate::port::BlobStore;
use crate::port::storage::{Partition, Row, RowId, Tag};
use crate::vault::{BlobContext, TagDomain};

use super::record::{AttachmentRecord, AttachmentRow};
use super::{AttachedTo, Attachment, AttachmentSettings};

/// Rows, objects and the numbers of policy as one. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) store: Arc<dyn BlobStore>,
    pub(crate) settings: AttachmentSettings,
}

impl Shelf {
    /// What the host did with an attachment.
    pub(super) fn facts(&self, action: Action, patient: PatientId, id: AttachmentId, sections: SectionSet) -> Facts {
        let now = self.ledger.now();
        Facts {
            subject: Some(patient),
            sections: SectionBits::from_bits(sections.bits()),
            record: Some(record_of(id)),
            ..Facts::new(now, Actor::Host, action, Purpose::Operations, Outcome::Permitted)
        }
    }

    /// The place that a blob's seal is bound to.
    pub(super) fn context(&self, partition: Partition, attachment: AttachmentId) -> BlobContext {
        BlobContext { tenant: self.ledger.vault.tenant(), partition, attachment }
    }

    /// The row of an attachment, and what it says; `None` where there is none, or where it was swept.
    pub(crate) async fn find(
        &self,
        partition: Partition,
        id: AttachmentId,
    ) -> Result<Option<(Row, AttachmentRecord)>, Failure> {
        let mut rows = self.ledger.get(partition, Stored::ATTACHMENTS, &[row_of(id)]).await?;
        let Some(row) = rows.pop() else { return Ok(None) };
        Ok(self.read(&row).await?.map(|record| (row, record)))
    }

    /// What a row says; `None` where it says that its object was swept.
    pub(crate) async fn read(&self, row: &Row) -> Result<Option<AttachmentRecord>, Failure> {
        match AttachmentRow::decode(&self.ledger.open_own(row).await?)? {
            AttachmentRow::Attachment(record) => Ok(Some(*record)),
            AttachmentRow::Swept => Ok(None),
        }
    }
}

impl Ledger {
    /// The tag of everything that is attached to the same.
    pub(crate) fn attached_tag(&self, patient: PatientId, to: AttachedTo) -> Tag {
        let patient = patient.to_bytes();
        match to {
            // Without the section, for the file stays with the item when that goes to another one.
            AttachedTo::Item(_, item) => self.vault.index().tag(TagDomain::AttachedTo, &[&patient, &item.to_bytes()]),
            AttachedTo::Section(section) => {
                self.vault.index().tag(TagDomain::AttachedTo, &[&patient, &[section.number()]])
            }
        }
    }
}

/// What is told of a row by its id, order and record, where it is attached now.
pub(crate) fn told(
    id: AttachmentId,
    order: i64,
    record: &AttachmentRecord,
    to: AttachedTo,
) -> Result<Attachment, Failure> {
    let added_at = chrono::DateTime::from_timestamp_micros(order);
    Ok(Attachment {
        id,
        to,
        media_type: record.body.media_type.clone(),
        title: record.body.title.clone(),
        bytes: record.bytes,
        sha256: record.sha256,
        added_at: added_at.ok_or(Failure::Damaged("attachment: time"))?,
    })
}

/// The row of an attachment.
pub(super) const fn row_of(id: AttachmentId) -> RowId {
    RowId::from_bytes(id.to_bytes())
}

/// An attachment as the one thing that an entry was about.
pub(crate) const fn record_of(id: AttachmentId) -> ItemId {
    ItemId::from_bytes(id.to_bytes())
}
