//! Reading one archive, frame by frame, with a running digest.

use std::io::{ErrorKind, Read};

use sha2::{Digest as _, Sha256};

use super::error::ArchiveError;
use super::format::{END, HEADER, Header, LONGEST, Part};
use crate::transfer::{Counts, split};

/// An archive that is being read. What was read is trusted only after its end.
pub(super) struct FrameReader<'a> {
    from: &'a mut (dyn Read + Send),
    hash: Sha256,
    /// Counted by whoever understands the frames.
    pub(super) counts: Counts,
}

impl<'a> FrameReader<'a> {
    pub(super) fn begin(from: &'a mut (dyn Read + Send), part: Part) -> Result<(Self, Header), ArchiveError> {
        let mut bytes = Vec::with_capacity(HEADER);
        (&mut *from).take(HEADER as u64).read_to_end(&mut bytes)?;
        let header = Header::decode(part, &bytes)?;
        let mut hash = Sha256::new();
        hash.update(&bytes);
        Ok((Self { from, hash, counts: Counts::default() }, header))
    }

    /// The next frame; `None` at the end of the archive, whose counts and digest were compared.
    pub(super) fn frame(&mut self) -> Result<Option<(u8, Vec<u8>)>, ArchiveError> {
        let head: [u8; 5] = self.take()?;
        let [kind, length @ ..] = head;
        let length = u32::from_be_bytes(length) as usize;
        if length > LONGEST {
            return Err(ArchiveError::Damaged("frame length"));
        }
        // The memory grows with what is there, not with what a damaged length says.
        let mut payload = Vec::with_capacity(length.min(64 << 10));
        (&mut *self.from).take(length as u64).read_to_end(&mut payload)?;
        if payload.len() < length {
            return Err(ArchiveError::Truncated);
        }
        self.hash.update(&payload);
        if kind != END {
            return Ok(Some((kind, payload)));
        }
        self.end(&payload)?;
        Ok(None)
    }

    fn end(&mut self, mut payload: &[u8]) -> Result<(), ArchiveError> {
        let expected: [u8; 32] = self.hash.clone().finalize().into();
        if self.take::<32>()? != expected {
            return Err(ArchiveError::Damaged("digest"));
        }
        let payload = &mut payload;
        let mut number = || split(payload).map(u64::from_be_bytes).ok_or(ArchiveError::Damaged("end"));
        let told = Counts { partitions: number()?, rows: number()?, bytes: number()? };
        if !payload.is_empty() || told != self.counts {
            return Err(ArchiveError::Damaged("counts"));
        }
        match self.take::<1>() {
            Err(ArchiveError::Truncated) => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Err(ArchiveError::Damaged("more after its end")),
        }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], ArchiveError> {
        let mut bytes = [0; N];
        loop {
            match self.from.read_exact(&mut bytes) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                outcome => break outcome?,
            }
        }
        self.hash.update(bytes);
        Ok(bytes)
    }
}
