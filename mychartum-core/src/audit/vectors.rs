//! The encoding and the chain against their golden file, which another implementation wrote
//! (`tests/golden/vectors.py`).

use chrono::DateTime;

use super::{
    Action, Actor, Appended, Entry, Facts, Outcome, Purpose, ReasonCode, SectionBits, Unreadable, Verified, append,
    genesis, verify,
};
use crate::kernel::id::{AccountId, DeliveryId, ItemId, PatientId, SessionId, TenantId};
use crate::port::storage::{AuditHead, Partition, RowId, Tag};

fn golden() -> Vec<(&'static str, Vec<u8>)> {
    include_str!("../../tests/golden/audit_chain.txt")
        .lines()
        .map(|line| {
            let (name, digits) = line.split_once(" = ").unwrap();
            let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
            (name, digits.as_bytes().chunks(2).map(byte).collect())
        })
        .collect()
}

/// The same four entries as in the description.
fn told() -> [Facts; 4] {
    let at = DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap();
    let patient = PatientId::from_bytes([0x22; 16]);
    let account = Actor::Account(AccountId::from_bytes([0xa0; 16]));
    let clinic = Actor::Clinic(Tag::from_bytes([0xa5; 16]));
    [
        Facts::new(at, Actor::Host, Action::Found, Purpose::Operations, Outcome::Permitted),
        Facts {
            sections: SectionBits::from_bits(0x8000_0001),
            count: 50,
            subject: Some(patient),
            account: Some(AccountId::from_bytes([0xa5; 16])),
            grant: Some(RowId::from_bytes([0xa1; 16])),
            reason: Some(ReasonCode::new(0x0102)),
            session: Some(SessionId::from_bytes([0xa2; 16])),
            delivery: Some(DeliveryId::from_bytes([0xa3; 16])),
            record: Some(ItemId::from_bytes([0xa4; 16])),
            ..Facts::new(
                at + chrono::Duration::nanoseconds(1_999),
                account,
                Action::Disclose,
                Purpose::Care,
                Outcome::Permitted,
            )
        },
        Facts {
            sections: SectionBits::from_bits(u32::MAX),
            count: u32::MAX,
            subject: Some(patient),
            ..Facts::new(
                DateTime::from_timestamp_micros(-1).unwrap(),
                clinic,
                Action::Quarantine,
                Purpose::Verification,
                Outcome::Failed,
            )
        },
        Facts {
            reason: Some(ReasonCode::new(u16::MAX)),
            ..Facts::new(at, Actor::Unknown, Action::SignInRefused, Purpose::Verification, Outcome::Refused)
        },
    ]
}

#[test]
fn the_encoding_and_the_chain_are_the_documented_ones() {
    let tenant = TenantId::from_bytes([0x11; 16]);
    let partition = Partition::patient(PatientId::from_bytes([0x22; 16]));
    let mut made = vec![("genesis".to_owned(), genesis(tenant, partition).to_vec())];
    let mut head = AuditHead::EMPTY;
    let mut rows = Vec::new();
    for facts in told() {
        let Appended { entry, head: next, place, body } = append(head, tenant, partition, facts).unwrap();
        let (canonical, link) = body.split_at(body.len() - 32);
        made.push((format!("entry {}", entry.position()), canonical.to_vec()));
        made.push((format!("link {}", entry.position()), link.to_vec()));
        assert_eq!(next.link, link);
        rows.push((place, Ok::<_, Unreadable>(body)));
        head = next;
    }
    let golden: Vec<_> = golden().into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    assert_eq!(made, golden);
    assert_eq!(verify(tenant, partition, head, rows), Ok(Verified { count: 4 }));
}

#[test]
fn golden_entries_are_read_for_ever() {
    let golden = golden();
    let entries: Vec<_> =
        golden.iter().filter(|(name, _)| name.starts_with("entry")).map(|(_, bytes)| Entry::decode(bytes)).collect();
    for ((position, facts), read) in (1..).zip(told()).zip(entries) {
        assert_eq!(read, Ok(Entry::new(position, facts)));
    }
}
