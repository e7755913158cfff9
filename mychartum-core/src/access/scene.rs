//! One question with everything that it is decided from, for the tests of this folder: each test changes one thing of it.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};

use super::grant::{GrantIndex, GrantStanding, LegalBasis, Terms, Widened};
use super::pack::{PolicyPack, TopicSet};
use super::*;
use crate::audit::Purpose;
use crate::chart::Section;
use crate::kernel::PartialDate;
use crate::kernel::id::{AccountId, GrantId, PatientId, TenantId};

pub(super) const HERE: TenantId = TenantId::from_bytes([1; 16]);
pub(super) const ELSEWHERE: TenantId = TenantId::from_bytes([2; 16]);
pub(super) const CHART: PatientId = PatientId::from_bytes([1; 16]);
pub(super) const OTHER_CHART: PatientId = PatientId::from_bytes([2; 16]);
/// The patient.
pub(super) const ANNA: AccountId = AccountId::from_bytes([1; 16]);
/// Who acts for the patient.
pub(super) const BOB: AccountId = AccountId::from_bytes([2; 16]);
pub(super) const EVE: AccountId = AccountId::from_bytes([3; 16]);
pub(super) const NURSE: AccountId = AccountId::from_bytes([4; 16]);
pub(super) const CLERK: AccountId = AccountId::from_bytes([5; 16]);

/// A day on which the patient, born on 20 May 2010, is in a band of [`PACK`]; each named after what it does to proxies.
pub(super) const IN_CHILDHOOD: &str = "2014-03-01T12:00:00Z";
pub(super) const IN_NO_PORTAL: &str = "2017-03-01T12:00:00Z";
pub(super) const IN_ASSENT: &str = "2020-03-01T12:00:00Z";
pub(super) const IN_TEENS: &str = "2023-03-01T12:00:00Z";
pub(super) const IN_FROZEN: &str = "2025-03-01T12:00:00Z";
pub(super) const IN_SUSPENDED: &str = "2027-03-01T12:00:00Z";
pub(super) const GROWN_UP: &str = "2030-03-01T12:00:00Z";
/// The local midnight in New York at which the history is frozen: the birthday of fourteen.
pub(super) const FROZEN_SINCE: &str = "2024-05-20T04:00:00Z";

/// A policy with a band of every kind, in which each template leaves out something else.
pub(super) const PACK: &str = r#"
[pack]
id = "scene"
version = 7
title = "Every kind of band"
effective = 2025-01-01
zone = "America/New_York"
leap-day = "march-1"
proxy-min-age = 16
notices-days = [60, 30, 7]
[[source]]
key = "S"
citation = "A law"
[[topic]]
name = "other"
codes = ["cvx 140"]
cite = "S"
[[topic]]
name = "hpv"
codes = ["cvx 62"]
cite = "S"
[template.own]
all = ["view", "download", "manage"]
shown = "all"
[template.young]
all = ["view"]
[template.full]
all = ["view", "download", "message"]
shown = ["SEX", "PSY"]
[template.teen]
immunizations = ["view"]
appointments = ["view", "message"]
messages = ["view", "message"]
demographics = ["view"]
shown = ["SEX"]
hides = ["hpv"]
[template.consented]
all = ["view", "download", "message", "manage"]
[template.memorial]
demographics = ["view"]
[basis.patient-consent]
follows-age = false
template = "consented"
max-days = 500
renewal = "patient"
verifiers = 1
evidence = "patients-word"
cite = "S"
[basis.parent]
follows-age = true
template = "full"
renewal = "never"
verifiers = 1
evidence = "document"
cite = "S"
[basis.court-guardian]
follows-age = false
template = "full"
renewal = "staff"
verifiers = 2
evidence = "document"
cite = "S"
[basis.diminished-capacity]
follows-age = false
template = "full"
max-days = 180
renewal = "staff"
verifiers = 1
evidence = "attestation"
cite = "S"
[basis.executor]
follows-age = false
template = "full"
renewal = "staff"
verifiers = 1
evidence = "document"
cite = "S"
[[band]]
from = 0
until = 6
own = "nothing"
proxy = "keep:full"
messages-apart = false
cite = "S"
[[band]]
from = 6
until = 9
own = "nothing"
proxy = "no-portal"
messages-apart = false
cite = "S"
[[band]]
from = 9
until = 12
own = "assent:young"
proxy = "assent:full"
messages-apart = false
cite = "S"
[[band]]
from = 12
until = 14
own = "template:young"
proxy = "downgrade:teen"
messages-apart = true
cite = "S"
widen = [
  { by = ["patient", "clinician"], template = "full", review-days = 365 },
  { by = ["court"], template = "full" },
]
[[band]]
from = 14
until = 16
own = "template:own"
proxy = "freeze:teen"
messages-apart = true
cite = "S"
[[band]]
from = 16
until = 18
own = "template:own"
proxy = "suspend"
messages-apart = false
cite = "S"
[[band]]
from = 18
own = "template:own"
proxy = "revoke"
messages-apart = false
cite = "S"
[after-death]
own = "memorial"
cite = "S"
[assurance]
view = 1
download = 1
share = 1
message = 1
schedule = 1
request = 1
pay = 1
manage = 3
sensitive = 2
[glass]
max-minutes = 30
[invitation]
wrong-birth-dates = 3
days = 14
[release]
max-hold-days = 30
max-wish-days = 20
"#;

/// The number of a template in [`PACK`], by its name.
pub(super) fn template(name: &str) -> pack::TemplateId {
    policy().template_named(name).unwrap()
}

pub(super) fn policy() -> PolicyPack {
    static READ: LazyLock<PolicyPack> = LazyLock::new(|| PolicyPack::parse(PACK).unwrap());
    READ.clone()
}

pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(super) fn born(text: &str, pack: &PolicyPack) -> AgeClock {
    let born: PartialDate = text.parse().unwrap();
    AgeClock::new(Some(&born), pack.zone(), pack)
}

pub(super) fn patient() -> Subject {
    Subject {
        tenant: HERE,
        patient: CHART,
        ages: born("2010-05-20", &policy()),
        life: Life::Alive,
        majority: Majority::ByAge,
        assent: Assent::NotGiven,
    }
}

/// A grant of Bob's that says everything, since ever and for ever.
pub(super) fn grant(number: u8, basis: LegalBasis) -> Terms {
    Terms {
        id: GrantId::from_bytes([number; 16]),
        tenant: HERE,
        patient: CHART,
        proxy: BOB,
        basis,
        standing: GrantStanding::Live,
        scope: Scope::ALL,
        narrowed: Scope::ALL,
        consents: SensitivitySet::NONE,
        part2: consent::Part2Reach::NONE,
        from: at("2000-01-01T00:00:00Z"),
        until: None,
        widened: None,
        delegated_from: None,
    }
}

pub(super) fn widened(band: u8, name: &str, until: Option<&str>) -> Option<Widened> {
    Some(Widened { band, template: template(name), until: until.map(at) })
}

/// The question and all the facts.
#[derive(Clone)]
pub(super) struct Scene {
    pub(super) who: Who<'static>,
    pub(super) purpose: Purpose,
    pub(super) verb: Verb,
    pub(super) now: DateTime<Utc>,
    pub(super) subject: Subject,
    pub(super) grants: Vec<Terms>,
    pub(super) pack: PolicyPack,
    pub(super) item: ItemFacts<'static>,
}

impl Scene {
    fn of(role: Role<'static>, now: &str) -> Self {
        Self {
            who: Who { tenant: HERE, role, assurance: 3 },
            purpose: Purpose::Care,
            verb: Verb::View,
            now: at(now),
            subject: patient(),
            grants: Vec::new(),
            pack: policy(),
            item: ItemFacts {
                tenant: HERE,
                patient: CHART,
                section: Section::Immunizations,
                labels: SensitivitySet::NONE,
                topics: TopicSet::NONE,
                truth: Truth::Fact,
                recorded_at: at("2012-01-01T00:00:00Z"),
                released: Released::ALWAYS,
                hidden: Hidden::From(&[]),
                author: None,
            },
        }
    }

    /// The patient asks.
    pub(super) fn of_patient(now: &str) -> Self {
        Self::of(Role::Account { account: ANNA, own: &[CHART], app: None }, now)
    }

    /// Bob asks, who has these grants.
    pub(super) fn of_proxy(grants: &[Terms], now: &str) -> Self {
        Self { grants: grants.to_vec(), ..Self::of(Role::Account { account: BOB, own: &[], app: None }, now) }
    }

    /// A member of staff asks.
    pub(super) fn of_staff(glass: Option<Glass>, now: &str) -> Self {
        Self::of(Role::Staff { account: NURSE, glass }, now)
    }

    /// The program around the portal asks, to run it.
    pub(super) fn of_host(section: Section) -> Self {
        let scene = Self::of(Role::Host, GROWN_UP);
        scene.with(|scene| (scene.purpose, scene.item.section) = (Purpose::Operations, section))
    }

    /// The same with something else.
    pub(super) fn with<T>(&self, change: impl FnOnce(&mut Self) -> T) -> Self {
        let mut scene = self.clone();
        change(&mut scene);
        scene
    }

    pub(super) fn viewer(&self) -> Viewer {
        let question = Question { who: self.who, purpose: self.purpose, verb: self.verb, at: self.now };
        Viewer::new(&question, &self.subject, &GrantIndex::new(&self.grants, &self.pack), &self.pack)
    }

    /// The decision, which is the same for one item and for a list.
    #[track_caller]
    pub(super) fn decide(&self) -> Decision {
        let question = Question { who: self.who, purpose: self.purpose, verb: self.verb, at: self.now };
        let grants = GrantIndex::new(&self.grants, &self.pack);
        let decision = decide(&question, &self.item, &self.subject, &grants, &self.pack);
        assert_eq!(self.viewer().decide(&self.item), decision);
        decision
    }

    /// Expects a permit by a rule.
    #[track_caller]
    pub(super) fn permits(&self, rule: Rule) {
        let _ = self.permitted(rule);
    }

    /// Expects a refusal by a rule.
    #[track_caller]
    pub(super) fn denies(&self, rule: Rule) {
        let _ = self.denied(rule);
    }

    /// The permit, which must be by a rule.
    #[track_caller]
    pub(super) fn permitted(&self, rule: Rule) -> Decision {
        let decision = self.decide();
        assert_eq!((decision.answer, decision.rule), (Answer::Permit, rule));
        decision
    }

    /// The refusal, which must be by a rule and obliges to nothing.
    #[track_caller]
    pub(super) fn denied(&self, rule: Rule) -> Decision {
        let decision = self.decide();
        assert_eq!((decision.answer, decision.rule, decision.obligations), (Answer::Deny, rule, Obligations::NONE));
        decision
    }
}
