//! Journey: what a patient and her proxies propose to change in her profile, and what the clinic makes of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use chrono::Duration;
use mychartum_adapters::keys::SecretKeyring;
use mychartum_core::access::grant::Relation;
use mychartum_core::access::pack::{EXAMPLE_PACK, PolicyPack};
use mychartum_core::access::{Scope, SensitivitySet, Verb};
use mychartum_core::account::profile::{
    Few, LegalName, Line, Origin, PostalAddress, ProfileChange, ProfileField, ProfilePart, Proposal, ProposalError,
    ProposalState, ProposalStateKind, RejectReason,
};
use mychartum_core::account::{NewAccount, Password, Username};
use mychartum_core::audit::{Action, Actor, Entry, Outcome, Purpose};
use mychartum_core::chart::{
    Contact, Patient, PersonName, Section, SectionSet, SourceId, SourceRef, SourceVersion, View,
};
use mychartum_core::kernel::id::{AccountId, GrantId, PatientId, ProposalId};
use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{EmailAddress, PhoneNumber};
use mychartum_core::port::storage::{Collection, Partition, Scan};
use mychartum_core::port::{Clock, Storage};
use mychartum_core::portal::{HideFrom, Offer, Portal, ProfileDecision, ProfileError, Session};
use mychartum_core::sync::{Parcel, Place, Reading};
use mychartum_core::vault::SecretKey;
use mychartum_storage::MemoryStorage;
use mychartum_testkit::{ManualClock, SeededEntropy};

const STAFF: AccountId = AccountId::from_bytes([0x57; 16]);
const PASSWORD: &str = "fifteen letters, at least";
const BORN: &str = "1948-05-04";

struct Clinic {
    portal: Portal,
    storage: MemoryStorage,
    clock: ManualClock,
    maria: PatientId,
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

/// What the clinic's own system says of Maria.
fn record(address: &str) -> Patient {
    let name = PersonName { given: vec![label("Maria")], family: Some(label("Moreno")), ..PersonName::default() };
    let phone = Contact { channel: Some(label("phone")), usage: None, value: label("(617) 555-0134") };
    Patient {
        names: vec![name],
        birth_date: BORN.parse().ok(),
        contacts: vec![phone],
        addresses: vec![label(address)],
        ..Patient::default()
    }
}

impl Clinic {
    async fn open() -> Self {
        let (storage, clock) = (MemoryStorage::new(), ManualClock::default());
        // The shipped packs let nobody but the patient manage; this clinic lets a patient allow it.
        let consented = "[template.consented]\nall = [\"view\", \"download\", \"share\", \"message\", \"schedule\", \"request\", \"pay\"";
        let managed = format!("{consented}, \"manage\"");
        assert!(EXAMPLE_PACK.contains(consented));
        let portal = Portal::builder()
            .storage(storage.clone())
            .keys(SecretKeyring::new(SecretKey::from_bytes([7; 32])))
            .clock(clock.clone())
            .policy(PolicyPack::parse(&EXAMPLE_PACK.replace(consented, &managed)).unwrap())
            .entropy(SeededEntropy::new(3))
            .open()
            .await
            .unwrap();
        let clinic = Self { portal, storage, clock, maria: PatientId::from_bytes([0; 16]) };
        let maria = clinic.deliver("1", "12 Elm St, Springfield").await;
        for (name, own) in [("maria", Some(maria)), ("daughter", None), ("neighbour", None)] {
            let username = Username::parse(name).unwrap();
            let account = NewAccount { username, password: Password::new(PASSWORD).unwrap(), own };
            clinic.portal.open_account(account).await.unwrap();
        }
        Self { maria, ..clinic }
    }

    /// The clinic's system sends a version of its record.
    async fn deliver(&self, version: &str, address: &str) -> PatientId {
        let identity = SourceRef { kind: label("Patient"), id: label("maria") };
        let reading = Reading::Item {
            subject: identity.clone(),
            identity,
            version: SourceVersion { id: Some(label(version)), last_updated: None, ..Default::default() },
            view: View::Patient(Box::new(record(address))),
            mapping: 1,
            labels: SensitivitySet::NONE,
        };
        let place = Place { document: 0, entry: None };
        let original = format!("{version} {address}").into_bytes();
        let mut intake = self.portal.intake(SourceId::parse("riverside").unwrap()).unwrap();
        intake.offer(vec![Parcel { place, resource: "Patient".into(), reading, original }]).await.unwrap();
        let report = intake.finish();
        assert_eq!((report.stored, report.set_aside.len()), (1, 0));
        report.patients[0]
    }

    async fn session(&self, name: &str) -> Session {
        let password = Password::entered(PASSWORD).unwrap();
        let token = self.portal.sign_in(&Username::parse(name).unwrap(), &password).await.unwrap();
        self.portal.resume(&token).await.unwrap()
    }

    /// Maria lets somebody do this with her demographics.
    async fn allow(&self, name: &str, verbs: &[Verb]) -> GrantId {
        let scope = Scope::of(SectionSet::of(&[Section::Demographics]), verbs);
        let until = self.clock.now() + Duration::days(300);
        let offer = Offer { relation: Relation::Child, scope, consents: SensitivitySet::NONE, until };
        let (id, token) = self.session("maria").await.invite(self.maria, &offer).await.unwrap();
        self.session(name).await.accept(&token, BORN.parse().unwrap()).await.unwrap();
        id
    }

    async fn trail(&self) -> Vec<Entry> {
        let session = self.session("maria").await;
        let permit = session.ask(self.maria, Section::AccessLog, Purpose::Care).await.unwrap();
        self.portal.disclose(permit).unwrap().access_log(None, 500).await.unwrap()
    }

    /// How many notices are planned for an account.
    async fn planned(&self, account: AccountId) -> usize {
        let due = Scan::new(Partition::account(account), Collection::new(0x8001), 100);
        self.storage.scan(&due).await.unwrap().len()
    }
}

fn address(text: &str) -> ProfileChange {
    let lines = Few::new(vec![Line::parse(text).unwrap()]).unwrap();
    let address = PostalAddress { lines, city: None, region: None, postal_code: None, country: None };
    ProfileChange::Set(ProfileField::Address(address))
}

fn name_to_use(text: &str) -> ProfileChange {
    ProfileChange::Set(ProfileField::NameToUse(Line::parse(text).unwrap()))
}

fn legal_name(family: &str) -> ProfileChange {
    let name = LegalName::new(Line::parse("Maria").ok(), Line::parse(family).ok(), None).unwrap();
    ProfileChange::Set(ProfileField::LegalName(name))
}

fn shown(field: Option<&ProfileField>) -> String {
    match field {
        Some(ProfileField::Address(address)) => address.shown(),
        Some(ProfileField::NameToUse(name)) => name.as_str().to_owned(),
        Some(ProfileField::LegalName(name)) => name.family().unwrap_or("").to_owned(),
        Some(ProfileField::BirthDate(date)) => date.as_str().to_owned(),
        Some(_) => "something else".to_owned(),
        None => String::new(),
    }
}

fn refused(error: ProposalError) -> ProfileError {
    ProfileError::Refused(error)
}

fn illegal(outcome: Result<impl Sized, ProfileError>) -> ProposalStateKind {
    match outcome {
        Err(ProfileError::Refused(ProposalError::Illegal(illegal))) => illegal.from,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was possible"),
    }
}

#[tokio::test]
async fn some_apply_themselves_one_field_is_accepted_and_another_is_not() {
    let clinic = Clinic::open().await;
    let (maria, patient, portal) = (clinic.session("maria").await, clinic.maria, &clinic.portal);
    let before = maria.profile(patient).await.unwrap();
    assert_eq!(shown(before.profile.value(ProfilePart::Address)), "12 Elm St, Springfield");
    assert!(before.open.is_empty() && before.closed.is_empty() && before.sources.len() == 1);

    let changes = [name_to_use("Mari"), address("9 Oak Ave, Springfield"), legal_name("Lopez")];
    let made = maria.propose(patient, &changes).await.unwrap();
    let kinds: Vec<_> = made.iter().map(|one| one.state.kind()).collect();
    use ProposalStateKind::{Applied, Proposed};
    assert_eq!(kinds, [Applied, Proposed, Proposed]);
    let view = maria.profile(patient).await.unwrap();
    assert_eq!(shown(view.profile.value(ProfilePart::NameToUse)), "Mari");
    assert_eq!(view.profile.held(ProfilePart::NameToUse).unwrap().origin, Origin::Applied);
    assert_eq!(shown(view.profile.value(ProfilePart::Address)), "12 Elm St, Springfield");
    assert_eq!((view.open.len(), view.closed.len()), (2, 1));

    // The same again is the same, and adds nothing to the queue.
    let again = maria.propose(patient, &changes[1..]).await.unwrap();
    assert!(again[0].id == made[1].id && again[1].id == made[2].id);
    let queue = portal.profile_queue().await.unwrap();
    assert_eq!(queue.iter().map(|one| one.part).collect::<Vec<_>>(), [ProfilePart::Address, ProfilePart::LegalName]);
    assert!(queue.iter().all(|one| one.patient == patient && one.by.account == maria.account()));

    let cases = portal.profile_cases(STAFF, patient).await.unwrap();
    assert!(cases.iter().all(|case| !case.is_conflict && case.is_backed));
    let values = |at: usize| {
        let case = &cases[at];
        [&case.proposal.old, &case.now, &case.proposal.new].map(|field| shown(field.as_ref()))
    };
    assert_eq!(values(0), ["12 Elm St, Springfield", "12 Elm St, Springfield", "9 Oak Ave, Springfield"]);
    assert_eq!(values(1), ["Moreno", "Moreno", "Lopez"]);

    let told = clinic.planned(maria.account()).await;
    let state = portal.decide_profile(STAFF, patient, made[1].id, ProfileDecision::Accept).await.unwrap();
    assert_eq!(state, ProposalState::Accepted { by: STAFF });
    let reject = ProfileDecision::Reject(RejectReason::NeedsDocument);
    let state = portal.decide_profile(STAFF, patient, made[2].id, reject).await.unwrap();
    assert_eq!(state, ProposalState::Rejected { by: STAFF, reason: RejectReason::NeedsDocument });
    assert_eq!(clinic.planned(maria.account()).await, told + 2);
    assert!(portal.profile_queue().await.unwrap().is_empty());

    let view = maria.profile(patient).await.unwrap();
    assert_eq!(shown(view.profile.value(ProfilePart::Address)), "9 Oak Ave, Springfield");
    assert_eq!(view.profile.held(ProfilePart::Address).unwrap().origin, Origin::Accepted);
    assert_eq!(shown(view.profile.value(ProfilePart::LegalName)), "Moreno");
    assert_eq!((view.open.len(), view.closed.len()), (0, 3));

    // What was decided stays decided, and a second try is told of in the trail.
    assert_eq!(
        illegal(portal.decide_profile(STAFF, patient, made[2].id, ProfileDecision::Accept).await),
        ProposalStateKind::Rejected
    );
    assert_eq!(illegal(maria.withdraw_proposal(patient, made[1].id).await), ProposalStateKind::Accepted);
    let nobody = portal.decide_profile(STAFF, patient, ProposalId::from_bytes([9; 16]), ProfileDecision::Accept).await;
    assert_eq!(nobody.unwrap_err(), ProfileError::NotFound);
    let trail = clinic.trail().await;
    let of = |actor, outcome| {
        let is = |entry: &&Entry| {
            let facts = entry.facts();
            facts.action == Action::Profile && facts.actor == Actor::Account(actor) && facts.outcome == outcome
        };
        trail.iter().filter(is).count()
    };
    assert_eq!(of(maria.account(), Outcome::Permitted), 1, "the proposals are one change");
    assert_eq!(of(maria.account(), Outcome::Refused), 1);
    assert_eq!([of(STAFF, Outcome::Permitted), of(STAFF, Outcome::Refused)], [2, 1]);
    let looked =
        |entry: &&Entry| entry.facts().action == Action::Disclose && entry.facts().actor == Actor::Account(STAFF);
    assert_eq!(trail.iter().filter(looked).count(), 1, "the patient is told which member of staff looked");
    portal.verify_trail(patient).await.unwrap();
}

#[tokio::test]
async fn an_accepted_date_of_birth_opens_nothing_before_the_clinics_system_says_it() {
    let clinic = Clinic::open().await;
    let (maria, patient) = (clinic.session("maria").await, clinic.maria);
    let born = ProfileChange::Set(ProfileField::BirthDate("1948-05-05".parse().unwrap()));
    let made = maria.propose(patient, &[born]).await.unwrap();
    clinic.portal.decide_profile(STAFF, patient, made[0].id, ProfileDecision::Accept).await.unwrap();
    let view = maria.profile(patient).await.unwrap();
    assert_eq!(shown(view.profile.value(ProfilePart::BirthDate)), BORN);
    assert_eq!(view.closed[0].state, ProposalState::Accepted { by: STAFF });
    // Whoever is to prove the date of birth still proves the clinic's.
    clinic.allow("daughter", &[Verb::View]).await;
}

#[tokio::test]
async fn what_the_clinic_changed_in_between_is_a_conflict_and_its_later_word_holds() {
    let clinic = Clinic::open().await;
    let (maria, patient, portal) = (clinic.session("maria").await, clinic.maria, &clinic.portal);
    let made = maria.propose(patient, &[address("9 Oak Ave")]).await.unwrap();
    clinic.clock.advance(Duration::minutes(1));
    clinic.deliver("2", "77 Pine Rd").await;
    let case = &portal.profile_cases(STAFF, patient).await.unwrap()[0];
    assert!(case.is_conflict);
    let three = [&case.proposal.old, &case.now, &case.proposal.new].map(|field| shown(field.as_ref()));
    assert_eq!(three, ["12 Elm St, Springfield", "77 Pine Rd", "9 Oak Ave"]);
    let blind = portal.decide_profile(STAFF, patient, made[0].id, ProfileDecision::Accept).await.unwrap_err();
    assert_eq!(blind, refused(ProposalError::Conflict(ProfilePart::Address)));
    portal.decide_profile(STAFF, patient, made[0].id, ProfileDecision::AcceptDespiteConflict).await.unwrap();
    let holds = async || shown(maria.profile(patient).await.unwrap().profile.value(ProfilePart::Address));
    assert_eq!(holds().await, "9 Oak Ave");
    // The clinic's system takes it over, and then sends a newer one: she has not to be asked.
    clinic.deliver("3", "9 OAK AVE").await;
    assert_eq!(holds().await, "9 Oak Ave");
    clinic.deliver("4", "1 Harbour Sq").await;
    assert_eq!(holds().await, "1 Harbour Sq");
}

#[tokio::test]
async fn a_newer_one_supersedes_and_one_is_taken_back() {
    let clinic = Clinic::open().await;
    let (maria, patient, portal) = (clinic.session("maria").await, clinic.maria, &clinic.portal);
    let first = maria.propose(patient, &[address("9 Oak Ave")]).await.unwrap().remove(0);
    let second = maria.propose(patient, &[address("10 Oak Ave")]).await.unwrap().remove(0);
    assert_eq!(portal.profile_queue().await.unwrap().iter().map(|one| one.proposal).collect::<Vec<_>>(), [second.id]);
    assert_eq!(
        illegal(portal.decide_profile(STAFF, patient, first.id, ProfileDecision::Accept).await),
        ProposalStateKind::Superseded
    );
    let stranger = clinic.session("neighbour").await;
    assert_eq!(stranger.withdraw_proposal(patient, second.id).await.unwrap_err(), ProfileError::NotFound);
    let back = maria.withdraw_proposal(patient, second.id).await.unwrap();
    assert_eq!(back.state, ProposalState::Withdrawn { by: maria.account() });
    assert!(portal.profile_queue().await.unwrap().is_empty());
    assert_eq!(illegal(maria.withdraw_proposal(patient, second.id).await), ProposalStateKind::Withdrawn);
    assert_eq!(
        shown(maria.profile(patient).await.unwrap().profile.value(ProfilePart::Address)),
        "12 Elm St, Springfield"
    );
}

#[tokio::test]
async fn a_proxy_proposes_who_manages_and_nobody_who_only_looks() {
    let clinic = Clinic::open().await;
    let (maria, patient, portal) = (clinic.session("maria").await, clinic.maria, &clinic.portal);
    clinic.allow("neighbour", &[Verb::View]).await;
    let grant = clinic.allow("daughter", &[Verb::View, Verb::Manage]).await;
    let (neighbour, daughter) = (clinic.session("neighbour").await, clinic.session("daughter").await);

    // Looking is allowed, and it is no editing; from outside it is as if there were no chart.
    assert!(neighbour.ask(patient, Section::Demographics, Purpose::Care).await.is_ok());
    let nowhere = PatientId::from_bytes([0xee; 16]);
    for chart in [patient, nowhere] {
        assert_eq!(neighbour.profile(chart).await.unwrap_err(), ProfileError::NotFound);
        assert_eq!(neighbour.propose(chart, &[name_to_use("Mari")]).await.unwrap_err(), ProfileError::NotFound);
    }
    let refusals = |entry: &&Entry| {
        entry.facts().action == Action::Refuse && entry.facts().actor == Actor::Account(neighbour.account())
    };
    assert_eq!(clinic.trail().await.iter().filter(refusals).count(), 2, "the patient is told of both tries");

    // What the patient has open is the patient's affair; what the proxy has, is seen by both.
    let own = maria.propose(patient, &[legal_name("Lopez")]).await.unwrap().remove(0);
    let made = daughter.propose(patient, &[address("9 Oak Ave")]).await.unwrap().remove(0);
    assert_eq!((made.by.account, made.by.grant), (daughter.account(), Some(grant)));
    let ids = |open: &[Proposal]| open.iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(ids(&daughter.profile(patient).await.unwrap().open), [made.id]);
    assert_eq!(ids(&maria.profile(patient).await.unwrap().open), [own.id, made.id]);
    assert_eq!(daughter.withdraw_proposal(patient, own.id).await.unwrap_err(), ProfileError::NotFound);
    let trail = clinic.trail().await;
    let wrote = trail.iter().find(|entry| {
        entry.facts().action == Action::Profile && entry.facts().actor == Actor::Account(daughter.account())
    });
    let facts = wrote.unwrap().facts();
    assert_eq!((facts.subject, facts.grant.map(|row| row.to_bytes())), (Some(patient), Some(grant.to_bytes())));
    assert!(facts.session.is_some());

    // Two people, one part: both stand, and the one that is decided second is a conflict.
    let hers = maria.propose(patient, &[address("10 Oak Ave")]).await.unwrap().remove(0);
    portal.decide_profile(STAFF, patient, hers.id, ProfileDecision::Accept).await.unwrap();
    let late = portal.decide_profile(STAFF, patient, made.id, ProfileDecision::Accept).await.unwrap_err();
    assert_eq!(late, refused(ProposalError::Conflict(ProfilePart::Address)));

    // Shown out: nothing more is seen or taken back, staff are told, and no news goes out any more.
    maria.revoke(patient, grant).await.unwrap();
    assert_eq!(daughter.profile(patient).await.unwrap_err(), ProfileError::NotFound);
    assert_eq!(daughter.withdraw_proposal(patient, made.id).await.unwrap_err(), ProfileError::NotFound);
    let cases = portal.profile_cases(STAFF, patient).await.unwrap();
    let case = cases.iter().find(|case| case.proposal.id == made.id).unwrap();
    assert!(!case.is_backed && case.is_conflict);
    // Whoever proposed it does not decide it, be they staff as well.
    let own_word =
        portal.decide_profile(daughter.account(), patient, made.id, ProfileDecision::Reject(RejectReason::Outdated));
    assert_eq!(own_word.await.unwrap_err(), refused(ProposalError::OwnProposal));
    portal.verify_trail(patient).await.unwrap();
}

#[tokio::test]
async fn what_is_hidden_from_a_proxy_is_not_told_by_the_profile_either() {
    let clinic = Clinic::open().await;
    let (maria, patient) = (clinic.session("maria").await, clinic.maria);
    let grant = clinic.allow("daughter", &[Verb::View, Verb::Manage]).await;
    maria.propose(patient, &[name_to_use("Mari")]).await.unwrap();
    let daughter = clinic.session("daughter").await;
    let before = daughter.profile(patient).await.unwrap();
    assert_eq!(shown(before.profile.value(ProfilePart::NameToUse)), "Mari");
    let record = before.sources[0].id;
    maria.hide(patient, Section::Demographics, record, HideFrom::Grant(grant)).await.unwrap();
    let after = daughter.profile(patient).await.unwrap();
    assert!(after.sources.is_empty() && after.profile.all().is_empty());
    // A guess is not confirmed by being nothing new.
    let guess = daughter.propose(patient, &[address("12 Elm St, Springfield")]).await.unwrap().remove(0);
    assert!(guess.state.is_open() && guess.old.is_none());
    // And what would apply itself waits for somebody who sees all.
    let blind = daughter.propose(patient, &[name_to_use("Molly")]).await.unwrap().remove(0);
    assert!(blind.state.is_open());
    assert_eq!(shown(maria.profile(patient).await.unwrap().profile.value(ProfilePart::NameToUse)), "Mari");
}

#[tokio::test]
async fn in_safety_mode_a_proxy_is_told_nothing_and_changes_nothing_by_themselves() {
    let clinic = Clinic::open().await;
    let (maria, patient) = (clinic.session("maria").await, clinic.maria);
    let grant = clinic.allow("daughter", &[Verb::View, Verb::Manage]).await;
    let daughter = clinic.session("daughter").await;
    let made = daughter.propose(patient, &[name_to_use("Mari")]).await.unwrap().remove(0);
    assert_eq!(made.state.kind(), ProposalStateKind::Applied);
    let looks = Scope::of(SectionSet::of(&[Section::Demographics]), &[Verb::View]);
    maria.narrow(patient, grant, Some(looks)).await.unwrap();
    let made = daughter.propose(patient, &[name_to_use("Molly")]).await.unwrap().remove(0);
    assert_eq!(made.state.kind(), ProposalStateKind::Proposed);
    assert_eq!(shown(maria.profile(patient).await.unwrap().profile.value(ProfilePart::NameToUse)), "Mari");
    let case = &clinic.portal.profile_cases(STAFF, patient).await.unwrap()[0];
    assert!(case.proposal.id == made.id && !case.is_backed);
    // With nothing left to look at, it is an empty profile and not a closed door.
    let nothing = Scope::of(SectionSet::of(&[Section::Results]), &[Verb::View]);
    maria.narrow(patient, grant, Some(nothing)).await.unwrap();
    assert!(daughter.profile(patient).await.unwrap().profile.all().is_empty());
}

#[tokio::test]
async fn bad_input_is_refused_whole_and_no_value_is_told() {
    let clinic = Clinic::open().await;
    let (maria, patient, portal) = (clinic.session("maria").await, clinic.maria, &clinic.portal);
    for text in ["Mari\r\nBcc: zanzibar@example.org", "Mari\0", "\u{202e}iraM", "a\u{2028}b"] {
        assert!(Line::<200>::parse(text).is_err());
        let field = serde_json::json!({ "name-to-use": text });
        assert!(serde_json::from_value::<ProfileField>(field).is_err());
    }
    let huge = serde_json::json!({ "name-to-use": "x".repeat(201) });
    assert!(serde_json::from_value::<ProfileField>(huge).is_err());
    let unknown = serde_json::json!({ "blood-group": "zanzibar" });
    assert!(serde_json::from_value::<ProfileField>(unknown).is_err());
    assert_eq!(ProfilePart::of_name("blood-group").unwrap_err().to_string(), "profile: unknown part");
    assert!(EmailAddress::parse("a@example.org\r\nBcc: b@example.org").is_err());
    let phone = PhoneNumber::parse("+16175550134").unwrap();
    assert!(Few::<_, 5>::new(vec![phone.clone(); 6]).is_err());

    let same_phone = ProfileChange::Set(ProfileField::Phone(Few::new(vec![phone]).unwrap()));
    let cases: Vec<(Vec<ProfileChange>, ProposalError)> = vec![
        (Vec::new(), ProposalError::Nothing),
        (vec![name_to_use("Mari"), same_phone], ProposalError::NothingNew(ProfilePart::Phone)),
        (vec![ProfileChange::Clear(ProfilePart::LegalName)], ProposalError::CannotClear(ProfilePart::LegalName)),
        (vec![name_to_use("a"); 1000], ProposalError::Twice(ProfilePart::NameToUse)),
    ];
    for (changes, error) in cases {
        assert_eq!(maria.propose(patient, &changes).await.unwrap_err(), refused(error));
    }
    let view = maria.profile(patient).await.unwrap();
    assert!(view.open.is_empty() && view.closed.is_empty(), "all or nothing");

    let canary = "Zanzibar 4711";
    let made = maria.propose(patient, &[name_to_use(canary), address(canary), legal_name(canary)]).await.unwrap();
    let cases = portal.profile_cases(STAFF, patient).await.unwrap();
    let view = maria.profile(patient).await.unwrap();
    let again = maria.propose(patient, &[name_to_use(canary)]).await.unwrap_err();
    let queue = portal.profile_queue().await.unwrap();
    let told = format!("{made:?} {cases:?} {view:?} {:?} {again} {again:?} {queue:?}", view.profile);
    for value in ["Zanzibar", "4711", "Elm", "Moreno", "555", "1948"] {
        assert!(!told.contains(value), "{told}");
    }
    // Nor does the storage hold one that could be read.
    let rows = clinic.storage.scan(&Scan::new(Partition::patient(patient), Collection::new(21), 100)).await.unwrap();
    assert_eq!(rows.len(), 2, "what holds and waits, and the one that applied itself");
    for row in rows {
        assert!(!String::from_utf8_lossy(&row.body).contains("Zanzibar"));
    }
}

#[tokio::test]
async fn of_many_at_once_every_change_is_kept() {
    let clinic = Clinic::open().await;
    let (patient, portal) = (clinic.maria, &clinic.portal);
    clinic.allow("daughter", &[Verb::View, Verb::Manage]).await;
    let (maria, daughter) = (clinic.session("maria").await, clinic.session("daughter").await);
    let (named, moved) = ([legal_name("Lopez")], [address("9 Oak Ave")]);
    let (one, other) = tokio::join!(maria.propose(patient, &named), daughter.propose(patient, &moved));
    let (one, other) = (one.unwrap().remove(0), other.unwrap().remove(0));
    assert_eq!(maria.profile(patient).await.unwrap().open.len(), 2);
    let reject = ProfileDecision::Reject(RejectReason::NotVerified);
    let (accepted, rejected) = tokio::join!(
        portal.decide_profile(STAFF, patient, other.id, ProfileDecision::Accept),
        portal.decide_profile(STAFF, patient, other.id, reject)
    );
    assert_eq!(u8::from(accepted.is_ok()) + u8::from(rejected.is_ok()), 1, "one word of the clinic counts");
    let view = maria.profile(patient).await.unwrap();
    assert_eq!((view.open.len(), view.closed.len()), (1, 1));
    assert_eq!(view.open[0].id, one.id);
}

#[tokio::test]
async fn an_account_that_only_reads_changes_nothing() {
    let clinic = Clinic::open().await;
    clinic.portal.note_death(STAFF, clinic.maria).await.unwrap();
    let maria = clinic.session("maria").await;
    let tried = maria.propose(clinic.maria, &[name_to_use("Mari")]).await.unwrap_err();
    assert_eq!(tried, ProfileError::NotOffered);
    let view = maria.profile(clinic.maria).await.unwrap();
    assert!(view.open.is_empty() && view.profile.held(ProfilePart::NameToUse).is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_changed_under_a_grant_that_ended() {
    let clinic = Clinic::open().await;
    let patient = clinic.maria;
    for round in 0..12 {
        let grant = clinic.allow("daughter", &[Verb::View, Verb::Manage]).await;
        let (maria, daughter) = (clinic.session("maria").await, clinic.session("daughter").await);
        let account = daughter.account();
        let change = [name_to_use(&format!("Mari {round}"))];
        let proposing = tokio::spawn(async move { daughter.propose(patient, &change).await });
        let revoking = tokio::spawn(async move { maria.revoke(patient, grant).await });
        let (proposed, revoked) = (proposing.await.unwrap(), revoking.await.unwrap());
        revoked.unwrap();
        let trail = clinic.trail().await;
        let row = Some(grant.to_bytes());
        let at = |action: Action, actor: Option<AccountId>| {
            let is = |entry: &&Entry| {
                let facts = entry.facts();
                facts.action == action
                    && facts.outcome == Outcome::Permitted
                    && facts.grant.map(|grant| grant.to_bytes()) == row
                    && actor.is_none_or(|actor| facts.actor == Actor::Account(actor))
            };
            trail.iter().find(is).map(Entry::position)
        };
        let (ended, written) = (at(Action::GrantEnded, None).unwrap(), at(Action::Profile, Some(account)));
        match proposed {
            Ok(_) => {
                assert!(written.unwrap() < ended, "round {round}: written under a grant that had ended");
            }
            Err(error) => {
                assert_eq!(error, ProfileError::NotFound);
                assert_eq!(written, None);
            }
        }
    }
    clinic.portal.verify_trail(patient).await.unwrap();
}
