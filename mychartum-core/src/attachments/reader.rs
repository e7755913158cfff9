//! Reading an attached file, chunk by chunk.

use core::fmt;
use core::ops::{Deref, Range};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::audit::Facts;
use crate::ledger::{Change, Failure};
use crate::port::blob_store::{BlobErrorKind, BlobName};
use crate::port::storage::Partition;
use crate::vault::{BLOB_HEADER, BlobLayout, BlobOpener, Opened, SecretKey, VaultError};

use super::record::AttachmentRecord;
use super::shelf::record_of;
use super::{Attachment, AttachmentError, Shelf};

/// A file that a disclosure opened: its bytes in order, or a range of them.
///
/// It holds at most the chunks that are read at once (`chunks_at_once` of the settings). Every chunk is proved whole,
/// in its place and of this file before it is given; of a file read from its beginning to its end the hash is compared
/// as well, before the last chunk is given. It can be read for as long as the settings say, which may be longer than
/// the permit that opened it lasts.
pub struct AttachmentReader {
    shelf: Shelf,
    partition: Partition,
    attachment: Attachment,
    name: BlobName,
    key: SecretKey,
    layout: BlobLayout,
    opener: Option<BlobOpener>,
    range: Range<u64>,
    /// The chunks that are still to be given: next and last; none when all were, or when a step failed.
    chunks: Option<(u32, u32)>,
    /// Sealed chunks that were read, the next one first.
    sealed: Vec<u8>,
    used: usize,
    /// The hash so far, where the whole file is read.
    hash: Option<Sha256>,
    until: DateTime<Utc>,
    fault: Facts,
    failed: bool,
}

/// Some bytes of a file, at most 64 KiB: wiped when dropped, never shown by `Debug`.
pub struct Chunk {
    opened: Opened,
    range: Range<usize>,
}

impl Deref for Chunk {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.opened.get(self.range.clone()).unwrap_or_default()
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chunk([hidden])")
    }
}

impl fmt::Debug for AttachmentReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttachmentReader({:?}, [hidden])", self.attachment.id)
    }
}

impl Shelf {
    /// Opens a file; `fault` is what is written down if it is not what it should be.
    pub(crate) fn open(
        self,
        partition: Partition,
        attachment: Attachment,
        record: AttachmentRecord,
        fault: Facts,
    ) -> Result<AttachmentReader, AttachmentError> {
        let layout = BlobLayout::of(record.bytes).ok_or(Failure::Damaged("attachment: length"))?;
        Ok(AttachmentReader {
            until: self.ledger.now() + self.settings.open_for,
            shelf: self,
            partition,
            attachment,
            name: record.name,
            key: record.key,
            layout,
            opener: None,
            range: 0..record.bytes,
            chunks: Some((0, layout.last())),
            sealed: Vec::new(),
            used: 0,
            hash: Some(Sha256::new()),
            fault,
            failed: false,
        })
    }
}

impl AttachmentReader {
    /// What is being read.
    #[must_use]
    pub const fn attachment(&self) -> &Attachment {
        &self.attachment
    }

    /// Reads only these bytes; only the chunks that have them are fetched. What was read before is read again.
    ///
    /// # Errors
    /// [`AttachmentError::OutOfRange`] unless `start <= end <= bytes`.
    pub fn range(self, range: Range<u64>) -> Result<Self, AttachmentError> {
        let bytes = self.layout.bytes();
        if range.start > range.end || range.end > bytes {
            return Err(AttachmentError::OutOfRange { bytes });
        }
        let whole = range == (0..bytes);
        let chunks = (whole || range.start < range.end)
            .then(|| (self.layout.chunk_at(range.start), self.layout.chunk_at(range.end.saturating_sub(1))));
        let hash = whole.then(Sha256::new);
        Ok(Self { range, chunks, hash, sealed: Vec::new(), used: 0, ..self })
    }

    /// The next bytes; `None` at the end. Dropping its future loses nothing, nor does an error of the store: call it
    /// again.
    ///
    /// # Errors
    /// [`AttachmentError::Gone`], or an integrity failure, after an entry in the chart's trail says so; nothing of the
    /// bad part was given. [`AttachmentError::Expired`], [`AttachmentError::Store`].
    pub async fn next(&mut self) -> Result<Option<Chunk>, AttachmentError> {
        if self.failed {
            return Err(AttachmentError::Broken);
        }
        let Some((number, last)) = self.chunks else { return Ok(None) };
        if self.shelf.ledger.now() >= self.until {
            return Err(AttachmentError::Expired);
        }
        if self.used >= self.sealed.len() {
            self.fetch(number, last).await?;
        }
        match self.open(number) {
            Ok(chunk) => {
                self.chunks = if number < last { Some((number + 1, last)) } else { None };
                Ok(if chunk.is_empty() { None } else { Some(chunk) })
            }
            Err(failure) => Err(self.broken(failure).await),
        }
    }

    /// Fetches chunks from this one on, as many as may be held.
    async fn fetch(&mut self, number: u32, last: u32) -> Result<(), AttachmentError> {
        let until = number.saturating_add(self.shelf.settings.chunks_at_once.get() - 1).min(last);
        let place = self.layout.sealed(number, until);
        let with_header = self.opener.is_none() && number == 0;
        if self.opener.is_none() && !with_header {
            let header = self.read(0..BLOB_HEADER as u64).await?;
            self.begin(&header).await?;
        }
        let start = if with_header { 0 } else { place.start };
        // One byte more than there should be at the end tells whether something was added there.
        let beyond = u64::from(until == self.layout.last());
        let mut bytes = self.read(start..place.end + beyond).await?;
        if u64::try_from(bytes.len()) != Ok(place.end - start) {
            return Err(self.broken(VaultError::Unreadable.into()).await);
        }
        if with_header {
            let chunks = bytes.split_off(BLOB_HEADER.min(bytes.len()));
            self.begin(&bytes).await?;
            bytes = chunks;
        }
        (self.sealed, self.used) = (bytes, 0);
        Ok(())
    }

    async fn begin(&mut self, header: &[u8]) -> Result<(), AttachmentError> {
        let context = self.shelf.context(self.partition, self.attachment.id);
        match BlobOpener::begin(&self.key, &context, self.layout, header) {
            Ok(opener) => {
                self.opener = Some(opener);
                Ok(())
            }
            Err(error) => Err(self.broken(error.into()).await),
        }
    }

    async fn read(&mut self, range: Range<u64>) -> Result<Vec<u8>, AttachmentError> {
        match self.shelf.store.read(self.name, range).await {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == BlobErrorKind::Missing => {
                // Removed since it was opened? Then nothing is wrong.
                if self.shelf.find(self.partition, self.attachment.id).await?.is_none() {
                    self.failed = true;
                    return Err(AttachmentError::NotFound);
                }
                self.broken(Failure::Damaged("attachment: object missing")).await;
                Err(AttachmentError::Gone)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Opens the next chunk that was fetched, cut to the range.
    fn open(&mut self, number: u32) -> Result<Chunk, Failure> {
        let place = self.layout.sealed(number, number);
        let length = usize::try_from(place.end - place.start).unwrap_or(usize::MAX);
        let sealed = self.sealed.get(self.used..self.used.saturating_add(length)).ok_or(VaultError::Unreadable)?;
        let opener = self.opener.as_ref().ok_or(VaultError::Unreadable)?;
        let opened = opener.open(number, sealed)?;
        if let Some(hash) = &mut self.hash {
            hash.update(&*opened);
            if number == self.layout.last() && <[u8; 32]>::from(hash.clone().finalize()) != self.attachment.sha256 {
                return Err(Failure::Damaged("attachment: hash"));
            }
        }
        self.used += length;
        let begin = self.layout.place_of(number);
        let within = |place: u64| {
            usize::try_from(place.saturating_sub(begin)).map_or(opened.len(), |place| place.min(opened.len()))
        };
        let range = within(self.range.start)..within(self.range.end);
        Ok(Chunk { opened, range })
    }

    /// INVARIANT (faults are told): writes down that the file is not what it should be, and gives nothing more of it.
    async fn broken(&mut self, failure: Failure) -> AttachmentError {
        self.failed = true;
        if failure.is_integrity() {
            let facts =
                Facts { at: self.shelf.ledger.now(), record: Some(record_of(self.attachment.id)), ..self.fault };
            drop(self.shelf.ledger.record(Change::none(self.partition), facts).await);
        }
        failure.into()
    }
}
