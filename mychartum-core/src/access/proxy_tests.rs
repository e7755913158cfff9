//! The decision for those who act for a patient: what a grant lets through, and what an age leaves of it.

use chrono::Duration;

use super::consent::Part2Reach;
use super::grant::{GrantStanding, LegalBasis, Terms};
use super::pack::TopicSet;
use super::scene::*;
use super::*;
use crate::chart::Section;
use crate::kernel::id::GrantId;

/// The second topic of the pack, which the template for teens hides.
const HPV: TopicSet = TopicSet::from_bits(2);

fn label(label: Sensitivity) -> SensitivitySet {
    SensitivitySet::NONE.with(label)
}

fn id(number: u8) -> Option<GrantId> {
    Some(GrantId::from_bytes([number; 16]))
}

fn consent() -> Terms {
    grant(1, LegalBasis::PatientConsent)
}

fn parent() -> Terms {
    grant(1, LegalBasis::Parent)
}

fn guardian() -> Terms {
    grant(1, LegalBasis::CourtGuardian)
}

/// Bob with one grant.
fn with(grant: Terms, now: &str) -> Scene {
    Scene::of_proxy(&[grant], now)
}

#[test]
fn without_a_grant_nothing_is_seen() {
    let nothing = Scene::of_proxy(&[], GROWN_UP).denied(Rule::DefaultDeny);
    assert_eq!((nothing.grant, nothing.band), (None, Some(6)));
    let permit = with(consent(), GROWN_UP).permitted(Rule::ProxyGrant);
    assert_eq!((permit.grant, permit.band, permit.obligations), (id(1), Some(6), Obligations::NONE));
    let somebody_elses = Terms { proxy: EVE, ..consent() };
    with(somebody_elses, GROWN_UP).denies(Rule::DefaultDeny);
}

#[test]
fn everyone_finds_the_own_grants_among_those_of_others() {
    let of = |number, proxy| Terms { proxy, ..grant(number, LegalBasis::PatientConsent) };
    let grants = [of(6, EVE), of(3, BOB), of(1, ANNA), of(5, EVE), of(4, BOB), of(2, ANNA)];
    let asks = |account, own| {
        let role = Role::Account { account, own, app: None };
        Scene::of_proxy(&grants, GROWN_UP).with(|scene| scene.who.role = role).decide().grant
    };
    assert_eq!((asks(ANNA, &[]), asks(BOB, &[]), asks(EVE, &[])), (id(1), id(3), id(5)));
    assert_eq!((asks(NURSE, &[]), asks(CLERK, &[])), (None, None));
}

#[test]
fn what_is_kept_from_a_proxy_is_looked_at_before_any_grant() {
    let scene = with(consent(), GROWN_UP);
    scene.with(|scene| scene.item.hidden = Hidden::From(&[EVE])).permits(Rule::ProxyGrant);
    let hidden = scene.with(|scene| scene.item.hidden = Hidden::From(&[EVE, BOB])).denied(Rule::Hidden);
    assert_eq!((hidden.grant, hidden.band), (None, Some(6)));
    scene.with(|scene| scene.item.hidden = Hidden::FromAll).denies(Rule::Hidden);
    scene.with(|scene| scene.item.labels = label(Sensitivity::Unknown)).denies(Rule::UnknownLabel);
    let released = |others| scene.with(|scene| scene.item.released.others = others);
    released(Some(at(GROWN_UP))).permits(Rule::ProxyGrant);
    released(Some(at(GROWN_UP) + Duration::microseconds(1))).denies(Rule::NotReleased);
    released(None).denies(Rule::NotReleased);
    // What only the patient waits for does not concern others.
    scene.with(|scene| scene.item.released.own = None).permits(Rule::ProxyGrant);
}

#[test]
fn messages_of_the_other_side_are_apart_in_the_bands_that_say_so() {
    let message = |now, author, section| {
        let scene = with(consent(), now);
        scene.with(|scene| (scene.item.author, scene.item.section) = (author, section))
    };
    message(IN_TEENS, Some(ANNA), Section::Messages).denies(Rule::OthersMessage);
    message(IN_TEENS, None, Section::Messages).denies(Rule::OthersMessage);
    message(IN_TEENS, Some(BOB), Section::Messages).permits(Rule::ProxyGrant);
    message(IN_TEENS, Some(ANNA), Section::Results).permits(Rule::ProxyGrant);
    message(IN_CHILDHOOD, Some(ANNA), Section::Messages).permits(Rule::ProxyGrant);
    // Who is emancipated counts as grown up, and where the age is not known, the strictest band counts.
    let of_anna = message(IN_TEENS, Some(ANNA), Section::Messages);
    of_anna.with(|scene| scene.subject.majority = Majority::Emancipated).permits(Rule::ProxyGrant);
    let grown_up = message(GROWN_UP, Some(ANNA), Section::Messages);
    grown_up.permits(Rule::ProxyGrant);
    grown_up.with(|scene| scene.subject.ages = AgeClock::UNKNOWN).denies(Rule::OthersMessage);
}

#[test]
fn the_first_grant_that_lets_it_through_permits() {
    let closed = Terms { standing: GrantStanding::NotLive, ..consent() };
    let open = grant(2, LegalBasis::PatientConsent);
    let scene = Scene::of_proxy(&[open, closed], GROWN_UP);
    assert_eq!(scene.permitted(Rule::ProxyGrant).grant, id(2));
    let narrow = Terms { scope: Scope::NONE.with(Section::Results, Verb::View), ..consent() };
    let scene = Scene::of_proxy(&[narrow, open, grant(3, LegalBasis::PatientConsent)], GROWN_UP);
    assert_eq!(scene.permitted(Rule::ProxyGrant).grant, id(2));
}

#[test]
fn the_first_grant_names_why_nothing_is_let_through() {
    let rule_of = |grants: &[Terms]| {
        let decision = Scene::of_proxy(grants, GROWN_UP).decide();
        (decision.rule, decision.grant)
    };
    let one = |number| grant(number, LegalBasis::PatientConsent);
    let closed = |number| Terms { standing: GrantStanding::NotLive, ..one(number) };
    let late = |number| Terms { from: at("2031-01-01T00:00:00Z"), ..one(number) };
    let empty = |number| Terms { scope: Scope::NONE, ..one(number) };
    let templates_end = Terms { scope: Scope::ALL, ..grant(2, LegalBasis::CourtGuardian) };
    assert_eq!(rule_of(&[closed(1), late(2)]), (Rule::GrantNotLive, id(1)));
    assert_eq!(rule_of(&[late(1), closed(2)]), (Rule::GrantOutOfTime, id(1)));
    assert_eq!(rule_of(&[closed(1), empty(2)]), (Rule::GrantNotLive, id(1)));
    assert_eq!(rule_of(&[empty(1), closed(2)]), (Rule::GrantScope, id(1)));
    let verb = |scene: &mut Scene| scene.verb = Verb::Manage;
    let decision = Scene::of_proxy(&[empty(1), templates_end], GROWN_UP).with(verb).denied(Rule::GrantScope);
    assert_eq!(decision.grant, id(1));
    let decision = Scene::of_proxy(&[templates_end, empty(3)], GROWN_UP).with(verb).denied(Rule::TemplateScope);
    assert_eq!(decision.grant, id(2));
}

#[test]
fn of_more_live_grants_than_four_the_last_ones_are_not_looked_at() {
    let narrow = |number| Terms {
        scope: Scope::NONE.with(Section::Results, Verb::View),
        ..grant(number, LegalBasis::PatientConsent)
    };
    let mut grants: Vec<Terms> = (1..=3).map(narrow).collect();
    grants.push(grant(4, LegalBasis::PatientConsent));
    assert_eq!(Scene::of_proxy(&grants, GROWN_UP).permitted(Rule::ProxyGrant).grant, id(4));
    grants.insert(0, narrow(0));
    assert_eq!(Scene::of_proxy(&grants, GROWN_UP).denied(Rule::GrantScope).grant, id(0));
}

#[test]
fn a_grant_is_of_one_tenant_and_one_chart() {
    with(Terms { tenant: ELSEWHERE, ..consent() }, GROWN_UP).denies(Rule::OtherTenant);
    with(Terms { patient: OTHER_CHART, ..consent() }, GROWN_UP).denies(Rule::OtherChart);
}

#[test]
fn a_grant_counts_from_its_beginning_to_just_before_its_end() {
    let terms = Terms { from: at(IN_TEENS), until: Some(at(GROWN_UP)), ..consent() };
    let microsecond = Duration::microseconds(1);
    let asked = |now| with(terms, GROWN_UP).with(|scene| scene.now = now);
    asked(at(IN_TEENS) - microsecond).denies(Rule::GrantOutOfTime);
    asked(at(IN_TEENS)).permits(Rule::ProxyGrant);
    asked(at(GROWN_UP) - microsecond).permits(Rule::ProxyGrant);
    asked(at(GROWN_UP)).denies(Rule::GrantOutOfTime);
    asked(at(GROWN_UP) + microsecond).denies(Rule::GrantOutOfTime);
}

#[test]
fn death_ends_every_grant_but_the_executors_which_begins_with_it() {
    let executor = grant(1, LegalBasis::Executor);
    with(executor, GROWN_UP).denies(Rule::GrantNotLive);
    let died = |scene: &mut Scene| scene.subject.life = Life::Deceased;
    with(executor, GROWN_UP).with(died).permits(Rule::ProxyGrant);
    with(consent(), GROWN_UP).with(died).denies(Rule::Deceased);
    with(Terms { standing: GrantStanding::NotLive, ..executor }, GROWN_UP).with(died).denies(Rule::GrantNotLive);
}

#[test]
fn a_basis_that_the_policy_does_not_know_opens_nothing() {
    with(grant(1, LegalBasis::HealthCareAgent), GROWN_UP).denies(Rule::BasisUnknown);
}

#[test]
fn what_age_leaves_to_a_parent_follows_the_bands() {
    let results = |now| with(parent(), now).with(|scene| scene.item.section = Section::Results);
    results(IN_CHILDHOOD).permits(Rule::ProxyGrant);
    results(IN_NO_PORTAL).denies(Rule::NoPortal);
    results(IN_ASSENT).denies(Rule::NoAssent);
    let assent = |assent| results(IN_ASSENT).with(|scene| scene.subject.assent = assent);
    assent(Assent::Refused).denies(Rule::NoAssent);
    assent(Assent::Given).permits(Rule::ProxyGrant);
    results(IN_TEENS).denies(Rule::TemplateScope);
    with(parent(), IN_TEENS).permits(Rule::ProxyGrant);
    results(IN_SUSPENDED).denies(Rule::AgeBand);
    results(GROWN_UP).denies(Rule::AgeBand);
    results(IN_CHILDHOOD).with(|scene| scene.subject.ages = AgeClock::UNKNOWN).denies(Rule::AgeUnknown);
    results(IN_CHILDHOOD).with(|scene| scene.subject.majority = Majority::Emancipated).denies(Rule::OfAge);
    // What a court gave does not follow the age.
    for now in [IN_NO_PORTAL, IN_ASSENT, IN_TEENS, GROWN_UP] {
        with(guardian(), now).with(|scene| scene.item.section = Section::Results).permits(Rule::ProxyGrant);
    }
}

#[test]
fn what_the_template_leaves_out_and_what_the_grant_leaves_out_are_told_apart() {
    let only_results = Terms { scope: Scope::NONE.with(Section::Results, Verb::View), ..parent() };
    with(only_results, IN_TEENS).denies(Rule::GrantScope);
    with(only_results, IN_TEENS).with(|scene| scene.item.section = Section::Results).denies(Rule::TemplateScope);
    with(parent(), IN_CHILDHOOD).with(|scene| scene.verb = Verb::Pay).denies(Rule::TemplateScope);
}

#[test]
fn a_label_is_shown_if_both_templates_show_it_or_the_patient_consents() {
    let labelled = |terms, now, of| with(terms, now).with(|scene| scene.item.labels = label(of));
    labelled(parent(), IN_CHILDHOOD, Sensitivity::Psy).permits(Rule::ProxyGrant);
    labelled(parent(), IN_CHILDHOOD, Sensitivity::Hiv).denies(Rule::Sensitive);
    labelled(parent(), IN_TEENS, Sensitivity::Sex).permits(Rule::ProxyGrant);
    labelled(parent(), IN_TEENS, Sensitivity::Psy).denies(Rule::Sensitive);
    labelled(consent(), GROWN_UP, Sensitivity::Psy).denies(Rule::Sensitive);
    let all = Terms { consents: SensitivitySet::from_bits(u16::MAX), ..consent() };
    labelled(all, GROWN_UP, Sensitivity::Psy).permits(Rule::ProxyGrant);
    // A label on a grant is no written consent, and what is open of records is not of counselling notes.
    labelled(all, GROWN_UP, Sensitivity::Part2).denies(Rule::Part2Consent);
    let records = Part2Reach { records: Section::Immunizations.into(), ..Part2Reach::NONE };
    let written = Terms { part2: records, ..consent() };
    let part2 = labelled(written, GROWN_UP, Sensitivity::Part2).permitted(Rule::ProxyGrant);
    assert_eq!(part2.obligations, Obligations::PART2_NOTICE);
    let note = label(Sensitivity::Part2).with(Sensitivity::PsychotherapyNote);
    with(Terms { part2: records, ..all }, GROWN_UP).with(|scene| scene.item.labels = note).denies(Rule::Part2Notes);
    // Nobody can consent to what is not known.
    labelled(all, GROWN_UP, Sensitivity::Unknown).denies(Rule::UnknownLabel);
}

#[test]
fn in_proceedings_records_under_part_2_stay_closed_to_everyone_but_the_patient() {
    let records = Part2Reach { records: Section::Immunizations.into(), ..Part2Reach::NONE };
    let written = Terms { part2: records, ..consent() };
    let part2 = |scene: &mut Scene| {
        scene.item.labels = label(Sensitivity::Part2);
        scene.purpose = crate::audit::Purpose::Proceedings;
    };
    let plain = |scene: &mut Scene| scene.purpose = crate::audit::Purpose::Proceedings;
    with(written, GROWN_UP).with(part2).denies(Rule::Part2Proceedings);
    with(written, GROWN_UP).with(plain).permits(Rule::ProxyGrant);
    Scene::of_patient(GROWN_UP).with(part2).permits(Rule::OwnChart);
    let end = at(GROWN_UP) + Duration::minutes(10);
    let glass = Glass { patient: CHART, reason: GlassReason::Emergency, from: at(GROWN_UP), until: end };
    Scene::of_staff(Some(glass), GROWN_UP).with(part2).denies(Rule::Part2Proceedings);
    Scene::of_staff(Some(glass), GROWN_UP).with(plain).permits(Rule::BrokenGlass);
}

#[test]
fn what_is_passed_on_opens_no_record_under_part_2_that_the_giver_has_not() {
    let records = Part2Reach { records: Section::Immunizations.into(), ..Part2Reach::NONE };
    let parent = |part2| Terms { proxy: EVE, part2, ..grant(2, LegalBasis::PatientConsent) };
    let child = Terms { part2: records, delegated_from: id(2), ..consent() };
    let scene = |part2| {
        let scene = Scene::of_proxy(&[child, parent(part2)], GROWN_UP);
        scene.with(|scene| scene.item.labels = label(Sensitivity::Part2))
    };
    scene(records).permits(Rule::ProxyGrant);
    scene(Part2Reach::NONE).denies(Rule::DelegatorsPower);
}

#[test]
fn a_topic_that_the_band_hides_is_hidden() {
    let vaccine = |now, topics| with(parent(), now).with(|scene| scene.item.topics = topics);
    vaccine(IN_CHILDHOOD, HPV).permits(Rule::ProxyGrant);
    vaccine(IN_TEENS, HPV).denies(Rule::Topic);
    vaccine(IN_TEENS, TopicSet::from_bits(1)).permits(Rule::ProxyGrant);
}

#[test]
fn in_a_frozen_band_only_what_was_there_before_the_birthday_is_seen() {
    let recorded = |when| with(parent(), IN_FROZEN).with(|scene| scene.item.recorded_at = when);
    recorded(at(FROZEN_SINCE) - Duration::microseconds(1)).permits(Rule::ProxyGrant);
    recorded(at(FROZEN_SINCE)).denies(Rule::Frozen);
    recorded(at(FROZEN_SINCE) + Duration::days(1)).denies(Rule::Frozen);
    // Before that band nothing is frozen, and a widening thaws.
    with(parent(), IN_TEENS).with(|scene| scene.item.recorded_at = at(IN_TEENS)).permits(Rule::ProxyGrant);
    let thawed = Terms { widened: widened(4, "full", None), ..parent() };
    with(thawed, IN_FROZEN).with(|scene| scene.item.recorded_at = at(IN_FROZEN)).permits(Rule::ProxyGrant);
}

#[test]
fn a_widening_gives_more_in_its_own_band_and_time() {
    let results =
        |widened, now| with(Terms { widened, ..parent() }, now).with(|scene| scene.item.section = Section::Results);
    results(widened(3, "full", None), IN_TEENS).permits(Rule::ProxyGrant);
    results(widened(4, "full", None), IN_TEENS).denies(Rule::TemplateScope);
    results(widened(2, "full", None), IN_TEENS).denies(Rule::TemplateScope);
    results(widened(5, "full", None), IN_SUSPENDED).permits(Rule::ProxyGrant);
    results(widened(6, "full", None), IN_SUSPENDED).denies(Rule::AgeBand);
    // Until its day of review, exclusive.
    results(widened(3, "full", Some("2023-03-01T12:00:00.000001Z")), IN_TEENS).permits(Rule::ProxyGrant);
    results(widened(3, "full", Some(IN_TEENS)), IN_TEENS).denies(Rule::TemplateScope);
    results(widened(3, "full", Some(IN_ASSENT)), IN_TEENS).denies(Rule::TemplateScope);
    // A widening never gives more than the basis.
    let manage = results(widened(3, "own", None), IN_TEENS).with(|scene| scene.verb = Verb::Manage);
    manage.denies(Rule::TemplateScope);
}

#[test]
fn a_proxy_may_ask_for_what_the_grant_says_and_finds_it_empty_in_safety_mode() {
    let quiet = Terms { narrowed: Scope::NONE, ..consent() };
    let scene = with(quiet, GROWN_UP);
    assert_eq!(scene.viewer().ask(Section::Immunizations).rule, Rule::ProxyGrant);
    assert_eq!(scene.denied(Rule::GrantScope).grant, id(1));
    // What is narrowed openly may not be asked for.
    let narrow = Terms { scope: Scope::NONE, ..consent() };
    assert_eq!(with(narrow, GROWN_UP).viewer().ask(Section::Immunizations).rule, Rule::GrantScope);
    // What age takes is no secret.
    assert_eq!(with(parent(), IN_TEENS).viewer().ask(Section::Results).rule, Rule::TemplateScope);
    // Where messages are apart, the own ones may be asked for.
    assert_eq!(with(consent(), IN_TEENS).viewer().ask(Section::Messages).rule, Rule::ProxyGrant);
    assert_eq!(Scene::of_patient(IN_CHILDHOOD).viewer().ask(Section::Results).rule, Rule::OwnTooYoung);
    assert_eq!(Scene::of_patient(GROWN_UP).viewer().ask(Section::Results).rule, Rule::OwnChart);
}
