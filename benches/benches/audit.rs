//! Ten thousand audit entries chained, and checked, beside a bare hash over the same bytes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, and a program has no readers of its items"
)]

use mychartum_benches::{Bench, Unit, each};
use mychartum_core::audit::{Action, Actor, Appended, Facts, Outcome, Purpose, Unreadable, append, verify};
use mychartum_core::kernel::id::{AccountId, PatientId, SessionId, TenantId};
use mychartum_core::port::Clock as _;
use mychartum_core::port::storage::{AuditHead, Partition, Position};
use mychartum_testkit::ManualClock;
use sha2::{Digest as _, Sha256};

fn main() {
    let mut bench = Bench::of_args();
    let entries = if bench.is_quick() { 100 } else { 10_000 };
    let (tenant, patient) = (TenantId::from_bytes([1; 16]), PatientId::from_bytes([2; 16]));
    let partition = Partition::patient(patient);
    let who = Actor::Account(AccountId::from_bytes([3; 16]));
    let facts = Facts {
        subject: Some(patient),
        session: Some(SessionId::from_bytes([4; 16])),
        ..Facts::new(ManualClock::default().now(), who, Action::Disclose, Purpose::Care, Outcome::Permitted)
    };
    let chain = |keep: &mut dyn FnMut(Appended)| {
        let mut head = AuditHead::EMPTY;
        for _ in 0..entries {
            let added = append(head, tenant, partition, facts).unwrap();
            head = added.head;
            keep(added);
        }
        head
    };
    let mut rows: Vec<(Position, Vec<u8>)> = Vec::new();
    let head = chain(&mut |added| rows.push((added.place, added.body)));
    // An entry's body is the entry and its link; what is hashed for it is the entry and the link before.
    let hash = || {
        for (_, body) in &rows {
            std::hint::black_box(Sha256::digest(body));
        }
    };
    bench.pair("audit.append_10000", Unit::Nanoseconds, (100, 1), &mut each(|| chain(&mut drop)), &mut each(hash));
    let check = || {
        let bodies = rows.iter().map(|(place, body)| (*place, Ok::<_, Unreadable>(body)));
        verify(tenant, partition, head, bodies).unwrap()
    };
    bench.pair("audit.verify_10000", Unit::Nanoseconds, (100, 1), &mut each(check), &mut each(hash));
    bench.finish();
}
