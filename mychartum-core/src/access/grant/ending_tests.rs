//! How grants rest, are renewed and end: from where, by whom, for which reason.

use chrono::Duration;

use super::grant_cases::*;
use super::*;
use crate::access::Scope;
use crate::access::scene::*;

const PATIENT: By = By::Patient(ANNA);
const PROXY: By = By::Proxy(BOB);
const STAFF: By = By::Staff(NURSE);

const PAUSED: GrantState = GrantState::Suspended(SuspendReason::PatientPaused);
const UNSAFE: GrantState = GrantState::Suspended(SuspendReason::Safety);
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

fn later() -> chrono::DateTime<chrono::Utc> {
    days_after(GROWN_UP, 1)
}

/// Where a step led, and since when it stands there.
#[track_caller]
fn went_to(moved: Moved, state: GrantState) {
    let moved = moved.unwrap();
    assert_eq!((moved.state(), moved.since()), (state, later()));
}

#[track_caller]
fn failed(moved: Moved, error: GrantError) {
    assert_eq!(moved, Err(error));
}

#[test]
fn a_live_grant_rests_for_a_reason_that_its_party_can_give() {
    use SuspendReason::{CourtOrder, Dispute, EvidenceExpired, Fraud, PatientPaused, Safety};
    let live = [GrantState::Active, GrantState::Disputed];
    only_from(&live, Step::Suspend, |grant| grant.suspend(STAFF, Safety, later()));
    let suspend = |by, reason| bobs(GrantState::Active).suspend(by, reason, later());
    let allowed = [
        (PATIENT, &[PatientPaused][..]),
        (STAFF, &[Safety, Dispute, Fraud, CourtOrder, EvidenceExpired]),
        (By::System, &[EvidenceExpired, Dispute]),
        (PROXY, &[]),
    ];
    for (by, reasons) in allowed {
        for reason in SuspendReason::ALL.iter().copied() {
            match by {
                _ if reasons.contains(&reason) => went_to(suspend(by, reason), GrantState::Suspended(reason)),
                By::Proxy(_) => failed(suspend(by, reason), GrantError::NotAllowed),
                _ => failed(suspend(by, reason), GrantError::WrongReason),
            }
        }
    }
}

#[test]
fn who_paused_a_grant_ends_the_pause_and_staff_end_the_rest_on_evidence() {
    let reinstate = |state, by, evidence| bobs(state).reinstate(by, evidence, &policy(), later());
    let fresh = Some(EvidenceShown { document: None, ..evidence() });
    only_from(&[PAUSED, UNSAFE, GrantState::Disputed], Step::Reinstate, |grant| {
        grant.reinstate(STAFF, fresh, &policy(), later())
    });
    went_to(reinstate(PAUSED, PATIENT, None), GrantState::Active);
    for state in [UNSAFE, GrantState::Disputed] {
        went_to(reinstate(state, STAFF, fresh), GrantState::Active);
        failed(reinstate(state, STAFF, None), GrantError::EvidenceMissing);
        for by in [PATIENT, PROXY, By::System] {
            failed(reinstate(state, by, fresh), GrantError::NotAllowed);
        }
    }
    for by in [STAFF, PROXY, By::System] {
        failed(reinstate(PAUSED, by, fresh), GrantError::NotAllowed);
    }
}

#[test]
fn a_reinstated_grant_is_out_of_dispute_and_has_the_evidence_that_it_needs() {
    let disputed = ProxyGrant { disputed: Some(Scope::NONE), ..bobs(GrantState::Disputed) };
    let fresh = Some(EvidenceShown { document: None, ..evidence() });
    let stands = disputed.reinstate(STAFF, fresh, &policy(), later()).unwrap();
    assert_eq!((stands.evidence(), stands.disputed), (fresh, None));
    let paused = bobs(PAUSED).reinstate(PATIENT, None, &policy(), later()).unwrap();
    assert_eq!(paused.evidence(), Some(evidence()));
    let guardian = ProxyGrant { basis: LegalBasis::CourtGuardian, ..bobs(UNSAFE) };
    failed(guardian.reinstate(STAFF, fresh, &policy(), later()), GrantError::EvidenceMissing);
    assert!(guardian.reinstate(STAFF, Some(evidence()), &policy(), later()).is_ok());
}

#[test]
fn two_grants_of_one_chart_in_dispute_keep_what_both_say_openly() {
    use crate::access::Verb::{Download, View};
    use crate::chart::Section::{Billing, Results, Vitals};
    let live = [GrantState::Active, GrantState::Disputed];
    let other = ProxyGrant {
        id: id(2),
        scope: Scope::NONE.with(Results, View).with(Billing, View),
        quiet: Some(Scope::NONE),
        ..bobs(GrantState::Active)
    };
    only_from(&live, Step::Dispute, |grant| grant.dispute(STAFF, &other, later()));
    for by in [STAFF, By::System] {
        let disputed = bobs(GrantState::Active).dispute(by, &other, later()).unwrap();
        assert_eq!((disputed.state(), disputed.since()), (GrantState::Disputed, later()));
        assert_eq!(disputed.disputed, Some(Scope::NONE.with(Results, View)));
        assert_eq!(disputed.scope(), rights());
        let third = ProxyGrant { id: id(3), scope: Scope::NONE.with(Vitals, Download), ..other.clone() };
        assert_eq!(disputed.dispute(by, &third, later()).unwrap().disputed, Some(Scope::NONE));
    }
    for by in [PATIENT, PROXY] {
        failed(bobs(GrantState::Active).dispute(by, &other, later()), GrantError::NotAllowed);
    }
    let elsewhere = ProxyGrant { patient: OTHER_CHART, ..other.clone() };
    failed(bobs(GrantState::Active).dispute(STAFF, &elsewhere, later()), GrantError::NotAllowed);
    let itself = bobs(GrantState::Active);
    failed(itself.dispute(STAFF, &itself, later()), GrantError::NotAllowed);
}

#[test]
fn a_grant_is_renewed_by_whom_the_policy_says_and_for_no_longer_than_it_allows() {
    let told = ProxyGrant { told: vec![30], ..bobs(GrantState::Active) };
    let renew = |by, until| told.renew(by, until, &policy(), at(GROWN_UP));
    only_from(&[GrantState::Active], Step::Renew, |grant| {
        grant.renew(PATIENT, days_after(GROWN_UP, 200), &policy(), at(GROWN_UP))
    });
    let longest = days_after(GROWN_UP, 500);
    let renewed = renew(PATIENT, longest).unwrap();
    assert_eq!((renewed.until(), renewed.from(), renewed.told), (Some(longest), told.from(), vec![]));
    assert!(renew(PATIENT, days_after(GROWN_UP, 200)).is_ok());
    failed(renew(PATIENT, longest + Duration::microseconds(1)), GrantError::TooLong);
    failed(renew(PATIENT, at(GROWN_UP)), GrantError::TimeInverted);
    failed(renew(PATIENT, days_after(GROWN_UP, -1)), GrantError::TimeInverted);
    assert!(renew(PATIENT, at(GROWN_UP) + Duration::microseconds(1)).is_ok());
    for by in [PROXY, STAFF, By::System] {
        failed(renew(by, longest), GrantError::NotAllowed);
    }
    let of = |basis, by| {
        let grant = ProxyGrant { basis, ..bobs(GrantState::Active) };
        grant.renew(by, days_after(GROWN_UP, 10_000), &policy(), at(GROWN_UP)).map(drop)
    };
    assert_eq!(of(LegalBasis::CourtGuardian, STAFF), Ok(()));
    assert_eq!(of(LegalBasis::CourtGuardian, PATIENT), Err(GrantError::NotAllowed));
    assert_eq!(of(LegalBasis::Parent, STAFF), Err(GrantError::NotAllowed));
    assert_eq!(of(LegalBasis::HealthCareAgent, STAFF), Err(GrantError::BasisUnknown));
}

#[test]
fn time_ends_a_grant_at_its_end_and_an_invitation_at_the_invitations() {
    only_from(&NOT_FINAL, Step::Expire, |grant| grant.expire(days_after(GROWN_UP, 1000)));
    let microsecond = Duration::microseconds(1);
    let illegal = |from| GrantError::IllegalTransition { from, attempted: Step::Expire };
    for (state, days) in [(GrantState::Invited, 14), (GrantState::Active, 100), (PAUSED, 100)] {
        let (grant, end) = (bobs(state), days_after(GROWN_UP, days));
        failed(grant.expire(end - microsecond), illegal(state));
        let expired = grant.expire(end).unwrap();
        assert_eq!((expired.state(), expired.since()), (GrantState::Expired, end));
        assert_eq!(grant.expire(end + microsecond).unwrap().state(), GrantState::Expired);
    }
    let endless = ProxyGrant { until: None, ..bobs(GrantState::Active) };
    failed(endless.expire(days_after(GROWN_UP, 1000)), illegal(GrantState::Active));
}

#[test]
fn a_grant_is_ended_for_a_reason_that_its_party_can_give() {
    use RevokeReason::{CourtOrder, Delegator, OfAge, Patient, Staff};
    only_from(&NOT_FINAL, Step::Revoke, |grant| grant.revoke(STAFF, Staff, later()));
    let revoke = |by, reason| bobs(GrantState::Active).revoke(by, reason, later());
    let allowed = [
        (PATIENT, &[Patient][..]),
        (STAFF, &[Staff, CourtOrder]),
        (By::System, &[OfAge, Delegator, CourtOrder]),
        (PROXY, &[]),
    ];
    for (by, reasons) in allowed {
        for reason in RevokeReason::ALL.iter().copied() {
            match by {
                _ if reasons.contains(&reason) => went_to(revoke(by, reason), GrantState::Revoked(reason)),
                By::Proxy(_) => failed(revoke(by, reason), GrantError::NotAllowed),
                _ => failed(revoke(by, reason), GrantError::WrongReason),
            }
        }
    }
}

#[test]
fn a_patient_ends_what_rests_on_consent_and_not_what_a_court_gave() {
    for basis in LegalBasis::ALL {
        let ended = ProxyGrant { basis, ..bobs(PAUSED) }.revoke(PATIENT, RevokeReason::Patient, later());
        match basis {
            LegalBasis::PatientConsent | LegalBasis::HealthCareAgent => {
                went_to(ended, GrantState::Revoked(RevokeReason::Patient));
            }
            _ => failed(ended, GrantError::NotAllowed),
        }
    }
}

#[test]
fn a_proxy_gives_the_own_grant_back() {
    let states = NOT_FINAL.into_iter().filter(|state| *state != GrantState::Invited).collect::<Vec<_>>();
    only_from(&states, Step::Resign, |grant| grant.resign(PROXY, later()));
    let active = bobs(GrantState::Active);
    went_to(active.resign(PROXY, later()), GrantState::Revoked(RevokeReason::Resigned));
    for by in [By::Proxy(EVE), PATIENT, STAFF, By::System] {
        failed(active.resign(by, later()), GrantError::NotAllowed);
    }
    failed(ProxyGrant { proxy: None, ..active }.resign(PROXY, later()), GrantError::NotAllowed);
}

#[test]
fn death_ends_a_grant_but_the_patients_does_not_end_the_executors() {
    only_from(&NOT_FINAL, Step::EndByDeath, |grant| grant.end_by_death(Died::Patient, later()));
    only_from(&NOT_FINAL, Step::EndByDeath, |grant| grant.end_by_death(Died::Proxy, later()));
    let executor = ProxyGrant { basis: LegalBasis::Executor, ..bobs(GrantState::Active) };
    went_to(executor.end_by_death(Died::Proxy, later()), GrantState::EndedByDeath);
    let illegal = GrantError::IllegalTransition { from: GrantState::Active, attempted: Step::EndByDeath };
    failed(executor.end_by_death(Died::Patient, later()), illegal);
    went_to(bobs(GrantState::Active).end_by_death(Died::Patient, later()), GrantState::EndedByDeath);
}
