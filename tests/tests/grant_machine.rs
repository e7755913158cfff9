//! The life of a proxy grant, walked through: every step by every party, six steps deep, from every beginning.
//!
//! What may happen is written down here by hand, from the table of transitions that the library was designed after, and what
//! its documentation adds to it. The walk sees that nothing else happens, and that all of it can.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Duration, NaiveDate, TimeZone, Utc};
use mychartum_core::access::grant::{
    Agreed, BirthDateEntered, By, DELEGATE, DeclineReason, DenyReason, Died, EvidenceShown, GrantError, GrantStanding,
    GrantState, LegalBasis, NewGrant, ProxyGrant, Relation, RevokeReason, SuspendReason, delegated_out_of,
};
use mychartum_core::access::pack::{Evidence, PolicyPack};
use mychartum_core::access::{AgeClock, Assent, Life, Majority, Scope, Sensitivity, SensitivitySet, Subject, Verb};
use mychartum_core::chart::Section;
use mychartum_core::kernel::PartialDate;
use mychartum_core::kernel::id::{AccountId, AttachmentId, GrantId, PatientId, TenantId};

const ANNA: AccountId = AccountId::from_bytes([1; 16]);
const BOB: AccountId = AccountId::from_bytes([2; 16]);
const EVE: AccountId = AccountId::from_bytes([3; 16]);
const NURSE: AccountId = AccountId::from_bytes([4; 16]);
const CLERK: AccountId = AccountId::from_bytes([5; 16]);

/// Everyone who may try a step. Bob is also tried as a member of staff.
const PARTIES: [By; 7] =
    [By::Patient(ANNA), By::Proxy(BOB), By::Proxy(EVE), By::Staff(NURSE), By::Staff(CLERK), By::Staff(BOB), By::System];

/// From where, where to, and by whom: the table of transitions (features, section 2.2), line by line. What it calls live is
/// everything that is not final; `any` stands for a step that knows no party.
const LISTED: &[(&str, &str, &str)] = &[
    ("Requested", "PendingVerification", "staff"),
    ("PendingVerification", "Denied", "staff"),
    ("PendingVerification", "PendingAssent", "staff"),
    ("PendingVerification", "Active", "staff"),
    ("Invited", "Active", "proxy"),
    ("Invited", "Denied", "proxy"),
    ("Invited", "Declined", "proxy"),
    ("Invited", "Expired", "any"),
    ("PendingAssent", "Active", "patient"),
    ("PendingAssent", "Denied", "patient"),
    ("Active", "Suspended", "staff"),
    ("Active", "Suspended", "system"),
    ("Active", "Suspended", "patient"),
    ("Active", "Disputed", "staff"),
    ("Active", "Disputed", "system"),
    ("Suspended", "Active", "staff"),
    ("Disputed", "Active", "staff"),
    ("LIVE", "Revoked", "patient"),
    ("LIVE", "Revoked", "staff"),
    ("LIVE", "Revoked", "proxy"),
    ("LIVE", "Revoked", "system"),
    ("LIVE", "EndedByDeath", "any"),
];

/// What the documentation of the grants adds to that table.
const ADDED: &[(&str, &str, &str)] = &[
    // A request can be refused before anyone took it up.
    ("Requested", "Denied", "staff"),
    // What staff assigned and two verified is then confirmed by the proxy.
    ("PendingVerification", "Invited", "staff"),
    // A minor's assent may be needed after the invited person accepted.
    ("Invited", "PendingAssent", "proxy"),
    // Patients end a pause of their own.
    ("Suspended", "Active", "patient"),
    // What is in dispute stands, so it can rest.
    ("Disputed", "Suspended", "staff"),
    ("Disputed", "Suspended", "system"),
    ("Disputed", "Suspended", "patient"),
    // Time ends whatever has an end.
    ("LIVE", "Expired", "any"),
];

/// Steps that leave it where it is, and by whom.
const STAYING: &[(&str, &str, &str)] = &[
    ("Verify", "PendingVerification", "staff"),
    ("Accept", "Invited", "proxy"),
    ("Widen", "Active", "any"),
    ("Rescope", "Active", "patient"),
    ("Rescope", "Invited", "patient"),
    ("Narrow", "Active", "patient"),
    ("Narrow", "Active", "staff"),
    ("Narrow", "Disputed", "patient"),
    ("Narrow", "Disputed", "staff"),
    ("Dispute", "Disputed", "staff"),
    ("Dispute", "Disputed", "system"),
    ("Renew", "Active", "patient"),
    ("Renew", "Active", "staff"),
];

const LIVE: [&str; 7] =
    ["Requested", "Invited", "PendingVerification", "PendingAssent", "Active", "Suspended", "Disputed"];
const FINAL: [&str; 5] = ["Expired", "Revoked", "Declined", "Denied", "EndedByDeath"];

fn name(state: GrantState) -> &'static str {
    match state {
        GrantState::Requested => "Requested",
        GrantState::Invited => "Invited",
        GrantState::PendingVerification => "PendingVerification",
        GrantState::PendingAssent => "PendingAssent",
        GrantState::Active => "Active",
        GrantState::Suspended(_) => "Suspended",
        GrantState::Disputed => "Disputed",
        GrantState::Expired => "Expired",
        GrantState::Revoked(_) => "Revoked",
        GrantState::Declined(_) => "Declined",
        GrantState::Denied(_) => "Denied",
        GrantState::EndedByDeath => "EndedByDeath",
    }
}

const fn party(by: By) -> &'static str {
    match by {
        By::Patient(_) => "patient",
        By::Proxy(_) => "proxy",
        By::Staff(_) => "staff",
        By::System => "system",
    }
}

/// A step, as it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    TakeUp,
    Verify,
    Deny(DenyReason),
    Accept(BirthDateEntered),
    AcceptTooLate,
    Decline(DeclineReason),
    Assent(Assent),
    Widen,
    Rescope(Scope),
    Narrow(Option<Scope>),
    Suspend(SuspendReason),
    Reinstate(bool),
    Dispute,
    Renew(i64),
    Expire,
    ExpireLater,
    Revoke(RevokeReason),
    Resign,
    EndByDeath(Died),
}

fn steps() -> Vec<Step> {
    let mut steps = vec![
        Step::TakeUp,
        Step::Verify,
        Step::Accept(BirthDateEntered::Right),
        Step::Accept(BirthDateEntered::Wrong),
        Step::AcceptTooLate,
        Step::Assent(Assent::Given),
        Step::Assent(Assent::NotGiven),
        Step::Assent(Assent::Refused),
        Step::Widen,
        Step::Rescope(some_rights()),
        Step::Rescope(Scope::ALL),
        Step::Rescope(Scope::NONE),
        Step::Narrow(Some(Scope::NONE)),
        Step::Narrow(None),
        Step::Reinstate(false),
        Step::Reinstate(true),
        Step::Dispute,
        Step::Renew(-1),
        Step::Renew(300),
        Step::Renew(100_000),
        Step::Expire,
        Step::ExpireLater,
        Step::Resign,
        Step::EndByDeath(Died::Patient),
        Step::EndByDeath(Died::Proxy),
    ];
    steps.extend(DenyReason::ALL.iter().copied().map(Step::Deny));
    steps.extend(DeclineReason::ALL.iter().copied().map(Step::Decline));
    steps.extend(SuspendReason::ALL.iter().copied().map(Step::Suspend));
    steps.extend(RevokeReason::ALL.iter().copied().map(Step::Revoke));
    steps
}

impl Step {
    /// Whether it makes no difference who takes it.
    const fn knows_no_party(self) -> bool {
        matches!(self, Self::Widen | Self::Expire | Self::ExpireLater | Self::EndByDeath(_))
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Verify => "Verify",
            Self::Accept(_) | Self::AcceptTooLate => "Accept",
            Self::Widen => "Widen",
            Self::Rescope(_) => "Rescope",
            Self::Narrow(_) => "Narrow",
            Self::Dispute => "Dispute",
            Self::Renew(_) => "Renew",
            _ => "other",
        }
    }
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, 9, 0, 0).unwrap()
}

fn some_rights() -> Scope {
    Scope::NONE.with(Section::Results, Verb::View).with(Section::Appointments, Verb::Schedule)
}

fn every_evidence() -> EvidenceShown {
    EvidenceShown {
        document: Some(AttachmentId::from_bytes([7; 16])),
        attested_by: Some(NURSE),
        review_by: NaiveDate::from_ymd_opt(2027, 1, 1),
    }
}

fn pack(id: &str) -> PolicyPack {
    let (_, text) = PolicyPack::shipped().find(|(one, _)| *one == id).unwrap();
    PolicyPack::parse(text).unwrap()
}

fn patient(born: &str, pack: &PolicyPack) -> Subject {
    let born: PartialDate = born.parse().unwrap();
    Subject {
        tenant: TenantId::from_bytes([1; 16]),
        patient: PatientId::from_bytes([1; 16]),
        ages: AgeClock::new(Some(&born), chrono_tz::America::New_York, pack),
        life: Life::Alive,
        majority: Majority::ByAge,
        assent: Assent::NotGiven,
    }
}

fn new(basis: LegalBasis, scope: Scope) -> NewGrant {
    NewGrant {
        id: GrantId::from_bytes([9; 16]),
        relation: Relation::Parent,
        basis,
        scope,
        consents: SensitivitySet::of(&[Sensitivity::Psy]),
        from: now(),
        until: Some(now() + Duration::days(200)),
        evidence: Some(every_evidence()),
    }
}

/// A place where a walk begins.
struct Start {
    name: String,
    pack: PolicyPack,
    subject: Subject,
    grant: ProxyGrant,
    /// Someone else who acts for the patient.
    other: ProxyGrant,
}

fn starts() -> Vec<Start> {
    let mut starts = Vec::new();
    for id in ["example", "cincinnati-childrens", "loma-linda"] {
        for born in ["1980-05-05", "2010-05-05", "2020-05-05"] {
            let pack = pack(id);
            let subject = patient(born, &pack);
            let rights = some_rights().with(Section::Messages, Verb::View).with(DELEGATE.0, DELEGATE.1);
            let mut grants = Vec::new();
            for basis in LegalBasis::ALL {
                let new = new(basis, rights);
                grants.push(("invite", ProxyGrant::invite(&new, ANNA, &subject, &pack, now())));
                grants.push(("request", ProxyGrant::request(&new, BOB, &subject, &pack, now())));
                grants.push(("assign", ProxyGrant::assign(&new, BOB, NURSE, &subject, &pack, now())));
            }
            let parent = new(LegalBasis::Parent, Scope::ALL);
            let other = NewGrant { id: GrantId::from_bytes([8; 16]), ..parent };
            let other = ProxyGrant::assign(&other, EVE, CLERK, &subject, &pack, now()).unwrap();
            let from = other.accept(By::Proxy(EVE), BirthDateEntered::Right, &subject, &pack, now()).unwrap();
            if from.state() == GrantState::Active {
                let passed_on = new(LegalBasis::Parent, rights);
                let passed_on = NewGrant { consents: SensitivitySet::NONE, ..passed_on };
                grants.push(("delegate", ProxyGrant::delegate(&passed_on, EVE, &from, &subject, &pack, now())));
            }
            for (how, grant) in grants {
                if let Ok(grant) = grant {
                    let name = format!("{id}, born {born}, {how}, {}", grant.basis().name());
                    starts.push(Start { name, pack: pack.clone(), subject, grant, other: from.clone() });
                }
            }
        }
    }
    starts
}

impl Start {
    fn try_step(&self, grant: &ProxyGrant, step: Step, by: By) -> Result<ProxyGrant, GrantError> {
        let (subject, pack, now) = (&self.subject, &self.pack, now());
        match step {
            Step::TakeUp => grant.take_up(by, now),
            Step::Verify => grant.verify(by, subject, pack, now),
            Step::Deny(reason) => grant.deny(by, reason, now),
            Step::Accept(entered) => grant.accept(by, entered, subject, pack, now),
            Step::AcceptTooLate => {
                let late = now + Duration::days(i64::from(pack.invitation().days()));
                grant.accept(by, BirthDateEntered::Right, subject, pack, late)
            }
            Step::Decline(reason) => grant.decline(by, reason, now),
            Step::Assent(assent) => grant.assent(by, assent, now),
            Step::Widen => {
                let all = [Agreed::Patient(ANNA), Agreed::Clinician(NURSE), Agreed::Parent(EVE), Agreed::Court(CLERK)];
                grant.widen(&all, "full", subject, pack, now)
            }
            Step::Rescope(scope) => {
                let all = SensitivitySet::KNOWN.without(Sensitivity::Part2);
                grant.rescope(by, scope, all, subject, pack, now)
            }
            Step::Narrow(left) => grant.narrow(by, left),
            Step::Suspend(reason) => grant.suspend(by, reason, now),
            Step::Reinstate(shown) => grant.reinstate(by, shown.then(every_evidence), pack, now),
            Step::Dispute => grant.dispute(by, &self.other, now),
            Step::Renew(days) => grant.renew(by, now + Duration::days(days), pack, now),
            Step::Expire => grant.expire(now),
            Step::ExpireLater => grant.expire(now + Duration::days(4_000)),
            Step::Revoke(reason) => grant.revoke(by, reason, now),
            Step::Resign => grant.resign(by, now),
            Step::EndByDeath(of) => grant.end_by_death(of, now),
        }
    }

    /// Looks at one step that was possible.
    fn check(&self, grant: &ProxyGrant, step: Step, by: By, next: &ProxyGrant, seen: &mut Seen) {
        let who = if step.knows_no_party() { "any" } else { party(by) };
        let (from, to) = (name(grant.state()), name(next.state()));
        let case = format!("{}: {step:?} by {by:?} from {:?} to {:?}", self.name, grant.state(), next.state());
        assert!(!grant.state().is_final(), "{case}");
        if from == to {
            assert!(STAYING.contains(&(step.kind(), from, who)), "{case}");
        } else {
            let found = LISTED.iter().chain(ADDED).find(|(start, end, whose)| {
                (*start == from || *start == "LIVE" && LIVE.contains(&from)) && *end == to && *whose == who
            });
            assert!(found.is_some(), "{case}");
        }
        seen.insert((if from == to { step.kind() } else { from }, to, who));

        let same = next.id() == grant.id() && next.patient() == grant.patient() && next.basis() == grant.basis();
        assert!(same && next.grantor() == grant.grantor() && next.from() == grant.from(), "{case}");
        assert!(next.proxy() == grant.proxy() || grant.proxy().is_none() && step.kind() == "Accept", "{case}");
        if let Step::Rescope(_) = step {
            assert!(matches!(by, By::Patient(_)) && grant.basis() == LegalBasis::PatientConsent, "{case}");
        } else {
            assert_eq!((next.scope(), next.consents()), (grant.scope(), grant.consents()), "{case}");
        }
        if !matches!(step, Step::Renew(_)) {
            assert_eq!(next.until(), grant.until(), "{case}");
        }
        if let (Step::Renew(days), Some(basis)) = (step, self.pack.basis(grant.basis())) {
            assert_eq!((next.quiet(), next.widening(), next.state()), (grant.quiet(), grant.widening(), grant.state()));
            assert!(days > 0 && basis.max_days.is_none_or(|most| days <= i64::from(most)), "{case}");
        }
        if matches!(step, Step::AcceptTooLate) {
            panic!("{case}: the invitation was over");
        }
        if name(grant.state()) == "Suspended" && to == "Active" && party(by) == "staff"
            || from == "Disputed" && to == "Active"
        {
            assert_eq!(step, Step::Reinstate(true), "{case}: not without fresh evidence");
        }
        if from == "PendingVerification" && matches!(to, "Active" | "PendingAssent" | "Invited") {
            let people: BTreeSet<_> = next.verified_by().iter().collect();
            let needed = self.pack.basis(grant.basis()).unwrap().verifiers;
            assert!(people.len() >= usize::from(needed), "{case}: {} of {needed} verified", people.len());
            assert!(!next.verified_by().contains(&BOB), "{case}: nobody verifies what is for them");
        }
        self.check_terms(next, &case);
    }

    fn check_terms(&self, grant: &ProxyGrant, case: &str) {
        let Some(terms) = grant.terms(&self.pack, &[], now()) else {
            assert_eq!(grant.proxy(), None, "{case}");
            return;
        };
        let stands = matches!(grant.state(), GrantState::Active | GrantState::Disputed);
        assert_eq!(terms.standing == GrantStanding::Live, stands, "{case}");
        assert_eq!(stands, grant.state().is_live(), "{case}");
        assert_eq!(grant.state().is_final(), FINAL.contains(&name(grant.state())), "{case}");
        assert!(terms.narrowed.within(grant.quiet().unwrap_or(Scope::ALL)), "{case}");
        if grant.state() == GrantState::Disputed {
            assert!(terms.scope.within(grant.scope().and(self.other.scope())), "{case}: what both have");
        }
    }
}

type Seen = BTreeSet<(&'static str, &'static str, &'static str)>;

const DEPTH: usize = 6;

#[test]
fn only_what_is_listed_happens_and_all_of_it_can() {
    let steps = steps();
    let mut seen = Seen::new();
    let (mut tried, mut values) = (0u64, 0usize);
    for start in starts() {
        let form = |grant: &ProxyGrant| serde_json::to_string(grant).unwrap();
        // Values, not paths: two paths to the same value go on alike.
        let mut known: HashSet<String> = HashSet::from([form(&start.grant)]);
        let mut edge = vec![start.grant.clone()];
        start.check_terms(&start.grant, &start.name);
        for _ in 0..DEPTH {
            let mut next_edge = Vec::new();
            for grant in &edge {
                let before = form(grant);
                for step in &steps {
                    for by in &PARTIES[..if step.knows_no_party() { 1 } else { PARTIES.len() }] {
                        tried += 1;
                        if let Ok(next) = start.try_step(grant, *step, *by) {
                            start.check(grant, *step, *by, &next, &mut seen);
                            if known.insert(form(&next)) {
                                if next.state().is_final() {
                                    assert_final(&start, &steps, &next);
                                } else {
                                    next_edge.push(next);
                                }
                            }
                        }
                    }
                }
                assert_eq!(form(grant), before, "a step leaves the old value as it was");
            }
            edge = next_edge;
        }
        values += known.len();
    }
    assert!(tried > 1_000_000 && values > 1_000, "{tried} steps tried, {values} values reached");
    for (from, to, who) in LISTED.iter().chain(ADDED) {
        let happened = if *from == "LIVE" {
            LIVE.iter().any(|from| seen.contains(&(*from, *to, *who)))
        } else {
            seen.contains(&(*from, *to, *who))
        };
        assert!(happened, "{from} to {to} by {who} never happened");
    }
    for staying in STAYING {
        assert!(seen.contains(staying), "{staying:?} never happened");
    }
}

fn assert_final(start: &Start, steps: &[Step], grant: &ProxyGrant) {
    for step in steps {
        for by in PARTIES {
            assert!(start.try_step(grant, *step, by).is_err(), "{}: {step:?} by {by:?} after the end", start.name);
        }
    }
}

fn invited(pack: &PolicyPack, subject: &Subject) -> ProxyGrant {
    ProxyGrant::invite(&new(LegalBasis::PatientConsent, some_rights()), ANNA, subject, pack, now()).unwrap()
}

#[test]
fn wrong_birth_dates_end_an_invitation_at_the_packs_number() {
    for (_, text) in PolicyPack::shipped() {
        for tries in 1..=4 {
            let text: String = text
                .lines()
                .map(|line| {
                    if line.starts_with("wrong-birth-dates") {
                        format!("wrong-birth-dates = {tries}\n")
                    } else {
                        format!("{line}\n")
                    }
                })
                .collect();
            let pack = PolicyPack::parse(&text).unwrap();
            let subject = patient("1980-05-05", &pack);
            let grant =
                NewGrant { until: Some(now() + Duration::days(1)), ..new(LegalBasis::PatientConsent, some_rights()) };
            let mut grant = ProxyGrant::invite(&grant, ANNA, &subject, &pack, now()).unwrap();
            for wrong in 1..=tries {
                grant = grant.accept(By::Proxy(BOB), BirthDateEntered::Wrong, &subject, &pack, now()).unwrap();
                let expected =
                    if wrong < tries { GrantState::Invited } else { GrantState::Denied(DenyReason::BirthDates) };
                assert_eq!(grant.state(), expected);
                assert!(grant.terms(&pack, &[], now()).is_none());
            }
            assert!(grant.accept(By::Proxy(BOB), BirthDateEntered::Right, &subject, &pack, now()).is_err());
        }
    }
}

#[test]
fn two_people_verify_where_the_policy_says() {
    let pack = pack("example");
    let subject = patient("2020-05-05", &pack);
    let new = new(LegalBasis::CourtGuardian, some_rights());
    assert_eq!(pack.basis(LegalBasis::CourtGuardian).unwrap().verifiers, 2);
    let request = ProxyGrant::request(&new, BOB, &subject, &pack, now()).unwrap();
    let taken = request.take_up(By::Staff(NURSE), now()).unwrap();
    let verify = |grant: &ProxyGrant, by| grant.verify(By::Staff(by), &subject, &pack, now());
    assert_eq!(verify(&taken, BOB), Err(GrantError::SecondPerson));
    let once = verify(&taken, NURSE).unwrap();
    assert_eq!(once.state(), GrantState::PendingVerification);
    assert_eq!(verify(&once, NURSE), Err(GrantError::SecondPerson));
    assert_eq!(verify(&once, CLERK).unwrap().state(), GrantState::Active);
    let assigned = ProxyGrant::assign(&new, BOB, NURSE, &subject, &pack, now()).unwrap();
    assert_eq!(verify(&assigned, NURSE), Err(GrantError::SecondPerson));
    assert_eq!(verify(&assigned, CLERK).unwrap().state(), GrantState::Invited);
}

#[test]
fn staff_give_nothing_to_themselves() {
    let pack = pack("example");
    let subject = patient("2020-05-05", &pack);
    for basis in LegalBasis::ALL {
        let made = ProxyGrant::assign(&new(basis, some_rights()), NURSE, NURSE, &subject, &pack, now());
        assert!(
            made.is_err(),
            "a member of staff assigned a grant to the own account, on the basis of {}",
            basis.name()
        );
    }
}

#[test]
fn whose_access_age_does_not_change_does_not_wait_for_an_assent() {
    let pack = pack("cincinnati-childrens");
    let subject = patient("2011-05-05", &pack);
    let basis = LegalBasis::DiminishedCapacity;
    assert_eq!(pack.basis(basis).unwrap().evidence, Evidence::Attestation);
    let request = ProxyGrant::request(&new(basis, some_rights()), BOB, &subject, &pack, now()).unwrap();
    let taken = request.take_up(By::Staff(NURSE), now()).unwrap();
    let verified = taken.verify(By::Staff(CLERK), &subject, &pack, now()).unwrap();
    assert_eq!(verified.state(), GrantState::Active, "a patient who cannot decide is not asked to assent");
}

#[test]
fn a_renewal_never_widens() {
    let pack = pack("example");
    let subject = patient("1980-05-05", &pack);
    let active =
        invited(&pack, &subject).accept(By::Proxy(BOB), BirthDateEntered::Right, &subject, &pack, now()).unwrap();
    let narrowed = active.narrow(By::Patient(ANNA), Some(Scope::NONE)).unwrap();
    for grant in [&active, &narrowed] {
        let before = grant.terms(&pack, &[], now()).unwrap();
        let renewed = grant.renew(By::Patient(ANNA), now() + Duration::days(500), &pack, now()).unwrap();
        let after = renewed.terms(&pack, &[], now()).unwrap();
        assert_eq!((after.scope, after.narrowed, after.consents), (before.scope, before.narrowed, before.consents));
        assert_eq!((after.from, after.widened, after.proxy), (before.from, before.widened, before.proxy));
        let by_others = [By::Proxy(BOB), By::Staff(NURSE), By::System];
        for by in by_others {
            assert!(
                grant.renew(by, now() + Duration::days(1), &pack, now()).is_err(),
                "only the patient renews a consent"
            );
        }
    }
}

/// A delegation has at most what its giver has, is not passed on again (A21), and is given by nobody else.
#[test]
fn a_delegation_stays_within_what_it_was_given_from() {
    let pack = pack("example");
    let subject = patient("1980-05-05", &pack);
    let may = some_rights().with(DELEGATE.0, DELEGATE.1);
    let invite = |scope| {
        let invited =
            ProxyGrant::invite(&new(LegalBasis::PatientConsent, scope), ANNA, &subject, &pack, now()).unwrap();
        invited.accept(By::Proxy(BOB), BirthDateEntered::Right, &subject, &pack, now()).unwrap()
    };
    let child = |scope, consents| NewGrant {
        id: GrantId::from_bytes([10; 16]),
        consents,
        ..new(LegalBasis::PatientConsent, scope)
    };
    let psy = SensitivitySet::of(&[Sensitivity::Psy]);
    let delegate = |from: &ProxyGrant, new: &NewGrant, by| ProxyGrant::delegate(new, by, from, &subject, &pack, now());
    let parent = invite(may);

    let wider = some_rights().with(Section::Billing, Verb::View);
    assert_eq!(delegate(&parent, &child(wider, psy), BOB), Err(GrantError::ScopeTooWide));
    assert_eq!(delegate(&parent, &child(some_rights(), SensitivitySet::KNOWN), BOB), Err(GrantError::ScopeTooWide));
    assert_eq!(delegate(&parent, &child(some_rights(), psy), EVE), Err(GrantError::NoDelegation));
    let other_basis = NewGrant { basis: LegalBasis::HealthCareAgent, ..child(some_rights(), psy) };
    assert_eq!(delegate(&parent, &other_basis, BOB), Err(GrantError::NoDelegation));
    assert_eq!(delegate(&invite(some_rights()), &child(some_rights(), psy), BOB), Err(GrantError::NoDelegation));
    let resting = parent.suspend(By::Patient(ANNA), SuspendReason::PatientPaused, now()).unwrap();
    assert_eq!(delegate(&resting, &child(some_rights(), psy), BOB), Err(GrantError::NoDelegation));

    let passed_on = delegate(&parent, &child(may, psy), BOB).unwrap();
    let taken = passed_on.accept(By::Proxy(EVE), BirthDateEntered::Right, &subject, &pack, now()).unwrap();
    assert!(taken.scope().within(parent.scope()) && !taken.scope().has(DELEGATE.0, DELEGATE.1));
    assert_eq!(delegate(&taken, &child(some_rights(), psy), EVE), Err(GrantError::NoDelegation));
    assert_eq!(delegated_out_of(&[parent.clone(), taken.clone()], parent.id()), [taken.id()]);
    assert!(delegated_out_of(&[parent, taken.clone()], taken.id()).is_empty());
}
