//! The reader against real sample data: Synthea bundles, US Core and HL7 examples, Bulk Data exports.
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

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use mychartum_adapters::fhir::{FhirDelivery, Input, Limits};
use mychartum_core::chart::{
    Deceased, ImmunizationStatus, ObservationCategory, ObservationStatus, Patient, SourceRef, Standing, Value, View,
    VitalSign,
};
use mychartum_core::sync::{Parcel, Reading, Reason};

fn samples() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let path = std::env::var_os("MYCHARTUM_SAMPLES").map_or_else(beside, PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "the sample data is missing");
    eprintln!("SKIPPED: the sample data is missing");
    None
}

fn deliver(paths: &[PathBuf]) -> FhirDelivery {
    FhirDelivery::open(Input::from_paths(paths).unwrap(), Limits::default(), &mut |_| {})
}

fn bundle(samples: &Path, start: &str) -> Vec<Parcel> {
    let folder = samples.join("fhir-r4/synthea");
    let mut found = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let path = found.find(|path| path.file_name().unwrap().to_string_lossy().starts_with(start)).unwrap();
    let delivery = deliver(&[path]);
    assert!(delivery.refused().is_empty());
    delivery.parcels().collect()
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

fn count(parcels: &[Parcel], wanted: impl Fn(&View) -> bool) -> usize {
    views(parcels).filter(|view| wanted(view)).count()
}

/// The values of an analyte with their days, oldest first.
fn series(parcels: &[Parcel], loinc: &str) -> Vec<(String, String)> {
    let mut all: Vec<_> = views(parcels)
        .filter_map(|view| if let View::Observation(observation) = view { Some(observation) } else { None })
        .filter_map(|observation| {
            let (value, ..) = observation.measured(loinc)?;
            let digits = value.quantity()?.value.as_str().to_owned();
            Some((observation.at()?.order(), observation.at()?.as_str().to_owned(), digits))
        })
        .collect();
    all.sort();
    all.into_iter().map(|(_, at, digits)| (at, digits)).collect()
}

/// All documents below a folder, with the number of resources a plain JSON reader finds in each.
fn plain_counts(folder: &Path, counts: &mut BTreeMap<PathBuf, usize>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("").to_owned();
        if path.is_dir() {
            plain_counts(&path, counts);
        } else if extension == "ndjson" {
            let text = fs::read_to_string(&path).unwrap();
            counts.insert(path, text.lines().filter(|line| !line.trim().is_empty()).count());
        } else if extension == "json" {
            let text = fs::read_to_string(&path).unwrap();
            let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
            let entries = value["entry"].as_array().filter(|_| value["resourceType"] == "Bundle");
            counts.insert(path, entries.map_or(1, Vec::len));
        }
    }
}

#[test]
fn every_resource_is_one_parcel() {
    let Some(samples) = samples() else { return };
    let folders = [samples.join("fhir-r4"), samples.join("bulk-ndjson")];
    let mut plain = BTreeMap::new();
    folders.iter().for_each(|folder| plain_counts(folder, &mut plain));
    let delivery = deliver(&folders);
    let names: BTreeMap<u32, PathBuf> =
        delivery.documents().map(|(document, name)| (document, PathBuf::from(name))).collect();
    let mut read: BTreeMap<PathBuf, usize> = BTreeMap::new();
    let mut places = BTreeSet::new();
    for parcel in delivery.parcels() {
        *read.entry(names[&parcel.place.document].clone()).or_default() += 1;
        assert!(places.insert(parcel.place), "a resource came twice");
    }
    assert_eq!(read, plain);
    assert_eq!(delivery.total().resources, plain.values().sum::<usize>() as u64);
    let refused: Vec<&str> = delivery.refused().iter().map(|error| &*error.name).collect();
    assert_eq!(refused.len(), 1);
    assert!(refused[0].contains("INVALID"));
    assert_eq!(delivery.refused()[0].line, Some((9, 6)));
}

#[test]
fn patients_come_first_then_the_directory() {
    let Some(samples) = samples() else { return };
    let delivery = deliver(&[samples.join("bulk-ndjson"), samples.join("fhir-r4/synthea")]);
    let rank = |kind: &str| match kind {
        "Patient" => 0,
        "Practitioner" | "PractitionerRole" | "Organization" | "Location" | "Medication" | "Specimen" => 1,
        _ => 2,
    };
    let ranks: Vec<i32> = delivery.parcels().map(|parcel| rank(&parcel.resource)).collect();
    assert!(ranks.is_sorted());
    assert!(ranks.contains(&0) && ranks.contains(&1) && ranks.contains(&2));
}

#[test]
fn ali_herman() {
    let Some(samples) = samples() else { return };
    let parcels = bundle(&samples, "Ali_Herman");
    assert_eq!(parcels.len(), 482);
    let category = |wanted: ObservationCategory| {
        count(&parcels, |view| matches!(view, View::Observation(o) if o.category == wanted))
    };
    assert_eq!(count(&parcels, |view| matches!(view, View::Observation(_))), 290);
    let is_final = |view: &View| matches!(view, View::Observation(o) if o.status == ObservationStatus::Final);
    assert_eq!(count(&parcels, is_final), 290);
    assert_eq!((category(ObservationCategory::Laboratory), category(ObservationCategory::VitalSigns)), (220, 50));
    let hba1c = series(&parcels, "4548-4");
    assert_eq!(hba1c.len(), 10);
    assert_eq!(hba1c[0], ("2012-02-12T05:29:14+00:00".into(), "5.915434843673958".into()));
    assert_eq!(hba1c[9], ("2020-06-14T05:29:14+00:00".into(), "6.270038819212741".into()));
    let active = |view: &View| matches!(view, View::MedicationRequest(m) if m.status.code() == "active");
    assert_eq!(count(&parcels, active), 5);
    assert_eq!(count(&parcels, |view| matches!(view, View::Immunization(_))), 12);
    assert_eq!(count(&parcels, |view| matches!(view, View::DiagnosticReport(_))), 21);
    assert_eq!(count(&parcels, |view| matches!(view, View::Encounter(_))), 35);
    let mut allergies: Vec<String> = views(&parcels)
        .filter_map(
            |view| if let View::AllergyIntolerance(a) = view { Some(a.code.shown().to_lowercase()) } else { None },
        )
        .collect();
    allergies.sort();
    assert_eq!(allergies.len(), 3);
    for word in ["fish", "dust mite", "tree pollen"] {
        assert_eq!(allergies.iter().filter(|allergy| allergy.contains(word)).count(), 1, "{word}");
    }
    let claims = parcels.iter().filter(|parcel| &*parcel.resource == "ExplanationOfBenefit");
    assert_eq!(claims.clone().count(), 35);
    assert!(claims.into_iter().all(|parcel| matches!(parcel.reading, Reading::Unusable(Reason::UnsupportedType))));
}

#[test]
fn josue_sipes() {
    let Some(samples) = samples() else { return };
    let parcels = bundle(&samples, "Josue_Sipes");
    assert_eq!(parcels.len(), 959);
    let lab = |view: &View| matches!(view, View::Observation(o) if o.category == ObservationCategory::Laboratory);
    assert_eq!(count(&parcels, lab), 484);
    let hba1c = series(&parcels, "4548-4");
    assert_eq!(hba1c.len(), 26);
    assert!(hba1c[25].0.starts_with("2021-03-13"));
    assert_eq!(hba1c[25].1, "2.8697750319521544");
    let pressure = |view: &View| matches!(view, View::Observation(o) if VitalSign::of(o) == Some(VitalSign::BloodPressure) && o.components.len() == 2);
    assert_eq!(count(&parcels, pressure), 26);
    assert_eq!(series(&parcels, VitalSign::SYSTOLIC).last().unwrap().1, "179.60435632790262");
    assert_eq!(series(&parcels, VitalSign::DIASTOLIC).last().unwrap().1, "98.17363457023427");
    assert_eq!(count(&parcels, |view| matches!(view, View::AllergyIntolerance(_))), 0);
    let conditions =
        |status: &str| count(&parcels, |view| matches!(view, View::Condition(c) if c.clinical_status.code() == status));
    assert_eq!((conditions("active"), conditions("resolved")), (19, 3));
}

#[test]
fn children_and_the_dead() {
    let Some(samples) = samples() else { return };
    let jorge = bundle(&samples, "Jorge_Brekke");
    assert_eq!(patient(&jorge).birth_date.as_ref().unwrap().as_str(), "2012-11-11");
    assert_eq!(count(&jorge, |view| matches!(view, View::AllergyIntolerance(_))), 10);
    assert_eq!(count(&jorge, |view| matches!(view, View::Immunization(_))), 35);
    let vaccine = |code: &str| count(&jorge, |view| matches!(view, View::Immunization(i) if i.vaccine.has_code(code)));
    assert_eq!((vaccine("140"), vaccine("20"), vaccine("10")), (8, 5, 4));
    let drugs =
        |status: &str| count(&jorge, |view| matches!(view, View::MedicationRequest(m) if m.status.code() == status));
    assert_eq!((drugs("active"), drugs("stopped")), (3, 4));

    let carla = bundle(&samples, "Carla_Echevarr");
    assert_eq!(patient(&carla).birth_date.as_ref().unwrap().as_str(), "2005-05-03");
    assert!(patient(&carla).languages.iter().any(|language| language.as_str().contains("Spanish")));
    let yaz = |view: &View| matches!(view, View::MedicationRequest(m) if m.shown().contains("Yaz 28 Day Pack"));
    assert!(count(&carla, yaz) > 0);

    let parker = bundle(&samples, "Parker_Casper");
    assert_eq!(count(&parker, |view| matches!(view, View::DiagnosticReport(_))), 26);
    let Deceased::At(died) = &patient(&parker).deceased else { panic!("alive") };
    assert_eq!(died.as_str(), "2021-02-21T19:27:45+00:00");
    let active = |view: &View| matches!(view, View::MedicationRequest(m) if m.status.code() == "active");
    assert_eq!(count(&parker, active), 12);

    let luigi = bundle(&samples, "Luigi_Wiegand");
    assert_eq!(luigi.len(), 61);
    assert_eq!(count(&luigi, |view| matches!(view, View::Immunization(_))), 12);
    let weights = series(&luigi, "29463-7");
    assert_eq!((weights.len(), weights[3].1.as_str()), (4, "6.604766687497366"));

    let jose = bundle(&samples, "José_María_Casares");
    let given: Vec<&str> = patient(&jose).names[0].given.iter().map(|name| name.as_str()).collect();
    assert_eq!(given, ["José María"]);
    let alden = bundle(&samples, "Alden_Considine");
    assert_eq!(series(&alden, "4548-4").last().unwrap().1, "6.141551260747308");
}

#[test]
fn bulk_export_of_ten_patients() {
    let Some(samples) = samples() else { return };
    let delivery = deliver(&[samples.join("bulk-ndjson/synthea-10-patients")]);
    assert_eq!(delivery.total().patients, 13);
    let mut by_status: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let (mut notes, mut dead, mut women) = (0, 0, 0);
    let mut visits_of: BTreeMap<String, usize> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for parcel in delivery.parcels() {
        let Reading::Item { subject, view, identity, .. } = parcel.reading else { continue };
        match &view {
            View::Patient(patient) => {
                known.insert(identity.id.as_str().to_owned());
                dead += usize::from(matches!(patient.deceased, Deceased::At(_)));
                women += usize::from(patient.gender.unwrap().code() == "female");
                assert!(delivery.brings(&identity));
            }
            View::Encounter(_) => {
                *by_status.entry(("visit", "")).or_default() += 1;
                *visits_of.entry(subject.id.as_str().to_owned()).or_default() += 1;
            }
            View::DocumentReference(document) => {
                *by_status.entry(("document", document.status.code())).or_default() += 1;
                let text = document.content[0].text.as_ref().unwrap();
                notes += usize::from(text.as_str().contains("# Chief Complaint"));
            }
            View::MedicationRequest(drug) => *by_status.entry(("drug", drug.status.code())).or_default() += 1,
            View::Condition(condition) => {
                *by_status.entry(("condition", condition.clinical_status.code())).or_default() += 1;
            }
            View::Immunization(_) => *by_status.entry(("vaccine", "")).or_default() += 1,
            View::AllergyIntolerance(_) => *by_status.entry(("allergy", "")).or_default() += 1,
            _ => {}
        }
        assert!(known.contains(subject.id.as_str()), "a subject came after its items");
    }
    assert_eq!((women, dead, notes), (9, 3, 1215));
    let expected = [
        (("visit", ""), 1215),
        (("document", "superseded"), 1202),
        (("document", "current"), 13),
        (("drug", "stopped"), 1722),
        (("drug", "active"), 23),
        (("condition", "resolved"), 448),
        (("condition", "active"), 107),
        (("vaccine", ""), 161),
        (("allergy", ""), 11),
    ];
    assert_eq!(by_status, BTreeMap::from(expected));
    assert_eq!(visits_of["79a66c97-6131-3213-f3c9-4606946ab056"], 708);
}

/// Every reference that a view keeps, with the element it stands in.
fn references(view: &mut View) -> Vec<SourceRef> {
    let mut all: Vec<SourceRef> = view.encounter().cloned().into_iter().collect();
    all.extend(view.parties_mut().into_iter().filter_map(|party| party.at.clone()));
    match view {
        View::DiagnosticReport(report) => all.extend(report.results.iter().cloned()),
        View::Observation(observation) => all.extend(observation.members.iter().cloned()),
        _ => {}
    }
    all
}

#[test]
fn every_synthea_reference_leads_somewhere() {
    let Some(samples) = samples() else { return };
    let delivery = deliver(&[samples.join("fhir-r4/synthea")]);
    assert!(delivery.refused().is_empty());
    let mut known: BTreeSet<(String, String)> = BTreeSet::new();
    let mut asked = Vec::new();
    for parcel in delivery.parcels() {
        match parcel.reading {
            Reading::Item { identity, subject, mut view, .. } => {
                known.insert((identity.kind.as_str().into(), identity.id.as_str().into()));
                asked.push((parcel.place, subject));
                asked.extend(references(&mut view).into_iter().map(|reference| (parcel.place, reference)));
            }
            Reading::Directory(entry) => {
                let kind: String = entry.identity.kind.as_str().into();
                known.insert((kind.clone(), entry.identity.id.as_str().into()));
                known.extend(entry.aliases.iter().map(|alias| (kind.clone(), alias.as_str().into())));
            }
            Reading::Unusable(reason) => assert_eq!(reason, Reason::UnsupportedType),
            Reading::Merge(_) => panic!("a merge"),
        }
    }
    assert!(asked.len() > 5000);
    let lost: Vec<_> = asked
        .iter()
        .filter(|(_, to)| !known.contains(&(to.kind.as_str().into(), to.id.as_str().into())))
        .map(|(place, to)| (place.document, to.kind.as_str().to_owned(), to.id.as_str().starts_with('?')))
        .collect();
    // Dino214 names clinicians and places of another export by their identifiers.
    assert!(lost.iter().all(|(_, _, by_query)| *by_query), "{lost:?}");
    let documents: BTreeSet<u32> = lost.iter().map(|(document, ..)| *document).collect();
    assert!(documents.len() <= 1);
}

#[test]
fn official_examples_give_a_view_or_a_reason() {
    let Some(samples) = samples() else { return };
    let delivery = deliver(&[samples.join("fhir-r4/hl7-examples"), samples.join("fhir-r4/us-core-6.1.0-examples")]);
    assert!(delivery.refused().is_empty());
    let supported = [
        "Patient",
        "Observation",
        "DiagnosticReport",
        "MedicationRequest",
        "Encounter",
        "DocumentReference",
        "Immunization",
        "Condition",
        "AllergyIntolerance",
        "Procedure",
        "Appointment",
        "Practitioner",
        "PractitionerRole",
        "Organization",
        "Location",
        "Medication",
    ];
    let mut reasons = Vec::new();
    for parcel in delivery.parcels() {
        if let Reading::Unusable(reason) = parcel.reading {
            if supported.contains(&&*parcel.resource) {
                reasons.push((parcel.resource.to_string(), reason));
            } else {
                assert_eq!(reason, Reason::UnsupportedType, "{}", parcel.resource);
            }
        }
    }
    reasons.sort_by_key(|(resource, _)| resource.clone());
    // HL7's own examples have a medication without anything in it and an observation about nobody.
    let expected = [("Medication".to_owned(), Reason::Missing("name")), ("Observation".to_owned(), Reason::NoSubject)];
    assert_eq!(reasons, expected);
}

fn example(samples: &Path, name: &str) -> View {
    let delivery = deliver(&[samples.join("fhir-r4/hl7-examples").join(name)]);
    let parcel = delivery.parcels().next().unwrap();
    match parcel.reading {
        Reading::Item { view, .. } => view,
        Reading::Unusable(reason) => panic!("{name}: {reason}"),
        Reading::Directory(_) | Reading::Merge(_) => panic!("{name}: a name only"),
    }
}

#[test]
fn what_is_negated_is_never_a_fact() {
    let Some(samples) = samples() else { return };
    let View::Immunization(vaccine) = example(&samples, "Immunization-notGiven.json") else { panic!() };
    assert_eq!((vaccine.status, vaccine.standing()), (ImmunizationStatus::NotDone, Standing::NotDone));
    let View::Observation(pressure) = example(&samples, "Observation-blood-pressure-cancel.json") else { panic!() };
    assert_eq!(pressure.standing(), Standing::NotDone);
    assert_eq!(pressure.components.len(), 2);
    for component in &pressure.components {
        assert!(matches!(&component.value, Value::Absent(why) if why.has_code("not-asked")));
    }
    assert_eq!(example(&samples, "AllergyIntolerance-nka.json").standing(), Standing::Negated);
    let View::Appointment(appointment) = example(&samples, "Appointment-example.json") else { panic!() };
    assert_eq!((appointment.status.code(), appointment.participants.len()), ("booked", 2));
    assert_eq!(appointment.start.as_ref().unwrap().as_str(), "2013-12-10T09:00:00Z");
    let View::MedicationRequest(drug) = example(&samples, "MedicationRequest-medrx0302.json") else { panic!() };
    assert_eq!(drug.medication.code_in(&mychartum_core::kernel::CodeSystem::SnomedCt), Some("324252006"));
    assert!(drug.medication_at.is_none());
}

/// A small generator of the same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

#[test]
fn damaged_documents_are_read_or_refused() {
    let Some(samples) = samples() else { return };
    let mut originals = Vec::new();
    for folder in ["fhir-r4/hl7-examples", "fhir-r4/us-core-6.1.0-examples", "bulk-ndjson/cumulus-simple"] {
        let mut paths: Vec<_> =
            fs::read_dir(samples.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        originals.extend(paths.iter().map(|path| fs::read(path).unwrap()).filter(|bytes| bytes.len() < 12_000));
    }
    assert!(originals.len() > 100);
    let mut dice = Dice(1);
    for round in 0..2000 {
        let mut bytes = originals[dice.below(originals.len())].clone();
        match round % 4 {
            0 => bytes.truncate(dice.below(bytes.len())),
            1 => {
                let at = dice.below(bytes.len());
                bytes[at] = u8::try_from(dice.below(256)).unwrap();
            }
            2 => {
                for _ in 0..5 {
                    let at = dice.below(bytes.len());
                    bytes[at] = b"{}[]\",:\\0\n"[dice.below(10)];
                }
            }
            _ => {
                let (from, to) = (dice.below(bytes.len()), dice.below(bytes.len()));
                bytes.drain(from.min(to)..from.max(to));
            }
        }
        let delivery = FhirDelivery::open(vec![Input::bytes("damaged", bytes)], Limits::default(), &mut |_| {});
        let parcels = delivery.parcels().count() as u64;
        assert_eq!(parcels, delivery.total().resources);
        assert_eq!(delivery.total().documents + delivery.total().refused, 1);
    }
}
