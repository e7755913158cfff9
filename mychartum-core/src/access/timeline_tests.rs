//! What will change for a proxy by itself, and who is told of it when.

use chrono::Duration;

use super::grant::{GrantStanding, LegalBasis, Terms};
use super::scene::*;
use super::*;
use crate::chart::{Section, SectionSet};

/// What the template for teens leaves to be seen.
fn teens() -> SectionSet {
    use Section::{Appointments, Demographics, Immunizations, Messages};
    SectionSet::of(&[Immunizations, Appointments, Messages, Demographics])
}

fn every() -> SectionSet {
    SectionSet::of(&Section::ALL)
}

fn parent() -> Terms {
    grant(1, LegalBasis::Parent)
}

/// The turns of Bob's access after a time, with what is needed to ask for them.
fn turns_of(subject: &Subject, grants: &[Terms], after: &str) -> Vec<Turn> {
    Lifeline { proxy: BOB, subject, grants, pack: &policy() }.turns(at(after))
}

#[test]
fn a_proxy_may_ask_for_what_the_bands_leave() {
    let (subject, pack) = (patient(), policy());
    let life = Lifeline { proxy: BOB, subject: &subject, grants: &[parent()], pack: &pack };
    assert_eq!(life.sections(at(IN_CHILDHOOD)), every());
    assert_eq!((life.sections(at(IN_TEENS)), life.sections(at(IN_FROZEN))), (teens(), teens()));
    assert_eq!(life.sections(at(GROWN_UP)), SectionSet::NONE);
    let others = Lifeline { proxy: EVE, ..life };
    assert_eq!(others.sections(at(IN_CHILDHOOD)), SectionSet::NONE);
}

#[test]
fn the_turns_of_a_parent_are_the_birthdays_that_change_something() {
    let subject = Subject { assent: Assent::Given, ..patient() };
    let turn = |at_, sections: SectionSet, lost, won, rule| Turn { at: at(at_), sections, lost, won, rule };
    let nothing = SectionSet::NONE;
    let without_teens: SectionSet = every().iter().filter(|section| !teens().has(*section)).collect();
    let expected = [
        turn("2016-05-20T04:00:00Z", nothing, every(), nothing, Some(Rule::NoPortal)),
        turn("2019-05-20T04:00:00Z", every(), nothing, every(), None),
        turn("2022-05-20T04:00:00Z", teens(), without_teens, nothing, Some(Rule::TemplateScope)),
        turn("2026-05-20T04:00:00Z", nothing, teens(), nothing, Some(Rule::AgeBand)),
    ];
    assert_eq!(turns_of(&subject, &[parent()], IN_CHILDHOOD), expected);
    // What turned already does not turn again; a turn at this very moment is over.
    assert_eq!(turns_of(&subject, &[parent()], "2016-05-20T04:00:00Z"), expected[1..]);
    assert_eq!(turns_of(&subject, &[parent()], "2016-05-20T03:59:59Z"), expected);
    assert_eq!(turns_of(&subject, &[parent()], GROWN_UP), []);
}

#[test]
fn grants_and_widenings_turn_at_their_beginning_and_their_end() {
    let (begins, ends) = ("2030-04-01T00:00:00Z", "2030-05-01T00:00:00Z");
    let consent = Terms { from: at(begins), until: Some(at(ends)), ..grant(1, LegalBasis::PatientConsent) };
    let turns = turns_of(&patient(), &[consent], GROWN_UP);
    let facts: Vec<_> = turns.iter().map(|turn| (turn.at, turn.won, turn.lost, turn.rule)).collect();
    let (all, none) = (every(), SectionSet::NONE);
    assert_eq!(facts, [(at(begins), all, none, None), (at(ends), none, all, Some(Rule::GrantOutOfTime))]);
    let widened = Terms { widened: widened(3, "full", Some("2023-04-01T00:00:00Z")), ..parent() };
    let turns = turns_of(&patient(), &[widened], IN_TEENS);
    assert_eq!((turns[0].at, turns[0].sections), (at("2023-04-01T00:00:00Z"), teens()));
    let closed = Terms { standing: GrantStanding::NotLive, ..consent };
    assert_eq!(turns_of(&patient(), &[closed], GROWN_UP), []);
}

#[test]
fn where_the_birthday_is_not_known_to_the_day_both_readings_turn() {
    let subject = Subject { ages: born("2010-05", &policy()), ..patient() };
    assert_eq!(turns_of(&subject, &[parent()], IN_SUSPENDED), []);
    let turns = turns_of(&subject, &[parent()], "2022-03-01T12:00:00Z");
    let latest: Vec<_> = turns.iter().map(|turn| (turn.at, turn.sections)).collect();
    let (none, teens) = (SectionSet::NONE, teens());
    let expected = [
        (at("2022-05-31T04:00:00Z"), teens),
        (at("2024-05-01T04:00:00Z"), none),
        (at("2024-05-31T04:00:00Z"), teens),
        (at("2026-05-01T04:00:00Z"), none),
    ];
    assert_eq!(latest, expected);
}

/// A turn on a day that takes something, or gives something.
fn turn(day: &str, lost: bool) -> Turn {
    let (some, none) = (SectionSet::of(&[Section::Results]), SectionSet::NONE);
    let (lost, won) = if lost { (some, none) } else { (none, some) };
    Turn { at: at(day), sections: won, lost, won, rule: None }
}

#[test]
fn both_sides_are_told_once_for_each_number_of_days_that_the_policy_names() {
    let birthday = turn("2030-07-01T00:00:00Z", true);
    let due = |days: i64, told: &[u16]| {
        let now = birthday.at - Duration::days(days);
        due_notice(&[birthday], &policy(), told, now).map(|(turn, days)| (turn.at, days))
    };
    let (sixty, thirty, seven) = (Some((birthday.at, 60)), Some((birthday.at, 30)), Some((birthday.at, 7)));
    assert_eq!((due(61, &[]), due(60, &[]), due(59, &[60])), (None, sixty, None));
    assert_eq!((due(31, &[]), due(30, &[60]), due(30, &[])), (sixty, thirty, thirty));
    assert_eq!((due(7, &[60, 30]), due(1, &[60]), due(1, &[7])), (seven, seven, None));
    assert_eq!((due(0, &[]), due(-1, &[])), (None, None));
    let just_before = birthday.at - Duration::days(60) - Duration::microseconds(1);
    assert_eq!(due_notice(&[birthday], &policy(), &[], just_before), None);
}

#[test]
fn both_sides_are_told_of_the_next_turn_that_takes_something() {
    let (past, gift) = (turn("2030-01-01T00:00:00Z", true), turn("2030-06-10T00:00:00Z", false));
    let (next, last) = (turn("2030-07-01T00:00:00Z", true), turn("2030-07-02T00:00:00Z", true));
    let now = at("2030-06-05T00:00:00Z");
    assert_eq!(due_notice(&[past, gift, next, last], &policy(), &[], now), Some((next, 30)));
    assert_eq!(due_notice(&[past, gift], &policy(), &[], now), None);
}
