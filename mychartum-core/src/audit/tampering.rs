//! What is done to a trail is found, and where it begins.

use core::ops::Range;

use chrono::DateTime;
use proptest::prelude::*;
use proptest::sample::Index;

use super::test_facts::facts;
use super::{Action, Actor, Appended, Broken, Entry, Facts, Fault, InvalidHead, Outcome, Purpose};
use super::{Unreadable, Verified, Verifier, append, link, verify};
use crate::kernel::id::{PatientId, TenantId};
use crate::port::storage::{AuditHead, Collection, Partition, PartitionKind, Position};

type Rows = Vec<(Position, Result<Vec<u8>, Unreadable>)>;

const TENANT: TenantId = TenantId::from_bytes([1; 16]);

fn patient(byte: u8) -> PatientId {
    PatientId::from_bytes([byte; 16])
}

/// A trail as storage holds it.
#[derive(Debug, Clone)]
struct Trail {
    partition: Partition,
    head: AuditHead,
    rows: Rows,
}

impl Trail {
    fn of(tenant: TenantId, partition: Partition, told: impl IntoIterator<Item = Facts>) -> Self {
        let mut trail = Self { partition, head: AuditHead::EMPTY, rows: Vec::new() };
        for facts in told {
            let Appended { head, place, body, .. } = append(trail.head, tenant, partition, facts).unwrap();
            trail.head = head;
            trail.rows.push((place, Ok(body)));
        }
        trail
    }

    /// A patient's trail whose entries are about that patient.
    fn about(patient: PatientId, told: &[Facts]) -> Self {
        let told = told.iter().map(|facts| Facts { subject: Some(patient), ..*facts });
        Self::of(TENANT, Partition::patient(patient), told)
    }

    fn body(&mut self, index: usize) -> &mut Vec<u8> {
        self.rows[index].1.as_mut().unwrap()
    }

    /// Gives every row the place that its turn has.
    fn renumber(&mut self) {
        for (position, row) in (1..).zip(&mut self.rows) {
            row.0 = Entry::place(position).unwrap();
        }
    }

    /// Writes the links of some rows anew, as a forger with the keys would.
    fn relink(&mut self, rows: Range<usize>) {
        let mut before = match rows.start {
            0 => super::genesis(TENANT, self.partition),
            first => self.body(first - 1).split_last_chunk().map(|(_, link)| *link).unwrap(),
        };
        for index in rows {
            let body = self.body(index);
            let (canonical, written) = body.split_last_chunk_mut().unwrap();
            before = link(&before, canonical);
            *written = before;
        }
    }

    fn verify(&self) -> Result<Verified, Broken> {
        verify(TENANT, self.partition, self.head, self.rows.iter().cloned())
    }

    /// What the check finds: the position and the fault.
    fn found(&self) -> Option<(u64, Fault)> {
        self.verify().err().map(|Broken { position, fault }| (position, fault))
    }
}

/// An entry of a forger, whose link does not fit yet.
fn forged(row: usize, facts: Facts) -> (Position, Result<Vec<u8>, Unreadable>) {
    let canonical = Entry::new(position(row), facts).encode();
    (Entry::place(position(row)).unwrap(), Ok([canonical.as_slice(), &[0; 32]].concat()))
}

fn position(index: usize) -> u64 {
    index as u64 + 1
}

fn trails() -> impl Strategy<Value = (Trail, Trail)> {
    (proptest::collection::vec(facts(), 1..12), proptest::collection::vec(facts(), 12))
        .prop_map(|(ours, theirs)| (Trail::about(patient(2), &ours), Trail::about(patient(3), &theirs)))
}

proptest! {
    #[test]
    fn an_untouched_trail_holds((trail, _) in trails()) {
        prop_assert_eq!(trail.verify(), Ok(Verified { count: trail.head.count }));
    }

    #[test]
    fn an_edit_is_found_where_it_is((mut trail, _) in trails(), row: Index, byte: Index, flip in 1u8..) {
        let row = row.index(trail.rows.len());
        let body = trail.body(row);
        let byte = byte.index(body.len());
        body[byte] ^= flip;
        let link = body.len() - 32;
        let (at, fault) = trail.found().unwrap();
        prop_assert_eq!(at, position(row));
        match byte {
            1..9 => prop_assert_eq!(fault, Fault::OutOfOrder, "another number looks like another place"),
            // From the actor on, what follows may be read as another patient.
            29.. if byte < link => prop_assert!(matches!(fault, Fault::Altered | Fault::Foreign)),
            _ => prop_assert_eq!(fault, Fault::Altered),
        }
    }

    #[test]
    fn an_edit_with_new_links_fails_at_the_head(
        (mut trail, _) in trails(),
        row: Index,
        byte in 9usize..17,
        flip in 1u8..,
    ) {
        let row = row.index(trail.rows.len());
        trail.body(row)[byte] ^= flip;
        trail.relink(row..trail.rows.len());
        prop_assert_eq!(trail.found(), Some((trail.head.count, Fault::HeadMismatch)));
    }

    #[test]
    fn an_exchange_with_a_fitting_link_is_found_at_the_entry_after_it(
        (mut trail, _) in trails(),
        row: Index,
        facts in facts(),
    ) {
        let row = row.index(trail.rows.len());
        trail.rows[row] = forged(row, facts);
        trail.relink(row..row + 1);
        let at = position(row);
        let expected = if at == trail.head.count { (at, Fault::HeadMismatch) } else { (at + 1, Fault::Altered) };
        prop_assert_eq!(trail.found(), Some(expected));
    }

    #[test]
    fn an_unreadable_row_is_found_where_it_is((mut trail, _) in trails(), row: Index) {
        let row = row.index(trail.rows.len());
        trail.rows[row].1 = Err(Unreadable);
        prop_assert_eq!(trail.found(), Some((position(row), Fault::Unreadable)));
    }

    #[test]
    fn a_removal_is_found_where_the_entry_was((mut trail, _) in trails(), row: Index) {
        let row = row.index(trail.rows.len());
        let last = row + 1 == trail.rows.len();
        drop(trail.rows.remove(row));
        let fault = if last { Fault::Truncated } else { Fault::Missing };
        prop_assert_eq!(trail.found(), Some((position(row), fault)));
        trail.renumber();
        let fault = if last { Fault::Truncated } else { Fault::OutOfOrder };
        prop_assert_eq!(trail.found(), Some((position(row), fault)));
    }

    #[test]
    fn a_removal_with_new_numbers_and_links_is_found_at_the_end((mut trail, _) in trails(), row: Index) {
        let row = row.index(trail.rows.len());
        drop(trail.rows.remove(row));
        trail.renumber();
        for index in row..trail.rows.len() {
            trail.body(index)[1..9].copy_from_slice(&position(index).to_be_bytes());
        }
        trail.relink(row..trail.rows.len());
        prop_assert_eq!(trail.found(), Some((trail.head.count, Fault::Truncated)));
    }

    #[test]
    fn a_truncation_is_found_where_the_trail_ends_now((mut trail, _) in trails(), keep: Index) {
        let keep = keep.index(trail.rows.len());
        trail.rows.truncate(keep);
        prop_assert_eq!(trail.found(), Some((position(keep), Fault::Truncated)));
    }

    #[test]
    fn entries_that_changed_places_are_found_at_the_first((mut trail, _) in trails(), one: Index, other: Index) {
        let (one, other) = (one.index(trail.rows.len()), other.index(trail.rows.len()));
        prop_assume!(one != other);
        let first = position(one.min(other));
        trail.rows.swap(one, other);
        prop_assert_eq!(trail.found(), Some((first, Fault::Missing)));
        trail.renumber();
        prop_assert_eq!(trail.found(), Some((first, Fault::OutOfOrder)));
    }

    #[test]
    fn a_copy_is_found_where_it_stands((mut trail, _) in trails(), row: Index, to: Index) {
        let row = row.index(trail.rows.len());
        let to = row + 1 + to.index(trail.rows.len() - row);
        let last = to == trail.rows.len();
        let copy = trail.rows[row].clone();
        trail.rows.insert(to, copy);
        prop_assert_eq!(trail.found(), Some((position(to), Fault::OutOfOrder)));
        trail.renumber();
        let fault = if last { Fault::Beyond } else { Fault::OutOfOrder };
        prop_assert_eq!(trail.found(), Some((position(to), fault)));
    }

    #[test]
    fn an_entry_slipped_in_is_found((mut trail, _) in trails(), at: Index, facts in facts()) {
        let row = at.index(trail.rows.len());
        let (at, count) = (position(row), trail.head.count);
        trail.rows.insert(row, forged(row, Facts { subject: Some(patient(2)), ..facts }));
        trail.renumber();
        prop_assert_eq!(trail.found(), Some((at, Fault::Altered)));
        // Its own link fits, and the entry after it tells.
        trail.relink(row..row + 1);
        let expected = if at == count { (at, Fault::HeadMismatch) } else { (at + 1, Fault::OutOfOrder) };
        prop_assert_eq!(trail.found(), Some(expected));
        // All numbers and links after it are written anew, and the head tells.
        for index in row..trail.rows.len() {
            trail.body(index)[1..9].copy_from_slice(&position(index).to_be_bytes());
        }
        trail.relink(row..trail.rows.len());
        prop_assert_eq!(trail.found(), Some((count, Fault::HeadMismatch)));
    }

    #[test]
    fn an_entry_added_past_the_head_is_found((mut trail, _) in trails(), facts in facts()) {
        let count = trail.rows.len();
        trail.rows.push(forged(count, facts));
        trail.relink(count..count + 1);
        prop_assert_eq!(trail.found(), Some((position(count), Fault::Beyond)));
    }

    #[test]
    fn an_entry_of_another_patient_is_found_and_named((mut trail, mut other) in trails(), row: Index) {
        let row = row.index(trail.rows.len());
        std::mem::swap(&mut trail.rows[row], &mut other.rows[row]);
        prop_assert_eq!(trail.found(), Some((position(row), Fault::Foreign)));
        prop_assert_eq!(other.found(), Some((position(row), Fault::Foreign)));
    }

    #[test]
    fn the_whole_trail_of_another_patient_is_found_at_once((trail, other) in trails()) {
        let with_our_head = Trail { rows: other.rows.clone(), ..trail.clone() };
        prop_assert_eq!(with_our_head.found(), Some((1, Fault::Foreign)));
        let with_its_head = Trail { partition: trail.partition, ..other };
        prop_assert_eq!(with_its_head.found(), Some((1, Fault::Foreign)));
    }

    #[test]
    fn a_trail_of_another_tenant_or_kind_is_found_at_once(told in proptest::collection::vec(facts(), 1..4)) {
        let ours = Partition::patient(patient(2));
        let about = |facts: &Facts| Facts { subject: Some(patient(2)), ..*facts };
        let tenant = Trail::of(TenantId::from_bytes([9; 16]), ours, told.iter().map(about));
        prop_assert_eq!(tenant.found(), Some((1, Fault::Altered)));
        let kind = Trail::of(TENANT, Partition::new(PartitionKind::Account, [2; 16]), told.iter().map(about));
        prop_assert_eq!(Trail { partition: ours, ..kind }.found(), Some((1, Fault::Altered)));
    }

    #[test]
    fn an_altered_head_is_found((trail, _) in trails(), byte in 0usize..32, flip in 1u8.., more in 1u64..5) {
        let count = trail.head.count;
        let mut link = trail.head.link;
        link[byte] ^= flip;
        let with = |head| Trail { head, ..trail.clone() };
        prop_assert_eq!(with(AuditHead { count, link }).found(), Some((count, Fault::HeadMismatch)));
        let raised = with(AuditHead { count: count + more, link: trail.head.link });
        prop_assert_eq!(raised.found(), Some((count + 1, Fault::Truncated)));
        for lower in 1..count {
            let lowered = with(AuditHead { count: lower, link: trail.head.link });
            prop_assert_eq!(lowered.found(), Some((lower, Fault::HeadMismatch)));
        }
        prop_assert_eq!(with(AuditHead { count: 0, link }).found(), Some((1, Fault::HeadMismatch)));
        prop_assert_eq!(with(AuditHead::EMPTY).found(), Some((1, Fault::Beyond)));
    }

    #[test]
    fn a_check_can_start_at_any_earlier_head((trail, _) in trails(), at: Index) {
        let at = at.index(trail.rows.len() + 1);
        let known = Trail::of(TENANT, trail.partition, trail.rows[..at].iter().map(|(_, body)| {
            *Entry::read(body.as_ref().unwrap()).unwrap().0.facts()
        }));
        let since = |known, head| {
            let mut verifier = Verifier::since(TENANT, trail.partition, known, head);
            for (place, body) in &trail.rows[at..] {
                let _ = verifier.push(*place, body.as_deref().map_err(|unreadable| *unreadable));
            }
            verifier.finish().map_err(|Broken { position, fault }| (position, fault))
        };
        prop_assert_eq!(since(known.head, trail.head), Ok(Verified { count: trail.head.count }));
        if known.head.count > 0 {
            let fork = AuditHead { link: [7; 32], ..known.head };
            let fault = if known.head.count == trail.head.count { (position(at) - 1, Fault::HeadMismatch) }
                else { (position(at), Fault::Altered) };
            prop_assert_eq!(since(fork, trail.head), Err(fault));
        }
        // The trail and its head together were cut back behind a head that we remember.
        let remembered = AuditHead { count: trail.head.count + 1, link: [7; 32] };
        prop_assert_eq!(since(remembered, trail.head), Err((trail.head.count + 1, Fault::Truncated)));
    }

    #[test]
    fn the_first_fault_sticks((trail, _) in trails(), row: Index) {
        let row = row.index(trail.rows.len());
        let mut verifier = Verifier::new(TENANT, trail.partition, trail.head);
        let expected = Broken { position: position(row), fault: Fault::Unreadable };
        for (index, (place, body)) in trail.rows.iter().enumerate() {
            let body = body.as_deref().map_err(|unreadable| *unreadable);
            if index == row {
                prop_assert_eq!(verifier.push(*place, Err(Unreadable)), Err(expected));
            }
            prop_assert_eq!(verifier.push(*place, body).is_err(), index >= row);
        }
        prop_assert_eq!(verifier.finish(), Err(expected));
    }
}

fn something() -> Facts {
    Facts::new(DateTime::UNIX_EPOCH, Actor::Host, Action::Found, Purpose::Operations, Outcome::Permitted)
}

#[test]
fn an_empty_trail_holds() {
    assert_eq!(Trail::of(TENANT, Partition::SYSTEM, []).verify(), Ok(Verified { count: 0 }));
}

#[test]
fn nothing_is_added_to_a_head_that_cannot_be() {
    let heads = [
        AuditHead { count: 0, link: [1; 32] },
        AuditHead { count: 1, link: [0; 32] },
        AuditHead { count: u64::MAX, link: [1; 32] },
        AuditHead { count: i64::MAX as u64, link: [1; 32] },
    ];
    for head in heads {
        assert_eq!(append(head, TENANT, Partition::SYSTEM, something()), Err(InvalidHead));
        let verifier = Verifier::since(TENANT, Partition::SYSTEM, head, head);
        assert!(head.count > 1 || verifier.finish().is_err());
    }
}

#[test]
fn a_row_follows_from_its_number() {
    let appended = append(AuditHead::EMPTY, TENANT, Partition::SYSTEM, something()).unwrap();
    assert_eq!(appended.place, Entry::place(1).unwrap());
    assert_eq!((appended.place.order, appended.place.row.to_bytes()), (1, 1u128.to_be_bytes()));
    let put = appended.put(Collection::new(3), vec![1, 2]);
    assert_eq!((put.collection, put.version, put.order), (Collection::new(3), 1, 1));
    assert_eq!((put.row, put.body, put.tags), (appended.place.row, vec![1, 2], vec![]));
}

#[test]
fn an_entry_that_a_later_program_wrote_is_verified_though_it_cannot_be_read() {
    let mut trail = Trail::of(TENANT, Partition::SYSTEM, [something(), something()]);
    trail.body(0)[17..19].copy_from_slice(&999u16.to_be_bytes());
    trail.relink(0..2);
    trail.head.link = *trail.body(1).last_chunk().unwrap();
    assert!(Entry::read(trail.body(0)).is_err());
    assert_eq!(trail.verify(), Ok(Verified { count: 2 }));
}

#[test]
fn a_number_that_is_linked_but_wrong_is_found() {
    let mut trail = Trail::of(TENANT, Partition::SYSTEM, [something(), something()]);
    trail.body(1)[1..9].copy_from_slice(&7u64.to_be_bytes());
    trail.relink(1..2);
    trail.head.link = *trail.body(1).last_chunk().unwrap();
    assert_eq!(trail.found(), Some((2, Fault::OutOfOrder)));
}

#[test]
fn a_row_id_that_does_not_follow_from_the_number_is_found() {
    let mut trail = Trail::of(TENANT, Partition::SYSTEM, [something(), something()]);
    trail.rows[1].0.row = trail.rows[0].0.row;
    assert_eq!(trail.found(), Some((2, Fault::OutOfOrder)));
}
