//! Deliveries through the public reader: shapes of documents, damage, identity, references, dirty elements.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::io::Write;

use mychartum_adapters::fhir::{FhirDelivery, FileErrorKind, Input, Limits};
use mychartum_core::chart::{Deceased, Standing, Value, View};
use mychartum_core::sync::{Parcel, Reading, Reason};

const UUID: &str = "75c71918-f07f-4492-af1a-ce006a1e8aaf";

fn open(documents: &[(&str, &[u8])], limits: Limits) -> FhirDelivery {
    let inputs = documents.iter().map(|(name, bytes)| Input::bytes(name, *bytes)).collect();
    FhirDelivery::open(inputs, limits, &mut |_| {})
}

fn deliver(documents: &[&str]) -> FhirDelivery {
    let named: Vec<(&str, &[u8])> = documents.iter().map(|text| ("document", text.as_bytes())).collect();
    open(&named, Limits::default())
}

/// What became of a resource, in one line.
fn line(parcel: &Parcel) -> String {
    let place = parcel.place.entry.map_or_else(|| "-".to_owned(), |entry| entry.to_string());
    match &parcel.reading {
        Reading::Item { identity, subject, .. } => {
            format!("{place} {}/{} of {}", identity.kind.as_str(), identity.id.as_str(), subject.id.as_str())
        }
        Reading::Directory(entry) => format!("{place} {} {}", entry.identity.id.as_str(), entry.name.as_str()),
        Reading::Unusable(reason) => format!("{place} {} {reason}", parcel.resource),
        Reading::Merge(_) => panic!("a merge"),
    }
}

fn lines(documents: &[&str]) -> Vec<String> {
    let delivery = deliver(documents);
    assert!(delivery.refused().is_empty(), "{:?}", delivery.refused());
    delivery.parcels().map(|parcel| line(&parcel)).collect()
}

fn view(json: &str) -> View {
    let delivery = deliver(&[json]);
    let parcel = delivery.parcels().next().unwrap();
    match parcel.reading {
        Reading::Item { view, .. } => view,
        Reading::Unusable(reason) => panic!("{reason}: {json}"),
        Reading::Directory(_) | Reading::Merge(_) => panic!("a name only: {json}"),
    }
}

fn reason(json: &str) -> Reason {
    let delivery = deliver(&[json]);
    match delivery.parcels().next().unwrap().reading {
        Reading::Unusable(reason) => reason,
        _ => panic!("usable: {json}"),
    }
}

/// An observation with more elements.
fn observation(more: &str) -> String {
    format!(
        r#"{{"resourceType":"Observation","id":"o","subject":{{"reference":"Patient/p"}},"code":{{"text":"c"}},{more}}}"#
    )
}

fn value(more: &str) -> Value {
    let View::Observation(observation) = view(&observation(more)) else { panic!("no observation") };
    observation.value
}

#[test]
fn shapes_are_told_by_content() {
    let patient = r#"{"resourceType":"Patient","id":"p"}"#;
    let pretty = "{\n  \"resourceType\": \"Patient\",\n  \"id\": \"p\"\n}\n";
    assert_eq!(lines(&[patient]), ["- Patient/p of p"]);
    assert_eq!(lines(&[pretty]), ["- Patient/p of p"]);
    assert_eq!(lines(&[&format!("\u{feff}{patient}\r\n\r\n")]), ["- Patient/p of p"]);
    assert_eq!(
        lines(&[&format!("\u{feff}{patient}\r\n\r\n{}\r\n", patient.replace("\"p\"", "\"q\""))]),
        ["1 Patient/p of p", "3 Patient/q of q"]
    );
    for kind in ["collection", "transaction", "batch", "searchset", "document", "history"] {
        let bundle = format!(
            r#"{{"entry":[{{"resource":{patient}}},{{"request":{{"method":"DELETE","url":"Observation/1"}}}}],"type":"{kind}","resourceType":"Bundle"}}"#
        );
        assert_eq!(lines(&[&bundle]), ["0 Patient/p of p", "1 Observation missing: resource"]);
    }
    assert_eq!(lines(&[&format!(r#"{{"resourceType":"Bundle","entry":{{"resource":{patient}}}}}"#)]).len(), 1);
    assert!(lines(&[r#"{"resourceType":"Bundle","type":"searchset"}"#]).is_empty());
    assert_eq!(
        lines(&[r#"{"resourceType":"List","entry":[{"item":{}}]}"#]),
        ["- List no view for this type of resource"]
    );
    assert_eq!(lines(&["[1]"]), ["-  not a resource: resourceType is missing"]);
    assert_eq!(lines(&[r#"{"a":1}"#]), ["-  not a resource: resourceType is missing"]);
}

#[test]
fn originals_are_kept_to_the_byte() {
    let resource = "{ \"resourceType\":\"Patient\",\r\n\t\"id\":\"p\", \"x\":1.50 }";
    let bundle = format!("{{\"resourceType\":\"Bundle\",\"entry\":[ {{ \"resource\" : {resource} }} ]}}");
    for document in [resource.to_owned(), bundle] {
        let delivery = deliver(&[&document]);
        assert_eq!(delivery.parcels().next().unwrap().original, resource.as_bytes());
    }
}

/// A document, why it is refused, at which line and column, and in which entry.
type Refusal = (Vec<u8>, FileErrorKind, Option<(u64, u64)>, Option<u64>);

#[test]
fn damaged_documents_are_refused_with_their_place() {
    let deep = format!("{{\"resourceType\":\"Patient\",\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
    let bundle = |entry: &str| format!("{{\n\"resourceType\":\"Bundle\",\n\"entry\":[{{}},\n{entry}]}}");
    let cases: Vec<Refusal> = vec![
        (b"".to_vec(), FileErrorKind::Empty, Some((1, 1)), None),
        (b" \n ".to_vec(), FileErrorKind::Empty, Some((2, 2)), None),
        (b"{\"resourceType\":\"Patient\"".to_vec(), FileErrorKind::Truncated, Some((1, 26)), None),
        (b"hello".to_vec(), FileErrorKind::Syntax, Some((1, 1)), None),
        (b"{\n\"a\":1,\n}".to_vec(), FileErrorKind::Syntax, Some((3, 1)), None),
        (b"{\"a\":\"\xff\"}".to_vec(), FileErrorKind::NotUtf8, Some((1, 7)), None),
        (deep.into_bytes(), FileErrorKind::TooDeep, Some((1, 158)), None),
        (b"{\n}\n{\n}\n".to_vec(), FileErrorKind::TrailingContent, Some((2, 2)), None),
        (b"{} x".to_vec(), FileErrorKind::TrailingContent, Some((1, 3)), None),
        (b"\x1f\x8b\x08\x00\xff {} \x00".to_vec(), FileErrorKind::NotUtf8, Some((1, 1)), None),
        (b"\xff\xfe{\x00 \x00}\x00".to_vec(), FileErrorKind::NotUtf8, Some((1, 1)), None),
        (b"a text, not JSON".to_vec(), FileErrorKind::Syntax, Some((1, 1)), None),
        (bundle("{\"resource\":{\"a\":01}}").into_bytes(), FileErrorKind::Syntax, Some((4, 19)), Some(1)),
        (bundle("{\"resource\":{\"a\":").into_bytes(), FileErrorKind::Syntax, None, Some(1)),
        (bundle("{},").into_bytes(), FileErrorKind::Syntax, Some((4, 4)), None),
        (b"{\"resourceType\":\"Bundle\",\"\\u0065ntry\":[{}]}".to_vec(), FileErrorKind::Syntax, Some((1, 1)), None),
    ];
    for (bytes, kind, place, entry) in cases {
        let good = br#"{"resourceType":"Patient","id":"p"}"#;
        let delivery = open(&[("bad", &bytes), ("good", good)], Limits::default());
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(delivery.refused().len(), 1, "{shown}");
        let error = &delivery.refused()[0];
        assert_eq!((error.kind, error.document, error.entry, &*error.name), (kind, 0, entry, "bad"), "{shown}");
        assert!(place.is_none() || error.line == place, "{:?} {shown}", error.line);
        assert!(!error.to_string().contains("bad"));
        assert_eq!(delivery.parcels().count(), 1, "the others go on");
    }
}

#[test]
fn limits_hold() {
    let limits = Limits { resource: 200, document: 1000, depth: 10 };
    let long = format!(r#"{{"resourceType":"Patient","id":"{}"}}"#, "x".repeat(300));
    let patient = r#"{"resourceType":"Patient","id":"p"}"#;
    let bundle = |entries: &str| format!(r#"{{"resourceType":"Bundle","entry":[{entries}]}}"#);
    let deep = format!(r#"{{"resourceType":"Patient","id":"d","x":{}{}}}"#, "[".repeat(20), "]".repeat(20));
    for (document, kind) in [
        (long.clone(), FileErrorKind::TooLarge),
        (bundle(&format!("{{\"resource\":{long}}}")), FileErrorKind::TooLarge),
        (bundle(&vec![format!("{{\"resource\":{patient}}}"); 40].join(",")), FileErrorKind::TooLarge),
        (deep.clone(), FileErrorKind::TooDeep),
    ] {
        let delivery = open(&[("document", document.as_bytes())], limits);
        assert_eq!(delivery.refused()[0].kind, kind);
    }
    let ndjson = format!("{long}\n{deep}\n{patient}\nbroken\n{long}\n");
    let delivery = open(&[("document", ndjson.as_bytes())], limits);
    let read: Vec<Parcel> = delivery.parcels().collect();
    let shown: Vec<String> = read.iter().map(line).collect();
    assert_eq!(shown, ["3 Patient/p of p", "1  too large", "2  nested too deeply", "4  malformed", "5  too large"]);
    assert!(read.iter().all(|parcel| parcel.original.len() <= 200));
}

#[test]
fn a_bad_line_is_one_parcel() {
    let good = r#"{"resourceType":"Patient","id":"p"}"#;
    for bad in ["{\"resourceType\":\"Patient\"", "{\"a\":[", "{\"a\":\"x", "x", "{} {}", "]"] {
        for text in [format!("{bad}\n{good}\n"), format!("{good}\n{bad}\n"), format!("{bad}\n{bad}\n{good}")] {
            let delivery = deliver(&[&text]);
            assert!(delivery.refused().is_empty(), "{text}");
            let read: Vec<String> = delivery.parcels().map(|parcel| line(&parcel)).collect();
            assert!(read[0].ends_with("Patient/p of p"), "{text}");
            assert_eq!(read.len(), text.lines().count());
            assert!(read[1..].iter().all(|line| line.ends_with("malformed")), "{read:?}");
        }
    }
    let latin = [good.as_bytes(), b"\n{\"a\":\"\xe9\"}\n"].concat();
    let delivery = open(&[("document", &latin)], Limits::default());
    let last = delivery.parcels().last().unwrap();
    assert!(matches!(last.reading, Reading::Unusable(Reason::Malformed)));
    assert_eq!(last.original, b"{\"a\":\"\xe9\"}");
    // Where the content cannot tell, the name does.
    assert_eq!(open(&[("a.ndjson", b"{\"a\":")], Limits::default()).total().resources, 1);
    assert_eq!(open(&[("a.ndjson", b"")], Limits::default()).total().refused, 0);
    assert_eq!(open(&[("a.json", b"{\"a\":")], Limits::default()).total().refused, 1);
}

#[test]
fn identities_and_references_meet() {
    let other = "11111111-1111-1111-1111-111111111111";
    let bundle = format!(
        r#"{{"resourceType":"Bundle","type":"transaction","entry":[
        {{"fullUrl":"urn:uuid:{other}","resource":{{"resourceType":"Observation","code":{{"text":"c"}},
            "subject":{{"reference":"urn:uuid:{UUID}"}},"encounter":{{"reference":"urn:uuid:e"}},
            "performer":[{{"reference":"Practitioner?identifier=npi%7C1"}},{{"reference":"urn:uuid:{other}"}},
                {{"type":"Organization","identifier":{{"system":"s","value":"v"}}}},{{"display":"Nobody"}}]}}}},
        {{"resource":{{"resourceType":"Observation","code":{{"text":"c"}},"subject":{{"reference":"Patient/1"}}}}}},
        {{"fullUrl":"http://example.org/fhir/Observation/77","resource":{{"resourceType":"Observation","code":{{"text":"c"}},
            "subject":{{"reference":"Patient?identifier=mrn|007"}}}}}},
        {{"resource":{{"resourceType":"Practitioner","id":"d1","identifier":[{{"system":"npi","value":"1"}}],"name":[{{"text":"Dr. One"}}]}}}},
        {{"fullUrl":"urn:uuid:{UUID}","resource":{{"resourceType":"Patient","id":"p9","identifier":{{"system":"mrn","value":"007"}}}}}}
        ]}}"#
    );
    let delivery = deliver(&[&bundle]);
    let read: Vec<Parcel> = delivery.parcels().collect();
    let shown: Vec<String> = read.iter().map(line).collect();
    assert_eq!(
        shown,
        [
            "4 Patient/p9 of p9".to_owned(),
            "3 d1 Dr. One".to_owned(),
            format!("0 Observation/{other} of p9"),
            "1 Observation no identity".to_owned(),
            "2 Observation/77 of p9".to_owned(),
        ]
    );
    let Reading::Directory(entry) = &read[1].reading else { panic!("no directory") };
    assert_eq!(entry.aliases[0].as_str(), "?identifier=npi|1");
    let Reading::Item { view: View::Observation(view), .. } = &read[2].reading else { panic!("no observation") };
    let parties: Vec<String> = view
        .performers
        .iter()
        .map(|party| {
            let at = party.at.as_ref().map(|at| format!("{} {}", at.kind.as_str(), at.id.as_str()));
            format!("{}|{}", party.shown(), at.unwrap_or_default())
        })
        .collect();
    let itself = format!("|Observation {other}");
    assert_eq!(parties, ["|Practitioner ?identifier=npi|1", &itself, "|Organization ?identifier=s|v", "Nobody|"]);
    let visit = view.encounter.as_ref().unwrap();
    assert_eq!((visit.kind.as_str(), visit.id.as_str()), ("Encounter", "e"));
}

#[test]
fn what_cannot_be_filed_says_why() {
    for (json, expected) in [
        (r#"{"resourceType":"Patient"}"#, Reason::NoIdentity),
        (r#"{"resourceType":"Basic","id":"b"}"#, Reason::UnsupportedType),
        (r#"{"resourceType":5}"#, Reason::NotAResource),
        (r#"{"resourceType":"Observation","id":"o","code":{"text":"c"}}"#, Reason::NoSubject),
        (
            r#"{"resourceType":"Observation","id":"o","code":{"text":"c"},"subject":{"reference":"Device/1"}}"#,
            Reason::SubjectNotPatient,
        ),
        (
            r#"{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/p"},"code":{"coding":[{"code":""}]}}"#,
            Reason::Missing("code"),
        ),
        (
            r#"{"resourceType":"MedicationRequest","id":"m","subject":{"reference":"Patient/p"}}"#,
            Reason::Missing("medication"),
        ),
        (
            r#"{"resourceType":"Immunization","id":"i","patient":{"reference":"Patient/p"}}"#,
            Reason::Missing("vaccineCode"),
        ),
        (
            r#"{"resourceType":"Appointment","id":"a","participant":[{"actor":{"reference":"Patient/1"}},{"actor":{"reference":"Patient/2"}}]}"#,
            Reason::Invalid("participant"),
        ),
        (
            r#"{"resourceType":"Appointment","id":"a","participant":[{"actor":{"reference":"urn:uuid:unknown"}}]}"#,
            Reason::NoSubject,
        ),
    ] {
        assert_eq!(reason(json), expected, "{json}");
    }
    let long = format!(r#"{{"resourceType":"Patient","id":"{}"}}"#, "x".repeat(600));
    assert_eq!(reason(&long), Reason::Invalid("id"));
    assert_eq!(lines(&[r#"{"resourceType":"Patient","id":"odd id/with_signs"}"#]).len(), 1);
}

#[test]
fn values_survive_dirt() {
    let quantity = |more: &str| match value(more) {
        Value::Quantity(quantity) => quantity.for_people(),
        _ => panic!("no amount: {more}"),
    };
    assert_eq!(quantity(r#""valueQuantity":{"value":13.10,"unit":"g/dL"}"#), "13.10 g/dL");
    assert_eq!(quantity(r#""valueQuantity":{"value":"13.10","code":"g/dL"}"#), "13.10 g/dL");
    assert_eq!(quantity(r#""valueQuantity":{"value":1E-22}"#), "1E-22");
    assert_eq!(quantity(r#""valueQuantity":[{"value":5,"comparator":"<"}]"#), "<5");
    assert_eq!(quantity(r#""valueQuantity":7.20"#), "7.20");
    assert_eq!(quantity(r#""valueString":"<0.01 ng/mL""#), "<0.01 ng/mL");
    assert_eq!(quantity(r#""valueQuantity":{"value":1},"valueQuantity":{"value":2}"#), "2");
    assert!(matches!(value(r#""valueQuantity":{"value":null}"#), Value::Unstated));
    assert!(matches!(value(r#""valueQuantity":{"value":{}},"valueString":"words""#), Value::Text(_)));
    assert!(matches!(value(r#""valueString":"5.4""#), Value::Text(_)));
    assert!(matches!(value(r#""valueBoolean":"true""#), Value::Boolean(true)));
    assert!(matches!(value(r#""valueInteger":"12""#), Value::Integer(12)));
    assert!(matches!(value(r#""valueDateTime":"2020-05""#), Value::When(_)));
    assert!(matches!(value(r#""valueDateTime":"soon""#), Value::Unstated));
    assert!(matches!(value(r#""valueTime":"10:30""#), Value::Text(_)));
    assert!(matches!(
        value(r#""valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}"#),
        Value::Ratio { .. }
    ));
    assert!(matches!(value(r#""valueRange":{"low":{"value":1}}"#), Value::Range { high: None, .. }));
    assert!(matches!(value(r#""valueCodeableConcept":"positive""#), Value::Concept(_)));
    assert!(matches!(value(r#""dataAbsentReason":{"coding":[{"code":"unknown"}]}"#), Value::Absent(_)));
    let extension = r#"[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]"#;
    assert!(matches!(value(&format!(r#""_valueString":{{"extension":{extension}}}"#)), Value::Absent(_)));
    assert!(matches!(value(&format!(r#""valueQuantity":{{"extension":{extension}}}"#)), Value::Absent(_)));
}

#[test]
fn one_dirty_element_never_takes_the_rest() {
    let dirt =
        ["null", "5", "5.5", "\"x\"", "\"\"", "true", "[]", "{}", "[[]]", "[null]", "[{\"a\":[1]}]", "{\"coding\":5}"];
    let elements = [
        "status",
        "category",
        "effectiveDateTime",
        "issued",
        "valueQuantity",
        "interpretation",
        "referenceRange",
        "component",
        "specimen",
        "method",
        "bodySite",
        "performer",
        "note",
        "encounter",
        "hasMember",
        "meta",
        "contained",
        "extension",
        "text",
        "identifier",
        "_status",
        "valueSampledData",
        "valuePeriod",
        "dataAbsentReason",
    ];
    for element in elements {
        for value in dirt {
            let View::Observation(read) = view(&observation(&format!("\"{element}\":{value}"))) else { panic!("kind") };
            assert_eq!(read.code.shown(), "c", "{element} {value}");
        }
    }
    for element in ["name", "birthDate", "gender", "identifier", "telecom", "address", "communication", "active"] {
        for value in dirt {
            let json = format!(r#"{{"resourceType":"Patient","id":"p","{element}":{value},"deceasedBoolean":"true"}}"#);
            let View::Patient(read) = view(&json) else { panic!("kind") };
            assert!(read.deceased == Deceased::Yes, "{element} {value}");
        }
    }
}

#[test]
fn statuses_are_read_in_any_case_and_shape() {
    let condition = |more: &str| {
        let json = format!(r#"{{"resourceType":"Condition","id":"c","subject":"Patient/p","code":"Asthma",{more}}}"#);
        let View::Condition(read) = view(&json) else { panic!("kind") };
        (read.clinical_status.code(), read.standing())
    };
    for status in [r#""resolved""#, r#""RESOLVED""#, r#"{"coding":[{"code":"resolved"}]}"#, r#"[{"text":"Resolved"}]"#]
    {
        assert_eq!(condition(&format!("\"clinicalStatus\":{status}")), ("resolved", Standing::Fact), "{status}");
    }
    assert_eq!(condition(r#""verificationStatus":"entered-in-error""#).1, Standing::Withdrawn);
    assert_eq!(condition(r#""verificationStatus":[{"coding":{"code":"refuted"}}]"#).1, Standing::Negated);
    let View::Observation(vital) = view(&observation(r#""status":"Final","category":{"text":"vital-sign"}"#)) else {
        panic!("kind")
    };
    assert_eq!((vital.status.code(), vital.category.code()), ("final", "vital-signs"));
    let View::Immunization(refused) = view(
        r#"{"resourceType":"Immunization","id":"i","status":"completed","notGiven":"true","patient":"Patient/p","vaccineCode":"MMR"}"#,
    ) else {
        panic!("kind")
    };
    assert_eq!(refused.standing(), Standing::NotDone);
}

#[test]
fn files_that_change_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ndjson");
    std::fs::write(&path, "{\"resourceType\":\"Patient\",\"id\":\"p\"}\n{\"resourceType\":\"Patient\",\"id\":\"q\"}\n")
        .unwrap();
    let delivery = FhirDelivery::open(vec![Input::file(&path)], Limits::default(), &mut |_| {});
    std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{}").unwrap();
    let mut parcels = delivery.parcels();
    let first = parcels.next().unwrap();
    assert!(matches!(first.reading, Reading::Unusable(Reason::Malformed)));
    assert!(parcels.next().is_none());
    assert_eq!(parcels.failures()[0].kind, FileErrorKind::Changed);
    let missing = FhirDelivery::open(vec![Input::file(folder.path().join("no.json"))], Limits::default(), &mut |_| {});
    assert!(matches!(missing.refused()[0].kind, FileErrorKind::Unreadable(std::io::ErrorKind::NotFound)));
}

#[test]
fn progress_reaches_its_end() {
    let ndjson = "{\"resourceType\":\"Patient\",\"id\":\"p\"}\n".repeat(1000);
    let mut told = Vec::new();
    let inputs = vec![Input::bytes("a", ndjson.as_bytes()), Input::bytes("b", &b"{}"[..])];
    let delivery = FhirDelivery::open(inputs, Limits::default(), &mut |progress| told.push(progress));
    let last = told.last().unwrap();
    assert_eq!((last.done, last.documents), (last.total, last.documents_total));
    assert!(told.is_sorted_by_key(|progress| progress.done));
    let mut parcels = delivery.parcels();
    while parcels.next().is_some() {}
    let end = parcels.progress();
    assert_eq!((end.done, end.total, end.documents), (1001, 1001, 2));
}

#[test]
fn labels_of_the_source_are_kept_and_unknown_ones_close() {
    use mychartum_core::kernel::{Sensitivity, SensitivitySet};
    let labels = |security: &str| {
        let json = observation(&format!(r#""meta":{{"security":{security}}}"#));
        match deliver(&[&json]).parcels().next().unwrap().reading {
            Reading::Item { labels, .. } => labels,
            _ => panic!("no item"),
        }
    };
    let coding = |system: &str, code: &str| {
        format!(r#"[{{"system":"http://terminology.hl7.org/CodeSystem/{system}","code":"{code}"}}]"#)
    };
    assert_eq!(labels(&coding("v3-ActCode", "HIV")), SensitivitySet::of(&[Sensitivity::Hiv]));
    assert_eq!(labels(&coding("v3-ActCode", "OFTOMORROW")), SensitivitySet::of(&[Sensitivity::Unknown]));
    assert_eq!(labels(&coding("v3-Confidentiality", "R")), SensitivitySet::of(&[Sensitivity::Restricted]));
    assert_eq!(labels(&coding("v3-Confidentiality", "N")), SensitivitySet::NONE);
    assert_eq!(labels("[]"), SensitivitySet::NONE);
    assert_eq!(labels(r#""nonsense""#), SensitivitySet::NONE);
}
