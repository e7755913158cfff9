//! Attaching a file: object first, row second.

use core::fmt;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::audit::Action;
use crate::chart::Section;
use crate::kernel::id::{AttachmentId, PatientId};
use crate::ledger::{Change, Draft, Failure, Stored, section_collection};
use crate::port::BlobUpload;
use crate::port::blob_store::BlobName;
use crate::port::storage::{Partition, RowId, StorageErrorKind};
use crate::vault::{BlobLayout, BlobSealer, CHUNK, CHUNK_TAG, ChunkPosition, SecretKey};

use super::record::{AttachmentBody, AttachmentRecord};
use super::shelf::{row_of, told};
use super::{Attachment, AttachmentError, NewAttachment, Shelf};

/// A file that is being attached, piece by piece; it is in the chart once [`finish`](Self::finish) returns.
///
/// It holds one chunk of 64 KiB, however long the file is. Dropping it attaches nothing. A method that fails, or whose
/// future is dropped, breaks the upload off; begin again.
#[must_use = "an upload attaches nothing until it is finished"]
pub struct Upload {
    shelf: Shelf,
    patient: PatientId,
    id: AttachmentId,
    about: NewAttachment,
    key: SecretKey,
    name: BlobName,
    sealer: BlobSealer,
    /// The object; none while a step is under way or after one failed.
    object: Option<Box<dyn BlobUpload>>,
    /// The chunk that is being filled. A full one waits, since it may be the last.
    chunk: Zeroizing<Vec<u8>>,
    hash: Sha256,
    bytes: u64,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upload({:?}, [hidden])", self.id)
    }
}

impl Shelf {
    /// Begins to attach a file.
    pub(crate) async fn attach(self, patient: PatientId, about: NewAttachment) -> Result<Upload, AttachmentError> {
        let partition = Partition::patient(patient);
        let section = about.to.section();
        if section == Section::AccessLog {
            return Err(AttachmentError::Misuse("nothing can be attached to the access log"));
        }
        if !self.ledger.exists(partition).await? {
            return Err(AttachmentError::NoSuchPatient);
        }
        // Needed at the end, to seal the row; if it is not there, better told before a gigabyte than after.
        self.ledger.key(partition).await?;
        if let Some(item) = about.to.item() {
            let row = RowId::from_bytes(item.to_bytes());
            if self.ledger.get(partition, section_collection(section), &[row]).await?.is_empty() {
                return Err(AttachmentError::NoSuchItem);
            }
        }
        let id = AttachmentId::from_bytes(self.ledger.random_id().map_err(Failure::from)?);
        let key = SecretKey::generate(&*self.ledger.entropy).map_err(Failure::from)?;
        let context = self.context(partition, id);
        let (sealer, header) = BlobSealer::begin(&key, &context, &*self.ledger.entropy).map_err(Failure::from)?;
        let name = self.ledger.vault.blob_names().name(partition, id).map_err(Failure::from)?;
        let object = self.store.begin(name).await?;
        let (chunk, hash) = (empty_chunk(), Sha256::new());
        let mut upload =
            Upload { shelf: self, patient, id, about, key, name, sealer, object: Some(object), chunk, hash, bytes: 0 };
        upload.send(header.to_vec()).await?;
        Ok(upload)
    }
}

impl Upload {
    /// The id that the attachment will have.
    #[must_use]
    pub const fn id(&self) -> AttachmentId {
        self.id
    }

    /// Takes the next bytes of the file, as many as there are.
    ///
    /// # Errors
    /// [`AttachmentError::TooLarge`], [`AttachmentError::Store`], [`AttachmentError::Broken`].
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), AttachmentError> {
        let most = self.shelf.settings.max_bytes.min(BlobLayout::MAX_BYTES);
        let longer = u64::try_from(bytes.len()).ok().and_then(|more| self.bytes.checked_add(more));
        let Some(longer) = longer.filter(|longer| *longer <= most) else {
            self.object = None;
            return Err(AttachmentError::TooLarge { most });
        };
        if self.object.is_none() {
            return Err(AttachmentError::Broken);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.chunk.len() == CHUNK {
                self.send_chunk(ChunkPosition::Inner).await?;
            }
            let (now, later) = rest.split_at(rest.len().min(CHUNK - self.chunk.len()));
            self.chunk.extend_from_slice(now);
            rest = later;
        }
        self.hash.update(bytes);
        self.bytes = longer;
        Ok(())
    }

    /// Completes the object, and then writes the row that names it, with its entry.
    ///
    /// # Errors
    /// [`AttachmentError::Store`] or [`AttachmentError::Failure`]: nothing is attached, except perhaps where the
    /// outcome of the commit is not known. [`AttachmentError::Swept`], [`AttachmentError::Broken`].
    pub async fn finish(mut self) -> Result<Attachment, AttachmentError> {
        self.send_chunk(ChunkPosition::Last).await?;
        let Self { shelf, patient, id, about, key, name, object, hash, bytes, .. } = self;
        object.ok_or(AttachmentError::Broken)?.complete().await?;
        // From here on the object is there. If the row is not written, for whatever reason, the sweeper removes the
        // object: it is not removed here, because a commit that failed may have come through.
        let NewAttachment { to, media_type, title } = about;
        let body = AttachmentBody { section: to.section().number(), item: to.item(), media_type, title };
        let record = AttachmentRecord { key, sha256: hash.finalize().into(), bytes, name, body };
        let facts = shelf.facts(Action::Attach, patient, id, to.section().into());
        let partition = Partition::patient(patient);
        let draft = Draft {
            collection: Stored::ATTACHMENTS,
            row: row_of(id),
            version: 1,
            order: facts.at.timestamp_micros(),
            tags: vec![shelf.ledger.attached_tag(patient, to)],
            body: record.encode()?,
        };
        let order = draft.order;
        shelf.ledger.record(Change::puts(partition, vec![draft]), facts).await.map_err(|failure| match failure {
            // The row is there already, and only the sweeper writes it before its time.
            Failure::Storage(error) if error.kind() == StorageErrorKind::Conflict => AttachmentError::Swept,
            failure => failure.into(),
        })?;
        Ok(told(id, order, &record, to)?)
    }

    async fn send_chunk(&mut self, position: ChunkPosition) -> Result<(), AttachmentError> {
        // Sealed where it stands, so nothing of the plaintext is left in what is sent.
        let mut chunk = core::mem::take(&mut *self.chunk);
        self.chunk = empty_chunk();
        let sealed = self.sealer.seal(&mut chunk, position).map_err(Failure::from);
        if let Err(failure) = sealed {
            self.object = None;
            return Err(failure.into());
        }
        self.send(chunk).await
    }

    async fn send(&mut self, bytes: Vec<u8>) -> Result<(), AttachmentError> {
        let mut object = self.object.take().ok_or(AttachmentError::Broken)?;
        object.write(bytes).await?;
        self.object = Some(object);
        Ok(())
    }
}

/// An empty chunk with room for its seal, so that it is never moved in memory.
fn empty_chunk() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(CHUNK + CHUNK_TAG))
}
