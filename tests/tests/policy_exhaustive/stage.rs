//! A case told twice: to the engine and to the specification.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use mychartum_core::access::consent::Part2Reach;
use mychartum_core::access::grant::{GrantIndex, GrantStanding, LegalBasis, Terms, Widened};
use mychartum_core::access::pack::{PolicyPack, TopicSet};
use mychartum_core::access::{
    AgeClock, AppToken, Assent, Glass, GlassReason, Hidden, ItemFacts, Life, Majority, Question, Released, Role, Scope,
    Sensitivity, SensitivitySet, Shows, Subject, Truth, Verb, Who,
};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Section, SectionSet};
use mychartum_core::kernel::id::{AccountId, GrantId, PatientId, TenantId};

use super::calendar::Born;
use super::mistakes::{Bug, Law};
use super::policies::{POLICIES, Policy};
use super::space::{
    ACCOUNTS, BASES, BIRTHS, CHARTS, CONSENTS, Case, DAY, DIMS, Dim, HOURS_BEHIND, LABELS, MIDNIGHT, RECORDED,
    RELEASED, SECOND, SECTIONS, SOME_SECTIONS, TENANTS, TOPICS, VERBS, WHEN, WIDENED, WRITTEN,
};
use super::spec;
use super::world::{self, Kind, Names, Rights, Wider, World};

/// The place of the band for each date of birth.
type Bands = [Option<usize>; BIRTHS.len()];

/// What both sides are told of, made once.
pub(crate) struct Stage {
    pub(crate) packs: Vec<PolicyPack>,
    clocks: Vec<[AgeClock; BIRTHS.len()]>,
    everything: Rights,
    rights: [Rights; 4],
    left: [Rights; 3],
    apps: [Rights; 3],
    narrow: Rights,
    scopes: [Scope; 4],
    left_scopes: [Scope; 3],
    app_scopes: [Scope; 3],
    narrow_scope: Scope,
    consents: [Names; 4],
    labels: [Names; 8],
    topics: [Names; 3],
    hidden: [Option<Names>; 4],
    nobody: Names,
    /// No section, some, all; the same for the engine.
    written: [Names; 3],
    written_sets: [SectionSet; 3],
    /// By law, policy and date of birth.
    bands: Vec<(Option<Bug>, Vec<Bands>)>,
}

fn every_right(keep: impl Fn(&str, &str) -> bool) -> Rights {
    let sections = Section::ALL.iter().map(|section| SECTIONS[usize::from(section.number())]);
    sections.flat_map(|section| VERBS.map(|verb| (section, verb))).filter(|(s, v)| keep(s, v)).collect()
}

/// The same rights for the engine.
pub(crate) fn scope_of(rights: &Rights) -> Scope {
    let place = |names: &[&str], name: &str| names.iter().position(|one| *one == name).expect("a name");
    rights.iter().fold(Scope::NONE, |scope, (section, verb)| {
        scope.with(Section::ALL[place(&SECTIONS, section)], Verb::ALL[place(&VERBS, verb)])
    })
}

pub(crate) fn labels_of(names: &Names) -> SensitivitySet {
    names.iter().map(|code| Sensitivity::of_code(code).expect("a label")).collect()
}

fn sections_of(names: &[&str]) -> SectionSet {
    names.iter().map(|name| Section::of_name(name).expect("a section")).collect()
}

pub(crate) fn tenant(name: &str) -> TenantId {
    TenantId::from_bytes([u8::try_from(TENANTS.iter().position(|one| *one == name).expect("a tenant")).unwrap(); 16])
}

pub(crate) fn chart(name: &str) -> PatientId {
    PatientId::from_bytes([u8::try_from(CHARTS.iter().position(|one| *one == name).expect("a chart")).unwrap(); 16])
}

pub(crate) fn account(name: &str) -> AccountId {
    AccountId::from_bytes([u8::try_from(ACCOUNTS.iter().position(|one| *one == name).expect("a name")).unwrap(); 16])
}

pub(crate) fn grant_id(number: u8) -> GrantId {
    GrantId::from_bytes([number; 16])
}

pub(crate) fn at(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).expect("a time")
}

fn text(born: Born) -> Option<String> {
    match born {
        Born::Nobody => None,
        Born::Year(year) => Some(format!("{year:04}")),
        Born::Month(year, month) => Some(format!("{year:04}-{month:02}")),
        Born::Day(year, month, day) => Some(format!("{year:04}-{month:02}-{day:02}")),
    }
}

/// Who asks in a case.
enum As {
    Person(&'static str, &'static [&'static str]),
    NoGlass,
    /// Whose chart is behind it, whether there is a reason, and its times relative to now.
    Glass(&'static str, bool, i64, i64),
    Host(bool),
}

const MINUTE: i64 = 60 * SECOND;
const ASKERS: [As; 15] = [
    As::Person("bob", &["bob"]),
    As::Person("anna", &["anna"]),
    As::Person("eve", &[]),
    As::NoGlass,
    As::Glass("anna", true, -5 * MINUTE, 10 * MINUTE),
    As::Glass("ben", true, -5 * MINUTE, 10 * MINUTE),
    As::Glass("anna", false, -5 * MINUTE, 10 * MINUTE),
    As::Glass("anna", true, 0, 20 * MINUTE),
    As::Glass("anna", true, -20 * MINUTE, 0),
    As::Glass("anna", true, 1, 20 * MINUTE),
    As::Glass("anna", true, -5 * MINUTE, 55 * MINUTE + 1),
    As::Glass("anna", true, -5 * MINUTE, 55 * MINUTE),
    As::Glass("anna", true, -5 * MINUTE, 25 * MINUTE),
    As::Host(true),
    As::Host(false),
];

impl Stage {
    pub(crate) fn new() -> Self {
        let packs: Vec<PolicyPack> =
            POLICIES.iter().map(|policy| PolicyPack::parse(policy.text).expect("a sound pack")).collect();
        let clock = |pack: &PolicyPack, born| {
            let born = text(born).map(|text| text.parse().expect("a date"));
            AgeClock::new(born.as_ref(), chrono_tz::America::New_York, pack)
        };
        let clocks = packs.iter().map(|pack| BIRTHS.map(|(born, _)| clock(pack, born))).collect();
        let everything = every_right(|_, _| true);
        let some = |section: &str, verb: &str| match section {
            "results" => matches!(verb, "view" | "request"),
            "messages" => matches!(verb, "view" | "message"),
            "immunizations" => true,
            "medications" => verb == "request",
            _ => false,
        };
        let rights = [
            everything.clone(),
            every_right(some),
            every_right(|section, verb| section == "appointments" && verb != "view"),
            every_right(|section, verb| section == "demographics" && verb == "view"),
        ];
        let left = [
            everything.clone(),
            every_right(|section, verb| section != "results" && (section, verb) != ("messages", "view")),
            Rights::new(),
        ];
        let app = |section: &str, verb: &str| {
            matches!(section, "results" | "messages" | "immunizations") && matches!(verb, "view" | "message")
        };
        let apps = [every_right(app), Rights::new(), everything.clone()];
        let narrow = every_right(|section, verb| matches!(section, "results" | "messages") && verb == "view");
        let names = |list: &[&'static str]| list.iter().copied().collect::<BTreeSet<_>>();
        let mut stage = Self {
            scopes: rights.each_ref().map(scope_of),
            left_scopes: left.each_ref().map(scope_of),
            app_scopes: apps.each_ref().map(scope_of),
            narrow_scope: scope_of(&narrow),
            packs,
            clocks,
            everything,
            rights,
            left,
            apps,
            narrow,
            consents: CONSENTS.map(names),
            labels: LABELS.map(names),
            topics: TOPICS.map(names),
            hidden: [Some(names(&[])), Some(names(&["bob", "carol"])), Some(names(&["carol"])), None],
            nobody: Names::new(),
            written: [names(&[]), names(SOME_SECTIONS), names(&SECTIONS)],
            written_sets: [&[], SOME_SECTIONS, &SECTIONS].map(sections_of),
            bands: Vec::new(),
        };
        for bug in core::iter::once(None).chain(Bug::ALL.into_iter().map(Some)) {
            let bands = (0..POLICIES.len()).map(|pack| {
                core::array::from_fn(|birth| {
                    let mut case = [0; DIMS];
                    case[Dim::Pack as usize] = u8::try_from(pack).unwrap();
                    case[Dim::Birth as usize] = u8::try_from(birth).unwrap();
                    spec::band_now(Law { bug }, &stage.world(Law { bug }, &case))
                })
            });
            let bands = bands.collect();
            stage.bands.push((bug, bands));
        }
        stage
    }

    /// The time of a case.
    pub(crate) fn now(case: &Case) -> i64 {
        MIDNIGHT - BIRTHS[usize::from(case[Dim::Birth as usize])].1
    }

    /// The case as the specification is told it.
    pub(crate) fn world<'s>(&'s self, law: Law, case: &Case) -> World<'s> {
        let of = |dim: Dim| usize::from(case[dim as usize]);
        let now = Self::now(case);
        let policy: &'static Policy = &POLICIES[of(Dim::Pack)];
        let kind = match &ASKERS[of(Dim::Asker)] {
            As::Person(name, own_charts) => {
                let app = [None, Some(("anna", 0)), Some(("anna", 1)), Some(("ben", 2))][of(Dim::App)];
                let app = app.map(|(chart, rights): (&'static str, usize)| (chart, &self.apps[rights]));
                Kind::Person { name, own_charts, app }
            }
            As::NoGlass => Kind::Staff { glass: None },
            As::Glass(chart, has_reason, from, until) => Kind::Staff {
                glass: Some(world::Glass { chart, has_reason: *has_reason, from: now + from, until: now + until }),
            },
            As::Host(for_operations) => Kind::Host { for_operations: *for_operations && of(Dim::Purpose) == 0 },
        };
        let (own, others) = RELEASED[of(Dim::Released)];
        World {
            policy,
            now,
            verb: VERBS[of(Dim::Verb)],
            in_proceedings: of(Dim::Purpose) == 1,
            asker: world::Asker {
                tenant: TENANTS[of(Dim::AskerTenant)],
                assurance: 3 - case[Dim::Assurance as usize],
                kind,
            },
            patient: world::Patient {
                tenant: "riverside",
                chart: "anna",
                born: BIRTHS[of(Dim::Birth)].0,
                life: ["alive", "deceased", "merged"][of(Dim::Life)],
                emancipated: of(Dim::Majority) == 1,
                assent_given: of(Dim::Assent) == 0,
                hours_behind: HOURS_BEHIND,
            },
            grants: self.grants(case, now),
            item: world::Item {
                tenant: TENANTS[of(Dim::ItemTenant)],
                chart: CHARTS[of(Dim::ItemChart)],
                section: SECTIONS[of(Dim::Section)],
                labels: &self.labels[of(Dim::Labels)],
                topics: &self.topics[of(Dim::Topics)],
                is_fact: of(Dim::Truth) == 0,
                recorded: RECORDED[of(Dim::Recorded)],
                own_from: WHEN[own].map(|when| now + when),
                others_from: WHEN[others].map(|when| now + when),
                after_tap: of(Dim::Shows) == 1,
                hidden_from: self.hidden[of(Dim::Hidden)].as_ref(),
                author: [None, Some("bob"), Some("anna")][of(Dim::Author)],
            },
            known_band: self
                .bands
                .iter()
                .find(|(bug, _)| *bug == law.bug)
                .map(|(_, b)| b[of(Dim::Pack)][of(Dim::Birth)]),
        }
    }

    fn grants<'s>(&'s self, case: &Case, now: i64) -> Vec<world::Grant<'s>> {
        let of = |dim: Dim| usize::from(case[dim as usize]);
        let delegation = of(Dim::Delegation);
        let (from, until) = times(of(Dim::Time));
        let (records, notes) = WRITTEN[of(Dim::Consents)];
        let above = |id: u8, proxy: &'static str, out_of: Option<u8>| world::Grant {
            id,
            tenant: "riverside",
            chart: "anna",
            proxy,
            basis: BASES[of(Dim::Basis)],
            stands: true,
            rights: &self.everything,
            left: &self.everything,
            consents: &self.consents[of(Dim::Consents)],
            part2: (&self.written[records], &self.written[notes]),
            from: now - DAY,
            until: None,
            wider: None,
            out_of,
        };
        let mut own = above(10, "bob", (delegation > 0).then_some(20));
        own.tenant = ["riverside", "hillside", "riverside"][of(Dim::Place)];
        own.chart = ["anna", "anna", "ben"][of(Dim::Place)];
        own.stands = of(Dim::Standing) == 0;
        own.rights = &self.rights[of(Dim::Rights)];
        own.left = &self.left[of(Dim::Left)];
        (own.from, own.until) = (now + from, until.map(|until| now + until));
        own.wider = WIDENED[of(Dim::Widened)].map(|(band, until)| Wider {
            band,
            template: "full",
            until: until.map(|until| now + until),
        });
        let mut parent = above(20, "carol", None);
        let mut grants = vec![own];
        match delegation {
            0 | 3 => return grants,
            2 => parent.stands = false,
            4 => parent.rights = &self.narrow,
            5 => parent.left = &self.left[1],
            6 => (parent.consents, parent.part2) = (&self.nobody, (&self.nobody, &self.nobody)),
            7 => parent.until = Some(now),
            8 => parent.chart = "ben",
            9 => parent.tenant = "hillside",
            10 => parent.out_of = Some(30),
            11 => parent.out_of = Some(10),
            12 => parent.out_of = Some(31),
            _ => {}
        }
        grants.push(parent);
        if delegation == 10 {
            grants.push(world::Grant { stands: false, ..above(30, "dora", None) });
        }
        if delegation == 12 {
            grants.push(above(31, "dora", Some(32)));
            grants.push(above(32, "carol", None));
        }
        grants
    }

    /// The grants as the engine is told of them.
    pub(crate) fn index(&self, case: &Case) -> GrantIndex {
        let of = |dim: Dim| usize::from(case[dim as usize]);
        let pack = &self.packs[of(Dim::Pack)];
        let now = Self::now(case);
        let delegation = of(Dim::Delegation);
        let (from, until) = times(of(Dim::Time));
        let (records, notes) = WRITTEN[of(Dim::Consents)];
        let part2 = Part2Reach { records: self.written_sets[records], notes: self.written_sets[notes] };
        let above = |id: u8, proxy: &str, out_of: Option<u8>| Terms {
            id: grant_id(id),
            tenant: tenant("riverside"),
            patient: chart("anna"),
            proxy: account(proxy),
            basis: LegalBasis::ALL[of(Dim::Basis)],
            standing: GrantStanding::Live,
            scope: Scope::ALL,
            narrowed: Scope::ALL,
            consents: labels_of(&self.consents[of(Dim::Consents)]),
            part2,
            from: at(now - DAY),
            until: None,
            widened: None,
            delegated_from: out_of.map(grant_id),
        };
        let own = Terms {
            tenant: tenant(["riverside", "hillside", "riverside"][of(Dim::Place)]),
            patient: chart(["anna", "anna", "ben"][of(Dim::Place)]),
            standing: [GrantStanding::Live, GrantStanding::NotLive][of(Dim::Standing)],
            scope: self.scopes[of(Dim::Rights)],
            narrowed: self.left_scopes[of(Dim::Left)],
            from: at(now + from),
            until: until.map(|until| at(now + until)),
            widened: WIDENED[of(Dim::Widened)].map(|(band, until)| Widened {
                band: u8::try_from(band).unwrap(),
                template: pack.template_named("full").expect("every pack has one"),
                until: until.map(|until| at(now + until)),
            }),
            ..above(10, "bob", (delegation > 0).then_some(20))
        };
        let parent = above(20, "carol", None);
        let parent = match delegation {
            0 | 3 => return GrantIndex::new(&[own], pack),
            2 => Terms { standing: GrantStanding::NotLive, ..parent },
            4 => Terms { scope: self.narrow_scope, ..parent },
            5 => Terms { narrowed: self.left_scopes[1], ..parent },
            6 => Terms { consents: SensitivitySet::NONE, part2: Part2Reach::NONE, ..parent },
            7 => Terms { until: Some(at(now)), ..parent },
            8 => Terms { patient: chart("ben"), ..parent },
            9 => Terms { tenant: tenant("hillside"), ..parent },
            10 => Terms { delegated_from: Some(grant_id(30)), ..parent },
            11 => Terms { delegated_from: Some(grant_id(10)), ..parent },
            12 => Terms { delegated_from: Some(grant_id(31)), ..parent },
            _ => parent,
        };
        match delegation {
            10 => {
                let grandparent = Terms { standing: GrantStanding::NotLive, ..above(30, "dora", None) };
                GrantIndex::new(&[own, parent, grandparent], pack)
            }
            12 => GrantIndex::new(&[above(32, "carol", None), own, above(31, "dora", Some(32)), parent], pack),
            _ => GrantIndex::new(&[parent, own], pack),
        }
    }

    /// The question and the subject as the engine is told of them.
    pub(crate) fn question(&self, case: &Case) -> (Question<'static>, Subject) {
        let of = |dim: Dim| usize::from(case[dim as usize]);
        let now = Self::now(case);
        let (role, purpose) = match &ASKERS[of(Dim::Asker)] {
            As::Person(name, _) => {
                let app = [None, Some(("anna", 0)), Some(("anna", 1)), Some(("ben", 2))][of(Dim::App)];
                let app = app.map(|(name, scope)| AppToken { patient: chart(name), scope: self.app_scopes[scope] });
                let own: &'static [PatientId] = match *name {
                    "anna" => const { &[PatientId::from_bytes([0; 16])] },
                    "bob" => const { &[PatientId::from_bytes([2; 16])] },
                    _ => &[],
                };
                (Role::Account { account: account(name), own, app }, Purpose::Care)
            }
            As::NoGlass => (Role::Staff { account: account("eve"), glass: None }, Purpose::Care),
            As::Glass(name, has_reason, from, until) => {
                let reason = if *has_reason { GlassReason::Emergency } else { GlassReason::None };
                let glass = Glass { patient: chart(name), reason, from: at(now + from), until: at(now + until) };
                (Role::Staff { account: account("eve"), glass: Some(glass) }, Purpose::Care)
            }
            As::Host(true) => (Role::Host, Purpose::Operations),
            As::Host(false) => (Role::Host, Purpose::Care),
        };
        let purpose = if of(Dim::Purpose) == 1 { Purpose::Proceedings } else { purpose };
        let assurance = 3 - case[Dim::Assurance as usize];
        let who = Who { tenant: tenant(TENANTS[of(Dim::AskerTenant)]), role, assurance };
        let subject = Subject {
            tenant: tenant("riverside"),
            patient: chart("anna"),
            ages: self.clocks[of(Dim::Pack)][of(Dim::Birth)],
            life: [Life::Alive, Life::Deceased, Life::Merged][of(Dim::Life)],
            majority: [Majority::ByAge, Majority::Emancipated][of(Dim::Majority)],
            assent: [Assent::Given, Assent::NotGiven, Assent::Refused][of(Dim::Assent)],
        };
        (Question { who, purpose, verb: Verb::ALL[of(Dim::Verb)], at: at(now) }, subject)
    }

    /// The item as the engine is told of it.
    pub(crate) fn item(&self, case: &Case) -> ItemFacts<'static> {
        const BOB_AND_CAROL: &[AccountId] = &[AccountId::from_bytes([1; 16]), AccountId::from_bytes([2; 16])];
        const CAROL: &[AccountId] = &[AccountId::from_bytes([2; 16])];
        let of = |dim: Dim| usize::from(case[dim as usize]);
        let now = Self::now(case);
        let (own, others) = RELEASED[of(Dim::Released)];
        ItemFacts {
            tenant: tenant(TENANTS[of(Dim::ItemTenant)]),
            patient: chart(CHARTS[of(Dim::ItemChart)]),
            section: Section::ALL[of(Dim::Section)],
            labels: labels_of(&self.labels[of(Dim::Labels)]),
            topics: TopicSet::from_bits([0, 1, 2][of(Dim::Topics)]),
            truth: [Truth::Fact, Truth::NotAFact][of(Dim::Truth)],
            recorded_at: at(RECORDED[of(Dim::Recorded)]),
            released: Released {
                own: WHEN[own].map(|when| at(now + when)),
                others: WHEN[others].map(|when| at(now + when)),
                shows: [Shows::AtOnce, Shows::AfterTap][of(Dim::Shows)],
            },
            hidden: match of(Dim::Hidden) {
                0 => Hidden::From(&[]),
                1 => Hidden::From(BOB_AND_CAROL),
                2 => Hidden::From(CAROL),
                _ => Hidden::FromAll,
            },
            author: [None, Some(account("bob")), Some(account("anna"))][of(Dim::Author)],
        }
    }
}

/// From when until when a grant is, relative to now.
const fn times(place: usize) -> (i64, Option<i64>) {
    match place {
        0 => (-DAY, None),
        1 => (0, None),
        2 => (-DAY, Some(1)),
        3 => (-DAY, Some(0)),
        4 => (1, Some(DAY)),
        _ => (-2 * DAY, Some(-DAY)),
    }
}
