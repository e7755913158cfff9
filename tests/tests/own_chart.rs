//! Journey: a patient opens her own chart, and nobody else does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

use chrono::Duration;
use mychartum_adapters::keys::SecretKeyring;
use mychartum_core::access::AccessError;
use mychartum_core::account::{Knock, NewAccount, Password, SessionError, SignInError, Username};
use mychartum_core::audit::{Action, Purpose};
use mychartum_core::chart::{
    Item, Observation, ObservationCategory, ObservationStatus, Patient, Section, SectionSet, SourceId, SourceRef,
    SourceVersion, Value, View,
};
use mychartum_core::kernel::id::PatientId;
use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{CodeSystem, Coding, Concept, Quantity, Unit};
use mychartum_core::portal::{Page, Portal, ReadError};
use mychartum_core::sync::{Directory, Fate, Parcel, Place, Reading, Reason};
use mychartum_core::vault::SecretKey;
use mychartum_storage::MemoryStorage;
use mychartum_testkit::{ManualClock, SeededEntropy};

struct House {
    portal: Portal,
    clock: ManualClock,
    maria: PatientId,
    other: PatientId,
}

fn source() -> SourceId {
    SourceId::parse("riverside").unwrap()
}

fn reference(kind: &str, id: &str) -> SourceRef {
    SourceRef { kind: Label::parse(kind).unwrap(), id: Label::parse(id).unwrap() }
}

fn parcel(kind: &str, id: &str, patient: &str, view: View, original: &str) -> Parcel {
    Parcel {
        place: Place { document: 0, entry: None },
        resource: kind.into(),
        reading: Reading::Item {
            identity: reference(kind, id),
            version: SourceVersion::default(),
            subject: reference("Patient", patient),
            view,
            mapping: 1,
            labels: mychartum_core::kernel::SensitivitySet::NONE,
        },
        original: original.into(),
    }
}

fn hba1c(id: &str, patient: &str, at: &str, value: &str, status: ObservationStatus) -> Parcel {
    let coding = Coding { system: CodeSystem::Loinc, code: Label::parse("4548-4").unwrap(), display: None };
    let view = Observation {
        status,
        category: ObservationCategory::Laboratory,
        code: Concept { codings: vec![coding], text: Label::clipped("HbA1c") },
        effective: Some(at.parse().unwrap()),
        issued: None,
        value: Value::Quantity(Quantity { value: value.parse().unwrap(), comparator: None, unit: Unit::of("%") }),
        interpretation: vec![],
        ranges: vec![],
        components: vec![],
        specimen: None,
        method: None,
        body_site: None,
        performers: vec![],
        notes: vec![],
        encounter: None,
        members: vec![],
    };
    parcel("Observation", id, patient, View::Observation(Box::new(view)), &format!("{id} {at} {value} {status:?}"))
}

fn patient(id: &str) -> Parcel {
    parcel(
        "Patient",
        id,
        id,
        View::Patient(Box::new(Patient { birth_date: "1970-01-31".parse().ok(), ..Patient::default() })),
        id,
    )
}

async fn house() -> House {
    let clock = ManualClock::default();
    let portal = Portal::builder()
        .storage(MemoryStorage::new())
        .keys(SecretKeyring::new(SecretKey::from_bytes([7; 32])))
        .clock(clock.clone())
        .entropy(SeededEntropy::new(1))
        .open()
        .await
        .unwrap();
    let mut intake = portal.intake(source()).unwrap();
    intake.offer(vec![patient("maria"), patient("other")]).await.unwrap();
    let mut results: Vec<Parcel> = (0..120)
        .map(|n| {
            hba1c(
                &format!("r{n}"),
                "maria",
                &format!("20{:02}-{:02}-01", n / 12, n % 12 + 1),
                "6.1",
                ObservationStatus::Final,
            )
        })
        .collect();
    results.push(hba1c("wrong", "maria", "2024-01-01", "99", ObservationStatus::EnteredInError));
    results.push(hba1c("stray", "nobody", "2024-01-01", "5", ObservationStatus::Final));
    intake.offer(results).await.unwrap();
    let report = intake.finish();
    assert!(report.adds_up());
    assert_eq!((report.resources, report.stored, report.set_aside.len()), (124, 123, 1));
    assert_eq!(report.set_aside[0].reason, Reason::UnknownPatient);
    let [maria, other] = report.patients[..] else { panic!("two patients") };
    let account = NewAccount {
        username: Username::parse("Maria").unwrap(),
        password: Password::new("correct horse battery").unwrap(),
        own: Some(maria),
    };
    portal.open_account(account).await.unwrap();
    House { portal, clock, maria, other }
}

async fn sign_in(
    house: &House,
    name: &str,
    password: &str,
) -> Result<mychartum_core::account::SessionToken, SignInError> {
    house.portal.sign_in(&Username::parse(name).unwrap(), &Password::entered(password).unwrap()).await
}

#[tokio::test]
async fn she_reads_her_results_page_by_page_and_the_trail_says_so() {
    let house = house().await;
    let token = sign_in(&house, "MARIA", "correct horse battery").await.unwrap();
    let session = house.portal.resume(&token).await.unwrap();
    assert_eq!(session.patients(), [house.maria]);
    let sections = SectionSet::of(&[Section::Results, Section::AccessLog]);
    let permit = session.ask(house.maria, sections, Purpose::Care).await.unwrap();
    let chart = house.portal.disclose(permit).unwrap();

    let mut seen: Vec<Item<Observation>> = Vec::new();
    let mut page = Page::latest(50);
    loop {
        let listing = chart.results(page).await.unwrap();
        let last = listing.items.last().unwrap().id;
        seen.extend(listing.items);
        if !listing.more {
            break;
        }
        page = Page::after(last, 50);
    }
    assert_eq!(seen.len(), 120, "the one entered in error is not there");
    assert!(seen.windows(2).all(|pair| pair[0].view.at().unwrap().order() >= pair[1].view.at().unwrap().order()));

    let trend = chart.trend("4548-4", &[]).await.unwrap();
    assert_eq!(trend.series.len(), 1);
    assert_eq!(trend.series[0].points.len(), 120);
    let (_, original) = chart.original(Section::Results, seen[0].id).await.unwrap().unwrap();
    assert_eq!(original.as_bytes().unwrap(), b"r119 2009-12-01 6.1 Final");

    let log = chart.access_log(None, 10).await.unwrap();
    assert_eq!(log[0].facts().action, Action::Disclose);
    assert_eq!(log[0].facts().sections.bits(), sections.bits());
    assert_eq!(chart.verify_access_log().await.unwrap().entries, log.len() as u64);
    // Sections that the permit does not name stay shut.
    assert_eq!(chart.medications(Page::ALL).await.unwrap_err(), ReadError::Misuse);
    // And nothing is read any more when the permit has expired.
    house.clock.advance(Duration::minutes(2));
    assert_eq!(chart.results(page).await.unwrap_err(), ReadError::Expired);
}

#[tokio::test]
async fn a_strangers_chart_and_no_chart_look_the_same_and_both_are_written_down() {
    let house = house().await;
    let token = sign_in(&house, "maria", "correct horse battery").await.unwrap();
    let session = house.portal.resume(&token).await.unwrap();
    let stranger = session.ask(house.other, Section::Results, Purpose::Care).await.unwrap_err();
    let nobody = session.ask(PatientId::from_bytes([9; 16]), Section::Results, Purpose::Care).await.unwrap_err();
    assert_eq!(stranger, AccessError::NotFound);
    assert_eq!(stranger.to_string(), nobody.to_string());
    let trail = house.portal.verify_trail(house.other).await.unwrap();
    assert_eq!(trail.entries, 2, "the import and the refusal");
}

#[tokio::test]
async fn sign_in_says_nothing_and_sessions_end() {
    let house = house().await;
    let wrong = sign_in(&house, "maria", "wrong horse battery").await.unwrap_err();
    let unknown = sign_in(&house, "nobody", "correct horse battery").await.unwrap_err();
    assert_eq!(wrong, SignInError::Refused);
    assert_eq!(wrong.to_string(), unknown.to_string());

    let token = sign_in(&house, "maria", "correct horse battery").await.unwrap();
    let idle = sign_in(&house, "maria", "correct horse battery").await.unwrap();
    house.clock.advance(Duration::minutes(14));
    let session = house.portal.resume(&token).await.unwrap();
    house.clock.advance(Duration::minutes(14));
    assert!(matches!(house.portal.resume(&idle).await, Err(SessionError::Idle)));
    house.portal.resume(&token).await.unwrap().sign_out().await.unwrap();
    assert!(matches!(house.portal.resume(&token).await, Err(SessionError::Unknown)));
    assert_eq!(session.ask(house.maria, Section::Results, Purpose::Care).await.unwrap_err(), AccessError::SessionEnded);

    let token = sign_in(&house, "maria", "correct horse battery").await.unwrap();
    for _ in 0..60 {
        house.clock.advance(Duration::minutes(12));
        if let Err(error) = house.portal.resume(&token).await {
            assert_eq!(error, SessionError::TooOld);
            return;
        }
    }
    panic!("a session lives for twelve hours at most");
}

#[tokio::test]
async fn a_session_at_hand_ends_when_its_token_does() {
    let house = house().await;
    let token = sign_in(&house, "maria", "correct horse battery").await.unwrap();
    let session = house.portal.resume(&token).await.unwrap();
    house.clock.advance(Duration::minutes(14));
    drop(session.ask(house.maria, Section::Results, Purpose::Care).await.unwrap());
    house.clock.advance(Duration::minutes(1));
    assert!(matches!(house.portal.resume(&token).await, Err(SessionError::Idle)));
    assert_eq!(session.ask(house.maria, Section::Results, Purpose::Care).await.unwrap_err(), AccessError::SessionEnded);
}

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_opens_no_session() {
    let house = house().await;
    let maria = Username::parse("maria").unwrap();
    let old = house.portal.look_up(&maria, Knock::default()).await.unwrap();
    let checked = old.check(&Password::entered("correct horse battery").unwrap()).unwrap();
    house.clock.advance(Duration::seconds(1));
    house.portal.set_password(&maria, &Password::new("another horse battery").unwrap()).await.unwrap();
    house.clock.advance(Duration::seconds(1));
    assert!(matches!(house.portal.complete(checked).await, Err(SignInError::Refused)));
}

#[tokio::test]
async fn a_new_password_ends_every_session() {
    let house = house().await;
    let token = sign_in(&house, "maria", "correct horse battery").await.unwrap();
    let session = house.portal.resume(&token).await.unwrap();
    house.clock.advance(Duration::seconds(1));
    let password = Password::new("another horse battery").unwrap();
    house.portal.set_password(&Username::parse("maria").unwrap(), &password).await.unwrap();
    assert_eq!(session.ask(house.maria, Section::Results, Purpose::Care).await.unwrap_err(), AccessError::SessionEnded);
    assert!(matches!(house.portal.resume(&token).await, Err(SessionError::Unknown)));
    assert!(sign_in(&house, "maria", "correct horse battery").await.is_err());
    sign_in(&house, "maria", "another horse battery").await.unwrap();
}

#[tokio::test]
async fn the_host_may_ask_who_someone_is_and_nothing_else() {
    let house = house().await;
    let permit = house.portal.ask(house.maria, Section::Demographics, Purpose::Operations).await.unwrap();
    assert_eq!(house.portal.disclose(permit).unwrap().demographics(Page::ALL).await.unwrap().items.len(), 1);
    for (patient, section, purpose) in [
        (house.maria, Section::Results, Purpose::Operations),
        (house.maria, Section::Demographics, Purpose::Care),
        (PatientId::from_bytes([9; 16]), Section::Demographics, Purpose::Operations),
    ] {
        assert_eq!(house.portal.ask(patient, section, purpose).await.unwrap_err(), AccessError::NotFound);
    }
}

#[tokio::test]
async fn replays_change_nothing_and_corrections_keep_what_was_there() {
    let house = house().await;
    let versioned = |number: &str, value: &str| {
        let mut parcel = hba1c("c1", "maria", "2025-01-01", value, ObservationStatus::Final);
        if let Reading::Item { version, .. } = &mut parcel.reading {
            version.id = Label::clipped(number);
        }
        parcel
    };
    let offer = async |parcels: Vec<Parcel>| {
        let mut intake = house.portal.intake(source()).unwrap();
        intake.offer(parcels).await.unwrap();
        intake.finish()
    };
    assert_eq!(offer(vec![versioned("1", "6.0")]).await.stored, 1);
    assert_eq!(offer(vec![versioned("3", "6.4")]).await.stored, 1);
    assert_eq!(offer(vec![versioned("2", "6.2")]).await.superseded, 1);
    assert_eq!(offer(vec![versioned("3", "6.4")]).await.unchanged, 1);
    // Two that differ in one delivery, and nothing says which is newer.
    let twins = || {
        vec![
            hba1c("t", "maria", "2025-02-01", "5", ObservationStatus::Final),
            hba1c("t", "maria", "2025-02-01", "7", ObservationStatus::Final),
        ]
    };
    for (stored, unchanged) in [(1, 0), (0, 1), (0, 1)] {
        let report = offer(twins()).await;
        assert_eq!((report.stored, report.unchanged, report.set_aside.len()), (stored, unchanged, 1));
        assert!(report.adds_up());
        assert_eq!(Fate::SetAside(report.set_aside[0].reason), Fate::SetAside(Reason::DuplicateId));
    }

    let token = sign_in(&house, "maria", "correct horse battery").await.unwrap();
    let session = house.portal.resume(&token).await.unwrap();
    let chart =
        house.portal.disclose(session.ask(house.maria, Section::Results, Purpose::Care).await.unwrap()).unwrap();
    let results = chart.results(Page::latest(5)).await.unwrap();
    let corrected = results.items.iter().find(|item| item.version == 3).unwrap();
    assert_eq!(corrected.view.value.for_people(), "6.4 %");
    let earlier = chart.earlier_results(corrected.id).await.unwrap();
    // What came late is in the history too, where its source says that it belongs.
    let earlier: Vec<_> = earlier.iter().map(|item| (item.version, item.view.value.for_people())).collect();
    assert_eq!(earlier, [(2, "6.2 %".to_owned()), (1, "6.0 %".to_owned())]);
}

#[tokio::test]
async fn no_known_allergy_is_a_statement_and_no_allergy() {
    let house = house().await;
    let allergy = |id: &str, code: &str, verification: &str| {
        let view: View = serde_json::from_value(serde_json::json!({
            "t": "AllergyIntolerance",
            "clinical_status": "active",
            "verification_status": verification,
            "code": { "codes": [{ "s": "http://snomed.info/sct", "c": code }] },
        }))
        .unwrap();
        parcel("AllergyIntolerance", id, "maria", view, id)
    };
    let mut intake = house.portal.intake(source()).unwrap();
    let parcels = vec![
        allergy("none", "716186003", "confirmed"),
        allergy("mistake", "716186003", "entered-in-error"),
        allergy("ruled-out", "91936005", "refuted"),
    ];
    intake.offer(parcels).await.unwrap();
    let token = sign_in(&house, "maria", "correct horse battery").await.unwrap();
    let session = house.portal.resume(&token).await.unwrap();
    let permit = session.ask(house.maria, Section::Allergies, Purpose::Care).await.unwrap();
    let chart = house.portal.disclose(permit).unwrap();
    assert!(chart.allergies(Page::ALL).await.unwrap().items.is_empty());
    let statements = chart.no_known_allergies().await.unwrap();
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0].provenance.source_id.as_str(), "none");
}

#[tokio::test]
async fn many_readers_of_one_chart_are_all_written_down() {
    let house = Arc::new(house().await);
    let token = sign_in(&house, "maria", "correct horse battery").await.unwrap();
    let token = token.expose().to_owned();
    let tasks: Vec<_> = (0..24)
        .map(|_| {
            let (house, token) = (Arc::clone(&house), token.clone());
            tokio::spawn(async move {
                let token = mychartum_core::account::SessionToken::presented(&token);
                let session = house.portal.resume(&token).await.unwrap();
                session.ask(house.maria, Section::Results, Purpose::Care).await.unwrap().entry()
            })
        })
        .collect();
    let mut entries = Vec::new();
    for task in tasks {
        entries.push(task.await.unwrap());
    }
    entries.sort_unstable();
    entries.dedup();
    assert_eq!(entries.len(), 24);
    let trail = house.portal.verify_trail(house.maria).await.unwrap();
    assert_eq!(trail.entries, *entries.last().unwrap());
}

#[tokio::test]
async fn names_that_differ_in_one_delivery_are_filed_once() {
    let house = house().await;
    let named = |name: &str, around: &str| Parcel {
        place: Place { document: 0, entry: None },
        resource: "Practitioner".into(),
        reading: Reading::Directory(Directory {
            identity: SourceRef { kind: Label::parse("Practitioner").unwrap(), id: Label::parse("dr-1").unwrap() },
            version: SourceVersion::default(),
            name: Label::parse(name).unwrap(),
            aliases: Vec::new(),
        }),
        original: format!("{name} {around}").into_bytes(),
    };
    let offer = async |parcels: Vec<Parcel>| {
        let mut intake = house.portal.intake(source()).unwrap();
        intake.offer(parcels).await.unwrap();
        let report = intake.finish();
        assert!(report.adds_up());
        (report.stored, report.unchanged)
    };
    // As folders of exports bring them: the same clinician in each file, with other counts or another spelling.
    let folder = || vec![named("Dr. Vega", "1"), named("Dr. Vega", "2"), named("Dr Vega", "3"), named("Dr. Vega", "1")];
    assert_eq!(offer(folder()).await, (2, 2));
    assert_eq!(offer(folder()).await, (0, 4));
    assert_eq!(offer(folder()).await, (0, 4));
    // A name that never came before is a new one.
    assert_eq!(offer(vec![named("Dr. Vega-Lund", "1")]).await, (1, 0));
    assert_eq!(offer(vec![named("Dr. Vega-Lund", "1")]).await, (0, 1));
}
