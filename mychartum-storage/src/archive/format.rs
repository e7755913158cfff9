//! The format of archives, byte for byte. Version 1:
//!
//! ```text
//! archive    "MyChartum backup" | version u16 | part u8 | id [16] | at u64 | frame ... | end
//! frame      kind u8 | length u32 | payload [length]
//! end        frame of kind 9 | SHA-256 [32] over everything before it
//!
//! part 1, the data      opening, then for each partition its frame and those of its rows
//!   1  opening          partitions u64 | buckets u16 | (bucket u16 | state u8 | epoch u64) ...
//!                       only buckets that are not as in a new storage, in order
//!   2  partition        its head and the change sets that it remembers
//!   3  row              of the partition before it, in the order of (collection, row id)
//! part 2, the keys      for each wrapped data key
//!   4  key              partition | row
//! both
//!   9  end              partitions u64 | rows u64 | bytes of bodies u64
//! ```
//!
//! Numbers are big endian. Partitions are in the order of (bucket, kind, id). How heads and rows are written is told in
//! `transfer/form.rs`. The digest finds damage, not forgery: whoever can write the files can make it fit. Forged rows are
//! found by their seals and forged entries by their chains, when the restored storage is inspected.

use mychartum_core::port::custody::{BucketState, BucketStatus};
use mychartum_core::port::storage::{Bucket, ChangeSet};

use super::contents::ArchiveId;
use super::error::ArchiveError;
use crate::transfer::{Survey, split};

pub(super) const MAGIC: [u8; 16] = *b"MyChartum backup";

/// The newest version of the format; all earlier ones stay readable.
pub(super) const VERSION: u16 = 1;

/// The bytes of a header.
pub(super) const HEADER: usize = 16 + 2 + 1 + 16 + 8;

pub(super) const OPENING: u8 = 1;
pub(super) const PARTITION: u8 = 2;
pub(super) const ROW: u8 = 3;
pub(super) const KEY: u8 = 4;
pub(super) const END: u8 = 9;

/// No frame is longer: a row with all its tags and the longest body, and what stands around them.
pub(super) const LONGEST: usize = ChangeSet::MAX_BODY + ChangeSet::MAX_TAGS * 16 + 1024;

/// Which archive of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Data,
    Keys,
}

impl Part {
    const fn code(self) -> u8 {
        match self {
            Self::Data => 1,
            Self::Keys => 2,
        }
    }
}

/// How an archive begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) part: Part,
    pub(super) id: ArchiveId,
    pub(super) at: u64,
}

impl Header {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&VERSION.to_be_bytes());
        bytes.push(self.part.code());
        bytes.extend_from_slice(&self.id.to_bytes());
        bytes.extend_from_slice(&self.at.to_be_bytes());
        bytes
    }

    /// Reads the header of a part.
    pub(super) fn decode(part: Part, mut bytes: &[u8]) -> Result<Self, ArchiveError> {
        let begins_alike = bytes.iter().zip(&MAGIC).all(|(found, expected)| found == expected);
        if !begins_alike {
            return Err(ArchiveError::Foreign);
        }
        let bytes = &mut bytes;
        let _: [u8; 16] = split(bytes).ok_or(ArchiveError::Truncated)?;
        let have = u16::from_be_bytes(split(bytes).ok_or(ArchiveError::Truncated)?);
        match have {
            VERSION => {}
            0 => return Err(ArchiveError::Damaged("version")),
            _ => return Err(ArchiveError::Newer { have, know: VERSION }),
        }
        let [found] = split(bytes).ok_or(ArchiveError::Truncated)?;
        match found {
            code if code == part.code() => {}
            1 | 2 => return Err(ArchiveError::WrongPart),
            _ => return Err(ArchiveError::Damaged("part")),
        }
        let id = ArchiveId::from_bytes(split(bytes).ok_or(ArchiveError::Truncated)?);
        Ok(Self { part, id, at: u64::from_be_bytes(split(bytes).ok_or(ArchiveError::Truncated)?) })
    }
}

/// Writes the payload of the opening.
pub(super) fn encode_opening(survey: &Survey) -> Vec<u8> {
    let as_new = |status: &&BucketStatus| status.state == BucketState::Serving && status.epoch == 0;
    let told: Vec<&BucketStatus> = survey.buckets.iter().filter(|status| !as_new(status)).collect();
    let mut bytes = survey.partitions.to_be_bytes().to_vec();
    bytes.extend_from_slice(&u16::try_from(told.len()).unwrap_or(u16::MAX).to_be_bytes());
    for status in told {
        bytes.extend_from_slice(&status.bucket.number().to_be_bytes());
        bytes.push(status.state.code());
        bytes.extend_from_slice(&status.epoch.to_be_bytes());
    }
    bytes
}

/// Reads the payload of the opening.
pub(super) fn decode_opening(mut bytes: &[u8]) -> Option<Survey> {
    let bytes = &mut bytes;
    let partitions = u64::from_be_bytes(split(bytes)?);
    let told = u16::from_be_bytes(split(bytes)?);
    let new = |bucket| BucketStatus { bucket, state: BucketState::Serving, epoch: 0 };
    let mut buckets: Vec<BucketStatus> = Bucket::all().map(new).collect();
    let mut before = None;
    for _ in 0..told {
        let number = u16::from_be_bytes(split(bytes)?);
        let [state] = split(bytes)?;
        let state = BucketState::from_code(state).filter(|state| *state != BucketState::Arriving)?;
        let epoch = u64::from_be_bytes(split(bytes)?);
        if before.is_some_and(|before| before >= number) || i64::try_from(epoch).is_err() {
            return None;
        }
        before = Some(number);
        let place = buckets.get_mut(usize::from(number))?;
        *place = BucketStatus { state, epoch, ..*place };
    }
    bytes.is_empty().then_some(Survey { buckets, partitions })
}
