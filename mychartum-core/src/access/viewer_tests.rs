//! The decision for the patient, staff, the host and apps: each rule with a case on both sides of its boundary.

use chrono::Duration;

use super::pack::{OWN_RECORDS_PACK, PolicyPack};
use super::scene::*;
use super::*;
use crate::audit::Purpose;
use crate::chart::Section;
use crate::kernel::id::PatientId;

fn label(label: Sensitivity) -> SensitivitySet {
    SensitivitySet::NONE.with(label)
}

fn app(patient: PatientId, scope: Scope) -> Role<'static> {
    Role::Account { account: ANNA, own: &[CHART], app: Some(AppToken { patient, scope }) }
}

#[test]
fn tenants_and_charts_never_meet() {
    let scene = Scene::of_patient(GROWN_UP);
    scene.permits(Rule::OwnChart);
    scene.with(|scene| scene.who.tenant = ELSEWHERE).denies(Rule::OtherTenant);
    scene.with(|scene| scene.item.tenant = ELSEWHERE).denies(Rule::OtherTenant);
    scene.with(|scene| scene.subject.tenant = ELSEWHERE).denies(Rule::OtherTenant);
    scene.with(|scene| (scene.who.tenant, scene.item.tenant) = (ELSEWHERE, ELSEWHERE)).denies(Rule::OtherTenant);
    scene.with(|scene| scene.item.patient = OTHER_CHART).denies(Rule::OtherChart);
    // Somebody else's own chart is not this one.
    let role = Role::Account { account: ANNA, own: &[OTHER_CHART], app: None };
    scene.with(|scene| scene.who.role = role).denies(Rule::DefaultDeny);
}

#[test]
fn the_first_rule_that_denies_is_the_one_that_is_named() {
    let mut scene = Scene::of_patient(IN_CHILDHOOD);
    scene.denies(Rule::OwnTooYoung);
    scene.who.assurance = 0;
    scene.denies(Rule::Assurance);
    scene.who.role = app(CHART, Scope::NONE);
    scene.denies(Rule::AppScope);
    scene.item.truth = Truth::NotAFact;
    scene.denies(Rule::NotAFact);
    scene.subject.life = Life::Merged;
    scene.denies(Rule::Merged);
    scene.item.patient = OTHER_CHART;
    scene.denies(Rule::OtherChart);
    scene.item.tenant = ELSEWHERE;
    scene.denies(Rule::OtherTenant);
}

#[test]
fn an_app_sees_what_its_token_says_of_the_patient_that_it_is_for() {
    let scope = Scope::NONE.with(Section::Immunizations, Verb::View);
    let scene = Scene::of_patient(GROWN_UP).with(|scene| scene.who.role = app(CHART, scope));
    scene.permits(Rule::OwnChart);
    scene.with(|scene| scene.item.section = Section::Results).denies(Rule::AppScope);
    scene.with(|scene| scene.verb = Verb::Download).denies(Rule::AppScope);
    scene.with(|scene| scene.who.role = app(OTHER_CHART, Scope::ALL)).denies(Rule::AppScope);
    scene.with(|scene| scene.who.role = app(CHART, Scope::NONE)).denies(Rule::AppScope);
}

#[test]
fn one_must_be_surer_for_some_verbs_and_for_what_is_labelled() {
    let scene = Scene::of_patient(GROWN_UP);
    let sure = |assurance, verb, labels| {
        scene.with(|scene| (scene.who.assurance, scene.verb, scene.item.labels) = (assurance, verb, labels))
    };
    let (none, hiv) = (SensitivitySet::NONE, label(Sensitivity::Hiv));
    sure(1, Verb::View, none).permits(Rule::OwnChart);
    sure(0, Verb::View, none).denies(Rule::Assurance);
    sure(2, Verb::View, hiv).permits(Rule::OwnChart);
    sure(1, Verb::View, hiv).denies(Rule::Assurance);
    sure(3, Verb::Manage, none).permits(Rule::OwnChart);
    sure(2, Verb::Manage, none).denies(Rule::Assurance);
}

#[test]
fn the_own_chart_opens_as_the_age_says() {
    let of_age = |now| Scene::of_patient(now);
    of_age(IN_CHILDHOOD).denies(Rule::OwnTooYoung);
    of_age(IN_NO_PORTAL).denies(Rule::NoPortal);
    of_age(IN_ASSENT).denies(Rule::NoAssent);
    let with = |assent| of_age(IN_ASSENT).with(|scene| scene.subject.assent = assent);
    with(Assent::Refused).denies(Rule::NoAssent);
    assert_eq!(with(Assent::Given).permitted(Rule::OwnChart).band, Some(2));
    // Elsewhere nobody asks for an assent.
    let refused = of_age(IN_TEENS).with(|scene| scene.subject.assent = Assent::Refused);
    assert_eq!(refused.permitted(Rule::OwnChart).band, Some(3));
    let download = |now| of_age(now).with(|scene| scene.verb = Verb::Download);
    assert_eq!(download(IN_TEENS).denied(Rule::OwnTemplate).band, Some(3));
    assert_eq!(download(IN_FROZEN).permitted(Rule::OwnChart).band, Some(4));
    let grown_up = of_age(GROWN_UP).permitted(Rule::OwnChart);
    assert_eq!((grown_up.band, grown_up.grant), (Some(6), None));
    assert_eq!(grown_up.policy, policy().version());
}

#[test]
fn an_own_chart_opens_at_local_midnight_of_the_birthday() {
    Scene::of_patient("2022-05-20T03:59:59.999999Z").denies(Rule::NoAssent);
    Scene::of_patient("2022-05-20T04:00:00Z").permits(Rule::OwnChart);
}

#[test]
fn an_emancipated_minor_is_of_age_whatever_the_age_says() {
    for now in [IN_CHILDHOOD, IN_NO_PORTAL, IN_ASSENT, GROWN_UP] {
        let scene = Scene::of_patient(now).with(|scene| scene.subject.majority = Majority::Emancipated);
        assert_eq!(scene.permitted(Rule::OwnChart).band, Some(6));
    }
}

#[test]
fn where_the_age_is_not_known_the_own_chart_opens_only_if_age_changes_nothing() {
    let unknown = Scene::of_patient(GROWN_UP).with(|scene| scene.subject.ages = AgeClock::UNKNOWN);
    unknown.denies(Rule::AgeUnknown);
    let ageless = unknown.with(|scene| scene.pack = PolicyPack::parse(OWN_RECORDS_PACK).unwrap());
    assert_eq!(ageless.permitted(Rule::OwnChart).band, Some(0));
}

#[test]
fn the_account_of_someone_who_died_opens_what_the_policy_leaves_it() {
    let dead = Scene::of_patient(GROWN_UP).with(|scene| scene.subject.life = Life::Deceased);
    dead.denies(Rule::OwnTemplate);
    let left = dead.with(|scene| scene.item.section = Section::Demographics);
    assert_eq!(left.permitted(Rule::OwnChart).band, None);
    let silent = PACK.replace("[after-death]\nown = \"memorial\"\ncite = \"S\"\n", "");
    left.with(|scene| scene.pack = PolicyPack::parse(&silent).unwrap()).denies(Rule::Deceased);
}

#[test]
fn what_an_owner_may_do_now_is_a_scope_of_its_own() {
    let (pack, teen) = (policy(), patient());
    assert_eq!(own_scope(&teen, &pack, at(IN_CHILDHOOD)), None);
    let young = pack.template(template("young")).unwrap().scope;
    assert_eq!(own_scope(&teen, &pack, at(IN_TEENS)), Some(young));
}

#[test]
fn a_patient_sees_a_result_once_it_is_released() {
    let scene = Scene::of_patient(GROWN_UP);
    let now = at(GROWN_UP);
    let own = |own| scene.with(|scene| scene.item.released.own = own);
    own(Some(now)).permits(Rule::OwnChart);
    own(Some(now + Duration::microseconds(1))).denies(Rule::NotReleased);
    own(Some(now + Duration::days(1))).denies(Rule::NotReleased);
    assert_eq!(own(None).denied(Rule::NotReleased).band, Some(6));
    // What comes within the same microsecond has come.
    own(Some(now + Duration::nanoseconds(999))).permits(Rule::OwnChart);
    // What others wait for, the patient does not.
    scene.with(|scene| scene.item.released.others = None).permits(Rule::OwnChart);
}

#[test]
fn a_leap_second_is_counted_like_the_second_after_it() {
    let scene = Scene::of_patient("2030-01-01T00:00:00.100Z");
    let released = |text| scene.with(|scene| scene.item.released.own = Some(at(text)));
    released("2029-12-31T23:59:60.050Z").permits(Rule::OwnChart);
    released("2029-12-31T23:59:60.500Z").denies(Rule::NotReleased);
}

#[test]
fn a_patient_who_wants_to_be_told_first_taps() {
    let scene = Scene::of_patient(GROWN_UP);
    assert_eq!(scene.permitted(Rule::OwnChart).obligations, Obligations::NONE);
    let tap = scene.with(|scene| scene.item.released.shows = Shows::AfterTap);
    assert_eq!(tap.permitted(Rule::OwnChart).obligations, Obligations::HIDE_UNTIL_TAP);
}

fn glass(patient: PatientId, reason: GlassReason, from: &str, until: &str) -> Glass {
    Glass { patient, reason, from: at(from), until: at(until) }
}

#[test]
fn staff_see_nothing_unless_the_glass_is_broken_for_this_chart_and_a_reason() {
    let (from, until) = ("2030-01-01T08:00:00Z", "2030-01-01T08:30:00Z");
    let behind = |patient, reason| Scene::of_staff(Some(glass(patient, reason, from, until)), from);
    Scene::of_staff(None, from).denies(Rule::NoGlass);
    behind(CHART, GlassReason::Emergency).permits(Rule::BrokenGlass);
    behind(CHART, GlassReason::AtPatientsRequest).permits(Rule::BrokenGlass);
    behind(CHART, GlassReason::None).denies(Rule::NoGlass);
    behind(OTHER_CHART, GlassReason::Emergency).denies(Rule::NoGlass);
}

#[test]
fn a_broken_glass_is_open_from_its_beginning_to_just_before_its_end_and_not_too_long() {
    let scene = |until: &str, now: &str| {
        Scene::of_staff(Some(glass(CHART, GlassReason::Emergency, "2030-01-01T08:00:00Z", until)), now)
    };
    let half_an_hour = "2030-01-01T08:30:00Z";
    scene(half_an_hour, "2030-01-01T07:59:59.999999Z").denies(Rule::NoGlass);
    scene(half_an_hour, "2030-01-01T08:00:00Z").permits(Rule::BrokenGlass);
    scene(half_an_hour, "2030-01-01T08:29:59.999999Z").permits(Rule::BrokenGlass);
    scene(half_an_hour, half_an_hour).denies(Rule::NoGlass);
    scene(half_an_hour, "2030-01-01T08:30:01Z").denies(Rule::NoGlass);
    scene("2030-01-01T08:30:00.000001Z", "2030-01-01T08:10:00Z").denies(Rule::NoGlass);
    scene("2030-01-01T08:05:00Z", "2030-01-01T08:01:00Z").permits(Rule::BrokenGlass);
}

#[test]
fn behind_broken_glass_one_looks_is_told_of_and_looked_at_again() {
    let broken = glass(CHART, GlassReason::Emergency, "2030-01-01T08:00:00Z", "2030-01-01T08:30:00Z");
    let scene = Scene::of_staff(Some(broken), "2030-01-01T08:10:00Z");
    let told = Obligations::NOTIFY_PATIENT.and(Obligations::SECOND_LOOK);
    assert_eq!(scene.permitted(Rule::BrokenGlass).obligations, told);
    let part2 = scene.with(|scene| scene.item.labels = label(Sensitivity::Part2)).permitted(Rule::BrokenGlass);
    assert_eq!(part2.obligations, told.and(Obligations::PART2_NOTICE));
    let hiv = scene.with(|scene| scene.item.labels = label(Sensitivity::Hiv)).permitted(Rule::BrokenGlass);
    assert_eq!(hiv.obligations, told);
    scene.with(|scene| scene.verb = Verb::Download).denies(Rule::GlassOnlyLooks);
}

#[test]
fn the_host_sees_demographics_to_run_the_portal_and_nothing_else() {
    let host = Scene::of_host(Section::Demographics);
    assert_eq!(host.permitted(Rule::HostDemographics).obligations, Obligations::NONE);
    Scene::of_host(Section::Results).denies(Rule::DefaultDeny);
    host.with(|scene| scene.purpose = Purpose::Care).denies(Rule::DefaultDeny);
    host.with(|scene| scene.verb = Verb::Download).denies(Rule::DefaultDeny);
    host.with(|scene| (scene.purpose, scene.verb) = (Purpose::Care, Verb::Share)).denies(Rule::DefaultDeny);
}

#[test]
fn a_viewer_knows_for_whom_it_looks() {
    let proxy = Scene::of_proxy(&[], GROWN_UP).viewer();
    assert!(proxy.is_of_another());
    assert_eq!(proxy.proxy_account(), Some(BOB));
    let patient = Scene::of_patient(GROWN_UP).viewer();
    assert!(!patient.is_of_another());
    assert_eq!(patient.proxy_account(), None);
}

#[test]
fn obligations_add_up_and_are_numbered() {
    let both = Obligations::NOTIFY_PATIENT.and(Obligations::PART2_NOTICE);
    assert_eq!((both.bits(), Obligations::NONE.bits(), Obligations::SECOND_LOOK.bits()), (10, 0, 4));
    assert_eq!(both.and(Obligations::NOTIFY_PATIENT), both);
    assert!(both.has(Obligations::NOTIFY_PATIENT) && both.has(both) && both.has(Obligations::NONE));
    assert!(!both.has(Obligations::SECOND_LOOK) && !Obligations::NOTIFY_PATIENT.has(both));
    let decision = Scene::of_patient(GROWN_UP).decide();
    assert!(decision.is_permit() && !Scene::of_patient(IN_CHILDHOOD).decide().is_permit());
}
