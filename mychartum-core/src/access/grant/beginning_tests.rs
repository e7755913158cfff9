//! How grants begin: what each beginning asks for, and what is refused.

use chrono::Duration;

use super::grant_cases::*;
use super::*;
use crate::access::scene::*;
use crate::access::{AgeClock, Scope, Sensitivity, SensitivitySet, Subject, Verb};
use crate::chart::Section;

type Made = Result<ProxyGrant, GrantError>;

fn invite(new: &NewGrant, now: &str) -> Made {
    ProxyGrant::invite(new, ANNA, &patient(), &policy(), at(now))
}

fn request(new: &NewGrant) -> Made {
    ProxyGrant::request(new, BOB, &patient(), &policy(), at(GROWN_UP))
}

fn assign(new: &NewGrant) -> Made {
    ProxyGrant::assign(new, BOB, NURSE, &patient(), &policy(), at(GROWN_UP))
}

fn consent() -> NewGrant {
    new_grant(LegalBasis::PatientConsent, GROWN_UP)
}

fn guardian() -> NewGrant {
    new_grant(LegalBasis::CourtGuardian, GROWN_UP)
}

#[test]
fn a_patient_invites_somebody_by_consent() {
    let grant = invite(&consent(), GROWN_UP).unwrap();
    assert_eq!((grant.id(), grant.patient(), grant.proxy()), (id(1), CHART, None));
    assert_eq!((grant.relation(), grant.basis()), (Relation::Friend, LegalBasis::PatientConsent));
    assert_eq!((grant.grantor(), grant.state()), (Grantor::Patient(ANNA), GrantState::Invited));
    assert_eq!((grant.scope(), grant.consents(), grant.quiet()), (rights(), HIV, None));
    assert_eq!((grant.from(), grant.until()), (at(GROWN_UP), Some(days_after(GROWN_UP, 100))));
    assert_eq!((grant.accept_by(), grant.since()), (Some(days_after(GROWN_UP, 14)), at(GROWN_UP)));
    assert_eq!((grant.evidence(), grant.verified_by(), grant.widening()), (Some(evidence()), &[][..], None));
    assert_eq!(grant.delegated_from(), None);
    assert_eq!(invite(&guardian(), GROWN_UP), Err(GrantError::NotAllowed));
}

#[test]
fn a_patient_gives_no_more_than_the_own_chart_lets_the_patient_do() {
    let wide = |scope| NewGrant { scope, ..consent() };
    assert_eq!(invite(&wide(Scope::ALL), GROWN_UP), Err(GrantError::ScopeTooWide));
    assert_eq!(invite(&wide(Scope::NONE), GROWN_UP), Err(GrantError::ScopeEmpty));
    let own = policy().template(template("own")).unwrap().scope;
    assert_eq!(invite(&wide(own), GROWN_UP).unwrap().scope(), own);
    let young = new_grant(LegalBasis::PatientConsent, IN_CHILDHOOD);
    assert_eq!(invite(&young, IN_CHILDHOOD), Err(GrantError::PatientTooYoung));
}

#[test]
fn no_label_on_a_grant_stands_for_a_written_consent() {
    let consents = SensitivitySet::of(&[Sensitivity::Part2]);
    assert_eq!(invite(&NewGrant { consents, ..consent() }, GROWN_UP), Err(GrantError::WrittenConsentNeeded));
    let own = policy().template(template("own")).unwrap().scope;
    let changed =
        bobs(GrantState::Active).rescope(By::Patient(ANNA), own, consents, &patient(), &policy(), at(GROWN_UP));
    assert_eq!(changed, Err(GrantError::WrittenConsentNeeded));
}

#[test]
fn a_grant_has_an_end_after_its_beginning_and_after_now_and_not_too_late() {
    let lasting = |from, until| invite(&NewGrant { from, until, ..consent() }, GROWN_UP).map(drop);
    let (now, microsecond) = (at(GROWN_UP), Duration::microseconds(1));
    let yesterday = now - Duration::days(1);
    assert_eq!(lasting(now, Some(now + microsecond)), Ok(()));
    assert_eq!(lasting(now, Some(now)), Err(GrantError::TimeInverted));
    assert_eq!(lasting(now, Some(yesterday)), Err(GrantError::TimeInverted));
    assert_eq!(lasting(yesterday, Some(now)), Err(GrantError::TimeInverted));
    assert_eq!(lasting(yesterday, Some(now + microsecond)), Ok(()));
    let tomorrow = now + Duration::days(1);
    assert_eq!(lasting(tomorrow, Some(tomorrow)), Err(GrantError::TimeInverted));
    // Five hundred days from its beginning, says the policy.
    assert_eq!(lasting(now, Some(days_after(GROWN_UP, 500))), Ok(()));
    assert_eq!(lasting(now, Some(days_after(GROWN_UP, 500) + microsecond)), Err(GrantError::TooLong));
    assert_eq!(lasting(tomorrow, Some(days_after(GROWN_UP, 501))), Ok(()));
    assert_eq!(lasting(now, None), Err(GrantError::TooLong));
    assert!(request(&NewGrant { until: None, ..guardian() }).is_ok());
}

#[test]
fn a_person_who_asks_says_nothing_of_the_patients_consent() {
    let grant = request(&guardian()).unwrap();
    assert_eq!((grant.state(), grant.proxy()), (GrantState::Requested, Some(BOB)));
    assert_eq!((grant.grantor(), grant.accept_by()), (Grantor::Request(BOB), None));
    assert_eq!(grant.consents(), SensitivitySet::NONE);
    assert_eq!(request(&consent()), Err(GrantError::NotAllowed));
    assert_eq!(request(&new_grant(LegalBasis::HealthCareAgent, GROWN_UP)), Err(GrantError::BasisUnknown));
}

#[test]
fn what_the_policy_wants_to_be_shown_is_shown() {
    let shown = |basis, evidence| request(&NewGrant { evidence, ..new_grant(basis, GROWN_UP) }).map(drop);
    let (guardian, capacity) = (LegalBasis::CourtGuardian, LegalBasis::DiminishedCapacity);
    let no_document = Some(EvidenceShown { document: None, ..evidence() });
    let nobody_attests = Some(EvidenceShown { attested_by: None, ..evidence() });
    let no_review = Some(EvidenceShown { review_by: None, ..evidence() });
    assert_eq!(shown(guardian, Some(evidence())), Ok(()));
    assert_eq!(shown(guardian, no_document), Err(GrantError::EvidenceMissing));
    assert_eq!(shown(guardian, nobody_attests), Ok(()));
    assert_eq!(shown(guardian, None), Err(GrantError::EvidenceMissing));
    assert_eq!(shown(capacity, Some(evidence())), Ok(()));
    assert_eq!(shown(capacity, no_document), Ok(()));
    assert_eq!(shown(capacity, nobody_attests), Err(GrantError::EvidenceMissing));
    assert_eq!(shown(capacity, no_review), Err(GrantError::NoReview));
    assert_eq!(shown(capacity, None), Err(GrantError::EvidenceMissing));
    // The patient's word needs no paper.
    assert_eq!(invite(&NewGrant { evidence: None, ..consent() }, GROWN_UP).unwrap().has_evidence(&policy()), Ok(()));
}

#[test]
fn staff_assign_to_others_and_a_second_one_verifies_where_the_policy_says_so() {
    let executor = new_grant(LegalBasis::Executor, GROWN_UP);
    let grant = assign(&executor).unwrap();
    assert_eq!((grant.state(), grant.proxy()), (GrantState::Invited, Some(BOB)));
    assert_eq!((grant.grantor(), grant.verified_by()), (Grantor::Staff(NURSE), &[NURSE][..]));
    assert_eq!((grant.consents(), grant.accept_by()), (SensitivitySet::NONE, Some(days_after(GROWN_UP, 14))));
    assert_eq!(assign(&guardian()).unwrap().state(), GrantState::PendingVerification);
    let to_oneself = ProxyGrant::assign(&executor, NURSE, NURSE, &patient(), &policy(), at(GROWN_UP));
    assert_eq!(to_oneself, Err(GrantError::NotAllowed));
    assert_eq!(assign(&consent()), Err(GrantError::NotAllowed));
    assert_eq!(assign(&NewGrant { evidence: None, ..executor }), Err(GrantError::EvidenceMissing));
    assert_eq!(assign(&new_grant(LegalBasis::HealthCareAgent, GROWN_UP)), Err(GrantError::BasisUnknown));
}

/// Bob's grant out of which he may delegate.
fn with_delegation() -> ProxyGrant {
    let (section, verb) = DELEGATE;
    ProxyGrant { scope: rights().with(section, verb), ..bobs(GrantState::Active) }
}

fn delegate(new: &NewGrant, from: &ProxyGrant) -> Made {
    ProxyGrant::delegate(new, BOB, from, &patient(), &policy(), at(GROWN_UP))
}

#[test]
fn a_proxy_passes_on_part_of_a_grant_that_says_so_but_not_the_right_to_pass_it_on() {
    let from = with_delegation();
    let whole = NewGrant { id: id(2), scope: from.scope(), evidence: None, ..consent() };
    let grant = delegate(&whole, &from).unwrap();
    assert_eq!((grant.state(), grant.proxy(), grant.scope()), (GrantState::Invited, None, rights()));
    assert_eq!((grant.grantor(), grant.delegated_from()), (Grantor::Delegation { by: BOB, from: id(1) }, Some(id(1))));
    // What was shown for the one counts for the other, unless something else is shown.
    assert_eq!(grant.evidence(), Some(evidence()));
    let other = Some(EvidenceShown { document: None, ..evidence() });
    assert_eq!(delegate(&NewGrant { evidence: other, ..whole }, &from).unwrap().evidence(), other);
}

#[test]
fn what_is_passed_on_is_within_what_there_is() {
    let from = with_delegation();
    let more = |scope, consents| delegate(&NewGrant { scope, consents, ..consent() }, &from).map(drop);
    assert_eq!(more(rights(), HIV), Ok(()));
    assert_eq!(more(rights(), SensitivitySet::NONE), Ok(()));
    assert_eq!(more(rights().with(Section::Billing, Verb::View), HIV), Err(GrantError::ScopeTooWide));
    assert_eq!(more(rights(), SensitivitySet::KNOWN), Err(GrantError::ScopeTooWide));
}

#[test]
fn only_the_proxy_of_an_active_grant_with_that_right_passes_it_on() {
    let refused = |from: &ProxyGrant| assert_eq!(delegate(&consent(), from), Err(GrantError::NoDelegation));
    refused(&bobs(GrantState::Active));
    refused(&ProxyGrant { proxy: Some(EVE), ..with_delegation() });
    refused(&ProxyGrant { state: GrantState::Disputed, ..with_delegation() });
    refused(&ProxyGrant { patient: OTHER_CHART, ..with_delegation() });
    refused(&ProxyGrant { basis: LegalBasis::CourtGuardian, ..with_delegation() });
    refused(&ProxyGrant { proxy: Some(EVE), state: GrantState::Disputed, ..with_delegation() });
}

#[test]
fn nobody_of_unknown_age_invites() {
    let unknown = Subject { ages: AgeClock::UNKNOWN, ..patient() };
    let made = ProxyGrant::invite(&consent(), ANNA, &unknown, &policy(), at(GROWN_UP));
    assert_eq!(made, Err(GrantError::PatientTooYoung));
}
