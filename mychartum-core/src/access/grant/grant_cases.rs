//! Grants to begin with, for the tests of this folder.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::*;
use crate::access::scene::*;
use crate::access::{Scope, Sensitivity, SensitivitySet, Verb};
use crate::chart::Section;
use crate::kernel::id::{AttachmentId, GrantId};

pub(super) const HIV: SensitivitySet = SensitivitySet::NONE.with(Sensitivity::Hiv);

pub(super) const ALL_STATES: [GrantState; 13] = [
    GrantState::Requested,
    GrantState::Invited,
    GrantState::PendingVerification,
    GrantState::PendingAssent,
    GrantState::Active,
    GrantState::Suspended(SuspendReason::PatientPaused),
    GrantState::Suspended(SuspendReason::Safety),
    GrantState::Disputed,
    GrantState::Expired,
    GrantState::Revoked(RevokeReason::Patient),
    GrantState::Declined(DeclineReason::NotAble),
    GrantState::Denied(DenyReason::Conflict),
    GrantState::EndedByDeath,
];

pub(super) fn id(number: u8) -> GrantId {
    GrantId::from_bytes([number; 16])
}

pub(super) fn rights() -> Scope {
    Scope::NONE.with(Section::Results, Verb::View).with(Section::Vitals, Verb::Download)
}

pub(super) fn days_after(now: &str, days: i64) -> DateTime<Utc> {
    at(now) + Duration::days(days)
}

/// Everything that may be shown; the day of review is in 2040.
pub(super) fn evidence() -> EvidenceShown {
    EvidenceShown {
        document: Some(AttachmentId::from_bytes([8; 16])),
        attested_by: Some(NURSE),
        review_by: NaiveDate::from_ymd_opt(2040, 6, 30),
    }
}

/// A grant that is to begin today and to last a hundred days.
pub(super) fn new_grant(basis: LegalBasis, now: &str) -> NewGrant {
    NewGrant {
        id: id(1),
        relation: Relation::Friend,
        basis,
        scope: rights(),
        consents: HIV,
        from: at(now),
        until: Some(days_after(now, 100)),
        evidence: Some(evidence()),
    }
}

/// What Anna, who is grown up, invited somebody to.
pub(super) fn invited() -> ProxyGrant {
    let new = new_grant(LegalBasis::PatientConsent, GROWN_UP);
    ProxyGrant::invite(&new, ANNA, &patient(), &policy(), at(GROWN_UP)).unwrap()
}

/// The same, in any state, with Bob as the proxy.
pub(super) fn bobs(state: GrantState) -> ProxyGrant {
    ProxyGrant { state, proxy: Some(BOB), ..invited() }
}

/// What Bob asked for.
pub(super) fn requested(basis: LegalBasis, now: &str) -> ProxyGrant {
    ProxyGrant::request(&new_grant(basis, now), BOB, &patient(), &policy(), at(now)).unwrap()
}

/// Expects that a step is possible from some states and from no other.
#[track_caller]
pub(super) fn only_from(
    states: &[GrantState],
    step: Step,
    take: impl Fn(&ProxyGrant) -> Result<ProxyGrant, GrantError>,
) {
    for state in ALL_STATES {
        let taken = take(&bobs(state)).map(drop);
        let illegal = Err(GrantError::IllegalTransition { from: state, attempted: step });
        assert_eq!(taken == illegal, !states.contains(&state), "{step} from {state:?}: {taken:?}");
    }
}
