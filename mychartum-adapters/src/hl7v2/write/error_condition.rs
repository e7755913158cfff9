//! What an acknowledgement says is wrong: a code and a place, never a value.

use crate::hl7v2::Segment;
use crate::hl7v2::error::ParseErrorKind;

/// What is wrong with a message (HL7 table 0357).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCondition {
    /// 100: segments in the wrong order, or lines that are none.
    SegmentSequence,
    /// 101: a field that must be there is not.
    RequiredFieldMissing,
    /// 102: a field has the wrong type.
    DataType,
    /// 103: a code that is not in its table.
    ValueNotFound,
    /// 200: this type of message is not taken here.
    UnsupportedMessageType,
    /// 201: this event is not taken here.
    UnsupportedEvent,
    /// 202: test data at a port for production, or the reverse.
    UnsupportedProcessingId,
    /// 203: this version is not taken here.
    UnsupportedVersion,
    /// 204: a key that nobody knows.
    UnknownKey,
    /// 205: a key that is there already.
    DuplicateKey,
    /// 206: somebody else is at work on the record.
    RecordLocked,
    /// 207: our own fault.
    Internal,
}

impl ErrorCondition {
    /// Its number in the table.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.parts().0
    }

    pub(super) const fn parts(self) -> (u16, &'static str) {
        match self {
            Self::SegmentSequence => (100, "Segment sequence error"),
            Self::RequiredFieldMissing => (101, "Required field missing"),
            Self::DataType => (102, "Data type error"),
            Self::ValueNotFound => (103, "Table value not found"),
            Self::UnsupportedMessageType => (200, "Unsupported message type"),
            Self::UnsupportedEvent => (201, "Unsupported event code"),
            Self::UnsupportedProcessingId => (202, "Unsupported processing id"),
            Self::UnsupportedVersion => (203, "Unsupported version id"),
            Self::UnknownKey => (204, "Unknown key identifier"),
            Self::DuplicateKey => (205, "Duplicate key identifier"),
            Self::RecordLocked => (206, "Application record locked"),
            Self::Internal => (207, "Application internal error"),
        }
    }
}

impl From<ParseErrorKind> for ErrorCondition {
    fn from(kind: ParseErrorKind) -> Self {
        match kind {
            ParseErrorKind::TooLarge => Self::Internal,
            ParseErrorKind::FieldSeparator => Self::RequiredFieldMissing,
            _ => Self::SegmentSequence,
        }
    }
}

/// A place in a message: which segment and field, and nothing of what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    pub(super) segment: [u8; 3],
    pub(super) sequence: u32,
    pub(super) field: u32,
}

impl Place {
    /// A field of a segment, or the segment itself as field 0.
    #[must_use]
    pub fn of(segment: &Segment<'_>, field: u32) -> Self {
        let name = <[u8; 3]>::try_from(segment.name().as_bytes()).unwrap_or(*b"MSH");
        let before = segment.message().segments().take(segment.number()).filter(|other| other.is(segment.name()));
        let sequence = u32::try_from(before.count()).unwrap_or(u32::MAX).saturating_add(1);
        Self { segment: name, sequence, field }
    }
}
