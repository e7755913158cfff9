//! Random cases: likely enough to be permitted, and close to every edge.

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use mychartum_core::access::consent::Part2Reach;
use mychartum_core::access::grant::{GrantStanding, LegalBasis, Terms, Widened};
use mychartum_core::access::pack::{PolicyPack, TopicSet};
use mychartum_core::access::{
    AgeClock, AppToken, Assent, Glass, GlassReason, Life, Majority, Released, Scope, Sensitivity, SensitivitySet,
    Shows, Subject, Truth, Verb,
};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Section, SectionSet};
use mychartum_core::kernel::id::{AccountId, GrantId, PatientId, TenantId};

use crate::case::{Asker, Birth, Case, Item};
use crate::dice::Dice;

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// Zones that never turn back their clocks over midnight: there a day would begin twice.
const ZONES: [Tz; 5] = [
    chrono_tz::America::New_York,
    chrono_tz::America::Los_Angeles,
    chrono_tz::Asia::Kolkata,
    chrono_tz::Pacific::Apia,
    chrono_tz::UTC,
];

/// An instant in microseconds since 1970.
///
/// # Panics
/// If it is beyond what a calendar knows.
#[must_use]
pub fn at(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).expect("within the calendar")
}

/// The tenant of a number.
#[must_use]
pub const fn tenant(number: u64) -> TenantId {
    TenantId::from_bytes((number as u128 + (1 << 100)).to_be_bytes())
}

/// The patient of a number.
#[must_use]
pub const fn patient(number: u64) -> PatientId {
    PatientId::from_bytes((number as u128 + (1 << 101)).to_be_bytes())
}

/// The account of a number.
#[must_use]
pub const fn account(number: u64) -> AccountId {
    AccountId::from_bytes((number as u128 + (1 << 102)).to_be_bytes())
}

/// The next case.
///
/// # Panics
/// If a date of birth cannot be read, which would be a mistake here.
pub fn random(dice: &mut Dice, pack: &PolicyPack) -> Case {
    let home = tenant(1);
    let chart = patient(1);
    let birth = (!dice.per_cent(5)).then(|| birth(dice));
    let now = now(dice, birth.as_ref().map(|(birth, _)| birth));
    let (birth, ages) = match birth {
        None => (None, AgeClock::UNKNOWN),
        Some((birth, text)) => {
            let born = text.parse().expect("a date");
            (Some(birth), AgeClock::new(Some(&born), birth.zone, pack))
        }
    };
    let subject = Subject {
        tenant: home,
        patient: chart,
        ages,
        life: match dice.below(100) {
            0..=2 => Life::Merged,
            3..=12 => Life::Deceased,
            _ => Life::Alive,
        },
        majority: if dice.per_cent(8) { Majority::Emancipated } else { Majority::ByAge },
        assent: Assent::NotGiven,
    };
    let me = account(1);
    let grants = grants(dice, pack, me, now);
    let verb = if dice.per_cent(60) { Verb::View } else { dice.one(&Verb::ALL) };
    Case {
        tenant: near_home(dice),
        asker: asker(dice, me, now),
        assurance: if dice.per_cent(4) { 0 } else { 1 },
        purpose: dice.one(&[
            Purpose::Care,
            Purpose::Care,
            Purpose::Operations,
            Purpose::Operations,
            Purpose::Proceedings,
        ]),
        verb,
        now,
        subject,
        birth,
        grants,
        item: item(dice, me, now),
    }
}

fn near_home(dice: &mut Dice) -> TenantId {
    tenant(if dice.per_cent(2) { 2 } else { 1 })
}

fn near_chart(dice: &mut Dice, strange: u64) -> PatientId {
    patient(if dice.per_cent(strange) { 2 } else { 1 })
}

/// A date of birth, and its text: a day, a month or a year.
fn birth(dice: &mut Dice) -> (Birth, String) {
    let day = if dice.per_cent(10) {
        NaiveDate::from_ymd_opt(2_000 + 4 * dice.below(6) as i32, 2, 29)
    } else {
        NaiveDate::from_ymd_opt(1_995, 1, 1).map(|day| day + Duration::days(dice.below(10_950) as i64))
    };
    let day = day.expect("a day");
    let zone = dice.one(&ZONES);
    let month = day.with_day(1).expect("a first");
    match dice.below(100) {
        0..=4 => {
            let first = month.with_month(1).expect("January");
            let last = NaiveDate::from_ymd_opt(day.year(), 12, 31).expect("New Year's Eve");
            (Birth { first, last, zone }, day.format("%Y").to_string())
        }
        5..=9 => {
            let last = (month + Months::new(1)).pred_opt().expect("a last");
            (Birth { first: month, last, zone }, day.format("%Y-%m").to_string())
        }
        _ => (Birth { first: day, last: day, zone }, day.format("%Y-%m-%d").to_string()),
    }
}

/// A time, mostly about a birthday that matters.
fn now(dice: &mut Dice, birth: Option<&Birth>) -> i64 {
    let someday = 1_767_225_600 * SECOND + dice.below(700) as i64 * DAY;
    let Some(birth) = birth.filter(|_| dice.per_cent(80)) else { return someday };
    let born = if dice.per_cent(50) { birth.first } else { birth.last };
    let year = born.year() + dice.one(&[0, 9, 13, 13, 13, 15, 18, 18, 18, 30]);
    // 29 February is 1 March in other years.
    let day = NaiveDate::from_ymd_opt(year, born.month(), born.day()).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1));
    let midnight = day.expect("a day").and_time(NaiveTime::MIN);
    let begins = birth.zone.from_local_datetime(&midnight).earliest();
    about(dice, begins.map_or(someday, |begins| begins.timestamp_micros()))
}

/// Near another time: at it, right before, right after, or days away.
fn about(dice: &mut Dice, time: i64) -> i64 {
    let away = match dice.below(8) {
        0 => 0,
        1 => -1,
        2 => 1,
        3 => dice.below(24) as i64 * HOUR,
        4 => -(dice.below(24) as i64) * HOUR,
        5 => dice.below(300) as i64 * DAY,
        _ => -(dice.below(300) as i64) * DAY,
    };
    time + away
}

/// A time that has come, mostly.
fn past(dice: &mut Dice, now: i64) -> i64 {
    if dice.per_cent(85) { now - dice.below(400) as i64 * DAY } else { about(dice, now) }
}

fn asker(dice: &mut Dice, me: AccountId, now: i64) -> Asker {
    match dice.below(100) {
        0..=11 => Asker::Staff { account: me, glass: dice.per_cent(85).then(|| glass(dice, now)) },
        12..=17 => Asker::Host,
        _ => {
            let own = match dice.below(100) {
                0..=29 => vec![patient(1)],
                30..=39 => vec![patient(2)],
                40..=42 => vec![patient(2), patient(1)],
                _ => Vec::new(),
            };
            let app = dice.per_cent(25).then(|| {
                let scope = if dice.per_cent(30) { Scope::ALL } else { scope(dice) };
                AppToken { patient: near_chart(dice, 10), scope }
            });
            Asker::Account { account: me, own, app }
        }
    }
}

fn glass(dice: &mut Dice, now: i64) -> Glass {
    let minutes = dice.one(&[15, 59, 60, 60, 61]);
    let past = dice.one(&[0, 0, 1, 10 * 60 * SECOND, minutes * 60 * SECOND - 1, minutes * 60 * SECOND, -1]);
    let reasons = [GlassReason::Emergency, GlassReason::Emergency, GlassReason::AtPatientsRequest, GlassReason::None];
    Glass {
        patient: near_chart(dice, 8),
        reason: dice.one(&reasons),
        from: at(now - past),
        until: at(now - past + minutes * 60 * SECOND),
    }
}

/// Some sections, some verbs.
fn scope(dice: &mut Dice) -> Scope {
    let sections: SectionSet = Section::ALL.into_iter().filter(|_| dice.per_cent(60)).collect();
    let verbs: Vec<Verb> = Verb::ALL.into_iter().filter(|verb| *verb == Verb::View || dice.per_cent(60)).collect();
    Scope::of(sections, &verbs)
}

fn labels(dice: &mut Dice) -> SensitivitySet {
    let count = dice.one(&[0, 0, 0, 1, 1, 2, 3]);
    (0..count).map(|_| dice.one(&Sensitivity::ALL)).filter(|label| *label != Sensitivity::Unknown).collect()
}

/// The chart's grants: up to five of the asker's, and some of others.
fn grants(dice: &mut Dice, pack: &PolicyPack, me: AccountId, now: i64) -> Vec<Terms> {
    let mine = dice.below(6);
    let others = dice.below(3);
    let mut grants: Vec<Terms> = Vec::new();
    for number in 0..mine + others {
        let proxy = if number < mine { me } else { account(2 + number % 2) };
        grants.push(grant(dice, pack, proxy, now));
    }
    grants
}

fn grant(dice: &mut Dice, pack: &PolicyPack, proxy: AccountId, now: i64) -> Terms {
    let bases = [LegalBasis::PatientConsent, LegalBasis::Parent, LegalBasis::Parent, LegalBasis::Foster];
    let basis = if dice.per_cent(70) { dice.one(&bases) } else { dice.one(&LegalBasis::ALL) };
    let consents = if dice.per_cent(15) { SensitivitySet::from_bits(u16::MAX) } else { labels(dice).or(labels(dice)) };
    let widened = dice.per_cent(20).then(|| Widened {
        band: dice.below(3) as u8,
        template: pack.template_named(dice.one(&["full", "full", "limited-teen", "view-only"])).expect("a template"),
        until: dice.per_cent(50).then(|| at(about(dice, now))),
    });
    Terms {
        // Random, so that the order of ids is not the order in which they were made.
        id: GrantId::from_bytes((u128::from(dice.next()) << 64 | u128::from(dice.next())).to_be_bytes()),
        tenant: near_home(dice),
        patient: near_chart(dice, 3),
        proxy,
        basis,
        standing: if dice.per_cent(8) { GrantStanding::NotLive } else { GrantStanding::Live },
        scope: if dice.per_cent(25) { Scope::ALL } else { scope(dice) },
        narrowed: if dice.per_cent(75) { Scope::ALL } else { scope(dice) },
        consents,
        part2: Part2Reach { records: sections(dice), notes: sections(dice) },
        from: at(past(dice, now)),
        until: dice.per_cent(60).then(|| at(-past(dice, -now))),
        widened,
        delegated_from: None,
    }
}

/// No section, all of them, or some.
fn sections(dice: &mut Dice) -> SectionSet {
    match dice.below(4) {
        0 | 1 => SectionSet::NONE,
        2 => SectionSet::from_bits(u32::MAX),
        _ => SectionSet::from_bits(dice.next() as u32),
    }
}

fn item(dice: &mut Dice, me: AccountId, now: i64) -> Item {
    let released = |dice: &mut Dice| match dice.below(20) {
        0 => None,
        1..=4 => Some(at(about(dice, now))),
        5..=9 => Some(DateTime::<Utc>::MIN_UTC),
        _ => Some(at(past(dice, now))),
    };
    let hidden = match dice.below(100) {
        0..=2 => None,
        3..=8 => Some(vec![account(7), me]),
        9..=18 => Some(vec![account(7), account(8)]),
        _ => Some(Vec::new()),
    };
    let favoured = [Section::Immunizations, Section::Appointments, Section::Messages, Section::Demographics];
    Item {
        tenant: near_home(dice),
        patient: near_chart(dice, 2),
        section: if dice.per_cent(50) { dice.one(&favoured) } else { dice.one(&Section::ALL) },
        labels: match dice.below(50) {
            0 => labels(dice).with(Sensitivity::Unknown),
            // A counselling note, which chance alone hardly makes.
            1..=3 => SensitivitySet::of(&[Sensitivity::Part2, Sensitivity::PsychotherapyNote]),
            _ => labels(dice),
        },
        topics: TopicSet::from_bits(u32::from(dice.per_cent(12))),
        truth: if dice.per_cent(3) { Truth::NotAFact } else { Truth::Fact },
        released: Released {
            own: released(dice),
            others: released(dice),
            shows: dice.one(&[Shows::AtOnce, Shows::AfterTap]),
        },
        hidden,
        author: dice.per_cent(50).then(|| account(1 + dice.below(2))),
    }
}
