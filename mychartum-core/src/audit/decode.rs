//! Entries from bytes. Only what [`Entry::encode`] writes is read.

use chrono::DateTime;

use crate::kernel::id::{AccountId, DeliveryId, ItemId, PatientId, SessionId};
use crate::port::storage::{RowId, Tag};

use super::chain::Link;
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

    /// Reads a row's opened body: the entry, then its link.
    ///
    /// The link is not checked; a [`Verifier`](super::Verifier) does that.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn read(body: &[u8]) -> Result<(Self, Link), DecodeError> {
        let (canonical, link) = body.split_last_chunk().ok_or(DecodeError::Short)?;
        Self::decode(canonical).map(|entry| (entry, *link))
    }

    /// The position in canonical bytes, also of an entry whose codes only a later program knows.
    pub(super) fn position_of(canonical: &[u8]) -> Option<u64> {
        let mut rest = Reader(canonical);
        rest.byte().ok()?;
        rest.take().ok().map(u64::from_be_bytes)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::test_facts::facts;
    use super::*;

    /// An entry of the host without options: 37 bytes, whose fields stand where the encoding says.
    fn plain() -> Vec<u8> {
        let facts =
            Facts::new(DateTime::UNIX_EPOCH, Actor::Host, Action::Found, Purpose::Operations, Outcome::Permitted);
        Entry::new(1, facts).encode()
    }

    fn with(offset: usize, bytes: &[u8]) -> Result<Entry, DecodeError> {
        let mut altered = plain();
        altered[offset..offset + bytes.len()].copy_from_slice(bytes);
        Entry::decode(&altered)
    }

    #[test]
    fn every_field_refuses_what_it_does_not_know() {
        assert_eq!(plain().len(), 37);
        assert!(Entry::decode(&plain()).is_ok());
        assert_eq!(with(0, &[2]), Err(DecodeError::Version));
        assert_eq!(with(1, &[0; 8]), Err(DecodeError::Position));
        assert_eq!(with(9, &i64::MAX.to_be_bytes()), Err(DecodeError::Time));
        assert_eq!(with(17, &[0, 0]), Err(DecodeError::Code("action")));
        assert_eq!(with(19, &[0]), Err(DecodeError::Code("outcome")));
        assert_eq!(with(20, &[0]), Err(DecodeError::Code("purpose")));
        assert_eq!(with(29, &[4]), Err(DecodeError::Code("actor")));
        let options = ["subject", "account", "grant", "reason", "session", "delivery", "record"];
        for (offset, field) in (30..).zip(options) {
            assert_eq!(with(offset, &[2]), Err(DecodeError::Code(field)));
        }
        assert_eq!(Entry::decode(&[plain().as_slice(), &[0]].concat()), Err(DecodeError::Trailing));
    }

    #[test]
    fn a_time_is_cut_to_the_microsecond_and_a_leap_second_comes_back() {
        let told = |nanos| {
            let leap = DateTime::from_timestamp(1_483_228_799, nanos).unwrap();
            Entry::new(1, Facts::new(leap, Actor::Host, Action::Found, Purpose::Operations, Outcome::Permitted))
        };
        assert_eq!(told(1_999), told(1_000));
        assert_ne!(told(2_000), told(1_999));
        let leap = told(1_500_000_000);
        assert_eq!(Entry::decode(&leap.encode()), Ok(leap));
    }

    #[test]
    fn codes_are_unlike_and_lead_back() {
        for action in Action::ALL {
            assert_eq!(Action::from_code(action.code()), Some(*action));
        }
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::from_code(purpose.code()), Some(*purpose));
        }
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::from_code(outcome.code()), Some(*outcome));
        }
    }

    proptest! {
        #[test]
        fn an_entry_comes_back_from_its_bytes(position in 1u64.., facts in facts()) {
            let entry = Entry::new(position, facts);
            let bytes = entry.encode();
            prop_assert!(bytes.len() <= Entry::MAX_ENCODED);
            prop_assert_eq!(Entry::position_of(&bytes), Some(position));
            prop_assert_eq!(Entry::decode(&bytes), Ok(entry));
            for length in 0..bytes.len() {
                prop_assert_eq!(Entry::decode(&bytes[..length]), Err(DecodeError::Short));
            }
        }

        #[test]
        fn what_can_be_read_has_no_other_bytes(
            position in 1u64..300,
            facts in facts(),
            at: prop::sample::Index,
            to: u8,
        ) {
            let mut bytes = Entry::new(position, facts).encode();
            let at = at.index(bytes.len());
            bytes[at] = to;
            if let Ok(entry) = Entry::decode(&bytes) {
                prop_assert_eq!(entry.encode(), bytes);
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok((entry, link)) = Entry::read(&bytes) {
                prop_assert_eq!([entry.encode().as_slice(), &link].concat(), bytes);
            }
        }
    }
}
