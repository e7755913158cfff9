//! The mapping against real messages of several systems, and against what is known of them.
//!
//! The samples are not in the repository. They are looked for in `../shared/data` beside the workspace, or where
//! `MYCHARTUM_SAMPLES` says. Without them each test says that it was skipped; on CI that is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says when it was skipped"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mychartum_adapters::hl7v2::{Hl7v2Delivery, Input, Introduce, ProcessingPolicy, SourceSettings};
use mychartum_core::chart::{AppointmentStatus, Observation, ObservationStatus, Standing, Value, View};
use mychartum_core::sync::{Parcel, Reading, Tie};

fn samples() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let path = std::env::var_os("MYCHARTUM_SAMPLES").map_or_else(beside, PathBuf::from).join("hl7v2");
    if path.is_dir() {
        return Some(path);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "the sample data is missing");
    eprintln!("SKIPPED: the sample data is missing");
    None
}

fn settings() -> SourceSettings {
    SourceSettings {
        introduce: Introduce::AnyMessage,
        processing: ProcessingPolicy::Anything,
        ..SourceSettings::in_zone("America/Chicago".parse().unwrap())
    }
}

fn delivery(paths: &[PathBuf]) -> Hl7v2Delivery {
    Hl7v2Delivery::open(Input::message_files(paths).unwrap(), settings(), &mut |_| {})
}

fn read(path: &Path) -> Vec<Parcel> {
    let delivery = delivery(&[path.to_owned()]);
    assert!(delivery.refused().is_empty());
    delivery.parcels().collect()
}

fn results(parcels: &[Parcel]) -> Vec<&Observation> {
    let view = |parcel| match parcel {
        &Parcel { reading: Reading::Item { view: View::Observation(ref view), .. }, .. } => Some(&**view),
        _ => None,
    };
    parcels.iter().filter_map(view).collect()
}

fn by_status(parcels: &[Parcel]) -> BTreeMap<&'static str, usize> {
    let mut count = BTreeMap::new();
    for result in results(parcels) {
        *count.entry(result.status.code()).or_default() += 1;
    }
    count
}

fn value(parcels: &[Parcel], loinc: &str) -> String {
    let result = results(parcels).into_iter().find(|result| result.code.has_code(loinc)).unwrap();
    match &result.value {
        Value::Quantity(quantity) => quantity.as_received(),
        Value::Unstated => "none".into(),
        other => other.for_people(),
    }
}

#[test]
fn fact_13_a_laboratory_first_says_little_and_then_all() {
    let Some(samples) = samples() else { return };
    let first = read(&samples.join("fhir-converter/LAB-ORU-1.hl7"));
    assert_eq!(by_status(&first), BTreeMap::from([("final", 1), ("preliminary", 7), ("registered", 2)]));
    let second = read(&samples.join("fhir-converter/LAB-ORU-2.hl7"));
    assert_eq!(by_status(&second), BTreeMap::from([("final", 10)]));
    for (loinc, before, after) in [
        ("11273-0", "4.06", "4.08"),
        ("20570-8", "40.1", "39.7"),
        ("11125-2", "221", "220"),
        ("11156-7", "none", "8.2"),
        ("20509-6", "none", "13.4"),
    ] {
        assert_eq!((value(&first, loinc), value(&second, loinc)), (before.into(), after.into()), "{loinc}");
    }
    // The same results have the same names in both, and the later ones are newer.
    let named = |parcels: &[Parcel]| -> BTreeMap<String, _> {
        let name = |parcel: &Parcel| match &parcel.reading {
            Reading::Item { identity, version, view: View::Observation(_), .. } => {
                Some((identity.id.as_str().to_owned(), version.clone()))
            }
            _ => None,
        };
        parcels.iter().filter_map(name).collect()
    };
    let (first, second) = (named(&first), named(&second));
    assert_eq!(first.len(), 10);
    for (name, version) in &first {
        assert_eq!(second[name].order(version), Some(core::cmp::Ordering::Greater), "{name}");
    }
}

#[test]
fn fact_14_corrections_notes_and_a_censored_concentration() {
    let Some(samples) = samples() else { return };
    let all = read(&samples.join("reportstream/valid_hl7.hl7"));
    assert_eq!(by_status(&all), BTreeMap::from([("corrected", 10), ("final", 10), ("preliminary", 6)]));
    assert_eq!(all.iter().filter(|parcel| &*parcel.resource == "DiagnosticReport").count(), 5);
    let vancomycin: Vec<&Observation> =
        results(&all).into_iter().filter(|result| result.code.shown().to_lowercase().contains("vancomycin")).collect();
    let censored = vancomycin.iter().filter_map(|result| result.value.quantity());
    assert!(censored.into_iter().any(|amount| amount.as_received() == ">=32"));
}

#[test]
fn fact_15_what_was_entered_in_error_is_no_result() {
    let Some(samples) = samples() else { return };
    let all = read(&samples.join("reportstream/elims_2_72_3029198209_5121_NoPII.hl7"));
    assert_eq!(by_status(&all), BTreeMap::from([("corrected", 8), ("final", 2)]));
    let all = read(&samples.join("reportstream/sample_SR_ENTEREDINERROR_20240904-0001.hl7"));
    let results = results(&all);
    assert_eq!(results.len(), 1);
    assert_eq!(results[0].status, ObservationStatus::EnteredInError);
    assert_eq!(results[0].standing(), Standing::Withdrawn);
}

#[test]
fn fact_16_an_appointment() {
    let Some(samples) = samples() else { return };
    let all = read(&samples.join("fhir-converter/SIU-S12-01.hl7"));
    let (identity, view) = all
        .iter()
        .find_map(|parcel| match &parcel.reading {
            Reading::Item { identity, view: View::Appointment(view), .. } => Some((identity, view)),
            _ => None,
        })
        .unwrap();
    assert_eq!(identity.id.as_str(), "f||36996");
    assert_eq!(view.status, AppointmentStatus::Booked);
    assert_eq!(view.start.as_ref().unwrap().as_str(), "2021-09-24T09:30:00+02:15");
    assert_eq!(view.end.as_ref().unwrap().as_str(), "2021-09-24T10:20:00+02:15");
    assert!(view.kinds[0].has_code("76164006"));
    assert!(view.participants.iter().any(|party| party.shown().contains("Room01")));
}

#[test]
fn fact_17_merges_are_read_and_batches_are_split() {
    let Some(samples) = samples() else { return };
    let all = read(&samples.join("fhir-converter/ADT-A40-01.hl7"));
    assert_eq!(all.len(), 2);
    assert!(matches!(&all[1].reading, Reading::Merge(merge) if merge.survivor.id.as_str() == "BCBS|12345"
        && merge.merged.id.as_str() == "BCBS|56789" && merge.tie == Tie::One));
    let all = read(&samples.join("reportstream/batch_message.hl7"));
    assert_eq!(results(&all).len(), 10);
}

#[test]
fn every_segment_of_every_message_is_in_a_parcel() {
    let Some(samples) = samples() else { return };
    let delivery = delivery(&[samples]);
    assert_eq!(delivery.refused().len(), 0);
    let all: Vec<Parcel> = delivery.parcels().collect();
    assert_eq!(all.len() as u64, delivery.total().resources);
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    let mut aside: BTreeMap<&'static str, u64> = BTreeMap::new();
    for parcel in &all {
        match &parcel.reading {
            Reading::Item { view, .. } => *kinds.entry(format!("{:?}", view.kind())).or_default() += 1,
            Reading::Unusable(reason) => *aside.entry(reason.code()).or_default() += 1,
            Reading::Merge(_) => *kinds.entry("Merge".to_owned()).or_default() += 1,
            Reading::Directory(_) => panic!("a name"),
        }
    }
    eprintln!("{kinds:#?} {aside:#?}");
    assert!(!aside.contains_key("malformed"));
    for kind in [
        "Patient",
        "Observation",
        "DiagnosticReport",
        "Encounter",
        "Appointment",
        "Immunization",
        "MedicationRequest",
        "DocumentReference",
    ] {
        assert!(kinds.contains_key(kind), "{kind}");
    }
}
