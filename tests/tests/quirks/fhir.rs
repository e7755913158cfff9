//! Quirks 47 to 57 and 62, but for what a client of a server meets: FHIR.

use mychartum_core::chart::{Deceased, Section, Value};
use mychartum_core::kernel::id::PatientId;
use mychartum_core::portal::Page;
use mychartum_core::sync::Reason;

use crate::clinic::{Clinic, line, reasons};

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p","name":[{"given":["Ada"],"family":"Canary"}]}"#;

/// A bundle of resources.
fn bundle(resources: &[&str]) -> String {
    let entries: Vec<String> = resources.iter().map(|resource| format!("{{\"resource\":{resource}}}")).collect();
    format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#, entries.join(","))
}

/// A result with more elements.
fn observation(id: &str, more: &str) -> String {
    format!(
        r#"{{"resourceType":"Observation","id":"{id}","subject":{{"reference":"Patient/p"}},"code":{{"text":"{id}"}},"category":{{"text":"laboratory"}}{more}}}"#
    )
}

/// A clinic where the patient is known.
async fn clinic() -> (Clinic, PatientId) {
    let clinic = Clinic::open().await;
    let patient = clinic.take_fhir(PATIENT).await.patients[0];
    (clinic, patient)
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

#[tokio::test]
async fn q47_fhir_dirty() {
    let (clinic, patient) = clinic().await;
    let all = [
        observation("fine", r#","status":"final","valueQuantity":{"value":5.9,"unit":"%"}"#),
        observation("no-status", r#","valueString":"x""#),
        observation("case", r#","status":"FINAL","valueString":"x""#),
        observation("unknown", r#","status":"perhaps","valueString":"x""#),
        observation("empty", r#","status":"","valueString":"","interpretation":[{"coding":[{"code":""}]}]"#),
        observation("null", r#","status":null,"valueQuantity":null,"note":[null],"meta":null"#),
        observation("object", r#","status":"final","category":{"coding":{"code":"laboratory"}},"performer":{"display":"Lab"},"valueString":"x""#),
        observation("number", r#","status":"final","valueQuantity":{"value":"5.90","unit":5}"#),
        observation("boolean", r#","status":"final","valueBoolean":"true""#),
        observation("no-code", "").replace(r#""code":{"text":"no-code"}"#, r#""code":{}"#),
        observation("no-subject", "").replace(r#""subject":{"reference":"Patient/p"},"#, ""),
        r#"[{"resourceType":"Observation","id":"array"}]"#.to_owned(),
        "5".to_owned(),
        "null".to_owned(),
        r#"{"resourceType":"AllergyIntolerance","id":"a","patient":{"reference":"Patient/p"},"code":{"text":"Peanut"},"reaction":[{}]}"#.to_owned(),
        r#"{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"}}"#.to_owned(),
    ];
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let report = clinic.take_fhir(&bundle(&all)).await;
    assert_eq!(report.resources, all.len() as u64, "every entry is accounted for");
    let shown = sorted(clinic.lines(patient).await);
    assert_eq!(
        shown,
        [
            "boolean final yes",
            "case final x",
            "empty unknown",
            "fine final 5.9 %",
            "no-status unknown x",
            "null unknown",
            "number final 5.90 5",
            "object final x",
            "unknown unknown x",
        ]
    );
    let chart = clinic.chart(patient).await;
    assert_eq!(chart.allergies(Page::ALL).await.unwrap().items.len(), 1, "a reaction without a manifestation");
    let aside = reasons(&report);
    for reason in [Reason::Missing("code"), Reason::NoSubject, Reason::NotAResource] {
        assert!(aside.contains(&reason), "{reason:?} of {aside:?}");
    }
    assert_eq!(report.stored + report.set_aside.len() as u64, all.len() as u64);
    // The same in lines: a line that is nothing costs itself alone.
    let (clinic, patient) = self::clinic().await;
    let lines = format!("{PATIENT}\n{}\n{{\"resourceType\":\"Obs\n\n{}\n", all[0], all[2]);
    let report = clinic.take_fhir(&lines).await;
    assert_eq!(reasons(&report), [Reason::Malformed]);
    assert_eq!(clinic.lines(patient).await.len(), 2);
}

#[tokio::test]
async fn q48_fhir_unknown_type() {
    let (clinic, patient) = clinic().await;
    let strange = [
        r#"{"resourceType":"Basic","id":"b"}"#,
        r#"{"resourceType":"SubscriptionStatus","id":"s"}"#,
        r#"{"resourceType":"InventoryItem","id":"i"}"#,
        r#"{"resourceType":"Nonsense","id":"n","subject":{"reference":"Patient/p"}}"#,
    ];
    let fine = observation("fine", r#","status":"final","valueString":"x""#);
    let report = clinic.take_fhir(&bundle(&[strange[0], &fine, strange[1], strange[2], strange[3]])).await;
    assert_eq!(reasons(&report), [Reason::UnsupportedType; 4]);
    let kinds: Vec<&str> = report.set_aside.iter().map(|aside| &*aside.resource).collect();
    assert_eq!(kinds, ["Basic", "SubscriptionStatus", "InventoryItem", "Nonsense"]);
    assert_eq!(clinic.lines(patient).await, ["fine final x"]);
}

/// Versions of one resource, each with its number and status.
fn versions(resource: &str, number: u8, status: &str) -> String {
    resource.replace("%V", &number.to_string()).replace("%S", status)
}

#[tokio::test]
async fn q49_fhir_eie() {
    let meta = r#""id":"x","meta":{"versionId":"%V","lastUpdated":"2026-03-01T0%V:00:00Z"}"#;
    let subject = r#""subject":{"reference":"Patient/p"}"#;
    let patient_is = r#""patient":{"reference":"Patient/p"}"#;
    let kinds = [
        (
            "Observation",
            format!(r#""status":"%S",{subject},"code":{{"text":"c"}},"category":{{"text":"laboratory"}}"#),
            "final",
        ),
        ("DiagnosticReport", format!(r#""status":"%S",{subject},"code":{{"text":"c"}}"#), "final"),
        (
            "MedicationRequest",
            format!(r#""status":"%S",{subject},"medicationCodeableConcept":{{"text":"c"}}"#),
            "active",
        ),
        ("Immunization", format!(r#""status":"%S",{patient_is},"vaccineCode":{{"text":"c"}}"#), "completed"),
        ("Encounter", format!(r#""status":"%S",{subject},"type":[{{"text":"c"}}]"#), "finished"),
        (
            "DocumentReference",
            format!(
                r#""status":"%S",{subject},"type":{{"text":"c"}},"content":[{{"attachment":{{"contentType":"text/plain","data":"eA=="}}}}]"#
            ),
            "current",
        ),
        ("Procedure", format!(r#""status":"%S",{subject},"code":{{"text":"c"}}"#), "completed"),
        (
            "Condition",
            format!(r#""verificationStatus":{{"coding":[{{"code":"%S"}}]}},{subject},"code":{{"text":"c"}}"#),
            "confirmed",
        ),
        (
            "AllergyIntolerance",
            format!(r#""verificationStatus":{{"coding":[{{"code":"%S"}}]}},{patient_is},"code":{{"text":"c"}}"#),
            "confirmed",
        ),
        (
            "Appointment",
            r#""status":"%S","description":"c","participant":[{"actor":{"reference":"Patient/p"}}]"#.to_owned(),
            "booked",
        ),
    ];
    for (kind, elements, fine) in kinds {
        let (clinic, patient) = clinic().await;
        let resource = format!(r#"{{"resourceType":"{kind}",{meta},{elements}}}"#);
        let count = async || {
            let chart = clinic.chart(patient).await;
            chart.results(Page::ALL).await.unwrap().items.len()
                + chart.reports(Page::ALL).await.unwrap().items.len()
                + chart.medications(Page::ALL).await.unwrap().items.len()
                + chart.immunizations(Page::ALL).await.unwrap().items.len()
                + chart.visits(Page::ALL).await.unwrap().items.len()
                + chart.documents(Page::ALL).await.unwrap().items.len()
                + chart.procedures(Page::ALL).await.unwrap().items.len()
                + chart.conditions(Page::ALL).await.unwrap().items.len()
                + chart.allergies(Page::ALL).await.unwrap().items.len()
                + chart.appointments(Page::ALL).await.unwrap().items.len()
        };
        assert_eq!(clinic.take_fhir(&versions(&resource, 1, fine)).await.stored, 1, "{kind}");
        assert_eq!(count().await, 1, "{kind}");
        assert_eq!(clinic.take_fhir(&versions(&resource, 2, "entered-in-error")).await.stored, 1, "{kind}");
        assert_eq!(count().await, 0, "{kind}");
        // The old version comes once more, late.
        assert_eq!(clinic.take_fhir(&versions(&resource, 1, fine)).await.superseded, 1, "{kind}");
        assert_eq!(count().await, 0, "{kind}");
    }
    // Called off is not shown; what nobody knows is shown as that.
    let (clinic, patient) = clinic().await;
    clinic.take_fhir(&observation("off", r#","status":"cancelled""#)).await;
    clinic.take_fhir(&observation("odd", r#","status":"unknown","valueString":"x""#)).await;
    assert_eq!(clinic.lines(patient).await, ["odd unknown x"]);
}

#[tokio::test]
async fn q50_fhir_amended() {
    for status in ["amended", "corrected"] {
        let (clinic, patient) = clinic().await;
        let version = |number: u8, status: &str, value: &str| {
            observation(
                "hb",
                &format!(r#","status":"{status}","valueString":"{value}","meta":{{"versionId":"{number}"}}"#),
            )
        };
        clinic.take_fhir(&version(1, "final", "5.9")).await;
        clinic.take_fhir(&version(3, status, "6.4")).await;
        // The one between them comes last.
        clinic.take_fhir(&version(2, status, "6.9")).await;
        let results = clinic.results(patient).await;
        assert_eq!(results.iter().map(line).collect::<Vec<_>>(), [format!("hb {status} 6.4")]);
        assert_eq!(results[0].version, 3);
        let chart = clinic.chart(patient).await;
        let earlier = chart.earlier_results(results[0].id).await.unwrap();
        assert_eq!(
            earlier.iter().map(line).collect::<Vec<_>>(),
            [format!("hb {status} 6.9"), "hb final 5.9".to_owned()]
        );
    }
    let (clinic, patient) = clinic().await;
    let report = |number: u8, status: &str| {
        format!(
            r#"{{"resourceType":"DiagnosticReport","id":"r","meta":{{"versionId":"{number}"}},"status":"{status}","subject":{{"reference":"Patient/p"}},"code":{{"text":"Biopsy"}},"conclusion":"v{number}"}}"#
        )
    };
    for (number, status) in [(1, "final"), (2, "appended"), (3, "amended"), (4, "corrected")] {
        clinic.take_fhir(&report(number, status)).await;
        let chart = clinic.chart(patient).await;
        let items = chart.reports(Page::ALL).await.unwrap().items;
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].view.status.code(), status);
        assert_eq!(items[0].view.conclusion.as_ref().unwrap().as_str(), format!("v{number}"));
        assert_eq!(chart.earlier_reports(items[0].id).await.unwrap().len(), usize::from(number) - 1);
    }
}

#[tokio::test]
async fn q53_fhir_contained() {
    let (clinic, patient) = clinic().await;
    let resource = |id: &str, name: &str| {
        observation(
            id,
            &format!(
                r##","status":"final","valueString":"x","performer":[{{"reference":"#lab"}}],"specimen":{{"reference":"#tube"}},
                "hasMember":[{{"reference":"#inner"}}],"contained":[
                {{"resourceType":"Organization","id":"lab","name":"{name}"}},
                {{"resourceType":"Specimen","id":"tube","type":{{"text":"Blood"}}}},
                {{"resourceType":"Observation","id":"inner","subject":{{"reference":"Patient/p"}},"code":{{"text":"inner"}},"valueString":"y"}}]"##
            ),
        )
    };
    let report = clinic.take_fhir(&bundle(&[&resource("one", "First Lab"), &resource("two", "Second Lab")])).await;
    assert_eq!((report.resources, report.stored), (2, 2), "what is contained is nothing of its own");
    let results = clinic.results(patient).await;
    assert_eq!(sorted(results.iter().map(line).collect()), ["one final x", "two final x"]);
    // Both have a `#lab`, and each finds its own.
    for (id, lab) in [("one", "First Lab"), ("two", "Second Lab")] {
        let item = results.iter().find(|item| item.view.code.shown() == id).unwrap();
        assert_eq!(item.view.performers[0].shown(), lab);
        assert_eq!(item.view.specimen.as_ref().unwrap().shown(), "Blood");
    }
    // `#` is the container itself: it leads nowhere else.
    let itself = observation("three", r##","status":"final","valueString":"x","performer":[{"reference":"#"}]"##);
    assert_eq!(clinic.take_fhir(&itself).await.stored, 1);
    let three = clinic.results(patient).await.into_iter().find(|item| item.view.code.shown() == "three").unwrap();
    assert!(three.view.performers.iter().all(|party| party.at.is_none() && party.name.is_none()));
}

#[tokio::test]
async fn q54_fhir_refs() {
    const UUID: &str = "75c71918-f07f-4492-af1a-ce006a1e8aaf";
    // However the reference is written, it is the same patient.
    for reference in [
        r#""reference":"Patient/p""#,
        r#""reference":"Patient/p/_history/3""#,
        r#""reference":"http://server.example/fhir/Patient/p""#,
        r#""reference":"HTTPS://Server.Example/fhir/Patient/p/""#,
        r#""reference":"urn:uuid:75c71918-f07f-4492-af1a-ce006a1e8aaf""#,
        r#""reference":"Patient?identifier=mrn|007""#,
    ] {
        let clinic = Clinic::open().await;
        let known = PATIENT.replace(r#""id":"p""#, r#""id":"p","identifier":[{"system":"mrn","value":"007"}]"#);
        let result =
            observation("o", r#","status":"final","valueString":"x""#).replace(r#""reference":"Patient/p""#, reference);
        let document = format!(
            r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{result}}},
            {{"fullUrl":"urn:uuid:{UUID}","resource":{known}}}]}}"#
        );
        let report = clinic.take_fhir(&document).await;
        assert_eq!(reasons(&report), [], "{reference}");
        assert_eq!(report.patients.len(), 1, "{reference}");
        assert_eq!(clinic.lines(report.patients[0]).await, ["o final x"], "{reference}");
    }
    // What does not lead to a patient who is known here goes into no chart.
    for (reference, reason) in [
        (r#""reference":"Patient/other""#, Reason::UnknownPatient),
        (r#""reference":"urn:uuid:11111111-1111-1111-1111-111111111111""#, Reason::UnknownPatient),
        (r#""reference":"Group/p""#, Reason::SubjectNotPatient),
        (r#""display":"Ada Canary""#, Reason::NoSubject),
    ] {
        let (clinic, patient) = clinic().await;
        let result = observation("o", r#","status":"final""#).replace(r#""reference":"Patient/p""#, reference);
        let report = clinic.take_fhir(&result).await;
        assert_eq!(reasons(&report), [reason], "{reference}");
        assert!(clinic.lines(patient).await.is_empty(), "{reference}");
    }
    // An id that belongs to another patient's result is not overwritten across charts.
    let (clinic, patient) = clinic().await;
    let other = PATIENT.replace(r#""id":"p""#, r#""id":"q""#);
    let theirs = clinic.take_fhir(&other).await.patients[0];
    clinic.take_fhir(&observation("o", r#","status":"final","valueString":"mine""#)).await;
    let moved = observation("o", r#","status":"final","valueString":"theirs""#).replace("Patient/p", "Patient/q");
    clinic.take_fhir(&moved).await;
    assert_eq!(clinic.lines(patient).await, ["o final mine"]);
    assert_eq!(clinic.lines(theirs).await, ["o final theirs"]);
}

#[tokio::test]
async fn q55_fhir_dates() {
    let (clinic, patient) = clinic().await;
    let mut order = Vec::new();
    for (number, (sent, shown)) in [
        ("2020", Some("2020")),
        ("2020-05", Some("2020-05")),
        ("2020-05-17", Some("2020-05-17")),
        ("2020-05-17T08:15Z", Some("2020-05-17T08:15Z")),
        ("2020-05-17T08:16:00", Some("2020-05-17T08:16:00")),
        ("2020-05-17T10:17:00+0200", Some("2020-05-17T10:17:00+0200")),
        ("2020-05-17T10:18:00+02:00", Some("2020-05-17T10:18:00+02:00")),
        (" ", None),
        ("2020-13-40", None),
        ("last spring", None),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("o{number}");
        let report =
            clinic.take_fhir(&observation(&id, &format!(r#","status":"final","effectiveDateTime":"{sent}""#))).await;
        assert_eq!(report.stored, 1, "{sent}");
        let item = clinic.results(patient).await.into_iter().find(|item| item.view.code.shown() == id).unwrap();
        let effective = item.view.effective.as_ref();
        assert_eq!(effective.map(|date| date.as_str().to_owned()), shown.map(str::to_owned), "{sent:?}");
        if shown.is_some() {
            order.push(id);
        }
    }
    // Sorted by the earliest that each can mean; the newest stands first.
    let listed: Vec<String> =
        clinic.results(patient).await.iter().map(|item| item.view.code.shown().to_owned()).collect();
    let dated: Vec<&String> = listed.iter().filter(|id| order.contains(*id)).collect();
    assert_eq!(dated, order.iter().rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn q56_fhir_decimal() {
    let (clinic, patient) = clinic().await;
    for (number, (sent, received)) in [
        ("13.10", "13.10"),
        ("0.10", "0.10"),
        ("1E-22", "1E-22"),
        ("1.50e3", "1.50e3"),
        ("0.1234567890123456789012345", "0.1234567890123456789012345"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("-0.00", "-0.00"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("o{number}");
        let more = format!(r#","status":"final","valueQuantity":{{"value":{sent},"unit":"u"}}"#);
        clinic.take_fhir(&observation(&id, &more)).await;
        let item = clinic.results(patient).await.into_iter().find(|item| item.view.code.shown() == id).unwrap();
        assert_eq!(item.view.value.quantity().unwrap().as_received(), received, "{sent}");
        let chart = clinic.chart(patient).await;
        let (_, original) = chart.original(Section::Results, item.id).await.unwrap().unwrap();
        let bytes = original.into_bytes().unwrap();
        assert!(String::from_utf8(bytes).unwrap().contains(&format!(r#""value":{sent},"#)));
    }
}

#[tokio::test]
async fn q57_fhir_primitive_ext() {
    let absent =
        r#"{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]}"#;
    let clinic = Clinic::open().await;
    let person = format!(
        r#"{{"resourceType":"Patient","id":"p","birthDate":null,"_birthDate":{absent},"_gender":{absent},
        "name":[{{"given":["Ada",null,"Beth"],"_given":[null,{absent},null],"family":null,"_family":{absent}}}],
        "_deceasedBoolean":{absent}}}"#
    );
    let patient = clinic.take_fhir(&person).await.patients[0];
    let chart = clinic.chart(patient).await;
    let view = chart.demographics(Page::ALL).await.unwrap().items.remove(0).view;
    let given: Vec<&str> = view.names[0].given.iter().map(|name| name.as_str()).collect();
    assert_eq!(given, ["Ada", "Beth"], "in their order, and no hole is a name");
    assert!(view.names[0].family.is_none() && view.birth_date.is_none() && view.gender.is_none());
    assert!(view.deceased == Deceased::Unstated);
    // A value that is not there says why.
    clinic.take_fhir(&observation("o", &format!(r#","status":"final","_valueString":{absent}"#))).await;
    let value = clinic.results(patient).await.remove(0).view.value;
    assert!(matches!(value, Value::Absent(_)));
    assert_eq!(value.for_people(), "masked");
}

#[tokio::test]
async fn q62_fhir_html() {
    let (clinic, patient) = clinic().await;
    let html = "<div xmlns='http://www.w3.org/1999/xhtml'><p onclick='x()'>All <b>well</b></p><script>alert(1)</script><style>p{}</style><img src='http://x.example/spy'/><iframe src='http://x.example'></iframe></div>";
    let base64 = "PGh0bWw+PGJvZHk+PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0PjxwPkRyaW5rIHdhdGVyLjwvcD48aW1nIHNyYz0iaHR0cDovL3guZXhhbXBsZS9zcHkiPjwvYm9keT48L2h0bWw+";
    let document = format!(
        r#"{{"resourceType":"DocumentReference","id":"d","status":"current","subject":{{"reference":"Patient/p"}},"type":{{"text":"Note"}},"text":{{"status":"generated","div":"{html}"}},"content":[{{"attachment":{{"contentType":"text/html","data":"{base64}"}}}}]}}"#
    );
    let result = observation("o", &format!(r#","status":"final","text":{{"div":"{html}"}}"#));
    let report = format!(
        r#"{{"resourceType":"DiagnosticReport","id":"r","status":"final","subject":{{"reference":"Patient/p"}},"code":{{"text":"Scan"}},"text":{{"div":"{html}"}},"presentedForm":[{{"contentType":"text/html; charset=utf-8","data":"{base64}"}}]}}"#
    );
    assert_eq!(clinic.take_fhir(&bundle(&[&document, &result, &report])).await.stored, 3);
    let chart = clinic.chart(patient).await;
    let document = chart.documents(Page::ALL).await.unwrap().items.remove(0).view;
    let report = chart.reports(Page::ALL).await.unwrap().items.remove(0).view;
    for file in [&document.content[0], &report.presented[0]] {
        assert_eq!(file.text.as_ref().unwrap().as_str().trim(), "Drink water.");
    }
    assert!(
        document.description.is_none() && report.conclusion.is_none(),
        "what was generated says nothing of its own"
    );
    // A result that has nothing but such a text is shown without it.
    assert_eq!(clinic.lines(patient).await, ["o final"]);
    assert!(clinic.results(patient).await.remove(0).view.notes.is_empty());
}
