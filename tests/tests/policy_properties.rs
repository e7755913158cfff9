//! The laws of the policy engine, A1 to A24 of the list of properties, as far as they are about decisions.
//!
//! A16 and A17 are about counts and messages, which are the portal's; A21 is in `grant_machine.rs`; A23 is
//! `policy_exhaustive.rs`. Each property names its number. Scenes are made of the shipped packs and of arbitrary scopes, labels and times;
//! the last test sees to it that they are not all refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "policy_properties/scene.rs"]
mod scene;

use chrono::{DateTime, Datelike, Duration, NaiveDate, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use mychartum_core::access::consent::Part2Reach;
use mychartum_core::access::grant::{GrantStanding, Terms};
use mychartum_core::access::pack::{LeapDay, PolicyPack, TopicSet};
use mychartum_core::access::{
    AgeClock, AppToken, Glass, GlassReason, Life, Lifeline, Obligations, Rule, Scope, Sensitivity, SensitivitySet,
    Truth, Verb,
};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Section, SectionSet};
use mychartum_core::kernel::PartialDate;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use scene::{
    ANNA, Asker, BEN, BOB, CAROL, EVE, HILLSIDE, Item, PACKS, RIVERSIDE, glasses, grant_id, grown_up, items, scenes,
    scenes_with, scopes,
};

/// One fact more that forbids.
#[derive(Debug, Clone, Copy)]
enum Forbid {
    Hide,
    HideFromAll,
    Label(Sensitivity),
    Topic,
    NotReleased,
    NotAFact,
    Suspended,
    Merged,
    OtherChart,
}

fn forbids() -> impl Strategy<Value = Forbid> {
    prop_oneof![
        Just(Forbid::Hide),
        Just(Forbid::HideFromAll),
        prop::sample::select(&Sensitivity::ALL[..]).prop_map(Forbid::Label),
        Just(Forbid::Topic),
        Just(Forbid::NotReleased),
        Just(Forbid::NotAFact),
        Just(Forbid::Suspended),
        Just(Forbid::Merged),
        Just(Forbid::OtherChart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a1_what_nothing_permits_is_denied(scene in scenes(), who in 0..4) {
        let scene = scene.with(|scene| {
            scene.asker = match who {
                0 => Asker::Other(EVE, None),
                1 => Asker::Other(BOB, None),
                2 => Asker::Staff(None),
                _ => Asker::Host,
            };
            scene.grants.retain(|grant| grant.proxy != BOB);
            if who == 3 {
                scene.purpose = Purpose::Care;
            }
        });
        prop_assert!(!scene.permits());
    }

    #[test]
    fn a2_tenants_never_meet(scene in scenes(), which in 0..3) {
        let scene = scene.with(|scene| match which {
            0 => scene.tenant = HILLSIDE,
            1 => scene.item.tenant = HILLSIDE,
            _ => scene.grants.iter_mut().for_each(|grant| grant.tenant = HILLSIDE),
        });
        let decision = scene.decide();
        if which < 2 {
            prop_assert!(!decision.is_permit());
            prop_assert_eq!(decision.rule, Rule::OtherTenant);
        } else {
            prop_assert_ne!(decision.rule, Rule::ProxyGrant);
        }
    }

    #[test]
    fn a3_another_fact_that_forbids_permits_nothing(scene in scenes(), forbid in forbids()) {
        let forbidden = scene.with(|scene| match forbid {
            Forbid::Hide => scene.item.hidden.iter_mut().for_each(|from| from.push(BOB)),
            Forbid::HideFromAll => scene.item.hidden = None,
            Forbid::Label(label) => scene.item.labels = scene.item.labels.with(label),
            Forbid::Topic => scene.item.topics = scene.item.topics.or(TopicSet::from_bits(1)),
            Forbid::NotReleased => (scene.item.released.own, scene.item.released.others) = (None, None),
            Forbid::NotAFact => scene.item.truth = Truth::NotAFact,
            Forbid::Suspended => scene.grants.iter_mut().for_each(|one| one.standing = GrantStanding::NotLive),
            Forbid::Merged => scene.life = Life::Merged,
            Forbid::OtherChart => scene.item.patient = BEN,
        });
        prop_assert!(scene.permits() || !forbidden.permits());
    }

    #[test]
    fn a4_another_grant_takes_nothing_away(scene in scenes_with(4), which in any::<prop::sample::Index>()) {
        prop_assume!(!scene.grants.is_empty());
        let fewer = scene.with(|scene| {
            scene.grants.remove(which.index(scene.grants.len()));
        });
        prop_assert!(!fewer.permits() || scene.permits());
    }

    #[test]
    fn a5_a_grant_less_permits_nothing(scene in scenes_with(4), which in any::<prop::sample::Index>()) {
        prop_assume!(!scene.grants.is_empty() && !scene.permits());
        let place = which.index(scene.grants.len());
        let fewer = scene.with(|scene| {
            scene.grants.remove(place);
        });
        prop_assert!(!fewer.permits());
        prop_assert!(!scene.with(|scene| scene.grants[place].standing = GrantStanding::NotLive).permits());
    }

    #[test]
    fn a6_a_narrower_grant_permits_no_more(
        scene in scenes(),
        which in any::<prop::sample::Index>(),
        scope: u128,
        labels: u16,
        hours in 0i64..20_000,
        how in 0..6,
    ) {
        prop_assume!(!scene.grants.is_empty());
        let now = scene.now;
        let narrower = scene.with(|scene| {
            let place = which.index(scene.grants.len());
            let grant = &mut scene.grants[place];
            match how {
                0 => grant.scope = grant.scope.and(Scope::from_bits(scope)),
                1 => grant.narrowed = grant.narrowed.and(Scope::from_bits(scope)),
                2 => grant.consents = grant.consents.and(SensitivitySet::from_bits(labels)),
                3 => {
                    let sections = SectionSet::from_bits(u32::from(labels));
                    grant.part2 = grant.part2.and(Part2Reach { records: sections, notes: sections });
                }
                4 => grant.from += Duration::hours(hours),
                _ => {
                    let until = grant.until.unwrap_or(now + Duration::hours(10_000));
                    grant.until = Some(until - Duration::hours(hours));
                }
            }
        });
        prop_assert!(scene.permits() || !narrower.permits());
    }

    #[test]
    fn a7_grants_are_a_union(scene in scenes_with(4), split: u8) {
        let scene = scene.with(|scene| {
            if let Asker::Other(account, _) = &mut scene.asker {
                *account = BOB;
            }
        });
        // What was delegated from is on both sides; Bob's own grants are on one.
        let part = |first: bool| {
            let on = |grant: &Terms| grant.proxy != BOB || (split >> grant.id.to_bytes()[0] & 1 == 1) == first;
            scene.with(|scene| scene.grants.retain(on))
        };
        prop_assert_eq!(scene.permits(), part(true).permits() || part(false).permits());
    }

    #[test]
    fn a8_the_order_of_grants_does_not_matter(scene in scenes_with(4), places: [prop::sample::Index; 6]) {
        let shuffled = scene.with(|scene| {
            let count = scene.grants.len();
            for (place, other) in (0..count).zip(places) {
                scene.grants.swap(place, other.index(count));
            }
        });
        prop_assert_eq!(scene.decide(), shuffled.decide());
    }

    #[test]
    fn a9_a_grant_is_from_and_until_in_every_zone(
        zone in prop::sample::select(&TZ_VARIANTS[..]),
        (year, month, day) in (2000i32..2040, 1u32..=12, 1u32..=28),
        days in 1u32..500,
    ) {
        let midnight = |day: NaiveDate| {
            let local = day.and_hms_opt(0, 0, 0).unwrap();
            zone.from_local_datetime(&local).earliest().map(|at| at.with_timezone(&Utc))
        };
        let from = NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let (from, until) = (midnight(from), midnight(from + Duration::days(i64::from(days))));
        prop_assume!(from.is_some() && until.is_some());
        let (from, until) = (from.unwrap(), until.unwrap());
        let moment = Duration::microseconds(1);
        for (now, permitted) in
            [(from - moment, false), (from, true), (until - moment, true), (until, false), (until + moment, false)]
        {
            let decision = grown_up(now, zone, from, until).decide();
            prop_assert_eq!(decision.is_permit(), permitted);
            prop_assert_eq!(decision.rule, if permitted { Rule::ProxyGrant } else { Rule::GrantOutOfTime });
        }
    }

    #[test]
    fn a10_a_band_begins_on_the_birthday_and_not_before(
        pack in 0..PACKS.len(),
        zone in prop::sample::select(&TZ_VARIANTS[..]),
        born in birth_days(),
    ) {
        check_birthdays(&PACKS[pack], zone, born)?;
    }

    #[test]
    fn a11_nothing_changes_by_itself_between_two_turns(scene in scenes(), hours in prop::collection::vec(1i64..200_000, 1..12)) {
        let subject = scene.subject();
        let line = Lifeline { proxy: BOB, subject: &subject, grants: &scene.grants, pack: scene.pack() };
        let turns = line.turns(scene.now);
        prop_assert!(turns.is_sorted_by(|one, next| one.at < next.at));
        let sampled = hours.into_iter().map(|hours| scene.now + Duration::hours(hours));
        let edges = turns.iter().flat_map(|turn| [turn.at, turn.at - Duration::microseconds(1)]);
        for at in sampled.chain(edges).filter(|at| *at >= scene.now) {
            let told = turns.iter().rfind(|turn| turn.at <= at).map_or_else(|| line.sections(scene.now), |turn| turn.sections);
            let viewer = scene.with(|scene| {
                (scene.now, scene.asker, scene.verb) = (at, Asker::Other(BOB, None), Verb::View);
                (scene.tenant, scene.assurance) = (RIVERSIDE, 3);
            });
            let viewer = viewer.viewer();
            prop_assert_eq!(told, Section::ALL.into_iter().filter(|one| viewer.ask(*one).is_permit()).collect());
        }
    }

    #[test]
    fn a12_an_app_sees_no_more_than_its_user(scene in scenes()) {
        let bare = scene.with(|scene| match &mut scene.asker {
            Asker::Owner(app) | Asker::Other(_, app) => *app = None,
            Asker::Staff(_) | Asker::Host => {}
        });
        prop_assert!(!scene.permits() || bare.permits());
    }

    #[test]
    fn a13_a_token_for_one_patient_opens_no_other_chart(scene in scenes(), scope in scopes(), owner: bool) {
        let app = Some(AppToken { patient: BEN, scope });
        let scene = scene.with(|scene| scene.asker = if owner { Asker::Owner(app) } else { Asker::Other(BOB, app) });
        prop_assert!(!scene.permits());
        prop_assert!(matches!(
            scene.decide().rule,
            Rule::AppScope | Rule::OtherTenant | Rule::OtherChart | Rule::Merged | Rule::NotAFact
        ));
    }

    #[test]
    fn a14_an_empty_scope_opens_nothing(scene in scenes(), owner: bool) {
        let app = Some(AppToken { patient: ANNA, scope: Scope::NONE });
        let scene = scene.with(|scene| scene.asker = if owner { Asker::Owner(app) } else { Asker::Other(BOB, app) });
        prop_assert!(!scene.permits());
    }

    #[test]
    fn a15_a_list_is_filtered_as_each_item_is_decided(scene in scenes(), items in prop::collection::vec(items(DateTime::UNIX_EPOCH), 0..20)) {
        // The items were made around another time: they are moved to that of the scene.
        let items: Vec<Item> = items
            .into_iter()
            .map(|item| Item { recorded_at: scene.now + (item.recorded_at - DateTime::UNIX_EPOCH), ..item })
            .collect();
        let viewer = scene.viewer();
        for item in items {
            let alone = scene.with(|scene| scene.item = item.clone());
            prop_assert_eq!(viewer.decide(&item.facts()), alone.decide());
        }
    }

    #[test]
    fn a18_behind_glass_one_only_looks_and_it_is_told(scene in scenes(), glass in glasses(DateTime::UNIX_EPOCH)) {
        let now = scene.now;
        let moved = |at: DateTime<Utc>| now + (at - DateTime::UNIX_EPOCH);
        let glass = glass.map(|glass| Glass { from: moved(glass.from), until: moved(glass.until), ..glass });
        let scene = scene.with(|scene| scene.asker = Asker::Staff(glass));
        let decision = scene.decide();
        if decision.is_permit() {
            let glass = glass.unwrap();
            prop_assert!(glass.patient == ANNA && glass.reason != GlassReason::None);
            prop_assert!(glass.from <= now && now < glass.until);
            prop_assert!(glass.until - glass.from <= Duration::minutes(60));
            prop_assert_eq!(scene.verb, Verb::View);
            prop_assert!(decision.obligations.has(Obligations::NOTIFY_PATIENT.and(Obligations::SECOND_LOOK)));
        }
    }

    #[test]
    fn a19_patients_see_what_they_hid_but_not_what_is_unreleased(scene in scenes()) {
        let own = scene.with(|scene| scene.asker = Asker::Owner(None));
        let hidden = own.with(|scene| scene.item.hidden = None);
        let open = own.with(|scene| scene.item.hidden = Some(vec![]));
        prop_assert_eq!(hidden.decide(), open.decide());
        for own_release in [None, Some(own.now + Duration::microseconds(1))] {
            prop_assert!(!own.with(|scene| scene.item.released.own = own_release).permits());
        }
    }

    #[test]
    fn a20_what_is_delegated_ends_with_the_delegators_power(scene in scenes()) {
        let scene = scene.with(|scene| {
            scene.asker = Asker::Other(BOB, None);
            scene.item.section = if scene.item.section == Section::Messages { Section::Results } else { scene.item.section };
            scene.grants.iter_mut().filter(|grant| grant.proxy == BOB).for_each(|one| one.delegated_from = Some(grant_id(9)));
        });
        let decision = scene.decide();
        if decision.is_permit() {
            let delegator = scene.with(|scene| {
                scene.grants.retain(|grant| grant.id == grant_id(9));
                scene.asker = Asker::Other(CAROL, None);
                scene.item.hidden = Some(vec![]);
            });
            prop_assert!(delegator.permits());
        }
        let ended = scene.with(|scene| scene.grants.retain(|grant| grant.proxy == BOB));
        prop_assert!(!ended.permits());
    }

    #[test]
    fn a22_the_same_question_has_the_same_answer(scene in scenes()) {
        let once = scene.decide();
        let elsewhere = std::thread::scope(|scope| scope.spawn(|| scene.decide()).join().unwrap());
        prop_assert_eq!(once, scene.decide());
        prop_assert_eq!(once, elsewhere);
    }

    #[test]
    fn a24_without_the_grant_that_it_names_the_answer_is_another(scene in scenes_with(4)) {
        let decision = scene.decide();
        if let Some(named) = decision.grant.filter(|_| decision.is_permit()) {
            let without = scene.with(|scene| scene.grants.retain(|grant| grant.id != named)).decide();
            prop_assert!(!without.is_permit() || without.grant != Some(named));
            let only_it = scene.with(|scene| scene.grants.retain(|grant| grant.proxy != BOB || grant.id == named));
            prop_assert_eq!(only_it.decide(), decision);
        }
    }

    #[test]
    fn safety_mode_is_not_seen_by_whom_it_keeps_out(scene in scenes(), left in scopes()) {
        let kept_out = scene.with(|scene| scene.grants.iter_mut().for_each(|grant| grant.narrowed = left));
        for section in Section::ALL {
            prop_assert_eq!(scene.viewer().ask(section).answer, kept_out.viewer().ask(section).answer);
        }
    }
}

/// Days of birth whose cut-overs fall after 1970, leap days more often than they are born.
fn birth_days() -> impl Strategy<Value = NaiveDate> {
    let any = (1970i32..2025, 1u32..=12, 1u32..=31)
        .prop_filter_map("no such day", |(year, month, day)| NaiveDate::from_ymd_opt(year, month, day));
    let leap = (493i32..506).prop_map(|fours| NaiveDate::from_ymd_opt(fours * 4, 2, 29).unwrap());
    prop_oneof![3 => any, 1 => leap]
}

/// The birthday as the calendar has it.
fn birthday(pack: &PolicyPack, born: NaiveDate, years: u8) -> NaiveDate {
    let year = born.year() + i32::from(years);
    let is_leap = NaiveDate::from_ymd_opt(year, 2, 29).is_some();
    match (born.month(), born.day(), pack.leap_day()) {
        (2, 29, LeapDay::February28) if !is_leap => NaiveDate::from_ymd_opt(year, 2, 28).unwrap(),
        (2, 29, LeapDay::March1) if !is_leap => NaiveDate::from_ymd_opt(year, 3, 1).unwrap(),
        (month, day, _) => NaiveDate::from_ymd_opt(year, month, day).unwrap(),
    }
}

/// The first second at which the clocks of a zone show a day, or a later one. Found by looking, second by second at the end.
fn first_second(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let shows = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive() >= day;
    let start = day.and_hms_opt(0, 0, 0).unwrap().and_utc() - Duration::hours(15);
    let minute = (0..60 * 60).map(|minutes| start + Duration::minutes(minutes)).find(|at| shows(*at)).unwrap();
    let second = (0..=60).map(|seconds| minute - Duration::seconds(60 - seconds)).find(|at| shows(*at));
    second.unwrap()
}

/// A band begins at the first second of its birthday, and the one before ends there.
fn check_birthdays(pack: &PolicyPack, zone: Tz, born: NaiveDate) -> Result<(), TestCaseError> {
    let clock = AgeClock::new(Some(&PartialDate::from(born)), zone, pack);
    let moment = Duration::microseconds(1);
    for (place, band) in (0u8..).zip(pack.bands()) {
        let begins = first_second(birthday(pack, born, band.from), zone);
        prop_assert_eq!(clock.begins(place), Some(begins), "band {} of {} in {}", place, pack.id(), zone);
        prop_assert_eq!(clock.band(begins), Some(place), "band {} of {} in {}", place, pack.id(), zone);
        prop_assert_eq!(clock.band(begins - moment), place.checked_sub(1));
        prop_assert_eq!(clock.band(begins + Duration::days(1)), Some(place));
        prop_assert_eq!(clock.band(begins - Duration::days(2)), place.checked_sub(1));
    }
    Ok(())
}

/// Zones whose clocks jumped over a midnight, fell back over one, or left out a whole day, with that day.
const JUMPS: [(&str, i32, u32, u32); 15] = [
    ("America/Sao_Paulo", 2018, 11, 4),
    ("America/Sao_Paulo", 2018, 2, 18),
    ("Asia/Beirut", 2022, 3, 27),
    ("Africa/Cairo", 2023, 4, 28),
    ("America/Havana", 2023, 3, 12),
    ("America/Havana", 2023, 11, 5),
    ("Asia/Tehran", 2022, 3, 22),
    ("America/Asuncion", 2022, 10, 2),
    ("America/Santiago", 2022, 9, 11),
    ("Atlantic/Azores", 2024, 3, 31),
    ("America/St_Johns", 2010, 11, 7),
    ("Pacific/Apia", 2011, 12, 30),
    ("Pacific/Kwajalein", 1993, 8, 21),
    ("Asia/Gaza", 2012, 3, 30),
    ("Africa/Monrovia", 1972, 1, 7),
];

#[test]
fn a10_a_birthday_on_the_day_the_clocks_jump() {
    for (zone, year, month, day) in JUMPS {
        let zone: Tz = zone.parse().unwrap();
        for pack in PACKS.iter() {
            for band in pack.bands() {
                let born = NaiveDate::from_ymd_opt(year - i32::from(band.from), month, day).unwrap();
                check_birthdays(pack, zone, born).unwrap();
            }
        }
    }
}

#[test]
fn the_scenes_are_neither_all_permitted_nor_all_refused() {
    let mut runner = TestRunner::deterministic();
    let (mut by_grant, mut own, mut glass, mut delegated, total) = (0, 0, 0, 0, 4_000);
    for _ in 0..total {
        let scene = scenes_with(4).new_tree(&mut runner).unwrap().current();
        let decision = scene.decide();
        match decision.rule {
            Rule::ProxyGrant => {
                by_grant += 1;
                let used = scene.grants.iter().find(|grant| Some(grant.id) == decision.grant).unwrap();
                delegated += usize::from(used.delegated_from.is_some());
            }
            Rule::OwnChart => own += 1,
            Rule::BrokenGlass => glass += 1,
            _ => {}
        }
    }
    assert!(by_grant > total / 50 && own > total / 50 && glass > total / 200 && delegated > total / 500);
    assert!(by_grant + own + glass < total / 2);
}
