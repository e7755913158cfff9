//! What is hidden leaves no trace: for every kind of item, for everything that hides, in every place that can be looked at.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use chrono::{Duration, NaiveDate};
use mychartum_adapters::keys::SecretKeyring;
use mychartum_core::access::grant::Relation;
use mychartum_core::access::pack::{EXAMPLE_PACK, PolicyPack};
use mychartum_core::access::{Scope, Sensitivity, SensitivitySet, Verb};
use mychartum_core::account::AccountSettings;
use mychartum_core::chart::{Deceased, Section, SectionSet, SourceId, SourceRef, SourceVersion, View};
use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{CodeSystem, Coding, Concept};
use mychartum_core::port::Clock;
use mychartum_core::portal::{Offer, Portal, Settings};
use mychartum_core::sync::{Parcel, Place, Reading};
use mychartum_core::vault::SecretKey;
use mychartum_storage::MemoryStorage;
use mychartum_testkit::leak_tester::every_view;
use mychartum_testkit::two_worlds::{Hiding, Report, Scene, TwoWorlds};
use mychartum_testkit::{ManualClock, SeededEntropy};

const BORN: &str = "1961-05-17";
/// What trends are looked at: glucose, HIV.
const ANALYTES: [&str; 2] = ["2345-7", "7917-8"];

fn reference(kind: &str, id: &str) -> SourceRef {
    SourceRef { kind: Label::parse(kind).unwrap(), id: Label::parse(id).unwrap() }
}

fn parcel(identity: SourceRef, view: View) -> Parcel {
    Parcel {
        place: Place { document: 0, entry: None },
        resource: identity.kind.as_str().into(),
        original: format!("{} as it came", identity.id.as_str()).into(),
        reading: Reading::Item {
            identity,
            version: SourceVersion::default(),
            subject: reference("Patient", "maria"),
            view,
            mapping: 1,
            labels: SensitivitySet::NONE,
        },
    }
}

/// One view of every kind with harmless texts, of one kind of code.
fn views(loinc: &str, visit: &str) -> Vec<View> {
    let mut count = 0;
    let mut text = |_: &str| {
        count += 1;
        Label::parse(&format!("word {count}")).unwrap()
    };
    let mut views = every_view(&mut text);
    let code = Coding { system: CodeSystem::Loinc, code: Label::parse(loinc).unwrap(), display: None };
    for view in &mut views {
        let at = Some(reference("Encounter", visit));
        match view {
            View::Patient(patient) => {
                patient.birth_date = BORN.parse().ok();
                patient.deceased = Deceased::Unstated;
            }
            View::Observation(view) => {
                view.code = Concept { codings: vec![code.clone()], text: None };
                (view.encounter, view.members) = (at, Vec::new());
            }
            View::DiagnosticReport(view) => (view.encounter, view.results) = (at, Vec::new()),
            View::MedicationRequest(view) => view.encounter = at,
            View::DocumentReference(view) => view.encounter = at,
            View::Immunization(view) => view.encounter = at,
            View::Condition(view) => view.encounter = at,
            View::Procedure(view) => view.encounter = at,
            View::Encounter(_) | View::AllergyIntolerance(_) | View::Appointment(_) => {}
        }
    }
    views
}

/// The patient, and twice one of every kind: what everybody may see (places 1 to 12), and what may be hidden (13 to 24).
fn parcels(loinc: &str) -> Vec<Parcel> {
    let mut parcels = Vec::new();
    for (set, code, visit) in [("seen", "2345-7", "visit-seen"), ("kept", loinc, "visit-kept")] {
        for (place, view) in views(code, visit).into_iter().enumerate() {
            match &view {
                View::Patient(_) if set == "seen" => parcels.push(parcel(reference("Patient", "maria"), view)),
                View::Patient(_) => {}
                View::Encounter(_) => parcels.push(parcel(reference("Encounter", visit), view)),
                _ => parcels.push(parcel(reference("Thing", &format!("{set}-{place}")), view)),
            }
        }
    }
    parcels
}

/// Where the second visit is among the parcels.
const VISIT: usize = 18;

async fn portal() -> Portal {
    Portal::builder()
        .storage(MemoryStorage::new())
        .keys(SecretKeyring::new(SecretKey::from_bytes([7; 32])))
        .clock(ManualClock::default())
        .entropy(SeededEntropy::new(3))
        .policy(PolicyPack::parse(EXAMPLE_PACK).unwrap())
        // Some hundred accounts are opened here; that passwords are hashed well is tested elsewhere.
        .settings(Settings {
            accounts: AccountSettings { argon2_memory: 8, argon2_passes: 1, ..AccountSettings::default() },
            ..Settings::default()
        })
        .open()
        .await
        .unwrap()
}

fn scene(loinc: &str, subject: usize, hidden: impl IntoIterator<Item = usize>) -> Scene {
    Scene {
        source: SourceId::parse("riverside").unwrap(),
        patient: reference("Patient", "maria"),
        born: BORN.parse::<NaiveDate>().unwrap(),
        parcels: parcels(loinc),
        hidden: hidden.into_iter().collect::<BTreeSet<usize>>(),
        subject,
        offer: Offer {
            relation: Relation::Child,
            scope: Scope::of(SectionSet::of(&Section::ALL), &[Verb::View, Verb::Download]),
            consents: SensitivitySet::NONE,
            until: ManualClock::default().now() + Duration::days(300),
        },
        analytes: ANALYTES.map(str::to_owned).to_vec(),
    }
}

async fn compare(scene: Scene, hiding: &Hiding) -> Report {
    TwoWorlds::new(scene).compare(portal, hiding).await.unwrap()
}

/// Everything of the second set but the visit itself and what stands apart from visits, and what stands apart.
fn of_the_visit() -> Vec<usize> {
    // Allergies and appointments name no visit.
    (13..=24).filter(|place| ![22, 24].contains(place)).collect()
}

#[tokio::test]
async fn the_scene_is_as_the_places_say() {
    let all = parcels("2345-7");
    assert_eq!(all.len(), 25);
    let kind = |place: usize| match &all[place].reading {
        Reading::Item { view, .. } => view.kind(),
        _ => unreachable!(),
    };
    use mychartum_core::chart::ItemKind::{AllergyIntolerance, Appointment, Encounter, Observation};
    assert_eq!([kind(VISIT), kind(22), kind(24), kind(13)], [Encounter, AllergyIntolerance, Appointment, Observation]);
}

#[tokio::test]
async fn what_the_patient_hides_or_a_clinician_holds_leaves_no_trace() {
    let until = ManualClock::default().now() + Duration::days(20);
    for hiding in [Hiding::FromProxy, Hiding::FromEveryone, Hiding::Held(until)] {
        for place in 13..=24 {
            let report = compare(scene("2345-7", place, [place]), &hiding).await;
            assert!(report.places > 100);
            assert!(report.differences.is_empty(), "{hiding:?} at {place}: {report}");
        }
    }
}

#[tokio::test]
async fn a_label_of_a_clinician_leaves_no_trace_where_it_reaches() {
    let hiding = Hiding::Labelled(SensitivitySet::of(&[Sensitivity::Sdv]));
    // A labelled visit takes everything that names it along.
    let report = compare(scene("2345-7", VISIT, of_the_visit()), &hiding).await;
    assert!(report.differences.is_empty(), "visit: {report}");
    // What belongs to no visit stands alone.
    for place in [22, 24] {
        let report = compare(scene("2345-7", place, [place]), &hiding).await;
        assert!(report.differences.is_empty(), "{place}: {report}");
    }
}

#[tokio::test]
async fn an_hiv_test_is_hidden_by_its_code_with_what_tells_of_it() {
    // Three observations carry the code; the visit, its report and its note tell of them.
    let tells = [13, 14, 15, 16, VISIT, 19];
    let report = compare(scene("7917-8", 13, tells), &Hiding::Policy).await;
    assert!(report.differences.is_empty(), "{report}");
}

#[tokio::test]
async fn safety_mode_looks_like_a_chart_without_that_section() {
    let others: SectionSet = Section::ALL.into_iter().filter(|section| *section != Section::Allergies).collect();
    let left = Scope::of(others, &[Verb::View, Verb::Download]);
    let mut scene = scene("2345-7", 22, [22]);
    // Both allergies are gone in the other world.
    scene.hidden.insert(10);
    let report = compare(scene, &Hiding::Quietly(left)).await;
    assert!(report.differences.is_empty(), "{report}");
}

/// The tester has teeth: whatever is not hidden is found missing, wherever it belongs.
#[tokio::test]
async fn what_is_not_hidden_is_noticed() {
    for place in 13..=24 {
        let report = compare(scene("2345-7", place, [place]), &Hiding::Policy).await;
        assert!(!report.differences.is_empty(), "{place}");
    }
    // A visit that is hidden alone leaves what names it.
    let report = compare(scene("2345-7", VISIT, of_the_visit()), &Hiding::FromProxy).await;
    assert!(!report.differences.is_empty());
}
