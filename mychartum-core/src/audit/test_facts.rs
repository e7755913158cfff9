//! Any facts, for the trail's own tests.

use chrono::DateTime;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{Action, Actor, Facts, Outcome, Purpose, ReasonCode, SectionBits};
use crate::kernel::id::{AccountId, DeliveryId, ItemId, PatientId, SessionId};
use crate::port::storage::{RowId, Tag};

fn actor() -> impl Strategy<Value = Actor> {
    prop_oneof![
        Just(Actor::Unknown),
        Just(Actor::Host),
        any::<[u8; 16]>().prop_map(AccountId::from_bytes).prop_map(Actor::Account),
        any::<[u8; 16]>().prop_map(Tag::from_bytes).prop_map(Actor::Clinic),
    ]
}

/// Facts with any value in every field; times of all years that the calendar has, to the nanosecond.
pub(super) fn facts() -> impl Strategy<Value = Facts> {
    let told = (select(Action::ALL), select(Purpose::ALL), select(Outcome::ALL), any::<u32>(), any::<u32>());
    let ids = option::of(any::<[u8; 16]>());
    let about = (ids.clone(), ids.clone(), ids.clone(), option::of(any::<u16>()), ids.clone(), ids.clone(), ids);
    let seconds = DateTime::<chrono::Utc>::MIN_UTC.timestamp()..=DateTime::<chrono::Utc>::MAX_UTC.timestamp();
    (seconds, 0u32..1_000_000_000, actor(), told, about).prop_map(|(seconds, nanos, actor, told, about)| {
        let (action, purpose, outcome, sections, count) = told;
        let (subject, account, grant, reason, session, delivery, record) = about;
        let at = DateTime::from_timestamp(seconds, nanos).unwrap();
        Facts {
            sections: SectionBits::from_bits(sections),
            count,
            subject: subject.map(PatientId::from_bytes),
            account: account.map(AccountId::from_bytes),
            grant: grant.map(RowId::from_bytes),
            reason: reason.map(ReasonCode::new),
            session: session.map(SessionId::from_bytes),
            delivery: delivery.map(DeliveryId::from_bytes),
            record: record.map(ItemId::from_bytes),
            ..Facts::new(at, actor, action, purpose, outcome)
        }
    })
}
