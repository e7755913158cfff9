//! What the decision is told of a grant: its terms.

use super::grant_cases::*;
use super::*;
use crate::access::Scope;
use crate::access::scene::*;
use crate::chart::Section;

fn terms(grant: &ProxyGrant) -> Terms {
    grant.terms(&policy(), &[], at(IN_TEENS)).unwrap()
}

#[test]
fn the_terms_say_what_the_grant_says() {
    let found = terms(&bobs(GrantState::Active));
    let expected = Terms {
        id: id(1),
        tenant: HERE,
        patient: CHART,
        proxy: BOB,
        basis: LegalBasis::PatientConsent,
        standing: GrantStanding::Live,
        scope: rights(),
        narrowed: Scope::ALL,
        consents: HIV,
        part2: crate::access::consent::Part2Reach::NONE,
        from: at(GROWN_UP),
        until: Some(days_after(GROWN_UP, 100)),
        widened: None,
        delegated_from: None,
    };
    assert_eq!(found, expected);
}

#[test]
fn before_somebody_accepted_there_are_no_terms() {
    assert_eq!(invited().terms(&policy(), &[], at(IN_TEENS)), None);
}

#[test]
fn a_grant_stands_while_it_is_active_or_in_dispute() {
    for state in ALL_STATES {
        let live = matches!(state, GrantState::Active | GrantState::Disputed);
        let standing = if live { GrantStanding::Live } else { GrantStanding::NotLive };
        assert_eq!(terms(&bobs(state)).standing, standing, "{state:?}");
    }
}

#[test]
fn a_dispute_narrows_openly_and_safety_mode_quietly() {
    let left = Scope::NONE.with(Section::Results, crate::access::Verb::View);
    let disputed = terms(&ProxyGrant { disputed: Some(left), ..bobs(GrantState::Disputed) });
    assert_eq!((disputed.scope, disputed.narrowed), (left, Scope::ALL));
    let quiet = terms(&ProxyGrant { quiet: Some(left), ..bobs(GrantState::Active) });
    assert_eq!((quiet.scope, quiet.narrowed), (rights(), left));
}

#[test]
fn a_grant_ends_with_the_day_of_its_review_if_that_is_sooner() {
    let until = |until: Option<&str>, review: Option<&str>| {
        let review_by = review.map(|day| day.parse().unwrap());
        let evidence = Some(EvidenceShown { review_by, ..evidence() });
        terms(&ProxyGrant { until: until.map(at), evidence, ..bobs(GrantState::Active) }).until
    };
    let (sooner, later) = ("2030-05-01T00:00:00Z", "2031-05-01T00:00:00Z");
    // The day of review itself is still in time.
    assert_eq!(until(Some(later), Some("2030-04-30")), Some(at(sooner)));
    assert_eq!(until(Some(sooner), Some("2031-04-30")), Some(at(sooner)));
    assert_eq!(until(None, Some("2030-04-30")), Some(at(sooner)));
    assert_eq!(until(Some(later), None), Some(at(later)));
    assert_eq!(until(None, None), None);
    let nothing_shown = ProxyGrant { evidence: None, until: None, ..bobs(GrantState::Active) };
    assert_eq!(terms(&nothing_shown).until, None);
}

#[test]
fn a_widening_counts_while_the_policy_has_its_template() {
    let widening = |name: &str| {
        let widening = Widening { band: 3, template: name.into(), until: Some(at(GROWN_UP)), by: Vec::new() };
        terms(&ProxyGrant { widening: Some(widening), ..bobs(GrantState::Active) }).widened
    };
    assert_eq!(widening("full"), widened(3, "full", Some(GROWN_UP)));
    assert_eq!(widening("gone"), None);
}

#[test]
fn a_delegated_grant_names_the_one_above_it() {
    let grantor = Grantor::Delegation { by: EVE, from: id(7) };
    let delegated = ProxyGrant { grantor, ..bobs(GrantState::Active) };
    assert_eq!((delegated.delegated_from(), terms(&delegated).delegated_from), (Some(id(7)), Some(id(7))));
}

#[test]
fn each_basis_has_a_number_a_name_and_a_source() {
    for (place, basis) in LegalBasis::ALL.into_iter().enumerate() {
        assert_eq!(usize::from(basis.number()), place);
    }
    let names = LegalBasis::ALL.map(LegalBasis::name);
    let expected = ["patient-consent", "parent", "court-guardian", "foster", "health-care-agent"];
    assert_eq!(names[..5], expected);
    assert_eq!(names[5..], ["diminished-capacity", "executor"]);
    assert_eq!(LegalBasis::PatientConsent.citation(), "45 CFR 164.508");
    assert_eq!(LegalBasis::Parent.citation(), LegalBasis::Foster.citation());
    assert!(LegalBasis::ALL.iter().all(|basis| basis.citation().starts_with("45 CFR 164.")));
}
