//! The synthetic world keeps its promises: the same bytes each time, whole records, and every awkward case in its place.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::NaiveDate;
use mychartum_testkit::world::{Delivery, OTHER_LINES, Person, Role, World, population};
use serde_json::Value;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Days that trip date arithmetic: an ordinary Monday, a leap day, both clock changes, the ends of a year.
const DAYS: [&str; 6] = ["2026-03-02", "2028-02-29", "2026-03-08", "2026-11-01", "2025-12-31", "2027-01-01"];

fn world() -> World {
    World::household(7, day("2026-03-02"))
}

fn resources(delivery: &Delivery) -> Vec<(String, Value)> {
    let bundle: Value = serde_json::from_str(&delivery.text).unwrap();
    assert_eq!(bundle["resourceType"], "Bundle");
    assert_eq!(bundle["type"], "collection");
    let entries = bundle["entry"].as_array().unwrap();
    entries.iter().map(|entry| (entry["fullUrl"].as_str().unwrap().to_owned(), entry["resource"].clone())).collect()
}

fn all(world: &World) -> Vec<Value> {
    world.deliveries().iter().flat_map(resources).map(|(_, resource)| resource).collect()
}

/// The resources of one person: those whose subject, patient or participant is one of the person's records.
fn record(world: &World, person: &Person) -> Vec<Value> {
    let ids: Vec<&str> = person.records.iter().map(|(_, id)| id.as_str()).collect();
    let is_theirs =
        |node: &Value| node["reference"].as_str().is_some_and(|text| ids.iter().any(|id| text.ends_with(id)));
    let belongs = |resource: &Value| {
        is_theirs(&resource["subject"])
            || is_theirs(&resource["patient"])
            || resource["participant"].as_array().is_some_and(|all| all.iter().any(|one| is_theirs(&one["actor"])))
    };
    all(world).into_iter().filter(belongs).collect()
}

fn person(world: &World, role: Role) -> Person {
    world.people().iter().find(|person| person.role == role).unwrap().clone()
}

/// Calls `visit` with every object in the tree.
fn walk(node: &Value, visit: &mut impl FnMut(&serde_json::Map<String, Value>)) {
    match node {
        Value::Object(fields) => {
            visit(fields);
            fields.values().for_each(|value| walk(value, visit));
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

fn kind(resource: &Value) -> &str {
    resource["resourceType"].as_str().unwrap()
}

fn category(resource: &Value) -> &str {
    resource["category"][0]["coding"][0]["code"].as_str().unwrap_or("")
}

fn code(resource: &Value) -> &str {
    resource["code"]["coding"][0]["code"].as_str().unwrap_or("")
}

#[test]
fn the_same_seed_and_day_give_the_same_bytes() {
    assert_eq!(world().deliveries(), world().deliveries());
    assert_eq!(world().people(), world().people());
    let other_seed = World::household(8, day("2026-03-02"));
    assert_ne!(world().deliveries(), other_seed.deliveries());
    assert_ne!(world().people()[0].records, other_seed.people()[0].records);
    let other_day = World::household(7, day("2026-03-03"));
    assert_ne!(world().deliveries(), other_day.deliveries());
}

#[test]
fn bundles_are_json_with_unique_names_and_ids() {
    let deliveries = world().deliveries();
    let names: HashSet<&str> = deliveries.iter().map(|delivery| delivery.name.as_str()).collect();
    assert_eq!(names.len(), deliveries.len());
    let mut versions = HashSet::new();
    for delivery in &deliveries {
        assert!(!delivery.text.contains('\n'), "one line a bundle");
        assert!(!delivery.text.contains("null") && !delivery.text.contains("[]"), "FHIR has neither null nor []");
        for (address, resource) in resources(delivery) {
            let id = resource["id"].as_str().unwrap();
            assert!(address.ends_with(id));
            let version = resource["meta"]["versionId"].as_str().unwrap_or("1").to_owned();
            let is_patient = kind(&resource) == "Patient";
            let is_new = versions.insert((delivery.source, kind(&resource).to_owned(), id.to_owned(), version));
            assert!(is_new || is_patient, "only the patient is sent again unchanged: {} {id}", kind(&resource));
        }
    }
}

#[test]
fn every_reference_resolves_within_its_source() {
    for text in DAYS {
        let deliveries = World::household(3, day(text)).deliveries();
        let mut known: BTreeMap<&str, HashSet<String>> = BTreeMap::new();
        let mut forms = BTreeSet::new();
        for delivery in &deliveries {
            let here = resources(delivery);
            let local: HashSet<String> = here.iter().map(|(address, _)| address.clone()).collect();
            let of_source = known.entry(delivery.source).or_default();
            for (_, resource) in &here {
                of_source.insert(format!("{}/{}", kind(resource), resource["id"].as_str().unwrap()));
            }
            for (_, resource) in &here {
                walk(resource, &mut |fields| {
                    let Some(reference) = fields.get("reference").and_then(Value::as_str) else { return };
                    if reference.starts_with("urn:uuid:") {
                        forms.insert("urn");
                        assert!(local.contains(reference), "{reference} is not in its bundle {}", delivery.name);
                    } else {
                        forms.insert("relative");
                        assert!(of_source.contains(reference), "{reference} is unknown to {}", delivery.source);
                    }
                });
            }
        }
        assert_eq!(forms.len(), 2, "both forms of reference are in use");
    }
}

#[test]
fn each_person_has_something_in_every_section() {
    let world = world();
    for person in world.people() {
        let record = record(&world, person);
        let count = |wanted: &str| record.iter().filter(|resource| kind(resource) == wanted).count();
        let observations =
            |wanted: &str| record.iter().filter(|one| kind(one) == "Observation" && category(one) == wanted).count();
        assert!(observations("laboratory") > 0, "results of {:?}", person.role);
        assert!(observations("vital-signs") > 0, "vitals of {:?}", person.role);
        for section in [
            "MedicationRequest",
            "Immunization",
            "Condition",
            "AllergyIntolerance",
            "Encounter",
            "DiagnosticReport",
            "DocumentReference",
            "Procedure",
            "Appointment",
        ] {
            assert!(count(section) > 0, "{section} of {:?}", person.role);
        }
    }
}

#[test]
fn people_are_found_under_the_ids_they_are_given() {
    for text in DAYS {
        let today = day(text);
        let world = World::household(11, today);
        let deliveries = world.deliveries();
        let ages: Vec<u32> = world.people().iter().map(|one| today.years_since(one.birth_date).unwrap()).collect();
        assert_eq!(ages, [74, 45, 15, 2]);
        for person in world.people() {
            assert!(
                person.username_hint.len() >= 3 && person.username_hint.bytes().all(|byte| byte.is_ascii_lowercase())
            );
            for (source, id) in &person.records {
                let patient = deliveries
                    .iter()
                    .filter(|delivery| delivery.source == *source)
                    .flat_map(resources)
                    .map(|(_, resource)| resource)
                    .find(|resource| kind(resource) == "Patient" && resource["id"] == id.as_str())
                    .expect("the patient is delivered");
                assert_eq!(patient["name"][0]["text"], person.name.as_str());
                assert_eq!(patient["birthDate"], person.birth_date.to_string().as_str());
            }
        }
    }
}

#[test]
fn every_code_has_a_system_and_a_name() {
    for resource in all(&world()) {
        walk(&resource, &mut |fields| {
            for coding in fields.get("coding").and_then(Value::as_array).into_iter().flatten() {
                for part in ["system", "code", "display"] {
                    assert!(coding[part].as_str().is_some_and(|text| !text.is_empty()), "{part} in {coding}");
                }
            }
            if let (Some(unit), Some(_)) = (fields.get("code"), fields.get("value")) {
                assert!(unit.as_str().is_some_and(|text| !text.is_empty()));
                assert_eq!(fields["system"], "http://unitsofmeasure.org");
            }
        });
        if kind(&resource) == "Encounter" {
            assert!(resource["class"]["system"].is_string());
        }
    }
}

#[test]
fn decimals_are_short_and_keep_their_zeros() {
    let deliveries = world().deliveries();
    let mut long = 0;
    for delivery in &deliveries {
        for part in delivery.text.split("\"value\":").skip(1).filter(|part| !part.starts_with('"')) {
            let number: String =
                part.chars().take_while(|letter| letter.is_ascii_digit() || ".-".contains(*letter)).collect();
            let places = number.split_once('.').map_or(0, |(_, places)| places.len());
            assert!(!number.is_empty() && number.len() <= 6 && places <= 2, "{number}");
            long += usize::from(number.ends_with('0') && places > 0);
        }
    }
    assert!(long > 0, "some decimal ends in a zero that a float would lose");
}

/// Dates of facts, as they stand in the text: `YYYY-MM-DD` or an instant that begins so.
fn latest(resource: &Value) -> Option<NaiveDate> {
    match resource {
        Value::String(text) => {
            text.get(..10).filter(|_| text.len() == 10 || text.get(10..11) == Some("T"))?.parse().ok()
        }
        Value::Array(items) => items.iter().filter_map(latest).max(),
        Value::Object(fields) => fields.values().filter_map(latest).max(),
        _ => None,
    }
}

#[test]
fn only_appointments_lie_in_the_future() {
    for text in DAYS {
        for seed in [0, u64::MAX] {
            let today = day(text);
            let world = World::household(seed, today);
            for resource in all(&world) {
                if kind(&resource) == "Appointment" {
                    let start = latest(&resource["start"]).unwrap();
                    assert!(start > today, "appointments are to come");
                    assert!(latest(&resource["created"]).unwrap() < today);
                    assert!(latest(&resource["meta"]).unwrap() < today);
                } else if let Some(latest) = latest(&resource) {
                    assert!(latest < today, "{} at {latest} as seen on {today}", kind(&resource));
                }
            }
        }
    }
}

#[test]
fn nothing_happens_before_birth_and_results_follow_their_sample() {
    for text in DAYS {
        let world = World::household(5, day(text));
        for person in world.people() {
            for resource in record(&world, person) {
                if let Some(date) = latest(&resource["effectiveDateTime"]) {
                    assert!(date >= person.birth_date);
                    let at = resource["effectiveDateTime"].as_str().unwrap();
                    assert!(resource["issued"].as_str().unwrap() >= at, "{}", code(&resource));
                }
            }
        }
    }
}

#[test]
fn the_grandmothers_record_holds_the_awkward_cases() {
    let world = world();
    let record = record(&world, &person(&world, Role::Grandmother));
    let find = |wanted: &dyn Fn(&Value) -> bool| record.iter().filter(|one| wanted(one)).count();
    let status = |resource_kind: &str, wanted: &str| find(&|one| kind(one) == resource_kind && one["status"] == wanted);

    assert_eq!(find(&|one| code(one) == "4548-4" && one["status"] == "final"), 40, "HbA1c each quarter");
    assert_eq!(status("Observation", "entered-in-error"), 1);
    assert_eq!(status("Observation", "preliminary"), 1);
    assert_eq!(find(&|one| one["status"] == "cancelled" && one["dataAbsentReason"].is_object()), 1);
    assert_eq!(status("DiagnosticReport", "amended"), 1);
    assert!(find(&|one| one["valueQuantity"]["comparator"] == "<" && one["valueQuantity"]["unit"] == "mg/g") > 0);
    assert!(find(&|one| one["valueString"].is_string()) > 2);
    assert!(find(&|one| one["valueCodeableConcept"]["text"] == "Negative") > 0);
    assert!(find(&|one| code(one) == "1558-6") > 0 && find(&|one| code(one) == "14771-0") > 0, "two units of glucose");
    assert_eq!(status("Immunization", "not-done"), 1);
    assert_eq!(status("Procedure", "not-done"), 1);
    assert_eq!(status("Appointment", "cancelled"), 1);
    assert!(status("Appointment", "booked") >= 2);
    for refuted in ["Condition", "AllergyIntolerance"] {
        let is_refuted = |one: &Value| one["verificationStatus"]["coding"][0]["code"] == "refuted";
        assert_eq!(find(&|one| kind(one) == refuted && is_refuted(one)), 1, "{refuted}");
    }
    let ranges: HashSet<&str> = record
        .iter()
        .filter(|one| code(one) == "2160-0")
        .filter_map(|one| one["referenceRange"][0]["text"].as_str())
        .collect();
    assert_eq!(ranges.len(), 2, "the creatinine range changed once");
    assert!(find(&|one| kind(one) == "Encounter" && one["class"]["code"] == "IMP") == 1);
    let types: HashSet<&str> = record.iter().filter_map(|one| one["type"]["coding"][0]["code"].as_str()).collect();
    for wanted in ["11506-3", "34117-2", "8653-8", "18842-5"] {
        assert!(types.contains(wanted), "document type {wanted}");
    }
}

#[test]
fn a_correction_comes_later_under_the_same_id() {
    let mut versions: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for delivery in world().deliveries() {
        for (_, resource) in resources(&delivery) {
            if ["Observation", "DiagnosticReport"].contains(&kind(&resource)) {
                let text = |node: &Value| node.as_str().unwrap().to_owned();
                let seen = (text(&resource["meta"]["versionId"]), text(&resource["status"]));
                versions.entry(text(&resource["id"])).or_default().push(seen);
            }
        }
    }
    let mut changed: Vec<Vec<(String, String)>> = versions.into_values().filter(|seen| seen.len() > 1).collect();
    changed.sort();
    let seen = |first: &str, then: &str| vec![("1".to_owned(), first.to_owned()), ("2".to_owned(), then.to_owned())];
    assert_eq!(changed, [seen("final", "amended"), seen("final", "corrected")]);
}

#[test]
fn the_teenagers_private_visit_is_labelled_throughout() {
    let world = world();
    let record = record(&world, &person(&world, Role::Teenager));
    let labelled: Vec<&Value> = record.iter().filter(|one| one["meta"]["security"][0]["code"] == "SEX").collect();
    let kinds: HashSet<&str> = labelled.iter().map(|one| kind(one)).collect();
    for wanted in ["Encounter", "DocumentReference", "MedicationRequest", "Observation", "Specimen", "Appointment"] {
        assert!(kinds.contains(wanted), "{wanted}");
    }
    let visit = labelled.iter().find(|one| kind(one) == "Encounter").unwrap()["id"].as_str().unwrap().to_owned();
    for one in &record {
        let points_at_it = one.to_string().contains(&visit) && kind(one) != "Encounter";
        assert!(!points_at_it || one["meta"]["security"].is_array(), "{} of the visit is not labelled", kind(one));
    }
}

#[test]
fn notes_are_whole_texts_and_one_page_carries_a_script() {
    let mut texts = HashSet::new();
    let mut scripts = 0;
    for resource in all(&world()).iter().filter(|one| kind(one) == "DocumentReference") {
        let attachment = &resource["content"][0]["attachment"];
        let text = decode(attachment["data"].as_str().unwrap());
        assert_eq!(attachment["size"], text.len());
        assert!(text.len() > 600, "{} is too short to be a note", attachment["title"]);
        scripts += usize::from(attachment["contentType"] == "text/html; charset=utf-8" && text.contains("<script>"));
        assert!(texts.insert(text), "no note is used twice");
    }
    assert_eq!(scripts, 1);
    assert!(texts.len() >= 20);
}

/// A decoder of its own, so that the encoder is not checked by itself.
fn decode(data: &str) -> String {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = 0_u32;
    let mut held = 0;
    let mut bytes = Vec::new();
    for letter in data.trim_end_matches('=').chars() {
        bits = (bits << 6) | u32::try_from(letters.find(letter).unwrap()).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xFF).unwrap());
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_toddlers_lead_is_below_the_limit_and_someone_has_no_known_allergy() {
    let world = world();
    let toddler = record(&world, &person(&world, Role::Toddler));
    let lead = toddler.iter().find(|one| code(one) == "10368-9" && kind(one) == "Observation").unwrap();
    assert_eq!(lead["valueQuantity"]["comparator"], "<");
    assert_eq!(lead["valueQuantity"]["value"].to_string(), "3.3");
    assert!(toddler.iter().any(|one| code(one) == "716186003"));
    for role in [Role::Grandmother, Role::Daughter, Role::Teenager] {
        let reacts = |one: &Value| kind(one) == "AllergyIntolerance" && one["reaction"].is_array();
        assert!(record(&world, &person(&world, role)).iter().any(reacts), "{role:?}");
    }
}

#[test]
fn identifiers_of_practitioners_are_plainly_invented() {
    let world = all(&world());
    let practitioners: Vec<&Value> = world.iter().filter(|one| kind(one) == "Practitioner").collect();
    let numbers: HashSet<&str> =
        practitioners.iter().map(|one| one["identifier"][0]["value"].as_str().unwrap()).collect();
    assert_eq!(numbers.len(), 8);
    assert!(numbers.iter().all(|number| number.starts_with("9999") && number.len() == 10));
    let organizations = world.iter().filter(|one| kind(one) == "Organization");
    assert!(organizations.clone().count() >= 3);
    assert!(organizations.into_iter().all(|one| one["address"][0]["line"].is_array() && one["telecom"].is_array()));
}

#[test]
fn a_population_yields_what_was_asked_patient_first() {
    let lines: Vec<Value> = population(9, 3, 25).map(|line| serde_json::from_str(&line).unwrap()).collect();
    assert_eq!(lines.len(), 3 * (25 + OTHER_LINES));
    for record in lines.chunks(25 + OTHER_LINES) {
        assert_eq!(kind(&record[0]), "Patient");
        let patient = format!("Patient/{}", record[0]["id"].as_str().unwrap());
        let mut ids = HashSet::new();
        for one in &record[1..] {
            let owner = if kind(one) == "Immunization" { &one["patient"] } else { &one["subject"] };
            assert_eq!(owner["reference"], patient.as_str());
            assert!(ids.insert(one["id"].as_str().unwrap()));
        }
        let results: Vec<&Value> = record.iter().filter(|one| kind(one) == "Observation").collect();
        assert_eq!(results.len(), 25);
        assert!(results.is_sorted_by_key(|one| one["effectiveDateTime"].as_str().unwrap().get(..10)));
        assert!(results.iter().all(|one| one["valueQuantity"]["value"].is_number()));
    }
    assert_eq!(population(9, 0, 25).count(), 0);
    assert_eq!(population(9, 5, 0).count(), 5 * OTHER_LINES);
}

#[test]
fn a_population_is_lazy_and_stable() {
    let huge: Vec<String> = population(9, usize::MAX, usize::MAX / 2).take(50).collect();
    assert_eq!(huge.len(), 50, "asking for fifty lines of an endless population ends");
    let few: Vec<String> = population(9, 2, 8).collect();
    let more: Vec<String> = population(9, 4, 8).take(few.len()).collect();
    assert_eq!(few, more, "a patient keeps its lines whatever the size of the population");
    assert_ne!(few, population(10, 2, 8).collect::<Vec<_>>());
    assert!(few.iter().all(|line| !line.contains('\n')));
}
