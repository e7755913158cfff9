//! Scenes: everything that a decision is made of, and how to draw them.

use std::sync::LazyLock;

use chrono::{DateTime, Duration, NaiveDate, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use mychartum_core::access::consent::Part2Reach;
use mychartum_core::access::grant::{GrantIndex, GrantStanding, LegalBasis, Terms, Widened};
use mychartum_core::access::pack::{PolicyPack, TopicSet};
use mychartum_core::access::{
    AgeClock, AppToken, Assent, Decision, Glass, GlassReason, Hidden, ItemFacts, Life, Majority, Question, Released,
    Role, Scope, Sensitivity, SensitivitySet, Shows, Subject, Truth, Verb, Viewer, Who, decide,
};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Section, SectionSet};
use mychartum_core::kernel::PartialDate;
use mychartum_core::kernel::id::{AccountId, GrantId, PatientId, TenantId};
use proptest::prelude::*;

pub(crate) static PACKS: LazyLock<Vec<PolicyPack>> =
    LazyLock::new(|| PolicyPack::shipped().map(|(_, text)| PolicyPack::parse(text).unwrap()).collect());

pub(crate) const RIVERSIDE: TenantId = TenantId::from_bytes([1; 16]);
pub(crate) const HILLSIDE: TenantId = TenantId::from_bytes([2; 16]);
pub(crate) const ANNA: PatientId = PatientId::from_bytes([1; 16]);
pub(crate) const BEN: PatientId = PatientId::from_bytes([2; 16]);
pub(crate) const ANNAS: AccountId = AccountId::from_bytes([1; 16]);
pub(crate) const BOB: AccountId = AccountId::from_bytes([2; 16]);
pub(crate) const CAROL: AccountId = AccountId::from_bytes([3; 16]);
pub(crate) const EVE: AccountId = AccountId::from_bytes([4; 16]);

/// Everything that a decision is made of.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) pack: usize,
    pub(crate) born: Option<String>,
    pub(crate) zone: Tz,
    pub(crate) now: DateTime<Utc>,
    pub(crate) life: Life,
    pub(crate) majority: Majority,
    pub(crate) assent: Assent,
    pub(crate) asker: Asker,
    pub(crate) tenant: TenantId,
    pub(crate) assurance: u8,
    pub(crate) purpose: Purpose,
    pub(crate) verb: Verb,
    pub(crate) grants: Vec<Terms>,
    pub(crate) item: Item,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    Owner(Option<AppToken>),
    Other(AccountId, Option<AppToken>),
    Staff(Option<Glass>),
    Host,
}

#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) tenant: TenantId,
    pub(crate) patient: PatientId,
    pub(crate) section: Section,
    pub(crate) labels: SensitivitySet,
    pub(crate) topics: TopicSet,
    pub(crate) truth: Truth,
    pub(crate) recorded_at: DateTime<Utc>,
    pub(crate) released: Released,
    /// None: from everyone.
    pub(crate) hidden: Option<Vec<AccountId>>,
    pub(crate) author: Option<AccountId>,
}

impl Item {
    pub(crate) fn facts(&self) -> ItemFacts<'_> {
        ItemFacts {
            tenant: self.tenant,
            patient: self.patient,
            section: self.section,
            labels: self.labels,
            topics: self.topics,
            truth: self.truth,
            recorded_at: self.recorded_at,
            released: self.released,
            hidden: self.hidden.as_ref().map_or(Hidden::FromAll, |accounts| Hidden::From(accounts)),
            author: self.author,
        }
    }
}

impl Scene {
    pub(crate) fn pack(&self) -> &'static PolicyPack {
        &PACKS[self.pack]
    }

    pub(crate) fn subject(&self) -> Subject {
        let born: Option<PartialDate> = self.born.as_ref().map(|text| text.parse().unwrap());
        Subject {
            tenant: RIVERSIDE,
            patient: ANNA,
            ages: AgeClock::new(born.as_ref(), self.zone, self.pack()),
            life: self.life,
            majority: self.majority,
            assent: self.assent,
        }
    }

    pub(crate) fn question(&self) -> Question<'static> {
        let role = match self.asker {
            Asker::Owner(app) => Role::Account { account: ANNAS, own: &[ANNA], app },
            Asker::Other(account, app) => Role::Account { account, own: &[BEN], app },
            Asker::Staff(glass) => Role::Staff { account: EVE, glass },
            Asker::Host => Role::Host,
        };
        let who = Who { tenant: self.tenant, role, assurance: self.assurance };
        Question { who, purpose: self.purpose, verb: self.verb, at: self.now }
    }

    pub(crate) fn viewer(&self) -> Viewer {
        let grants = GrantIndex::new(&self.grants, self.pack());
        Viewer::new(&self.question(), &self.subject(), &grants, self.pack())
    }

    pub(crate) fn decide(&self) -> Decision {
        let grants = GrantIndex::new(&self.grants, self.pack());
        decide(&self.question(), &self.item.facts(), &self.subject(), &grants, self.pack())
    }

    pub(crate) fn permits(&self) -> bool {
        self.decide().is_permit()
    }

    pub(crate) fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut other = self.clone();
        change(&mut other);
        other
    }
}

pub(crate) fn grant_id(number: u8) -> GrantId {
    GrantId::from_bytes([number; 16])
}

pub(crate) fn scopes() -> impl Strategy<Value = Scope> {
    prop_oneof![3 => Just(Scope::ALL), 2 => any::<u128>().prop_map(Scope::from_bits), 1 => Just(Scope::NONE)]
}

pub(crate) fn label_sets() -> impl Strategy<Value = SensitivitySet> {
    prop_oneof![
        4 => Just(SensitivitySet::NONE),
        3 => prop::sample::select(&Sensitivity::ALL[..]).prop_map(|label| SensitivitySet::of(&[label])),
        1 => any::<u16>().prop_map(SensitivitySet::from_bits),
    ]
}

/// Consents are wide more often than labels.
pub(crate) fn consents() -> impl Strategy<Value = SensitivitySet> {
    prop_oneof![Just(SensitivitySet::NONE), any::<u16>().prop_map(SensitivitySet::from_bits)]
}

/// What written consents open: nothing, everything, or some sections.
pub(crate) fn part2() -> impl Strategy<Value = Part2Reach> {
    let sections = || prop_oneof![Just(0u32), Just(u32::MAX), any::<u32>()].prop_map(SectionSet::from_bits);
    (sections(), sections()).prop_map(|(records, notes)| Part2Reach { records, notes })
}

/// An instant near another one, often just that one.
pub(crate) fn near(now: DateTime<Utc>) -> impl Strategy<Value = DateTime<Utc>> {
    let far = (-40_000i64..40_000).prop_map(Duration::hours);
    let close = prop::sample::select(vec![-1i64, 0, 1]).prop_map(Duration::microseconds);
    prop_oneof![3 => (-9_000i64..0).prop_map(Duration::hours), 1 => far, 1 => close].prop_map(move |by| now + by)
}

/// A grant of Bob, or of Carol who may have passed it on.
pub(crate) fn terms(number: u8, now: DateTime<Utc>, pack: usize) -> BoxedStrategy<Terms> {
    let templates: Vec<_> =
        PACKS[pack].templates().iter().map(|template| PACKS[pack].template_named(&template.name).unwrap()).collect();
    let widened = (0u8..4, prop::sample::select(templates), prop::option::of(near(now)));
    let widened = widened.prop_map(|(band, template, until)| Widened { band, template, until });
    let out_of = prop_oneof![4 => Just(None), 2 => Just(Some(grant_id(9))), 1 => Just(Some(grant_id(8)))];
    (
        prop::sample::select(&LegalBasis::ALL[..]),
        prop_oneof![9 => Just(GrantStanding::Live), 1 => Just(GrantStanding::NotLive)],
        scopes(),
        prop_oneof![3 => Just(Scope::ALL), 1 => scopes()],
        (consents(), part2()),
        near(now),
        prop::option::of(near(now).prop_map(move |at| if at < now { now + (now - at) } else { at })),
        prop::option::weighted(0.2, widened),
        out_of,
    )
        .prop_map(move |(basis, standing, scope, narrowed, (consents, part2), from, until, widened, delegated_from)| {
            Terms {
                id: grant_id(number),
                tenant: RIVERSIDE,
                patient: ANNA,
                proxy: if number >= 8 { CAROL } else { BOB },
                basis,
                standing,
                scope,
                narrowed,
                consents,
                part2,
                from,
                until,
                widened,
                delegated_from: delegated_from.filter(|_| number < 8),
            }
        })
        .boxed()
}

pub(crate) fn tokens() -> impl Strategy<Value = Option<AppToken>> {
    let token = (prop_oneof![4 => Just(ANNA), 1 => Just(BEN)], scopes());
    prop::option::weighted(0.2, token.prop_map(|(patient, scope)| AppToken { patient, scope }))
}

pub(crate) fn glasses(now: DateTime<Utc>) -> impl Strategy<Value = Option<Glass>> {
    let reason = prop::sample::select(vec![GlassReason::None, GlassReason::Emergency, GlassReason::AtPatientsRequest]);
    let times = (-70i64..10, 0i64..80);
    let glass = (prop_oneof![4 => Just(ANNA), 1 => Just(BEN)], reason, times);
    prop::option::weighted(
        0.9,
        glass.prop_map(move |(patient, reason, (from, length))| {
            let from = now + Duration::minutes(from);
            Glass { patient, reason, from, until: from + Duration::minutes(length) }
        }),
    )
}

pub(crate) fn askers(now: DateTime<Utc>) -> BoxedStrategy<Asker> {
    prop_oneof![
        5 => tokens().prop_map(|app| Asker::Other(BOB, app)),
        2 => tokens().prop_map(Asker::Owner),
        1 => tokens().prop_map(|app| Asker::Other(EVE, app)),
        2 => glasses(now).prop_map(Asker::Staff),
        1 => Just(Asker::Host),
    ]
    .boxed()
}

pub(crate) fn births() -> BoxedStrategy<Option<String>> {
    let day = (1940i32..2026, 1u32..=12, 1u32..=31).prop_filter_map("no such day", |(year, month, day)| {
        NaiveDate::from_ymd_opt(year, month, day).map(|day| Some(day.to_string()))
    });
    let young = (0i32..20, 1u32..=12).prop_map(|(age, month)| Some(format!("{:04}-{month:02}", 2026 - age)));
    let year = (2000i32..2026).prop_map(|year| Some(format!("{year:04}")));
    prop_oneof![5 => day, 2 => young, 1 => year, 1 => Just(None)].boxed()
}

pub(crate) fn items(now: DateTime<Utc>) -> BoxedStrategy<Item> {
    let moment = move || prop_oneof![8 => near(now).prop_map(Some), 1 => Just(None)];
    let released = (moment(), moment(), prop::sample::select(vec![Shows::AtOnce, Shows::AfterTap]))
        .prop_map(|(own, others, shows)| Released { own, others, shows });
    let hidden = prop_oneof![
        6 => Just(Some(vec![])),
        1 => Just(Some(vec![BOB])),
        1 => Just(Some(vec![EVE, CAROL])),
        1 => Just(None)
    ];
    (
        prop_oneof![15 => Just(RIVERSIDE), 1 => Just(HILLSIDE)],
        prop_oneof![15 => Just(ANNA), 1 => Just(BEN)],
        prop::sample::select(&Section::ALL[..]),
        label_sets(),
        prop_oneof![3 => Just(0u32), 1 => 0u32..8].prop_map(TopicSet::from_bits),
        prop_oneof![15 => Just(Truth::Fact), 1 => Just(Truth::NotAFact)],
        near(now),
        prop_oneof![3 => Just(Released::ALWAYS), 2 => released],
        hidden,
        prop::sample::select(vec![None, Some(BOB), Some(ANNAS)]),
    )
        .prop_map(|(tenant, patient, section, labels, topics, truth, recorded_at, released, hidden, author)| Item {
            tenant,
            patient,
            section,
            labels,
            topics,
            truth,
            recorded_at,
            released,
            hidden,
            author,
        })
        .boxed()
}

/// A scene with up to so many grants of Bob, and up to two of Carol that they may have been delegated from.
pub(crate) fn scenes_with(most: u8) -> BoxedStrategy<Scene> {
    let now = (0i64..3_000_000)
        .prop_map(|minutes| Utc.with_ymd_and_hms(2024, 1, 1, 0, 0, 0).unwrap() + Duration::minutes(minutes / 2));
    (0..PACKS.len(), now)
        .prop_flat_map(move |(pack, now)| {
            let bobs: Vec<_> = (1..=most).map(|number| prop::option::weighted(0.6, terms(number, now, pack))).collect();
            let carols: Vec<_> = (8..=9).map(|number| prop::option::weighted(0.8, terms(number, now, pack))).collect();
            let subject = (
                births(),
                prop::sample::select(&TZ_VARIANTS[..]),
                prop_oneof![8 => Just(Life::Alive), 2 => Just(Life::Deceased), 1 => Just(Life::Merged)],
                prop_oneof![6 => Just(Majority::ByAge), 1 => Just(Majority::Emancipated)],
                prop::sample::select(vec![Assent::Given, Assent::NotGiven, Assent::Refused]),
            )
                .boxed();
            let question = (
                askers(now),
                prop_oneof![15 => Just(RIVERSIDE), 1 => Just(HILLSIDE)],
                prop_oneof![1 => 0u8..4, 3 => Just(3)],
                prop::sample::select(vec![Purpose::Care, Purpose::Operations]),
                prop_oneof![2 => Just(Verb::View), 1 => prop::sample::select(&Verb::ALL[..])],
            )
                .boxed();
            (subject, question, bobs, carols, items(now)).prop_map(
                move |(
                    (born, zone, life, majority, assent),
                    (asker, tenant, assurance, purpose, verb),
                    bobs,
                    carols,
                    item,
                )| Scene {
                    pack,
                    born,
                    zone,
                    now,
                    life,
                    majority,
                    assent,
                    asker,
                    tenant,
                    assurance,
                    purpose,
                    verb,
                    grants: bobs.into_iter().chain(carols).flatten().collect(),
                    item,
                },
            )
        })
        .boxed()
}

pub(crate) fn scenes() -> BoxedStrategy<Scene> {
    scenes_with(3)
}

/// An adult, with one grant of her consent.
pub(crate) fn grown_up(now: DateTime<Utc>, zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> Scene {
    let grant = Terms {
        id: grant_id(1),
        tenant: RIVERSIDE,
        patient: ANNA,
        proxy: BOB,
        basis: LegalBasis::PatientConsent,
        standing: GrantStanding::Live,
        scope: Scope::ALL,
        narrowed: Scope::ALL,
        consents: SensitivitySet::NONE,
        part2: Part2Reach::NONE,
        from,
        until: Some(until),
        widened: None,
        delegated_from: None,
    };
    Scene {
        pack: 0,
        born: Some("1950-05-05".into()),
        zone,
        now,
        life: Life::Alive,
        majority: Majority::ByAge,
        assent: Assent::NotGiven,
        asker: Asker::Other(BOB, None),
        tenant: RIVERSIDE,
        assurance: 3,
        purpose: Purpose::Care,
        verb: Verb::View,
        grants: vec![grant],
        item: Item {
            tenant: RIVERSIDE,
            patient: ANNA,
            section: Section::Results,
            labels: SensitivitySet::NONE,
            topics: TopicSet::NONE,
            truth: Truth::Fact,
            recorded_at: from,
            released: Released::ALWAYS,
            hidden: Some(vec![]),
            author: None,
        },
    }
}
