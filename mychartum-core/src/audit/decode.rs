//! Entries from bytes. Only what [`Entry::encode`] writes is read.

use chrono::DateTime;

use crate::kernel::id::{AccountId, DeliveryId, ItemId, PatientId, SessionId};
use crate::port::storage::{RowId, Tag};

use super::encode::FORMAT;
use super::{Action, Actor, Entry, Facts, Outcome, Purpose, ReasonCode, SectionBits};

/// Why bytes are no entry. Names the field, never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The version of the encoding is not one that this program knows.
    #[error("audit entry: unknown version of the encoding")]
    Version,
    /// The bytes end inside the entry.
    #[error("audit entry: too short")]
    Short,
    /// Bytes follow the entry.
    #[error("audit entry: bytes after its end")]
    Trailing,
    /// Position 0, which no entry has.
    #[error("audit entry: position must be at least 1")]
    Position,
    /// A time that the calendar cannot hold.
    #[error("audit entry: time out of range")]
    Time,
    /// A number that stands for nothing this program knows.
    #[error("audit entry: unknown code in {0}")]
    Code(&'static str),
}

impl Entry {
    /// Reads the canonical bytes of an entry.
    ///
    /// # Errors
    /// [`DecodeError`] for anything that [`encode`](Self::encode) would not have written.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut rest = Reader(bytes);
        if rest.byte()? != FORMAT {
            return Err(DecodeError::Version);
        }
        let position = match u64::from_be_bytes(rest.take()?) {
            0 => return Err(DecodeError::Position),
            position => position,
        };
        let at = DateTime::from_timestamp_micros(i64::from_be_bytes(rest.take()?)).ok_or(DecodeError::Time)?;
        let action = Action::from_code(u16::from_be_bytes(rest.take()?)).ok_or(DecodeError::Code("action"))?;
        let outcome = Outcome::from_code(rest.byte()?).ok_or(DecodeError::Code("outcome"))?;
        let purpose = Purpose::from_code(rest.byte()?).ok_or(DecodeError::Code("purpose"))?;
        let count = u32::from_be_bytes(rest.take()?);
        let sections = SectionBits::from_bits(u32::from_be_bytes(rest.take()?));
        let actor = match rest.byte()? {
            0 => Actor::Unknown,
            1 => Actor::Host,
            2 => Actor::Account(AccountId::from_bytes(rest.take()?)),
            3 => Actor::Clinic(Tag::from_bytes(rest.take()?)),
            _ => return Err(DecodeError::Code("actor")),
        };
        let facts = Facts {
            subject: rest.optional("subject")?.map(PatientId::from_bytes),
            account: rest.optional("account")?.map(AccountId::from_bytes),
            grant: rest.optional("grant")?.map(RowId::from_bytes),
            reason: rest.optional("reason")?.map(u16::from_be_bytes).map(ReasonCode::new),
            session: rest.optional("session")?.map(SessionId::from_bytes),
            delivery: rest.optional("delivery")?.map(DeliveryId::from_bytes),
            record: rest.optional("record")?.map(ItemId::from_bytes),
            sections,
            count,
            ..Facts::new(at, actor, action, purpose, outcome)
        };
        if rest.0.is_empty() { Ok(Self::new(position, facts)) } else { Err(DecodeError::Trailing) }
    }
}

/// What is still to be read.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (first, rest) = self.0.split_first_chunk().ok_or(DecodeError::Short)?;
        self.0 = rest;
        Ok(*first)
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        let [byte] = self.take()?;
        Ok(byte)
    }

    fn optional<const N: usize>(&mut self, field: &'static str) -> Result<Option<[u8; N]>, DecodeError> {
        match self.byte()? {
            0 => Ok(None),
            1 => self.take().map(Some),
            _ => Err(DecodeError::Code(field)),
        }
    }
}
