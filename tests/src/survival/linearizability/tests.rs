//! Histories written by hand: the right ones pass, the wrong ones do not.

use std::sync::Arc;

use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::storage::{
    AuditHead, ChangeSet, Collection, Delete, Direction, Expect, Head, Outcome, Partition, PartitionKind, Put, Receipt,
    Row, RowId, Scan, Tag,
};

use super::{Checked, CommitAnswer, History, Operation, Seen, Violation};

const WHOSE: Partition = Partition::new(PartitionKind::Patient, [1; 16]);
const NOTES: Collection = Collection::new(1);
const NEVER: Option<u64> = None;

/// A change set on a revision; its number is its id and link, and the body of the one row that it puts.
fn set(number: u8, on: u64, row: u8, version: u64) -> ChangeSet {
    ChangeSet {
        id: ChangeSetId::from_bytes([number; 16]),
        partition: WHOSE,
        expect: Expect { revision: on, epoch: 0 },
        puts: vec![Put {
            collection: NOTES,
            row: RowId::from_bytes([row; 16]),
            version,
            order: i64::from(number),
            tags: vec![Tag::from_bytes([number % 2; 16])],
            body: vec![number],
        }],
        deletes: Vec::new(),
        audit: AuditHead { count: on + 1, link: [number; 32] },
    }
}

fn stored(set: &ChangeSet) -> Row {
    let put = set.puts[0].clone();
    let Put { collection, row, version, order, tags, body } = put;
    Row { partition: WHOSE, collection, row, version, order, tags, body }
}

fn head_after(set: &ChangeSet) -> Head {
    Head { revision: set.expect.revision + 1, audit: set.audit, epoch: 0 }
}

fn commit(set: &ChangeSet, answer: CommitAnswer) -> Seen {
    Seen::Commit { set: Arc::new(set.clone()), answer }
}

fn applied(set: &ChangeSet) -> Seen {
    receipt(set, set.expect.revision + 1, Outcome::Applied)
}

fn receipt(set: &ChangeSet, revision: u64, outcome: Outcome) -> Seen {
    commit(set, CommitAnswer::Receipt(Receipt { revision, outcome }))
}

fn get(row: u8, answer: &[Row]) -> Seen {
    Seen::Get { collection: NOTES, rows: vec![RowId::from_bytes([row; 16])], answer: answer.to_vec() }
}

fn scan(answer: &[Row]) -> Seen {
    Seen::Scan { scan: Scan::new(WHOSE, NOTES, 100), answer: answer.to_vec() }
}

fn check(operations: Vec<(u64, Option<u64>, Seen)>) -> Result<Checked, Violation> {
    let history = History::new();
    for (began, ended, seen) in operations {
        history.insert(WHOSE, Operation { began, ended, seen });
    }
    history.check()
}

/// Calls one after another.
fn in_turn(all: impl IntoIterator<Item = Seen>) -> Vec<(u64, Option<u64>, Seen)> {
    (0..).zip(all).map(|(place, seen)| (place * 2, Some(place * 2 + 1), seen)).collect()
}

#[track_caller]
fn passes(operations: Vec<(u64, Option<u64>, Seen)>) {
    check(operations).unwrap();
}

#[track_caller]
fn fails(operations: Vec<(u64, Option<u64>, Seen)>) {
    check(operations).unwrap_err();
}

#[test]
fn calls_one_after_another_have_one_explanation() {
    let (one, two) = (set(1, 0, 1, 1), set(2, 1, 1, 2));
    let deleted = ChangeSet {
        puts: Vec::new(),
        deletes: vec![Delete { collection: NOTES, row: RowId::from_bytes([1; 16]), version: 2 }],
        ..set(3, 2, 1, 1)
    };
    let right = in_turn([
        Seen::Head(Head::EMPTY),
        get(1, &[]),
        applied(&one),
        Seen::Head(head_after(&one)),
        get(1, &[stored(&one)]),
        commit(&set(9, 0, 2, 1), CommitAnswer::Conflict),
        commit(&set(9, 1, 1, 1), CommitAnswer::Conflict),
        applied(&two),
        scan(&[stored(&two)]),
        receipt(&one, 1, Outcome::Repeated),
        commit(&ChangeSet { audit: two.audit, ..one.clone() }, CommitAnswer::Invalid),
        applied(&deleted),
        scan(&[]),
        Seen::Head(head_after(&deleted)),
    ]);
    let checked = check(right).unwrap();
    assert_eq!((checked.partitions, checked.operations, checked.applied), (1, 14, 3));
}

#[test]
fn calls_that_overlap_may_come_in_either_order() {
    let (one, two) = (set(1, 0, 1, 1), set(2, 0, 2, 1));
    for head in [Head::EMPTY, head_after(&one)] {
        passes(vec![(0, Some(9), applied(&one)), (1, Some(2), Seen::Head(head))]);
    }
    // Of two writers on one head one wins, whichever was first to begin or end.
    for (winner, loser) in [(&one, &two), (&two, &one)] {
        let lost = commit(loser, CommitAnswer::Conflict);
        passes(vec![(0, Some(5), applied(winner)), (1, Some(4), lost.clone())]);
        passes(vec![(1, Some(4), applied(winner)), (0, Some(5), lost)]);
    }
}

#[test]
fn a_stale_read_fails() {
    let (one, two) = (set(1, 0, 1, 1), set(2, 1, 1, 2));
    fails(in_turn([applied(&one), Seen::Head(Head::EMPTY)]));
    fails(in_turn([applied(&one), applied(&two), Seen::Head(head_after(&one))]));
    fails(in_turn([applied(&one), applied(&two), get(1, &[stored(&one)])]));
    fails(in_turn([applied(&one), scan(&[])]));
    fails(in_turn([applied(&one), Seen::Unlisted]));
    passes(in_turn([Seen::Raised(9), Seen::Unlisted, Seen::Head(Head { epoch: 9, ..Head::EMPTY })]));
}

#[test]
fn reading_back_in_time_fails() {
    let one = set(1, 0, 1, 1);
    // The commit is under way all the time: either answer is right, but not the older one after the newer one.
    let heads = |first, second| {
        vec![(0, Some(9), applied(&one)), (1, Some(2), Seen::Head(first)), (3, Some(4), Seen::Head(second))]
    };
    passes(heads(Head::EMPTY, head_after(&one)));
    fails(heads(head_after(&one), Head::EMPTY));
    // Nor may a head that was seen be followed by rows without it.
    fails(vec![(0, Some(9), applied(&one)), (1, Some(2), Seen::Head(head_after(&one))), (3, Some(4), get(1, &[]))]);
}

#[test]
fn a_lost_update_fails() {
    let (one, two) = (set(1, 0, 1, 1), set(2, 0, 2, 1));
    // Both were applied on the same head.
    fails(vec![(0, Some(5), applied(&one)), (1, Some(4), applied(&two))]);
    fails(in_turn([applied(&one), receipt(&two, 2, Outcome::Applied)]));
    // One was applied, and what it put is gone.
    let later = set(3, 1, 3, 1);
    fails(in_turn([applied(&one), applied(&later), scan(&[stored(&later)])]));
}

#[test]
fn a_conflict_that_could_not_be_fails() {
    let (one, two) = (set(1, 0, 1, 1), set(2, 1, 2, 1));
    fails(in_turn([commit(&one, CommitAnswer::Conflict)]));
    fails(in_turn([applied(&one), commit(&two, CommitAnswer::Conflict)]));
    // Nobody else wrote before it ended; the writer that did began later.
    fails(vec![(0, Some(1), commit(&one, CommitAnswer::Conflict)), (2, Some(3), applied(&set(3, 0, 3, 1)))]);
    passes(vec![(0, Some(2), commit(&one, CommitAnswer::Conflict)), (1, Some(3), applied(&set(3, 0, 3, 1)))]);
}

#[test]
fn a_commit_that_ignores_what_it_expects_fails() {
    let one = set(1, 0, 1, 1);
    fails(in_turn([applied(&one), receipt(&set(2, 0, 2, 1), 2, Outcome::Applied)]));
    fails(in_turn([applied(&one), applied(&set(2, 1, 1, 1))]));
    fails(in_turn([applied(&one), applied(&set(2, 1, 2, 7))]));
    let fenced = ChangeSet { expect: Expect { revision: 1, epoch: 5 }, ..set(2, 1, 2, 1) };
    fails(in_turn([applied(&one), applied(&fenced)]));
    let present = Head { epoch: 5, ..head_after(&one) };
    passes(in_turn([applied(&one), Seen::Raised(5), Seen::Head(present), applied(&fenced)]));
    fails(in_turn([applied(&one), Seen::Raised(5), applied(&set(2, 1, 2, 1))]));
}

#[test]
fn a_wrong_receipt_fails() {
    let one = set(1, 0, 1, 1);
    fails(in_turn([receipt(&one, 2, Outcome::Applied)]));
    fails(in_turn([receipt(&one, 1, Outcome::Repeated)]));
    fails(in_turn([applied(&one), receipt(&one, 1, Outcome::Applied)]));
    fails(in_turn([applied(&one), receipt(&one, 2, Outcome::Repeated)]));
    fails(in_turn([applied(&one), commit(&one, CommitAnswer::Conflict)]));
    fails(in_turn([commit(&one, CommitAnswer::Invalid)]));
    let other = ChangeSet { puts: Vec::new(), ..one.clone() };
    fails(in_turn([applied(&one), commit(&other, CommitAnswer::Conflict)]));
    fails(in_turn([applied(&one), receipt(&other, 1, Outcome::Repeated)]));
}

#[test]
fn an_id_may_be_forgotten_after_64_change_sets_and_not_before() {
    let sets: Vec<ChangeSet> = (0..65).map(|number| set(number + 1, u64::from(number), number + 1, 1)).collect();
    let again = |count: usize, answer| in_turn(sets.iter().take(count).map(applied).chain([commit(&sets[0], answer)]));
    let repeated = CommitAnswer::Receipt(Receipt { revision: 1, outcome: Outcome::Repeated });
    fails(again(64, CommitAnswer::Conflict));
    passes(again(64, repeated));
    passes(again(65, CommitAnswer::Conflict));
    passes(again(65, repeated));
}

#[test]
fn an_unknown_outcome_is_there_wholly_now_or_later_or_never() {
    let (one, two) = (set(1, 0, 1, 1), set(2, 1, 2, 1));
    let unknown = (0, NEVER, commit(&one, CommitAnswer::Unknown));
    let then = |seen: Vec<Seen>| {
        let rest = in_turn(seen).into_iter().map(|(began, ended, seen)| (began + 10, ended.map(|end| end + 10), seen));
        [unknown.clone()].into_iter().chain(rest).collect::<Vec<_>>()
    };
    passes(then(vec![Seen::Head(Head::EMPTY), get(1, &[])]));
    passes(then(vec![Seen::Head(head_after(&one)), get(1, &[stored(&one)]), applied(&two)]));
    passes(then(vec![Seen::Head(Head::EMPTY), Seen::Head(head_after(&one))]));
    passes(then(vec![receipt(&one, 1, Outcome::Repeated)]));
    passes(then(vec![applied(&one), receipt(&one, 1, Outcome::Repeated)]));
    passes(then(vec![applied(&set(3, 0, 3, 1)), commit(&one, CommitAnswer::Conflict)]));
    // It cannot go again, nor be there by half, nor come twice.
    fails(then(vec![Seen::Head(head_after(&one)), Seen::Head(Head::EMPTY)]));
    fails(then(vec![Seen::Head(head_after(&one)), get(1, &[])]));
    fails(then(vec![get(1, &[stored(&one)]), applied(&one)]));
    fails(then(vec![receipt(&one, 2, Outcome::Applied)]));
    // Nor may it have been refused without a reason.
    fails(then(vec![commit(&one, CommitAnswer::Conflict)]));
}

#[test]
fn many_unknown_outcomes_on_one_head_are_searched_through() {
    // Six writers on each of three heads, and nobody knows who won until the rows are seen at the end.
    let mut operations = Vec::new();
    let mut rows = Vec::new();
    for on in 0..3 {
        let sets: Vec<ChangeSet> =
            (0..6).map(|writer| set(on * 6 + writer + 1, u64::from(on), writer + 1, 1)).collect();
        operations.extend(sets.iter().map(|set| (0, NEVER, commit(set, CommitAnswer::Unknown))));
        rows.push(stored(&sets[usize::from(on) + 3]));
    }
    operations.push((1, Some(2), scan(&rows)));
    passes(operations.clone());
    rows[2].body.push(0);
    operations.push((3, Some(4), scan(&rows)));
    assert_eq!(check(operations).unwrap_err().head.revision, 3);
}

#[test]
fn scans_are_compared_in_full() {
    let sets: Vec<ChangeSet> = (0..4).map(|number| set(number + 1, u64::from(number), number + 1, 1)).collect();
    let rows: Vec<Row> = sets.iter().map(stored).collect();
    let all = Scan::new(WHOSE, NOTES, 100);
    let scanned = |scan: &Scan, answer: &[&Row]| {
        let answer = answer.iter().copied().cloned().collect();
        in_turn(sets.iter().map(applied).chain([Seen::Scan { scan: scan.clone(), answer }]))
    };
    let [one, two, three, four] = rows.as_slice() else { panic!("four rows") };
    passes(scanned(&all, &[one, two, three, four]));
    fails(scanned(&all, &[two, one, three, four]));
    fails(scanned(&all, &[one, two, three]));
    passes(scanned(&Scan { limit: 2, ..all.clone() }, &[one, two]));
    passes(scanned(&Scan { direction: Direction::Descending, ..all.clone() }, &[four, three, two, one]));
    passes(scanned(&Scan { from: Some(2), until: Some(4), ..all.clone() }, &[two, three]));
    passes(scanned(&Scan { tag: Some(Tag::from_bytes([0; 16])), ..all.clone() }, &[two, four]));
    passes(scanned(&Scan { after: Some(two.position()), ..all.clone() }, &[three, four]));
    let backwards = Scan { after: Some(two.position()), direction: Direction::Descending, ..all.clone() };
    passes(scanned(&backwards, &[one]));
    fails(scanned(&backwards, &[two, one]));
    let changed = Row { body: vec![1, 0], ..one.clone() };
    fails(scanned(&all, &[&changed, two, three, four]));
}

#[test]
fn a_violation_names_what_cannot_be() {
    let one = set(1, 0, 1, 1);
    let violation = check(in_turn([applied(&one), Seen::Head(Head::EMPTY)])).unwrap_err();
    assert_eq!((violation.explained, violation.operations, violation.head), (1, 2, head_after(&one)));
    let text = violation.to_string();
    assert!(text.contains("1 of 2 calls") && text.contains("head: revision 0"), "{text}");
}
