//! The reader against real sample documents: HL7's C-CDA examples and documents of several systems.
//!
//! The samples are not in the repository. They are looked for in `../shared/data` beside the workspace, or where
//! `MYCHARTUM_SAMPLES` says. Without them each test says that it was skipped; on CI that is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says when it was skipped"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use mychartum_adapters::ccda::{CcdaDelivery, Input, Limits};
use mychartum_core::chart::{
    DocumentReference, ItemKind, Observation, ObservationCategory, Patient, Standing, Value, View,
};
use mychartum_core::sync::{Parcel, Reading};

fn samples() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let path = std::env::var_os("MYCHARTUM_SAMPLES").map_or_else(beside, PathBuf::from).join("ccda");
    if path.is_dir() {
        return Some(path);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "the sample data is missing");
    eprintln!("SKIPPED: the sample data is missing");
    None
}

fn deliver(paths: &[PathBuf]) -> CcdaDelivery {
    CcdaDelivery::open(Input::clinical_documents(paths).unwrap(), Limits::default(), &mut |_| {})
}

fn read(path: PathBuf) -> Vec<Parcel> {
    let delivery = deliver(&[path]);
    assert!(delivery.refused().is_empty());
    delivery.parcels().collect()
}

fn ccd(samples: &Path) -> Vec<Parcel> {
    read(samples.join("hl7-c-cda-examples/CCD_1.xml"))
}

fn views(parcels: &[Parcel]) -> impl Iterator<Item = &View> {
    parcels.iter().filter_map(|parcel| match &parcel.reading {
        Reading::Item { view, .. } => Some(view),
        _ => None,
    })
}

fn patient(parcels: &[Parcel]) -> &Patient {
    views(parcels).find_map(|view| if let View::Patient(patient) = view { Some(&**patient) } else { None }).unwrap()
}

fn observations(parcels: &[Parcel], category: ObservationCategory) -> Vec<&Observation> {
    let all = views(parcels).filter_map(|view| if let View::Observation(found) = view { Some(&**found) } else { None });
    all.filter(|observation| observation.category == category).collect()
}

fn documents(parcels: &[Parcel]) -> Vec<&DocumentReference> {
    views(parcels)
        .filter_map(|view| if let View::DocumentReference(found) = view { Some(&**found) } else { None })
        .collect()
}

/// How many items of a kind are facts, and how many are not.
fn count(parcels: &[Parcel], kind: ItemKind) -> (usize, usize) {
    let (facts, others): (Vec<&View>, Vec<&View>) =
        views(parcels).filter(|view| view.kind() == kind).partition(|view| view.standing().is_fact());
    (facts.len(), others.len())
}

/// The entries of a document as a reader of plain text finds them, comments left out.
fn plain_entries(text: &str) -> Vec<String> {
    let mut bare = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        bare.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, rest)| rest);
    }
    bare.push_str(rest);
    let starts = bare.match_indices("<entry").map(|(at, _)| at);
    let starts = starts.filter(|at| bare[at + 6..].starts_with(['>', ' ', '\n', '\r', '\t']));
    starts.map(|at| bare[at..].split("</entry>").next().unwrap().to_owned()).collect()
}

/// The same without comments, and without blanks, so that fragments can be compared.
fn bare(text: &[u8]) -> String {
    let mut bare = String::new();
    let text = String::from_utf8_lossy(text);
    let mut rest = &*text;
    while let Some((before, after)) = rest.split_once("<!--") {
        bare.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, rest)| rest);
    }
    bare.push_str(rest);
    bare.split_ascii_whitespace().collect()
}

#[test]
fn every_entry_of_every_document_is_read_once() {
    let Some(samples) = samples() else { return };
    let delivery = deliver(&[samples]);
    assert_eq!((delivery.total().documents, delivery.total().refused), (17, 0));
    let names: BTreeMap<u32, &str> = delivery.documents().collect();
    let mut places = BTreeSet::new();
    let mut by_document: BTreeMap<u32, Vec<Parcel>> = BTreeMap::new();
    for parcel in delivery.parcels() {
        assert!(places.insert(parcel.place), "a statement came twice");
        by_document.entry(parcel.place.document).or_default().push(parcel);
    }
    assert_eq!(places.len() as u64, delivery.total().resources);
    for (document, parcels) in by_document {
        let text = fs::read_to_string(names[&document]).unwrap();
        let entries: Vec<String> = plain_entries(&text).iter().map(|entry| bare(entry.as_bytes())).collect();
        // Besides entries there are the header's parcels and sections of narrative only.
        let header = |parcel: &&Parcel| !matches!(parcel.place.entry, Some(0 | 1));
        let statement = |parcel: &&Parcel| {
            !parcel.original.starts_with(b"<section") && !parcel.original.starts_with(b"<parentDocument")
        };
        let statements: Vec<String> =
            parcels.iter().filter(header).filter(statement).map(|parcel| bare(&parcel.original)).collect();
        let mut left = statements.iter().peekable();
        for entry in &entries {
            let mut of_this = 0;
            while left.next_if(|statement| entry.contains(*statement)).is_some() {
                of_this += 1;
            }
            assert!(of_this > 0, "an entry without a parcel in {}", names[&document]);
        }
        assert!(left.next().is_none(), "a parcel without an entry in {}", names[&document]);
    }
}

#[test]
fn names_tell_statements_apart_and_a_replay_says_the_same() {
    let Some(samples) = samples() else { return };
    let delivery = deliver(&[samples]);
    let mut known: BTreeMap<(u32, String, String), Vec<u8>> = BTreeMap::new();
    let named = |parcel: &Parcel| match &parcel.reading {
        Reading::Item { identity, .. } => format!("{} {}", identity.kind.as_str(), identity.id.as_str()),
        _ => String::new(),
    };
    for parcel in delivery.parcels() {
        let Reading::Item { identity, .. } = &parcel.reading else { continue };
        let key = (parcel.place.document, identity.kind.as_str().to_owned(), identity.id.as_str().to_owned());
        let first = known.entry(key).or_insert_with(|| parcel.original.clone());
        assert_eq!(*first, parcel.original, "one name for two statements");
    }
    let once: Vec<(String, Vec<u8>)> = delivery.parcels().map(|parcel| (named(&parcel), parcel.original)).collect();
    let again: Vec<(String, Vec<u8>)> = delivery.parcels().map(|parcel| (named(&parcel), parcel.original)).collect();
    assert!(once == again);
}

#[test]
fn patients_of_all_documents_come_first() {
    let Some(samples) = samples() else { return };
    let delivery = deliver(&[samples]);
    let kinds: Vec<bool> = delivery.parcels().map(|parcel| &*parcel.resource == "Patient").collect();
    assert_eq!(kinds.iter().filter(|is| **is).count(), 17);
    assert!(kinds[..17].iter().all(|is| *is));
    let subjects: BTreeSet<String> = delivery
        .parcels()
        .filter_map(|parcel| match parcel.reading {
            Reading::Item { subject, .. } => Some(subject),
            _ => None,
        })
        .map(|subject| {
            assert!(delivery.brings(&subject));
            subject.id.as_str().to_owned()
        })
        .collect();
    assert_eq!(subjects.len() as u64, delivery.total().patients);
}

#[test]
fn eve_betterhalf() {
    let Some(samples) = samples() else { return };
    let parcels = ccd(&samples);
    let eve = patient(&parcels);
    assert_eq!(eve.name(), "Eve Betterhalf");
    assert_eq!(eve.birth_date.as_ref().unwrap().as_str(), "1975-05-01");
    let mut allergies: Vec<String> = views(&parcels)
        .filter_map(
            |view| if let View::AllergyIntolerance(a) = view { Some(a.code.shown().to_lowercase()) } else { None },
        )
        .collect();
    allergies.sort();
    assert_eq!(allergies, ["codeine", "penicillin"]);
    // Three concerns, one of which went from chest pain to angina.
    let problems: BTreeSet<&str> = views(&parcels)
        .filter_map(|view| if let View::Condition(problem) = view { Some(problem.code.shown()) } else { None })
        .collect();
    assert_eq!(problems, BTreeSet::from(["Angina", "Chest pain", "Pneumonia"]));
    assert_eq!(count(&parcels, ItemKind::Condition), (4, 0));
    assert_eq!(count(&parcels, ItemKind::MedicationRequest), (2, 0));
    assert_eq!(count(&parcels, ItemKind::Immunization), (3, 2));
    let results = observations(&parcels, ObservationCategory::Laboratory);
    assert_eq!(results.len(), 6);
    let haemoglobin = results.iter().find(|result| result.code.has_code("718-7")).unwrap();
    assert_eq!(haemoglobin.value.for_people(), "13.2 g/dL");
    assert_eq!(haemoglobin.effective.as_ref().unwrap().as_str(), "2008-03-19T08:30-08:00");
    assert_eq!(haemoglobin.ranges[0].low.as_ref().unwrap().as_received(), "12.0");
    let urea = results.iter().find(|result| result.code.has_code("3094-0")).unwrap();
    assert!(matches!(urea.value, Value::Absent(_)));
    let reports: Vec<usize> = views(&parcels)
        .filter_map(|view| if let View::DiagnosticReport(report) = view { Some(report.results.len()) } else { None })
        .collect();
    assert_eq!(reports, [5, 1]);
    let text = documents(&parcels)[0].content[0].text.as_ref().unwrap().as_str();
    assert!(text.contains("Penicillin") && !text.contains('<'));
}

#[test]
fn a_document_of_a_certified_system() {
    let Some(samples) = samples() else { return };
    let parcels = read(samples.join("fhir-converter/Patient-1.ccda"));
    let results = observations(&parcels, ObservationCategory::Laboratory);
    assert_eq!(results.len(), 11);
    let hba1c =
        results.iter().find(|result| result.code.has_code("4548-4") || result.code.shown().contains("A1c")).unwrap();
    assert_eq!(hba1c.value.for_people(), "7 %");
    assert!(hba1c.effective.as_ref().unwrap().as_str().starts_with("2010-03-31"));
    let vitals = observations(&parcels, ObservationCategory::VitalSigns);
    assert_eq!(vitals.len(), 18);
    assert!(vitals.iter().all(|vital| vital.value.quantity().is_some()));
    let medications = views(&parcels).filter(|view| view.kind() == ItemKind::MedicationRequest).count();
    assert_eq!(medications, 8);
}

#[test]
fn documents_that_carry_a_file() {
    let Some(samples) = samples() else { return };
    // Of the characters of the first, 28 are blanks around the base64 text.
    let files = [("CDA_with_Embedded_PDF.ccda", 191_644 - 28), ("Unstructured_Document_embed.ccda", 231_724)];
    for (name, characters) in files {
        let parcels = read(samples.join("fhir-converter").join(name));
        let all = documents(&parcels);
        assert_eq!((parcels.len(), all.len()), (2, 1), "{name}");
        let file = &all[0].content[0];
        assert_eq!(file.media_type.as_ref().unwrap().as_str(), "application/pdf");
        assert_eq!(file.bytes.div_ceil(3) * 4, characters, "{name}");
        assert!(file.text.is_none());
    }
}

#[test]
fn nothing_known_is_nothing_shown() {
    let Some(samples) = samples() else { return };
    let parcels = read(samples.join("fhir-converter/PROBLEMS_in_Empty_C-CDA_2.1-C-CDAR2.1.ccda"));
    assert!(observations(&parcels, ObservationCategory::Laboratory).is_empty());
    assert!(observations(&parcels, ObservationCategory::VitalSigns).is_empty());
    assert_eq!(count(&parcels, ItemKind::Procedure), (0, 1));
    assert_eq!(count(&parcels, ItemKind::Immunization), (0, 1));
    assert_eq!(count(&parcels, ItemKind::AllergyIntolerance), (0, 1));
    assert_eq!(count(&parcels, ItemKind::MedicationRequest), (0, 2));
    assert_eq!(count(&parcels, ItemKind::Condition), (2, 0));
}

#[test]
fn a_care_plan_takes_the_place_of_another() {
    let Some(samples) = samples() else { return };
    let parcels = read(samples.join("hl7-c-cda-examples/Care_Plan.xml"));
    let replaced = parcels.iter().find_map(|parcel| match &parcel.reading {
        Reading::Item { identity, view, .. } if view.standing() == Standing::Superseded => Some(identity.id.as_str()),
        _ => None,
    });
    assert_eq!(replaced, Some("223769be-f6ee-4b04-a0ce-b56ae998c880"));
}
