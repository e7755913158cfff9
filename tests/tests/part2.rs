//! Journeys: records of a programme for substance use (42 CFR Part 2), as the reference's rows P2-1 to P2-6 want them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use chrono::Duration;
use mychartum_core::access::consent::{
    ConsentEnd, ConsentError, ConsentPurpose, ConsentSigner, Covers, NewPart2Consent, Recipient,
};
use mychartum_core::access::grant::{EvidenceShown, GrantError, LegalBasis, Relation};
use mychartum_core::access::{Obligations, Scope, Sensitivity, SensitivitySet, Verb};
use mychartum_core::audit::{Action, Purpose};
use mychartum_core::chart::{Item, Observation, Section};
use mychartum_core::kernel::id::{AccountId, AttachmentId, ConsentId, ItemId};
use mychartum_core::kernel::text::Label;
use mychartum_core::port::Clock;
use mychartum_core::portal::{Application, NoticeMissing, Offer, Page, ProxyError, Session};
use mychartum_testkit::world::Role;

mod shared_household;

use shared_household::{House, STAFF};

const RESULTS: Section = Section::Results;

/// A grandmother whose daughter sees her results, of which one is a record of a programme.
struct Case {
    house: House,
    grandmother: Session,
    daughter: Session,
    record: ItemId,
}

impl Case {
    async fn new() -> Self {
        let house = House::build().await;
        let (grandmother, daughter) = (house.session(Role::Grandmother).await, house.session(Role::Daughter).await);
        let chart = house.chart(Role::Grandmother).await;
        let scope = Scope::of(RESULTS.into(), &[Verb::View, Verb::Download]);
        let until = house.clock.now() + Duration::days(365);
        let psychotherapy = SensitivitySet::of(&[Sensitivity::PsychotherapyNote]);
        let offer = Offer { relation: Relation::Child, scope, consents: psychotherapy, until };
        let (_, token) = grandmother.invite(chart, &offer).await.unwrap();
        daughter.accept(&token, house.person(Role::Grandmother).birth_date).await.unwrap();
        let all = house.open(Role::Grandmother).await.results(Page::ALL).await.unwrap().items;
        let case = Self { house, grandmother, daughter, record: all[2].id };
        case.label(&[Sensitivity::Part2]).await;
        case
    }

    async fn label(&self, labels: &[Sensitivity]) {
        let chart = self.house.chart(Role::Grandmother).await;
        let labels = SensitivitySet::of(labels);
        self.house.portal.label(STAFF, chart, (RESULTS, self.record), labels).await.unwrap();
    }

    fn new_consent(&self, covers: Covers) -> NewPart2Consent {
        NewPart2Consent {
            covers,
            recipient: Recipient::Account(self.daughter.account()),
            purpose: ConsentPurpose::AtThePatientsRequest,
            end: ConsentEnd::At(self.house.clock.now() + Duration::days(30)),
            text: Label::parse("form-1").unwrap(),
        }
    }

    async fn sign(&self, covers: Covers) -> ConsentId {
        let chart = self.house.chart(Role::Grandmother).await;
        self.grandmother.sign_part2(chart, self.new_consent(covers)).await.unwrap()
    }

    async fn daughters_view(&self) -> Option<Item<Observation>> {
        let disclosure = self.house.open_for(Role::Daughter, Role::Grandmother, RESULTS).await;
        disclosure.result(self.record).await.unwrap()
    }
}

#[tokio::test]
async fn p2_6_the_patient_needs_no_consent_and_a_proxy_does() {
    let case = Case::new().await;
    let own = case.house.open(Role::Grandmother).await;
    let hers = own.result(case.record).await.unwrap().unwrap();
    assert!(own.accompaniment(&hers).await.unwrap().is_none());
    assert!(own.original(RESULTS, case.record).await.unwrap().unwrap().1.as_bytes().is_ok());
    assert!(case.daughters_view().await.is_none());
    let disclosure = case.house.open_for(Role::Daughter, Role::Grandmother, RESULTS).await;
    assert!(disclosure.original(RESULTS, case.record).await.unwrap().is_none());
    // A label on a grant is no written consent, and is not taken for one.
    let chart = case.house.chart(Role::Grandmother).await;
    let grant = case.grandmother.grants(chart).await.unwrap()[0].clone();
    let label = SensitivitySet::of(&[Sensitivity::Part2]);
    let refused = case.grandmother.rescope(chart, grant.id(), grant.scope(), label).await.unwrap_err();
    assert_eq!(refused, ProxyError::Refused(GrantError::WrittenConsentNeeded));
}

#[tokio::test]
async fn p2_1_a_consent_opens_what_it_covers_until_it_ends_or_is_revoked() {
    let case = Case::new().await;
    let chart = case.house.chart(Role::Grandmother).await;
    case.sign(Covers::Records(Section::Medications.into())).await;
    assert!(case.daughters_view().await.is_none(), "other sections are covered, this one is not");
    let id = case.sign(Covers::Records(RESULTS.into())).await;
    assert!(case.daughters_view().await.is_some());

    // Revoked: closed at the next question. What could be seen before is still told as it was.
    let while_open = case.house.clock.now();
    case.house.clock.advance(Duration::hours(1));
    let grandmother = case.house.session(Role::Grandmother).await;
    grandmother.revoke_part2(chart, id).await.unwrap();
    assert_eq!(grandmother.revoke_part2(chart, id).await.unwrap_err(), ProxyError::Consent(ConsentError::Revoked));
    assert!(case.daughters_view().await.is_none());
    let all = grandmother.part2_consents(chart).await.unwrap();
    let revoked = all.iter().find(|consent| consent.id() == id).unwrap();
    assert!(revoked.in_force(while_open) && !revoked.in_force(case.house.clock.now()));
    assert_eq!(revoked.signer(), ConsentSigner::Patient);

    // A new one ends by itself.
    let again = Case { grandmother, ..case };
    again.sign(Covers::Records(RESULTS.into())).await;
    assert!(again.daughters_view().await.is_some());
    again.house.clock.advance(Duration::days(30));
    assert!(again.daughters_view().await.is_none());

    // The trail has it all, with the account that it was for.
    let log = again.house.open(Role::Grandmother).await.access_log(None, 200).await.unwrap();
    let of = |action| log.iter().filter(|entry| entry.facts().action == action).collect::<Vec<_>>();
    assert_eq!((of(Action::ConsentSigned).len(), of(Action::ConsentRevoked).len()), (3, 1));
    let daughter = again.daughter.account();
    assert!(of(Action::ConsentSigned).iter().all(|entry| entry.facts().account == Some(daughter)));
    again.house.portal.verify_trail(chart).await.unwrap();
}

#[tokio::test]
async fn p2_2_what_is_disclosed_by_consent_does_not_go_without_its_notice() {
    let case = Case::new().await;
    let id = case.sign(Covers::Records(RESULTS.into())).await;
    let seen = case.daughters_view().await.unwrap();
    assert!(seen.obligations.has(Obligations::PART2_NOTICE));
    let disclosure = case.house.open_for(Role::Daughter, Role::Grandmother, RESULTS).await;
    let explained = disclosure.accompaniment(&seen).await.unwrap().unwrap();
    assert_eq!((explained.consent, explained.covers), (id, Covers::Records(RESULTS.into())));
    assert_eq!(explained.notice(), "42 CFR part 2 prohibits unauthorized use or disclosure of these records.");
    let (_, original) = disclosure.original(RESULTS, case.record).await.unwrap().unwrap();
    assert_eq!(original.as_bytes(), Err(NoticeMissing));
    assert_eq!(original.clone().into_bytes(), Err(NoticeMissing));
    let (bytes, with) = original.with_accompaniment();
    assert!(!bytes.is_empty());
    assert_eq!(with, Some(explained));
    // Other results go alone.
    let plain = disclosure.results(Page::ALL).await.unwrap().items;
    let plain = plain.iter().find(|item| item.id != case.record).unwrap();
    assert_eq!((plain.obligations, disclosure.accompaniment(plain).await.unwrap()), (Obligations::NONE, None));
    assert!(disclosure.original(RESULTS, plain.id).await.unwrap().unwrap().1.as_bytes().is_ok());
}

#[tokio::test]
async fn p2_3_counselling_notes_take_a_consent_of_their_own() {
    let case = Case::new().await;
    case.label(&[Sensitivity::Part2, Sensitivity::PsychotherapyNote]).await;
    case.sign(Covers::Records(RESULTS.into())).await;
    assert!(case.daughters_view().await.is_none());
    let id = case.sign(Covers::CounsellingNotes(RESULTS.into())).await;
    let note = case.daughters_view().await.unwrap();
    let disclosure = case.house.open_for(Role::Daughter, Role::Grandmother, RESULTS).await;
    assert_eq!(disclosure.accompaniment(&note).await.unwrap().unwrap().consent, id);
}

#[tokio::test]
async fn p2_4_in_proceedings_a_consent_opens_nothing() {
    let case = Case::new().await;
    case.sign(Covers::Records(RESULTS.into())).await;
    let chart = case.house.chart(Role::Grandmother).await;
    let sees = async |session: &Session| {
        let permit = session.ask(chart, RESULTS, Purpose::Proceedings).await.unwrap();
        case.house.portal.disclose(permit).unwrap().result(case.record).await.unwrap().is_some()
    };
    assert!(!sees(&case.daughter).await);
    assert!(sees(&case.grandmother).await);
}

#[tokio::test]
async fn only_the_patient_and_who_stands_for_the_patient_by_law_sign_and_with_a_fresh_sign_in() {
    let case = Case::new().await;
    let chart = case.house.chart(Role::Grandmother).await;
    let new = || case.new_consent(Covers::Records(RESULTS.into()));
    // The recipient cannot sign for herself, nor can a stranger.
    assert_eq!(case.daughter.sign_part2(chart, new()).await.unwrap_err(), ProxyError::NotFound);
    assert_eq!(case.daughter.part2_consents(chart).await.unwrap_err(), ProxyError::NotFound);
    let stranger = case.house.session(Role::Teenager).await;
    assert_eq!(stranger.sign_part2(chart, new()).await.unwrap_err(), ProxyError::NotFound);
    let missing = NewPart2Consent { end: ConsentEnd::WhenRevoked, ..new() };
    let refused = case.grandmother.sign_part2(chart, missing).await.unwrap_err();
    assert_eq!(refused, ProxyError::Consent(ConsentError::NoEnd));
    let id = case.sign(Covers::Records(RESULTS.into())).await;
    assert_eq!(case.daughter.revoke_part2(chart, id).await.unwrap_err(), ProxyError::NotFound);
    case.house.clock.advance(Duration::minutes(6));
    assert_eq!(case.grandmother.sign_part2(chart, new()).await.unwrap_err(), ProxyError::StepUp);
    // Revoking is done at once, however old the sign-in.
    case.grandmother.revoke_part2(chart, id).await.unwrap();
    // The toddler decides about nothing yet.
    let hers = case.house.chart(Role::Toddler).await;
    let toddler = case.house.session(Role::Toddler).await;
    let refused = toddler.sign_part2(hers, new()).await.unwrap_err();
    assert_eq!(refused, ProxyError::Refused(GrantError::PatientTooYoung));
}

#[tokio::test]
async fn a_guardian_by_court_signs_for_the_patient() {
    let case = Case::new().await;
    let chart = case.house.chart(Role::Grandmother).await;
    let guardian = case.house.session(Role::Teenager).await;
    let document = Some(AttachmentId::from_bytes([0xd0; 16]));
    let application = Application {
        relation: Relation::Guardian,
        basis: LegalBasis::CourtGuardian,
        scope: Scope::of(RESULTS.into(), &[Verb::View]),
        until: None,
        evidence: Some(EvidenceShown { document, attested_by: None, review_by: None }),
    };
    let id = guardian.request(chart, &application).await.unwrap();
    case.house.portal.take_up(STAFF, chart, id).await.unwrap();
    for staff in [STAFF, AccountId::from_bytes([0x58; 16])] {
        case.house.portal.verify(staff, chart, id).await.unwrap();
    }
    let new = NewPart2Consent {
        recipient: Recipient::Account(guardian.account()),
        ..case.new_consent(Covers::Records(RESULTS.into()))
    };
    let sees = async || {
        let permit = guardian.ask(chart, RESULTS, Purpose::Care).await.unwrap();
        case.house.portal.disclose(permit).unwrap().result(case.record).await.unwrap().is_some()
    };
    assert!(!sees().await);
    guardian.sign_part2(chart, new).await.unwrap();
    assert!(sees().await);
    let signed = guardian.part2_consents(chart).await.unwrap();
    assert!(matches!(signed[0].signer(), ConsentSigner::Representative(_, LegalBasis::CourtGuardian)));
}
