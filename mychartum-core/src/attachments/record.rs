//! The row of an attachment, and the row that stands where one must never be.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::chart::Section;
use crate::kernel::hidden;
use crate::kernel::id::ItemId;
use crate::kernel::text::Label;
use crate::ledger::{Failure, decode, encode};
use crate::port::blob_store::BlobName;
use crate::vault::SecretKey;

/// What a row of the attachments says.
///
/// ```text
/// attachment: 0x03 | key of the blob [32] | SHA-256 [32] | bytes u64, big endian | name of the object [65] | body
/// swept:      0x04
/// ```
pub(crate) enum AttachmentRow {
    Attachment(Box<AttachmentRecord>),
    /// The object was swept. The row stays, so that nobody can name the object any more.
    Swept,
}

/// An attached file as it is stored.
pub(crate) struct AttachmentRecord {
    pub(crate) key: SecretKey,
    pub(crate) sha256: [u8; 32],
    pub(crate) bytes: u64,
    pub(crate) name: BlobName,
    pub(crate) body: AttachmentBody,
}

/// The part of it that is no secret of the machinery.
#[derive(Serialize, Deserialize)]
pub(crate) struct AttachmentBody {
    /// The section's number.
    pub(crate) section: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) item: Option<ItemId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) media_type: Option<Label>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<Label>,
}

hidden!(AttachmentRow, AttachmentRecord, AttachmentBody);

// The ledger's own forms of a body begin with 1 and 2.
const ATTACHMENT: u8 = 3;
const SWEPT: u8 = 4;
const DAMAGED: Failure = Failure::Damaged("attachment");

impl AttachmentRow {
    /// The body of a row that says that its object was swept.
    pub(crate) fn swept() -> Vec<u8> {
        vec![SWEPT]
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Failure> {
        match bytes.split_first() {
            Some((&ATTACHMENT, rest)) => AttachmentRecord::read(rest).map(|record| Self::Attachment(Box::new(record))),
            Some((&SWEPT, [])) => Ok(Self::Swept),
            _ => Err(DAMAGED),
        }
    }
}

impl AttachmentRecord {
    pub(crate) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let body = encode(&self.body)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(138 + body.len()));
        bytes.push(ATTACHMENT);
        bytes.extend_from_slice(self.key.expose());
        bytes.extend_from_slice(&self.sha256);
        bytes.extend_from_slice(&self.bytes.to_be_bytes());
        bytes.extend_from_slice(&self.name.to_bytes());
        bytes.extend_from_slice(&body);
        Ok(bytes)
    }

    fn read(bytes: &[u8]) -> Result<Self, Failure> {
        let (key, rest) = bytes.split_first_chunk().ok_or(DAMAGED)?;
        let (sha256, rest) = rest.split_first_chunk().ok_or(DAMAGED)?;
        let (length, rest) = rest.split_first_chunk().ok_or(DAMAGED)?;
        let (name, rest) = rest.split_first_chunk().ok_or(DAMAGED)?;
        Ok(Self {
            key: SecretKey::from_bytes(*key),
            sha256: *sha256,
            bytes: u64::from_be_bytes(*length),
            name: BlobName::from_bytes(*name),
            body: decode(rest, "attachment")?,
        })
    }

    /// The section that the file was attached in.
    pub(crate) fn section(&self) -> Result<Section, Failure> {
        let known = Section::ALL.into_iter().find(|section| section.number() == self.body.section);
        known.ok_or(Failure::Damaged("attachment: section"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> AttachmentRecord {
        AttachmentRecord {
            key: SecretKey::from_bytes([1; 32]),
            sha256: [2; 32],
            bytes: 0x0102_0304_0506_0708,
            name: BlobName::from_bytes([3; 65]),
            body: AttachmentBody {
                section: Section::Documents.number(),
                item: Some(ItemId::from_bytes([4; 16])),
                media_type: Label::parse("application/pdf").ok(),
                title: None,
            },
        }
    }

    #[test]
    fn a_record_comes_back_from_its_bytes() {
        let bytes = record().encode().unwrap();
        assert_eq!(bytes[..1], [3]);
        assert_eq!(bytes[65..73], [1, 2, 3, 4, 5, 6, 7, 8]);
        let AttachmentRow::Attachment(back) = AttachmentRow::decode(&bytes).unwrap() else { panic!("swept") };
        assert_eq!(back.encode().unwrap(), bytes);
        assert_eq!(back.section(), Ok(Section::Documents));
        assert_eq!(format!("{back:?}"), "AttachmentRecord([hidden])");
    }

    #[test]
    fn anything_else_is_damaged() {
        let bytes = record().encode().unwrap();
        for length in 0..=bytes.len() - 1 {
            assert_eq!(AttachmentRow::decode(&bytes[..length]).err().map(|error| error.is_integrity()), Some(true));
        }
        assert!(matches!(AttachmentRow::decode(&AttachmentRow::swept()), Ok(AttachmentRow::Swept)));
        for other in [&[0][..], &[1], &[2], &[4, 0]] {
            assert_eq!(AttachmentRow::decode(other).err(), Some(DAMAGED));
        }
        let unknown = AttachmentRecord { body: AttachmentBody { section: 99, ..record().body }, ..record() };
        assert!(unknown.section().is_err());
    }
}
