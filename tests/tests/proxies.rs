//! Journeys: who acts for whom in the household, from the invitation to the end, and what each of them finds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use chrono::Duration;
use mychartum_core::access::grant::{
    DeclineReason, DenyReason, EvidenceShown, GrantError, GrantState, LegalBasis, Relation, SuspendReason,
};
use mychartum_core::access::{AccessError, GlassReason, Scope, Sensitivity, SensitivitySet, Verb, Wish};
use mychartum_core::audit::{Action, Actor, Purpose};
use mychartum_core::chart::{Section, SectionSet};
use mychartum_core::kernel::id::{AccountId, AttachmentId};
use mychartum_core::port::Clock;
use mychartum_core::portal::{Application, Harm, HideFrom, Hold, InvitationToken, Offer, Page, ProxyError};
use mychartum_testkit::world::Role;

mod shared_household;

use shared_household::{House, STAFF};

const OTHER_STAFF: AccountId = AccountId::from_bytes([0x58; 16]);

fn document() -> Option<EvidenceShown> {
    let document = Some(AttachmentId::from_bytes([0xd0; 16]));
    Some(EvidenceShown { document, attested_by: None, review_by: None })
}

fn views(sections: &[Section]) -> Scope {
    Scope::of(SectionSet::of(sections), &[Verb::View])
}

fn offer(house: &House, scope: Scope) -> Offer {
    let until = house.clock.now() + Duration::days(365);
    Offer { relation: Relation::Child, scope, consents: SensitivitySet::NONE, until }
}

#[tokio::test]
async fn a_caregiver_is_invited_sees_what_was_offered_and_no_more_and_is_shown_out() {
    let house = House::build().await;
    let (grandmother, daughter) = (house.session(Role::Grandmother).await, house.session(Role::Daughter).await);
    let chart = house.chart(Role::Grandmother).await;
    let scope = views(&[Section::Demographics, Section::Results, Section::Appointments]);
    let (id, token) = grandmother.invite(chart, &offer(&house, scope)).await.unwrap();

    // Nothing is seen before it is accepted, and a wrong date of birth opens nothing.
    assert_eq!(daughter.ask(chart, Section::Results, Purpose::Care).await.unwrap_err(), AccessError::NotFound);
    let born = house.person(Role::Grandmother).birth_date;
    let wrong = born.succ_opt().unwrap();
    assert_eq!(daughter.accept(&token, wrong).await.unwrap_err(), ProxyError::WrongBirthDate);
    let acting = daughter.accept(&token, born).await.unwrap();
    assert_eq!((acting.patient, acting.grant, acting.basis), (chart, id, LegalBasis::PatientConsent));
    assert_eq!(acting.sections, SectionSet::of(&[Section::Demographics, Section::Results, Section::Appointments]));
    // A token is good for once.
    assert_eq!(daughter.accept(&token, born).await.unwrap_err(), ProxyError::NotFound);

    // The permit names what may be seen of what was asked for, and the grant.
    let permit =
        daughter.ask(chart, [Section::Results, Section::Documents].into_iter().collect::<SectionSet>(), Purpose::Care);
    let permit = permit.await.unwrap();
    assert_eq!((permit.sections(), permit.grant()), (Section::Results.into(), Some(id)));
    let seen = house.portal.disclose(permit).unwrap().results(Page::ALL).await.unwrap().items.len();
    assert!(seen > 0);
    assert_eq!(daughter.ask(chart, Section::Documents, Purpose::Care).await.unwrap_err(), AccessError::NotFound);

    // The owner's trail says who looked, and under which grant.
    let log = house.open(Role::Grandmother).await.access_log(None, 50).await.unwrap();
    let looked = log.iter().find(|entry| entry.facts().actor == Actor::Account(daughter.account())).unwrap();
    assert!(looked.facts().grant.is_some());
    // One wrong date of birth, and one grant that was given: neither is written down as the other.
    let count = |action| log.iter().filter(|entry| entry.facts().action == action).count();
    assert_eq!([count(Action::GrantBirthDateWrong), count(Action::GrantGiven)], [1, 1]);

    // Ended: the very next question is refused, and a stranger cannot end anything.
    let stranger = house.session(Role::Teenager).await;
    assert_eq!(stranger.revoke(chart, id).await.unwrap_err(), ProxyError::NotFound);
    grandmother.revoke(chart, id).await.unwrap();
    assert_eq!(daughter.ask(chart, Section::Results, Purpose::Care).await.unwrap_err(), AccessError::NotFound);
    assert!(daughter.acting_for().await.unwrap().is_empty());
    house.portal.verify_trail(chart).await.unwrap();
}

#[tokio::test]
async fn three_wrong_dates_of_birth_end_an_invitation_for_good() {
    let house = House::build().await;
    let chart = house.chart(Role::Grandmother).await;
    let grandmother = house.session(Role::Grandmother).await;
    let daughter = house.session(Role::Daughter).await;
    let (_, token) = grandmother.invite(chart, &offer(&house, views(&[Section::Results]))).await.unwrap();
    let born = house.person(Role::Grandmother).birth_date;
    for days in 1..=3 {
        let wrong = born + Duration::days(days);
        assert_eq!(daughter.accept(&token, wrong).await.unwrap_err(), ProxyError::WrongBirthDate);
    }
    assert_eq!(daughter.accept(&token, born).await.unwrap_err(), ProxyError::NotFound);
    let grants = grandmother.grants(chart).await.unwrap();
    assert_eq!(grants[0].state(), GrantState::Denied(DenyReason::BirthDates));
    // Nonsense, an old token and somebody else's are the same from outside.
    for token in ["", "0", &"0".repeat(128), token.expose()] {
        let outcome = daughter.accept(&InvitationToken::presented(token), born).await.unwrap_err();
        assert_eq!(outcome, ProxyError::NotFound);
    }
}

#[tokio::test]
async fn an_invitation_ends_and_can_be_declined_and_nobody_invites_beyond_their_own() {
    let house = House::build().await;
    let chart = house.chart(Role::Grandmother).await;
    let grandmother = house.session(Role::Grandmother).await;
    let daughter = house.session(Role::Daughter).await;
    let too_long = Offer { until: house.clock.now() + Duration::days(547), ..offer(&house, Scope::ALL) };
    assert_eq!(
        grandmother.invite(chart, &too_long).await.map(drop).unwrap_err(),
        ProxyError::Refused(GrantError::TooLong)
    );
    assert_eq!(daughter.invite(chart, &offer(&house, Scope::ALL)).await.map(drop).unwrap_err(), ProxyError::NotFound);
    let (_, token) = grandmother.invite(chart, &offer(&house, views(&[Section::Results]))).await.unwrap();
    daughter.decline(&token, DeclineReason::NotAble).await.unwrap();
    let born = house.person(Role::Grandmother).birth_date;
    assert_eq!(daughter.accept(&token, born).await.unwrap_err(), ProxyError::NotFound);
    // The teenager decides about her own chart from 13 on; the toddler does not.
    let toddler = house.session(Role::Toddler).await;
    let hers = house.chart(Role::Toddler).await;
    let refused = toddler.invite(hers, &offer(&house, views(&[Section::Results]))).await.map(drop).unwrap_err();
    assert_eq!(refused, ProxyError::Refused(GrantError::PatientTooYoung));
    let wished = toddler.wish(hers, Section::Results, Wish::AfterTap).await.unwrap_err();
    assert_eq!(wished, ProxyError::Refused(GrantError::PatientTooYoung));
}

#[tokio::test]
async fn a_mother_sees_all_until_thirteen_a_little_until_eighteen_and_then_nothing() {
    let house = House::build().await;
    house.make_parent(Role::Daughter, Role::Toddler, Scope::ALL).await;
    let chart = house.chart(Role::Toddler).await;
    for (years, before, results, vaccines) in
        [(13, 1, true, true), (13, 0, false, true), (18, 1, false, true), (18, 0, false, false)]
    {
        house.go_to_birthday(Role::Toddler, years, before);
        let mother = house.session(Role::Daughter).await;
        let may = async |section: Section| mother.ask(chart, section, Purpose::Care).await.is_ok();
        assert_eq!(may(Section::Results).await, results, "{years} years less {before} days: results");
        assert_eq!(may(Section::Immunizations).await, vaccines, "{years} years less {before} days: vaccines");
    }
}

#[tokio::test]
async fn the_teenager_keeps_her_visit_to_herself() {
    let house = House::build().await;
    let acting = house.make_parent(Role::Daughter, Role::Teenager, Scope::ALL).await;
    assert!(!acting.sections.has(Section::Visits) && !acting.sections.has(Section::Results));
    assert!(acting.sections.has(Section::Immunizations));
    let hers = house.open(Role::Teenager).await.immunizations(Page::ALL).await.unwrap().items;
    let seen =
        house.open_for(Role::Daughter, Role::Teenager, Section::Immunizations).await.immunizations(Page::ALL).await;
    let seen = seen.unwrap().items;
    let hpv = |code: &str| ["62", "118", "137", "165"].contains(&code);
    let is_hpv = |item: &&mychartum_core::chart::Item<mychartum_core::chart::Immunization>| {
        item.view.vaccine.code_in(&mychartum_core::kernel::CodeSystem::Cvx).is_some_and(hpv)
    };
    assert!(hers.iter().any(|item| is_hpv(&item)), "the synthetic teenager has an HPV vaccine");
    assert_eq!(seen.len(), hers.iter().filter(|item| !is_hpv(item)).count());
}

#[tokio::test]
async fn one_hidden_result_leaves_no_trace_and_comes_back() {
    let house = House::build().await;
    let chart = house.chart(Role::Grandmother).await;
    let grandmother = house.session(Role::Grandmother).await;
    let daughter = house.session(Role::Daughter).await;
    let scope = views(&[Section::Results, Section::Reports]);
    let (id, token) = grandmother.invite(chart, &offer(&house, scope)).await.unwrap();
    daughter.accept(&token, house.person(Role::Grandmother).birth_date).await.unwrap();
    let sees = async || {
        let disclosure = house.open_for(Role::Daughter, Role::Grandmother, Section::Results).await;
        disclosure.results(Page::ALL).await.unwrap().items
    };
    let before = sees().await;
    let hidden = before[3].id;
    grandmother.hide(chart, Section::Results, hidden, HideFrom::Grant(id)).await.unwrap();
    let after = sees().await;
    assert_eq!(after.len(), before.len() - 1);
    assert!(after.iter().all(|item| item.id != hidden));
    let disclosure = house.open_for(Role::Daughter, Role::Grandmother, Section::Results).await;
    assert!(disclosure.result(hidden).await.unwrap().is_none());
    assert!(disclosure.original(Section::Results, hidden).await.unwrap().is_none());
    assert!(disclosure.earlier_results(hidden).await.unwrap().is_empty());
    assert!(disclosure.results(Page::after(hidden, 5)).await.unwrap().items.is_empty());
    // She herself still sees it, and knows from whom it is hidden.
    assert!(house.open(Role::Grandmother).await.result(hidden).await.unwrap().is_some());
    assert_eq!(grandmother.hidden_from(chart, hidden).await.unwrap(), (vec![daughter.account()], false));
    grandmother.unhide(chart, Section::Results, hidden, HideFrom::Grant(id)).await.unwrap();
    assert_eq!(sees().await.len(), before.len());
}

#[tokio::test]
async fn safety_mode_leaves_a_section_open_and_empty() {
    let house = House::build().await;
    let chart = house.chart(Role::Grandmother).await;
    let grandmother = house.session(Role::Grandmother).await;
    let daughter = house.session(Role::Daughter).await;
    let scope = views(&[Section::Results, Section::Appointments]);
    let (id, token) = grandmother.invite(chart, &offer(&house, scope)).await.unwrap();
    let acting = daughter.accept(&token, house.person(Role::Grandmother).birth_date).await.unwrap();
    grandmother.narrow(chart, id, Some(views(&[Section::Appointments]))).await.unwrap();
    let now = daughter.acting_for().await.unwrap();
    assert_eq!(now, [acting], "the proxy is told nothing");
    let disclosure = house.open_for(Role::Daughter, Role::Grandmother, Section::Results).await;
    assert!(disclosure.results(Page::ALL).await.unwrap().items.is_empty());
    // It does not last beyond the patient's wish.
    grandmother.narrow(chart, id, None).await.unwrap();
    let disclosure = house.open_for(Role::Daughter, Role::Grandmother, Section::Results).await;
    assert!(!disclosure.results(Page::ALL).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_guardian_takes_two_members_of_staff_and_never_the_same_one() {
    let house = House::build().await;
    let chart = house.chart(Role::Grandmother).await;
    let daughter = house.session(Role::Daughter).await;
    let application = Application {
        relation: Relation::Guardian,
        basis: LegalBasis::CourtGuardian,
        scope: Scope::ALL,
        until: None,
        evidence: document(),
    };
    let without = Application { evidence: None, ..application };
    assert_eq!(daughter.request(chart, &without).await.unwrap_err(), ProxyError::Refused(GrantError::EvidenceMissing));
    let id = daughter.request(chart, &application).await.unwrap();
    assert_eq!(house.portal.proxy_queue().await.unwrap().len(), 1);
    house.portal.take_up(STAFF, chart, id).await.unwrap();
    assert_eq!(house.portal.verify(STAFF, chart, id).await.unwrap(), GrantState::PendingVerification);
    let again = house.portal.verify(STAFF, chart, id).await.unwrap_err();
    assert_eq!(again, ProxyError::Refused(GrantError::SecondPerson));
    assert_eq!(daughter.ask(chart, Section::Results, Purpose::Care).await.unwrap_err(), AccessError::NotFound);
    assert_eq!(house.portal.verify(OTHER_STAFF, chart, id).await.unwrap(), GrantState::Active);
    assert!(daughter.ask(chart, Section::Results, Purpose::Care).await.is_ok());
    assert!(house.portal.proxy_queue().await.unwrap().is_empty());
    // What a court gave, the patient does not take; staff can let it rest.
    let grandmother = house.session(Role::Grandmother).await;
    assert_eq!(grandmother.revoke(chart, id).await.unwrap_err(), ProxyError::Refused(GrantError::NotAllowed));
    house.portal.suspend(STAFF, chart, id, SuspendReason::Safety).await.unwrap();
    assert_eq!(daughter.ask(chart, Section::Results, Purpose::Care).await.unwrap_err(), AccessError::NotFound);
    // The refused tries are in her trail.
    let log = house.open(Role::Grandmother).await.access_log(None, 50).await.unwrap();
    assert_eq!(log.iter().filter(|entry| entry.facts().action == Action::GrantRefused).count(), 2);
}

#[tokio::test]
async fn parents_in_dispute_keep_what_both_have() {
    let house = House::build().await;
    let chart = house.chart(Role::Toddler).await;
    let wide = house.make_parent(Role::Daughter, Role::Toddler, Scope::ALL).await;
    let narrow = views(&[Section::Immunizations, Section::Appointments]);
    let other = house.make_parent(Role::Grandmother, Role::Toddler, narrow).await;
    house.portal.dispute(STAFF, chart, (wide.grant, other.grant)).await.unwrap();
    for role in [Role::Daughter, Role::Grandmother] {
        let session = house.session(role).await;
        let disclosure = house.open_for(role, Role::Toddler, Section::Immunizations).await;
        assert!(!disclosure.immunizations(Page::ALL).await.unwrap().items.is_empty());
        // A dispute is told, so what is not common to both is closed and not empty.
        let refused = session.ask(chart, Section::Results, Purpose::Care).await.map(drop).unwrap_err();
        assert_eq!(refused, AccessError::NotFound, "{role:?} sees no results");
    }
    assert_eq!(house.portal.proxy_queue().await.unwrap().len(), 2);
    house.portal.reinstate(STAFF, chart, wide.grant, document().unwrap()).await.unwrap();
    let disclosure = house.open_for(Role::Daughter, Role::Toddler, Section::Results).await;
    assert!(!disclosure.results(Page::ALL).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_held_result_waits_and_a_wish_is_the_patients() {
    let house = House::build().await;
    let chart = house.chart(Role::Grandmother).await;
    let grandmother = house.session(Role::Grandmother).await;
    let all = house.open(Role::Grandmother).await.results(Page::ALL).await.unwrap().items;
    let item = (Section::Results, all[0].id);
    let until = house.clock.now() + Duration::days(10);
    let hold = Hold { clinician: STAFF, harm: Harm::LifeOrSafety, until };
    let too_long = Hold { until: house.clock.now() + Duration::days(31), ..hold };
    assert_eq!(house.portal.hold(chart, item, &too_long).await.unwrap_err(), ProxyError::Refused(GrantError::TooLong));
    house.portal.hold(chart, item, &hold).await.unwrap();
    assert!(house.open(Role::Grandmother).await.result(item.1).await.unwrap().is_none());
    assert_eq!(house.portal.release_worklist().await.unwrap().len(), 1);
    house.portal.release(STAFF, chart, item).await.unwrap();
    assert!(house.open(Role::Grandmother).await.result(item.1).await.unwrap().is_some());
    assert!(house.portal.release_worklist().await.unwrap().is_empty());
    // Of harm by a proxy, only proxies wait.
    house.portal.hold(chart, item, &Hold { harm: Harm::SubstantialByProxy, ..hold }).await.unwrap();
    assert!(house.open(Role::Grandmother).await.result(item.1).await.unwrap().is_some());
    // A hold that nobody ended, ended by itself, and the worklist says so.
    house.clock.advance(Duration::days(11));
    let held = house.portal.release_worklist().await.unwrap();
    assert_eq!(held[0].over, mychartum_core::portal::Over::ByItself);

    let grandmother = {
        drop(grandmother);
        house.session(Role::Grandmother).await
    };
    grandmother.wish(chart, Section::Results, Wish::Wait(14)).await.unwrap();
    assert_eq!(grandmother.wishes(chart).await.unwrap(), [(Section::Results, Wish::Wait(14))]);
    let waiting = house.open(Role::Grandmother).await.results(Page::ALL).await.unwrap().items.len();
    assert!(waiting < all.len(), "what came eleven days ago waits three more");
    house.clock.advance(Duration::days(4));
    assert_eq!(house.open(Role::Grandmother).await.results(Page::ALL).await.unwrap().items.len(), all.len());
}

#[tokio::test]
async fn broken_glass_looks_for_a_while_and_is_told() {
    let house = House::build().await;
    let chart = house.chart(Role::Grandmother).await;
    let look =
        async |reason, minutes| house.portal.break_glass(STAFF, chart, Section::Medications, reason, minutes).await;
    assert_eq!(look(GlassReason::None, 10).await.unwrap_err(), AccessError::NotFound);
    assert_eq!(look(GlassReason::Emergency, 61).await.unwrap_err(), AccessError::NotFound);
    let permit = look(GlassReason::Emergency, 60).await.unwrap();
    assert!(permit.expires_at() <= house.clock.now() + Duration::minutes(60));
    let seen = house.portal.disclose(permit).unwrap().medications(Page::ALL).await.unwrap();
    assert!(!seen.items.is_empty());
    let looks = house.portal.second_looks().await.unwrap();
    assert_eq!(looks.len(), 1);
    house.portal.looked_again(looks[0].1).await.unwrap();
    assert!(house.portal.second_looks().await.unwrap().is_empty());
    let log = house.open(Role::Grandmother).await.access_log(None, 20).await.unwrap();
    let broken = log.iter().filter(|entry| entry.facts().action == Action::BrokenGlass).count();
    let refused = log.iter().filter(|entry| entry.facts().action == Action::Refuse).count();
    assert_eq!((broken, refused), (1, 2));
}

#[tokio::test]
async fn a_label_of_a_clinician_hides_from_proxies_and_never_from_the_patient() {
    let house = House::build().await;
    let chart = house.chart(Role::Grandmother).await;
    let grandmother = house.session(Role::Grandmother).await;
    let daughter = house.session(Role::Daughter).await;
    let scope = views(&[Section::Visits, Section::Results, Section::Documents]);
    let (id, token) = grandmother.invite(chart, &offer(&house, scope)).await.unwrap();
    daughter.accept(&token, house.person(Role::Grandmother).birth_date).await.unwrap();
    let own = house.open(Role::Grandmother).await;
    let visits = own.visits(Page::ALL).await.unwrap().items;
    let mut labelled = None;
    for visit in &visits {
        let results = own.of_visit(Section::Results, visit.id).await.unwrap();
        if !results.is_empty() {
            labelled = Some((visit.id, results));
            break;
        }
    }
    let (visit, results) = labelled.expect("a visit with results");
    let label = SensitivitySet::of(&[Sensitivity::Sdv]);
    house.portal.label(STAFF, chart, (Section::Visits, visit), label).await.unwrap();
    // It reaches what belongs to the visit.
    let disclosure =
        house.open_for(Role::Daughter, Role::Grandmother, SectionSet::of(&[Section::Visits, Section::Results])).await;
    assert!(disclosure.visit(visit).await.unwrap().is_none());
    assert!(disclosure.of_visit(Section::Results, visit).await.unwrap().is_empty());
    for result in &results {
        assert!(disclosure.result(result.id).await.unwrap().is_none());
    }
    assert!(house.open(Role::Grandmother).await.visit(visit).await.unwrap().is_some());
    // With the patient's consent to that label, it is there again.
    grandmother.rescope(chart, id, scope, label).await.unwrap();
    let disclosure = house.open_for(Role::Daughter, Role::Grandmother, Section::Visits).await;
    assert!(disclosure.visit(visit).await.unwrap().is_some());
}

#[tokio::test]
async fn the_owner_sees_as_they_see_now_and_after_the_next_birthday() {
    let house = House::build().await;
    let acting = house.make_parent(Role::Daughter, Role::Teenager, Scope::ALL).await;
    let chart = house.chart(Role::Teenager).await;
    let teenager = house.session(Role::Teenager).await;
    let now = house.clock.now();
    let all = SectionSet::of(&Section::ALL);
    let permit = teenager.preview(chart, acting.grant, all, now).await.unwrap();
    assert_eq!(permit.sections(), acting.sections);
    let shown = house.portal.disclose(permit).unwrap().immunizations(Page::ALL).await.unwrap().items;
    let seen = house.open_for(Role::Daughter, Role::Teenager, Section::Immunizations).await;
    let seen = seen.immunizations(Page::ALL).await.unwrap().items;
    assert!(!seen.is_empty() && shown.iter().map(|item| item.id).eq(seen.iter().map(|item| item.id)));
    // Only the owner may look so, and after the eighteenth birthday there is nothing to look at.
    let mother = house.session(Role::Daughter).await;
    assert_eq!(mother.preview(chart, acting.grant, all, now).await.map(drop).unwrap_err(), ProxyError::NotFound);
    let turns = teenager.timeline(chart, acting.grant).await.unwrap();
    assert_eq!(turns.len(), 1, "{turns:?}");
    assert_eq!((turns[0].lost, turns[0].sections), (acting.sections, SectionSet::NONE));
    let after = turns[0].at;
    assert_eq!(teenager.preview(chart, acting.grant, all, after).await.map(drop).unwrap_err(), ProxyError::NotFound);
    let before = after - Duration::microseconds(1);
    assert!(teenager.preview(chart, acting.grant, all, before).await.is_ok());
    // Local midnight in the policy's zone, and not that of Greenwich.
    let local = after.with_timezone(&house.portal.policy().zone());
    assert_eq!(local.format("%H:%M:%S").to_string(), "00:00:00");
}

#[tokio::test]
async fn between_two_turns_nothing_changes_by_itself() {
    let house = House::build().await;
    let acting = house.make_parent(Role::Daughter, Role::Toddler, Scope::ALL).await;
    let chart = house.chart(Role::Toddler).await;
    let turns = house.session(Role::Toddler).await.timeline(chart, acting.grant).await.unwrap();
    assert_eq!(turns.len(), 2);
    let start = house.clock.now();
    for days in (0..7300).step_by(97) {
        let at = start + Duration::days(days);
        let expected = turns.iter().rev().find(|turn| turn.at <= at).map_or(acting.sections, |turn| turn.sections);
        let decisions =
            house.portal.could_see(house.session(Role::Daughter).await.account(), chart, at, house.portal.policy());
        let seen: SectionSet = decisions
            .await
            .unwrap()
            .into_iter()
            .filter(|(_, one)| one.is_permit())
            .map(|(section, _)| section)
            .collect();
        assert_eq!(seen, expected, "day {days}");
    }
}

#[tokio::test]
async fn the_privacy_officer_learns_what_could_be_seen_then_and_by_which_rule() {
    let house = House::build().await;
    let chart = house.chart(Role::Grandmother).await;
    let (grandmother, daughter) = (house.session(Role::Grandmother).await, house.session(Role::Daughter).await);
    let before = house.clock.now();
    house.clock.advance(Duration::minutes(1));
    let (id, token) =
        grandmother.invite(chart, &offer(&house, views(&[Section::Results, Section::Visits]))).await.unwrap();
    daughter.accept(&token, house.person(Role::Grandmother).birth_date).await.unwrap();
    house.clock.advance(Duration::minutes(1));
    let during = house.clock.now();
    house.clock.advance(Duration::minutes(1));
    grandmother.rescope(chart, id, views(&[Section::Visits]), SensitivitySet::NONE).await.unwrap();
    house.clock.advance(Duration::minutes(1));
    let narrowed = house.clock.now();
    house.clock.advance(Duration::minutes(1));
    grandmother.revoke(chart, id).await.unwrap();
    house.clock.advance(Duration::minutes(1));
    let ended = house.clock.now();
    let results = async |at| {
        let account = daughter.account();
        let decisions = house.portal.could_see(account, chart, at, house.portal.policy()).await.unwrap();
        decisions.into_iter().find(|(section, _)| *section == Section::Results).unwrap().1
    };
    let rules = [results(before).await, results(during).await, results(narrowed).await, results(ended).await];
    assert_eq!(rules.map(|decision| decision.is_permit()), [false, true, false, false]);
    use mychartum_core::access::Rule;
    assert_eq!(
        rules.map(|decision| decision.rule),
        [Rule::DefaultDeny, Rule::ProxyGrant, Rule::GrantScope, Rule::GrantNotLive]
    );
    assert_eq!(rules[1].grant, Some(id));
}

#[tokio::test]
async fn the_owner_learns_why_something_is_not_shown() {
    let house = House::build().await;
    let chart = house.chart(Role::Grandmother).await;
    let grandmother = house.session(Role::Grandmother).await;
    let result = house.open(Role::Grandmother).await.results(Page::latest(1)).await.unwrap().items[0].id;
    let why = async || grandmother.why(chart, Section::Results, result).await.unwrap().unwrap();
    assert!(why().await.is_permit());
    let until = house.clock.now() + Duration::days(3);
    let hold = Hold { clinician: STAFF, harm: Harm::LifeOrSafety, until };
    house.portal.hold(chart, (Section::Results, result), &hold).await.unwrap();
    assert_eq!(why().await.rule, mychartum_core::access::Rule::NotReleased);
    let nothing = mychartum_core::kernel::id::ItemId::from_bytes([0; 16]);
    assert!(grandmother.why(chart, Section::Results, nothing).await.unwrap().is_none());
}
