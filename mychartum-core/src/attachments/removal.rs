//! Removing an attached file: row first, object second.

use crate::audit::Action;
use crate::kernel::id::{AttachmentId, PatientId};
use crate::ledger::{Change, Stored};
use crate::port::storage::{Delete, Partition};

use super::{AttachmentError, Shelf};

impl Shelf {
    /// Removes a file from a chart.
    pub(crate) async fn detach(&self, patient: PatientId, id: AttachmentId) -> Result<(), AttachmentError> {
        let partition = Partition::patient(patient);
        let (row, record) = self.find(partition, id).await?.ok_or(AttachmentError::NotFound)?;
        let section = record.section()?;
        let delete = Delete { collection: Stored::ATTACHMENTS, row: row.row, version: row.version };
        let change = Change { deletes: vec![delete], ..Change::none(partition) };
        self.ledger.record(change, self.facts(Action::Detach, patient, id, section.into())).await?;
        // The file is out of the chart. If its object cannot be deleted now, the sweeper does it later.
        self.store.delete(record.name).await.ok();
        Ok(())
    }
}
