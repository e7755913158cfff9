//! Attached files: what the host does with them, and what a disclosure shows of them.

use crate::attachments::{
    AttachedTo, Attachment, AttachmentError, AttachmentReader, AttachmentRecord, NewAttachment, Shelf, Sweep,
    SweepCursor, SweepReport, Upload, told,
};
use crate::chart::Section;
use crate::kernel::id::{AttachmentId, ItemId, PatientId};
use crate::ledger::Stored;
use crate::port::storage::{Direction, Row, RowId, Scan};

use super::disclosure::{Disclosure, ROWS_AT_ONCE};
use super::error::ReadError;
use super::portal::Portal;

impl Portal {
    /// Begins to attach a file to a chart, in the host's own name. It is in the chart, with an entry, once the upload
    /// is finished.
    ///
    /// ```no_run
    /// # use mychartum_core::attachments::{AttachedTo, AttachmentError, NewAttachment};
    /// # use mychartum_core::{chart::Section, kernel::{id::PatientId, text::Label}, portal::Portal};
    /// # async fn attach(portal: &Portal, maria: PatientId, pages: &[&[u8]]) -> Result<(), AttachmentError> {
    /// let scan = NewAttachment {
    ///     media_type: Label::parse("application/pdf").ok(),
    ///     ..NewAttachment::to(AttachedTo::Section(Section::Documents))
    /// };
    /// let mut upload = portal.attach(maria, scan).await?;
    /// for page in pages {
    ///     upload.write(page).await?;
    /// }
    /// let attached = upload.finish().await?;
    /// # let _ = attached;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AttachmentError::NoSuchPatient`], [`AttachmentError::NoSuchItem`], [`AttachmentError::NoStore`], and others.
    pub async fn attach(&self, patient: PatientId, about: NewAttachment) -> Result<Upload, AttachmentError> {
        self.shelf()?.attach(patient, about).await
    }

    /// Removes a file from a chart, in the host's own name, and deletes its object.
    ///
    /// # Errors
    /// [`AttachmentError::NotFound`]; [`AttachmentError::Failure`]: it is still there. An object that cannot be deleted
    /// now is no error: the sweeper deletes it later.
    pub async fn detach(&self, patient: PatientId, attachment: AttachmentId) -> Result<(), AttachmentError> {
        self.shelf()?.detach(patient, attachment).await
    }

    /// Looks for objects that no chart names, and removes them if told so: a part of the blob store in each call. Run
    /// it to its end once a day or so, from `None` until there is no next cursor; several at once do no harm.
    ///
    /// Never run it where the storage is an older or a partial copy of the rows and the blob store is the one that is
    /// in use: what the copy does not name would be removed. A copy needs a blob store of its own. After a restore,
    /// [`Sweep::Look`] first.
    ///
    /// # Errors
    /// [`AttachmentError::Store`], [`AttachmentError::Failure`]; going on from the same cursor is safe.
    pub async fn sweep_attachments(
        &self,
        how: Sweep,
        from: Option<SweepCursor>,
    ) -> Result<SweepReport, AttachmentError> {
        self.shelf()?.sweep(how, from).await
    }

    fn shelf(&self) -> Result<Shelf, AttachmentError> {
        self.shelf.clone().ok_or(AttachmentError::NoStore)
    }
}

impl Disclosure {
    /// The files that are attached to an item, or to a section as such, newest first. None where the item is not to be
    /// seen.
    ///
    /// # Errors
    /// [`AttachmentError::Misuse`] where the permit does not name the section, [`AttachmentError::Expired`],
    /// [`AttachmentError::Failure`].
    pub async fn attachments(&self, to: AttachedTo) -> Result<Vec<Attachment>, AttachmentError> {
        if !self.shows(to).await? {
            return Ok(Vec::new());
        }
        let shelf = self.shelf()?;
        let mut scan = Scan {
            tag: Some(self.ledger.attached_tag(self.patient(), to)),
            direction: Direction::Descending,
            ..Scan::new(self.partition(), Stored::ATTACHMENTS, ROWS_AT_ONCE)
        };
        let mut attached = Vec::new();
        loop {
            let rows = self.scan(&scan).await?;
            for row in &rows {
                if let Some((record, attachment)) = self.record(shelf, row, to.section()).await?
                    && record.body.item == to.item()
                {
                    attached.push(attachment);
                }
            }
            match rows.last() {
                Some(last) if rows.len() >= ROWS_AT_ONCE as usize => scan.after = Some(last.position()),
                _ => break,
            }
        }
        Ok(attached)
    }

    /// Opens an attached file of a section; `None` where there is none of this id, or what it is attached to is not to
    /// be seen.
    ///
    /// # Errors
    /// As [`attachments`](Self::attachments). What is wrong with the object itself shows when it is read.
    pub async fn attachment(
        &self,
        section: Section,
        attachment: AttachmentId,
    ) -> Result<Option<AttachmentReader>, AttachmentError> {
        self.check(section)?;
        let shelf = self.shelf()?;
        let id = ItemId::from_bytes(attachment.to_bytes());
        let rows = self.ledger.get(self.partition(), Stored::ATTACHMENTS, &[RowId::from_bytes(id.to_bytes())]).await;
        let rows = self.noted(Some(id), rows).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let Some((record, told)) = self.record(shelf, row, section).await? else { return Ok(None) };
        if !self.shows(told.to).await? || (record.body.item.is_none() && record.body.section != section.number()) {
            return Ok(None);
        }
        shelf.clone().open(self.partition(), told, record, self.fault()).map(Some)
    }

    /// What a row says, attached to something of this section; `None` where its object was swept.
    async fn record(
        &self,
        shelf: &Shelf,
        row: &Row,
        section: Section,
    ) -> Result<Option<(AttachmentRecord, Attachment)>, ReadError> {
        let id = ItemId::from_bytes(row.row.to_bytes());
        let Some(record) = self.noted(Some(id), shelf.read(row).await).await? else { return Ok(None) };
        let to = record.body.item.map_or(AttachedTo::Section(section), |item| AttachedTo::Item(section, item));
        let attachment = told(AttachmentId::from_bytes(id.to_bytes()), row.order, &record, to);
        let attachment = self.noted(Some(id), attachment).await?;
        Ok(Some((record, attachment)))
    }

    /// Whether what a file is attached to is to be seen.
    async fn shows(&self, to: AttachedTo) -> Result<bool, ReadError> {
        match to {
            // A file that belongs to no item has no labels to decide by: only the patient sees it.
            AttachedTo::Section(section) => self.check(section).map(|()| !self.permit().viewer().is_of_another()),
            AttachedTo::Item(section, item) => Ok(self.view(section, item).await?.is_some()),
        }
    }

    fn shelf(&self) -> Result<&Shelf, AttachmentError> {
        self.shelf.as_ref().ok_or(AttachmentError::NoStore)
    }
}

impl From<ReadError> for AttachmentError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Expired => Self::Expired,
            ReadError::Misuse => Self::Misuse("the permit does not cover this"),
            ReadError::Failure(failure) => Self::Failure(failure),
        }
    }
}
