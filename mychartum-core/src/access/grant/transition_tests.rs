//! How grants move: from where, by whom, for which reason, and what changes with it.

use chrono::Duration;

use super::grant_cases::*;
use super::*;
use crate::access::scene::*;
use crate::access::{AgeClock, Assent, Scope, SensitivitySet, Subject};
use crate::kernel::id::GrantId;

const PATIENT: By = By::Patient(ANNA);
const PROXY: By = By::Proxy(BOB);
const STAFF: By = By::Staff(NURSE);

const PENDING: [GrantState; 2] = [GrantState::Requested, GrantState::PendingVerification];
const PAUSED: GrantState = GrantState::Suspended(SuspendReason::PatientPaused);
const UNSAFE: GrantState = GrantState::Suspended(SuspendReason::Safety);
const LIVE: [GrantState; 2] = [GrantState::Active, GrantState::Disputed];
const NOT_FINAL: [GrantState; 8] = [
    GrantState::Requested,
    GrantState::Invited,
    GrantState::PendingVerification,
    GrantState::PendingAssent,
    GrantState::Active,
    PAUSED,
    UNSAFE,
    GrantState::Disputed,
];

type Moved = Result<ProxyGrant, GrantError>;

/// Where a step led, and since when it stands there.
#[track_caller]
fn went_to(moved: Moved, state: GrantState) {
    let moved = moved.unwrap();
    assert_eq!((moved.state(), moved.since()), (state, days_after(GROWN_UP, 1)));
}

#[track_caller]
fn failed(moved: Moved, error: GrantError) {
    assert_eq!(moved, Err(error));
}

/// A day after Anna invited.
fn later() -> chrono::DateTime<chrono::Utc> {
    days_after(GROWN_UP, 1)
}

#[test]
fn a_state_is_live_or_final_or_neither() {
    for state in ALL_STATES {
        assert_eq!(state.is_final(), !NOT_FINAL.contains(&state), "{state:?}");
        assert_eq!(state.is_live(), LIVE.contains(&state), "{state:?}");
    }
}

#[test]
fn staff_take_up_a_request() {
    only_from(&[GrantState::Requested], Step::TakeUp, |grant| grant.take_up(STAFF, later()));
    let requested = bobs(GrantState::Requested);
    went_to(requested.take_up(STAFF, later()), GrantState::PendingVerification);
    for by in [PATIENT, PROXY, By::System] {
        failed(requested.take_up(by, later()), GrantError::NotAllowed);
    }
}

fn pending(basis: LegalBasis, now: &str) -> ProxyGrant {
    ProxyGrant { state: GrantState::PendingVerification, ..requested(basis, now) }
}

fn verify(grant: &ProxyGrant, by: By, now: &str) -> Moved {
    grant.verify(by, &patient(), &policy(), at(now))
}

#[test]
fn as_many_staff_verify_as_the_policy_says_and_nobody_twice_or_for_themselves() {
    let step = |grant: &ProxyGrant| verify(grant, STAFF, GROWN_UP);
    only_from(&[GrantState::PendingVerification], Step::Verify, step);
    let guardian = pending(LegalBasis::CourtGuardian, IN_ASSENT);
    for by in [PATIENT, PROXY, By::System] {
        failed(verify(&guardian, by, IN_ASSENT), GrantError::NotAllowed);
    }
    let first = verify(&guardian, STAFF, IN_ASSENT).unwrap();
    assert_eq!((first.state(), first.verified_by()), (GrantState::PendingVerification, &[NURSE][..]));
    failed(verify(&first, STAFF, IN_ASSENT), GrantError::SecondPerson);
    failed(verify(&first, By::Staff(BOB), IN_ASSENT), GrantError::SecondPerson);
    let second = verify(&first, By::Staff(CLERK), IN_ASSENT).unwrap();
    assert_eq!((second.state(), second.verified_by()), (GrantState::Active, &[NURSE, CLERK][..]));
    let third = ProxyGrant { state: GrantState::PendingVerification, ..second };
    assert_eq!(verify(&third, By::Staff(EVE), IN_ASSENT).unwrap().state(), GrantState::Active);
    failed(verify(&ProxyGrant { evidence: None, ..guardian }, STAFF, IN_ASSENT), GrantError::EvidenceMissing);
}

#[test]
fn a_verified_parent_waits_for_an_assent_where_the_band_asks_for_one() {
    let state = |now, assent| {
        let subject = Subject { assent, ..patient() };
        pending(LegalBasis::Parent, now).verify(STAFF, &subject, &policy(), at(now)).unwrap().state()
    };
    assert_eq!(state(IN_ASSENT, Assent::NotGiven), GrantState::PendingAssent);
    assert_eq!(state(IN_ASSENT, Assent::Refused), GrantState::PendingAssent);
    assert_eq!(state(IN_ASSENT, Assent::Given), GrantState::Active);
    assert_eq!(state(IN_TEENS, Assent::NotGiven), GrantState::Active);
}

#[test]
fn what_staff_assigned_is_confirmed_by_the_proxy_once_it_is_verified() {
    let new = new_grant(LegalBasis::CourtGuardian, GROWN_UP);
    let assigned = ProxyGrant::assign(&new, BOB, NURSE, &patient(), &policy(), at(GROWN_UP)).unwrap();
    failed(verify(&assigned, STAFF, GROWN_UP), GrantError::SecondPerson);
    let verified = verify(&assigned, By::Staff(CLERK), GROWN_UP).unwrap();
    assert_eq!((verified.state(), verified.verified_by()), (GrantState::Invited, &[NURSE, CLERK][..]));
}

#[test]
fn staff_deny_what_was_asked_for_but_not_for_a_reason_that_is_the_portals() {
    only_from(&PENDING, Step::Deny, |grant| grant.deny(STAFF, DenyReason::Evidence, later()));
    for state in PENDING {
        let grant = bobs(state);
        for reason in [DenyReason::Evidence, DenyReason::Conflict, DenyReason::ProxyTooYoung, DenyReason::Fraud] {
            went_to(grant.deny(STAFF, reason, later()), GrantState::Denied(reason));
        }
        for reason in [DenyReason::BirthDates, DenyReason::AssentRefused] {
            failed(grant.deny(STAFF, reason, later()), GrantError::WrongReason);
        }
        for by in [PATIENT, PROXY, By::System] {
            failed(grant.deny(by, DenyReason::Evidence, later()), GrantError::NotAllowed);
        }
    }
}

fn accept(grant: &ProxyGrant, by: By, entered: BirthDateEntered) -> Moved {
    grant.accept(by, entered, &patient(), &policy(), later())
}

#[test]
fn whoever_is_invited_accepts_with_the_right_date_of_birth() {
    let right = |grant: &ProxyGrant, by| accept(grant, by, BirthDateEntered::Right);
    only_from(&[GrantState::Invited], Step::Accept, |grant| right(grant, PROXY));
    let accepted = right(&invited(), PROXY).unwrap();
    assert_eq!((accepted.state(), accepted.since()), (GrantState::Active, later()));
    assert_eq!((accepted.proxy(), accepted.accept_by()), (Some(BOB), None));
    for by in [PATIENT, STAFF, By::System] {
        failed(right(&invited(), by), GrantError::NotAllowed);
    }
    // Nobody acts for oneself, and what is meant for one is not for another.
    failed(right(&invited(), By::Proxy(ANNA)), GrantError::OwnChart);
    let meant = bobs(GrantState::Invited);
    assert_eq!(right(&meant, PROXY).unwrap().proxy(), Some(BOB));
    failed(right(&meant, By::Proxy(EVE)), GrantError::NotAllowed);
}

#[test]
fn an_invitation_is_accepted_before_it_ends() {
    let state = |days, shift| {
        let now = days_after(GROWN_UP, days) - Duration::microseconds(shift);
        invited().accept(PROXY, BirthDateEntered::Right, &patient(), &policy(), now).map(|grant| grant.state())
    };
    let illegal = GrantError::IllegalTransition { from: GrantState::Invited, attempted: Step::Accept };
    assert_eq!(state(14, 1), Ok(GrantState::Active));
    assert_eq!(state(14, 0), Err(illegal));
    assert_eq!(state(15, 0), Err(illegal));
    failed(accept(&ProxyGrant { accept_by: None, ..invited() }, PROXY, BirthDateEntered::Right), illegal);
}

#[test]
fn too_many_wrong_dates_of_birth_end_an_invitation() {
    let wrong = |grant: &ProxyGrant| accept(grant, PROXY, BirthDateEntered::Wrong).unwrap();
    let once = wrong(&invited());
    assert_eq!((once.state(), once.wrong_birth_dates, once.proxy()), (GrantState::Invited, 1, None));
    let twice = wrong(&once);
    assert_eq!((twice.state(), twice.wrong_birth_dates), (GrantState::Invited, 2));
    let over = wrong(&twice);
    assert_eq!((over.state(), over.wrong_birth_dates), (GrantState::Denied(DenyReason::BirthDates), 3));
}

#[test]
fn an_accepted_grant_of_a_parent_waits_for_an_assent_where_the_band_asks_for_one() {
    let state = |basis, now, assent| {
        let grant = ProxyGrant { basis, accept_by: Some(days_after(GROWN_UP, 1)), ..invited() };
        let subject = Subject { assent, ..patient() };
        let moved = grant.accept(PROXY, BirthDateEntered::Right, &subject, &policy(), at(now)).unwrap();
        assert_eq!((moved.proxy(), moved.accept_by()), (Some(BOB), None));
        moved.state()
    };
    assert_eq!(state(LegalBasis::Parent, IN_ASSENT, Assent::NotGiven), GrantState::PendingAssent);
    assert_eq!(state(LegalBasis::Parent, IN_ASSENT, Assent::Given), GrantState::Active);
    assert_eq!(state(LegalBasis::Parent, IN_TEENS, Assent::NotGiven), GrantState::Active);
    assert_eq!(state(LegalBasis::CourtGuardian, IN_ASSENT, Assent::NotGiven), GrantState::Active);
}

#[test]
fn whoever_is_invited_declines() {
    let decline = |grant: &ProxyGrant, by| grant.decline(by, DeclineReason::NotWilling, later());
    only_from(&[GrantState::Invited], Step::Decline, |grant| decline(grant, PROXY));
    went_to(decline(&invited(), PROXY), GrantState::Declined(DeclineReason::NotWilling));
    went_to(decline(&bobs(GrantState::Invited), PROXY), GrantState::Declined(DeclineReason::NotWilling));
    failed(decline(&bobs(GrantState::Invited), By::Proxy(EVE)), GrantError::NotAllowed);
    for by in [PATIENT, STAFF, By::System] {
        failed(decline(&invited(), by), GrantError::NotAllowed);
    }
}

#[test]
fn a_minor_agrees_or_refuses() {
    only_from(&[GrantState::PendingAssent], Step::Assent, |grant| grant.assent(PATIENT, Assent::Given, later()));
    let waiting = bobs(GrantState::PendingAssent);
    went_to(waiting.assent(PATIENT, Assent::Given, later()), GrantState::Active);
    went_to(waiting.assent(PATIENT, Assent::Refused, later()), GrantState::Denied(DenyReason::AssentRefused));
    failed(waiting.assent(PATIENT, Assent::NotGiven, later()), GrantError::NotAllowed);
    for by in [PROXY, STAFF, By::System] {
        failed(waiting.assent(by, Assent::Given, later()), GrantError::NotAllowed);
    }
}

const TOGETHER: [Agreed; 2] = [Agreed::Patient(ANNA), Agreed::Clinician(NURSE)];

#[test]
fn a_grant_is_widened_by_exactly_those_whom_the_band_names() {
    let parent = ProxyGrant { basis: LegalBasis::Parent, ..bobs(GrantState::Active) };
    let widen = |by: &[Agreed], name| parent.widen(by, name, &patient(), &policy(), at(IN_TEENS));
    let widened = widen(&TOGETHER, "full").unwrap();
    let expected =
        Widening { band: 3, template: "full".into(), until: Some(days_after(IN_TEENS, 365)), by: TOGETHER.to_vec() };
    assert_eq!((widened.widening(), widened.state()), (Some(&expected), GrantState::Active));
    let court = [Agreed::Court(CLERK)];
    let by_order = widen(&court, "full").unwrap();
    assert_eq!(by_order.widening().unwrap().until, None);
    let everyone = [Agreed::Parent(BOB), TOGETHER[0], TOGETHER[1]];
    assert!(widen(&everyone, "full").is_ok());
    for by in [&[][..], &TOGETHER[..1], &TOGETHER[1..], &[Agreed::Parent(BOB), TOGETHER[0]]] {
        failed(widen(by, "full"), GrantError::NoWidening);
    }
    failed(widen(&TOGETHER, "teen"), GrantError::NoWidening);
    failed(widen(&TOGETHER, "more"), GrantError::NoWidening);
}

#[test]
fn only_an_active_grant_that_follows_a_known_age_is_widened() {
    let (subject, pack) = (patient(), policy());
    let widen = |grant: &ProxyGrant| grant.widen(&TOGETHER, "full", &subject, &pack, at(IN_TEENS));
    only_from(&[GrantState::Active], Step::Widen, widen);
    failed(widen(&bobs(GrantState::Active)), GrantError::NoWidening);
    let parent = ProxyGrant { basis: LegalBasis::Parent, ..bobs(GrantState::Active) };
    failed(parent.widen(&TOGETHER, "full", &subject, &pack, at(IN_FROZEN)), GrantError::NoWidening);
    let unknown = Subject { ages: AgeClock::UNKNOWN, ..subject };
    failed(parent.widen(&TOGETHER, "full", &unknown, &pack, at(IN_TEENS)), GrantError::NoWidening);
    // Of a basis that the policy does not know nothing follows the age.
    let agent = ProxyGrant { basis: LegalBasis::HealthCareAgent, ..bobs(GrantState::Active) };
    failed(widen(&agent), GrantError::NoWidening);
}

#[test]
fn a_patient_changes_what_rests_on_the_patients_consent() {
    let (subject, pack) = (patient(), policy());
    let own = pack.template(template("own")).unwrap().scope;
    let rescope =
        |grant: &ProxyGrant, by, scope| grant.rescope(by, scope, SensitivitySet::NONE, &subject, &pack, at(GROWN_UP));
    let states = [GrantState::Active, GrantState::Invited];
    only_from(&states, Step::Rescope, |grant| rescope(grant, PATIENT, own));
    let quiet = ProxyGrant { quiet: Some(Scope::NONE), ..bobs(GrantState::Active) };
    let changed = rescope(&quiet, PATIENT, own).unwrap();
    assert_eq!((changed.scope(), changed.consents(), changed.quiet()), (own, SensitivitySet::NONE, None));
    assert_eq!((changed.state(), changed.since()), (GrantState::Active, quiet.since()));
    failed(rescope(&quiet, PATIENT, Scope::ALL), GrantError::ScopeTooWide);
    failed(rescope(&quiet, PATIENT, Scope::NONE), GrantError::ScopeEmpty);
    for by in [PROXY, STAFF, By::System] {
        failed(rescope(&quiet, by, own), GrantError::NotAllowed);
    }
    let by_court = ProxyGrant { basis: LegalBasis::CourtGuardian, ..quiet.clone() };
    failed(rescope(&by_court, PATIENT, own), GrantError::NotAllowed);
    let young = quiet.rescope(PATIENT, own, SensitivitySet::NONE, &subject, &pack, at(IN_CHILDHOOD));
    failed(young, GrantError::PatientTooYoung);
}

#[test]
fn patients_and_staff_narrow_a_live_grant_quietly() {
    only_from(&LIVE, Step::Narrow, |grant| grant.narrow(PATIENT, None));
    for by in [PATIENT, STAFF] {
        let narrowed = bobs(GrantState::Active).narrow(by, Some(Scope::NONE)).unwrap();
        assert_eq!((narrowed.quiet(), narrowed.scope()), (Some(Scope::NONE), rights()));
        assert_eq!(narrowed.narrow(by, None).unwrap().quiet(), None);
    }
    for by in [PROXY, By::System] {
        failed(bobs(GrantState::Active).narrow(by, None), GrantError::NotAllowed);
    }
}

#[test]
fn all_that_was_delegated_out_of_a_grant_ends_with_it() {
    let delegated = |number, from: u8| ProxyGrant {
        id: id(number),
        grantor: Grantor::Delegation { by: BOB, from: id(from) },
        ..bobs(GrantState::Active)
    };
    let other = ProxyGrant { id: id(9), ..bobs(GrantState::Active) };
    let grants = [bobs(GrantState::Active), other, delegated(2, 1), delegated(3, 2), delegated(4, 9), delegated(5, 1)];
    let ends = |number| delegated_out_of(&grants, id(number));
    let ids = |numbers: &[u8]| numbers.iter().copied().map(id).collect::<Vec<GrantId>>();
    assert_eq!(ends(1), ids(&[2, 5, 3]));
    assert_eq!((ends(2), ends(3), ends(9)), (ids(&[3]), ids(&[]), ids(&[4])));
    // A circle ends too.
    let circle = [delegated(1, 3), delegated(2, 1), delegated(3, 2)];
    assert_eq!(delegated_out_of(&circle, id(1)), ids(&[2, 3]));
}

#[test]
fn a_step_is_named_as_it_is_called() {
    let error = GrantError::IllegalTransition { from: GrantState::Expired, attempted: Step::TakeUp };
    assert_eq!(error.to_string(), "grant: TakeUp is not possible from Expired");
}
