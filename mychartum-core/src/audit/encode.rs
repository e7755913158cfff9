//! Entries as bytes: one way to write each, so that its hash means it.
//!
//! ```text
//! 0x01 | position u64 | at i64 (microseconds since 1970) | action u16 | outcome u8 | purpose u8 | count u32
//!      | sections u32 | actor: tag u8 (0 unknown, 1 host, 2 account + 16 bytes, 3 clinic + 16 bytes)
//!      | subject | account | grant | reason (2 bytes) | session | delivery | record
//! ```
//!
//! Numbers are big endian. Each of the last seven is `0x00` where there is none, and `0x01` and its bytes (16 where
//! not said otherwise) where there is one. So the encoding is injective: different entries have different bytes.

use super::{Actor, Entry, Facts, ReasonCode};

/// The version of the encoding, its first byte.
pub(super) const FORMAT: u8 = 1;

impl Entry {
    /// The longest encoding in bytes.
    pub const MAX_ENCODED: usize = 29 + 17 + 6 * 17 + 3;

    /// The canonical bytes of the entry.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let Facts {
            at,
            actor,
            action,
            purpose,
            outcome,
            sections,
            count,
            subject,
            account,
            grant,
            reason,
            session,
            delivery,
            record,
        } = *self.facts();
        let mut bytes = Vec::with_capacity(Self::MAX_ENCODED);
        bytes.push(FORMAT);
        bytes.extend_from_slice(&self.position().to_be_bytes());
        bytes.extend_from_slice(&at.timestamp_micros().to_be_bytes());
        bytes.extend_from_slice(&action.code().to_be_bytes());
        bytes.extend_from_slice(&[outcome.code(), purpose.code()]);
        bytes.extend_from_slice(&count.to_be_bytes());
        bytes.extend_from_slice(&sections.bits().to_be_bytes());
        match actor {
            Actor::Unknown => bytes.push(0),
            Actor::Host => bytes.push(1),
            Actor::Account(account) => tagged(&mut bytes, 2, &account.to_bytes()),
            Actor::Clinic(clinic) => tagged(&mut bytes, 3, &clinic.to_bytes()),
        }
        optional(&mut bytes, subject.map(|id| id.to_bytes()));
        optional(&mut bytes, account.map(|id| id.to_bytes()));
        optional(&mut bytes, grant.map(|id| id.to_bytes()));
        optional(&mut bytes, reason.map(ReasonCode::number).map(u16::to_be_bytes));
        optional(&mut bytes, session.map(|id| id.to_bytes()));
        optional(&mut bytes, delivery.map(|id| id.to_bytes()));
        optional(&mut bytes, record.map(|id| id.to_bytes()));
        bytes
    }
}

fn tagged(bytes: &mut Vec<u8>, tag: u8, value: &[u8]) {
    bytes.push(tag);
    bytes.extend_from_slice(value);
}

fn optional<const N: usize>(bytes: &mut Vec<u8>, value: Option<[u8; N]>) {
    match value {
        None => bytes.push(0),
        Some(value) => tagged(bytes, 1, &value),
    }
}
