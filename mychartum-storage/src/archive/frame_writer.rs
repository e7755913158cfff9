//! Writing one archive, frame by frame, with a running digest.

use std::io::Write;

use sha2::{Digest as _, Sha256};

use super::error::ArchiveError;
use super::format::{END, Header};
use crate::transfer::Counts;

/// An archive that is being written. Without [`end`](Self::end) it is truncated, and refused.
pub(super) struct FrameWriter<'a> {
    out: &'a mut (dyn Write + Send),
    hash: Sha256,
    pub(super) counts: Counts,
}

impl<'a> FrameWriter<'a> {
    pub(super) fn begin(out: &'a mut (dyn Write + Send), header: &Header) -> Result<Self, ArchiveError> {
        let mut writer = Self { out, hash: Sha256::new(), counts: Counts::default() };
        writer.put(&header.encode())?;
        Ok(writer)
    }

    pub(super) fn frame(&mut self, kind: u8, payload: &[u8]) -> Result<(), ArchiveError> {
        let length = u32::try_from(payload.len()).map_err(|_| ArchiveError::Damaged("frame length"))?;
        self.put(&[kind])?;
        self.put(&length.to_be_bytes())?;
        self.put(payload)
    }

    /// Writes the end, and tells what the archive holds.
    pub(super) fn end(mut self) -> Result<Counts, ArchiveError> {
        let Counts { partitions, rows, bytes } = self.counts;
        let payload = [partitions.to_be_bytes(), rows.to_be_bytes(), bytes.to_be_bytes()];
        self.frame(END, payload.as_flattened())?;
        let digest: [u8; 32] = self.hash.finalize().into();
        self.out.write_all(&digest)?;
        self.out.flush()?;
        Ok(self.counts)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.hash.update(bytes);
        Ok(self.out.write_all(bytes)?)
    }
}
