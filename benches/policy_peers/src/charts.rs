//! Charts to measure on: a child of eight, and so many parents and relatives with a grant each.

use chrono::NaiveDate;
use mychartum_core::access::consent::Part2Reach;
use mychartum_core::access::grant::{GrantStanding, LegalBasis, Terms};
use mychartum_core::access::pack::{PolicyPack, TopicSet};
use mychartum_core::access::{
    AgeClock, Assent, Life, Majority, Released, Scope, Sensitivity, SensitivitySet, Subject, Truth, Verb,
};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Section, SectionSet};
use mychartum_core::kernel::id::{AccountId, GrantId};

use crate::case::{Asker, Birth, Case, Item};
use crate::cases::{account, at, patient, tenant};
use crate::dice::Dice;

/// 1 January 2026, in microseconds since 1970.
pub const NOW: i64 = 1_767_225_600_000_000;
const DAY: i64 = 86_400_000_000;

/// The sections and verbs of each grant.
const SECTIONS: [Section; 5] =
    [Section::Results, Section::Immunizations, Section::Appointments, Section::Visits, Section::Medications];
const VERBS: [Verb; 3] = [Verb::View, Verb::Download, Verb::Schedule];

/// What the grants let through, or what they do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// An item of a section that the grant has.
    Permit,
    /// An item of a section that it has not.
    Deny,
}

/// The question of one of the proxies of a chart with so many grants.
///
/// # Panics
/// Never: the dates are right.
#[must_use]
pub fn case(pack: &PolicyPack, grants: u64, asker: u64, path: Path) -> Case {
    let first = NaiveDate::from_ymd_opt(2017, 6, 1).expect("a day");
    let birth = Birth { first, last: first, zone: pack.zone() };
    let born = "2017-06-01".parse().expect("a date");
    let section = if path == Path::Permit { Section::Results } else { Section::Billing };
    Case {
        tenant: tenant(1),
        asker: Asker::Account { account: account(1 + asker % grants), own: Vec::new(), app: None },
        assurance: 1,
        purpose: Purpose::Care,
        verb: Verb::View,
        now: NOW,
        subject: Subject {
            tenant: tenant(1),
            patient: patient(1),
            ages: AgeClock::new(Some(&born), birth.zone, pack),
            life: Life::Alive,
            majority: Majority::ByAge,
            assent: Assent::NotGiven,
        },
        birth: Some(birth),
        grants: (0..grants).map(|number| grant(number, account(1 + number))).collect(),
        item: item(section, SensitivitySet::NONE),
    }
}

fn grant(number: u64, proxy: AccountId) -> Terms {
    Terms {
        id: GrantId::from_bytes((u128::from(number) + (1 << 103)).to_be_bytes()),
        tenant: tenant(1),
        patient: patient(1),
        proxy,
        basis: LegalBasis::Parent,
        standing: GrantStanding::Live,
        scope: Scope::of(SectionSet::of(&SECTIONS), &VERBS),
        narrowed: Scope::ALL,
        consents: SensitivitySet::NONE,
        part2: Part2Reach::NONE,
        from: at(NOW - 300 * DAY),
        until: Some(at(NOW + 60 * DAY)),
        widened: None,
        delegated_from: None,
    }
}

fn item(section: Section, labels: SensitivitySet) -> Item {
    Item {
        tenant: tenant(1),
        patient: patient(1),
        section,
        labels,
        topics: TopicSet::NONE,
        truth: Truth::Fact,
        released: Released { own: Some(at(NOW - DAY)), others: Some(at(NOW - DAY)), ..Released::ALWAYS },
        hidden: Some(Vec::new()),
        author: None,
    }
}

/// So many different items of a chart. What decides about them differs: sections, labels, release, withdrawal, hiding.
#[must_use]
pub fn items(count: usize) -> Vec<Item> {
    let mut dice = Dice::new(0x6974_656d);
    let of_any = |dice: &mut Dice| {
        let section = if dice.per_cent(70) { Section::Results } else { dice.one(&Section::ALL) };
        let labels = [Sensitivity::Psy, Sensitivity::Sex, Sensitivity::Part2, Sensitivity::MinorConsented];
        let labels = if dice.per_cent(10) { SensitivitySet::of(&[dice.one(&labels)]) } else { SensitivitySet::NONE };
        let mut item = item(section, labels);
        if dice.per_cent(5) {
            item.released.others = Some(at(NOW + DAY));
        }
        if dice.per_cent(2) {
            item.truth = Truth::NotAFact;
        }
        if dice.per_cent(5) {
            item.hidden = Some(vec![account(1 + dice.below(10))]);
        }
        item
    };
    (0..count).map(|_| of_any(&mut dice)).collect()
}
