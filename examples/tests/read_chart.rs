//! `read_chart` from outside: what it prints, and what it says of bad input.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod program;

use std::fs;
use std::path::Path;

use mychartum_testkit::world::World;
use serde_json::Value;

use program::{Run, run, samples};

fn read(arguments: &[&str]) -> Run {
    run("read_chart", arguments)
}

/// The printed document, after a check that its report adds up.
fn document(run: &Run) -> Value {
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
    let report = &document["report"];
    let number = |name: &str| report[name].as_u64().unwrap();
    let aside = report["set_aside"].as_array().unwrap().len() as u64;
    assert_eq!(number("resources_in"), number("stored") + number("unchanged") + number("superseded") + aside);
    document
}

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

const PATIENT: &str =
    r#"{"resourceType":"Patient","id":"p1","name":[{"family":"Canary","given":["Zelda"]}],"birthDate":"1950-02"}"#;

fn result(id: &str, patient: &str, value: &str) -> String {
    format!(
        r#"{{"resourceType":"Observation","id":"{id}","status":"final","category":[{{"coding":[{{"code":"laboratory"}}]}}],
        "code":{{"coding":[{{"system":"http://loinc.org","code":"4548-4"}}]}},"subject":{{"reference":"Patient/{patient}"}},
        "effectiveDateTime":"2024-05-06","valueQuantity":{{"value":{value},"unit":"%"}}}}"#
    )
    .replace('\n', " ")
}

fn bundle(resources: &[&str]) -> String {
    let entries: Vec<String> = resources.iter().map(|resource| format!(r#"{{"resource":{resource}}}"#)).collect();
    format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#, entries.join(","))
}

#[test]
fn the_household_comes_out_as_it_went_in_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let today = "2026-01-15".parse().unwrap();
    for delivery in World::household(1, today).deliveries() {
        let source = folder.path().join(delivery.source);
        fs::create_dir_all(&source).unwrap();
        write(&source, &format!("{}.json", delivery.name.trim_end_matches(".json")), &delivery.text);
    }
    let database = folder.path().join("kept.db");
    let arguments = [folder.path().to_str().unwrap(), "--database", database.to_str().unwrap(), "--analyte", "4548-4"];
    let first = document(&read(&arguments));
    assert!(first["report"]["stored"].as_u64().unwrap() > 200);
    let again = document(&read(&arguments));
    assert_eq!(again["report"]["stored"], 0, "re-importing changes nothing");
    assert_eq!(again["patients"].as_array().unwrap().len(), first["patients"].as_array().unwrap().len());
    for (before, after) in first["patients"].as_array().unwrap().iter().zip(again["patients"].as_array().unwrap()) {
        assert_eq!(before, after);
    }
}

#[test]
fn digits_survive_and_dates_stay_as_precise_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let values = ["5.915434843673958", "1E-22", "13.10", "0.10"];
    let results: Vec<String> =
        values.iter().enumerate().map(|(n, value)| result(&n.to_string(), "p1", value)).collect();
    let all: Vec<&str> = std::iter::once(PATIENT).chain(results.iter().map(String::as_str)).collect();
    let run = read(&[&write(folder.path(), "a.json", bundle(&all)), "--analyte", "4548-4"]);
    assert_eq!(run.code, 0);
    for value in values {
        assert!(run.stdout.contains(&format!("\"value\": {value}")), "{value} as received");
    }
    let document = document(&run);
    assert_eq!(document["patients"][0]["birth_date"], "1950-02");
    assert_eq!(document["patients"][0]["name"], "Zelda Canary");
}

#[test]
fn bad_files_are_refused_whole_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let whole = bundle(&[PATIENT, &result("r1", "p1", "6.1")]);
    let good = write(folder.path(), "good.json", &whole);
    let deep = format!("{{\"resourceType\":\"Patient\",\"x\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let mut latin = whole.clone().into_bytes();
    latin.extend_from_slice(b"\xff\xfe");
    for (name, content) in [
        ("truncated.json", whole.as_bytes()[..whole.len() - 30].to_vec()),
        ("deep.json", deep.into_bytes()),
        ("latin.json", latin),
        ("empty.json", Vec::new()),
        ("list.json", b"[1,2,3".to_vec()),
    ] {
        let bad = write(folder.path(), name, content);
        let run = read(&[&bad, &good]);
        let document = document(&run);
        let aside = document["report"]["set_aside"].as_array().unwrap();
        assert!(!aside.is_empty(), "{name}");
        assert!(aside.iter().all(|entry| entry["file"].as_str().unwrap().ends_with(name)), "{name}");
        assert_eq!(document["report"]["stored"], 2, "{name}: the good file is filed");
        assert_eq!(document["patients"][0]["sections"]["results"], 1, "{name}");
        let told = format!("{}{}", run.stderr, serde_json::to_string(aside).unwrap());
        assert!(!told.contains("Canary") && !told.contains("Zelda"), "{name}: no value is told");
    }
}

#[test]
fn doubtful_resources_are_set_aside_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let known = result("r1", "p1", "6.1");
    let stray = result("r2", "p2", "7.5");
    let twin = result("r1", "p1", "9.9");
    let none = r#"{"resourceType":"Observation","id":"r3","status":"final","code":{"text":"x"}}"#;
    let unknown = r#"{"resourceType":"Spaceship","id":"s1"}"#;
    let nothing = r#"{"id":"n1"}"#;
    let wrong = r#"{"resourceType":"Observation","id":"r4","status":"entered-in-error","code":{"text":"x"},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2024-13-45"}"#;
    let text = bundle(&[&known, PATIENT, &stray, &twin, none, unknown, nothing, wrong]);
    let run = read(&[&write(folder.path(), "a.json", text)]);
    let document = document(&run);
    let aside: Vec<(u64, &str)> = document["report"]["set_aside"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["entry"].as_u64().unwrap(), entry["reason"].as_str().unwrap()))
        .collect();
    let mut entries: Vec<u64> = aside.iter().map(|(entry, _)| *entry).collect();
    entries.sort_unstable();
    assert_eq!(entries, [2, 3, 4, 5, 6], "{aside:?}");
    assert_eq!(document["patients"][0]["sections"]["results"], 1, "an error is not a fact, a twin is not filed");
    assert_eq!(document["report"]["stored"], 3);
}

#[test]
fn what_cannot_be_opened_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "a.json", PATIENT);
    let database = folder.path().join("chart.db");
    let database = database.to_str().unwrap();
    assert_eq!(read(&[&file, "--database", database]).code, 0);
    let key = folder.path().join("chart.key");
    let kept = fs::read(&key).unwrap();

    fs::remove_file(&key).unwrap();
    let run = read(&[&file, "--database", database]);
    assert_eq!((run.code, run.stderr.contains("missing")), (2, true), "{}", run.stderr);
    assert!(!key.exists(), "no new key over old data");

    let other = folder.path().join("other.db");
    assert_eq!(read(&[&file, "--database", other.to_str().unwrap()]).code, 0);
    fs::copy(folder.path().join("other.key"), &key).unwrap();
    let run = read(&[&file, "--database", database]);
    assert_eq!((run.code, run.stderr.contains("not the one")), (2, true), "{}", run.stderr);
    fs::write(&key, kept).unwrap();
    assert_eq!(read(&[&file, "--database", database]).code, 0);

    let text = write(folder.path(), "text.db", "this is no database, it is only a text that someone left here");
    for arguments in [vec![file.as_str(), "--database", &text], vec!["/nowhere/at/all.json"], vec!["--what"], vec![]] {
        let run = read(&arguments);
        assert_eq!(run.code, 2);
        assert_eq!(run.stderr.trim().lines().count(), 1, "{}", run.stderr);
        assert!(run.stdout.is_empty());
    }
}

#[test]
fn the_sample_charts_say_what_the_facts_say() {
    let Some(samples) = samples() else { return };
    let folder = samples.join("fhir-r4/synthea");
    let run = read(&[folder.to_str().unwrap(), "--analyte", "4548-4", "--analyte", "8480-6", "--analyte", "29463-7"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let document = document(&run);
    let patients = document["patients"].as_array().unwrap();
    assert_eq!(patients.len(), 9);
    let find = |name: &str| patients.iter().find(|patient| patient["name"].as_str().unwrap().contains(name)).unwrap();

    let ali = find("Herman");
    let sections = &ali["sections"];
    assert_eq!(
        (&sections["results"], &sections["vitals"], &sections["reports"]),
        (&220.into(), &50.into(), &21.into())
    );
    assert_eq!(
        (&sections["immunizations"], &sections["allergies"], &sections["visits"]),
        (&12.into(), &3.into(), &35.into())
    );
    assert_eq!(sections["medications"], serde_json::json!({ "active": 5, "stopped": 0 }));
    let hba1c = ali["analytes"]["4548-4"].as_array().unwrap();
    assert_eq!(hba1c.len(), 10);
    assert_eq!(hba1c[0]["at"], "2012-02-12T05:29:14+00:00");
    assert!(run.stdout.contains("5.915434843673958") && run.stdout.contains("6.270038819212741"));

    let josue = find("Sipes");
    assert_eq!(josue["sections"]["results"], 484);
    assert_eq!(josue["sections"]["conditions"], serde_json::json!({ "active": 19, "resolved": 3 }));
    assert_eq!(josue["analytes"]["4548-4"].as_array().unwrap().len(), 26);
    let systolic = josue["analytes"]["8480-6"].as_array().unwrap();
    assert_eq!(systolic.len(), 26);
    assert_eq!(systolic.last().unwrap()["value"].as_f64(), Some(179.604_356_327_902_62));

    let jorge = find("Brekke");
    assert_eq!((&jorge["sections"]["allergies"], &jorge["sections"]["immunizations"]), (&10.into(), &35.into()));
    assert_eq!(jorge["sections"]["medications"], serde_json::json!({ "active": 3, "stopped": 4 }));
    assert_eq!(find("Casper")["deceased"], "2021-02-21T19:27:45+00:00");
    let luigi = find("Wiegand");
    assert_eq!(luigi["analytes"]["29463-7"].as_array().unwrap().len(), 4);
    assert_eq!(luigi["sections"]["conditions"], serde_json::json!({ "active": 0, "resolved": 0 }));
    assert!(patients.iter().any(|patient| patient["name"].as_str().unwrap().starts_with("José María")));
}

#[test]
fn a_bulk_export_says_what_the_facts_say() {
    let Some(samples) = samples() else { return };
    let run = read(&[samples.join("bulk-ndjson/synthea-10-patients").to_str().unwrap()]);
    let document = document(&run);
    let patients = document["patients"].as_array().unwrap();
    assert_eq!(patients.len(), 13);
    let sum =
        |pointer: &str| patients.iter().map(|patient| patient.pointer(pointer).unwrap().as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum("/sections/visits"), 1215);
    assert_eq!(sum("/sections/documents"), 13, "superseded documents are not facts");
    assert_eq!((sum("/sections/medications/active"), sum("/sections/medications/stopped")), (23, 1722));
    assert_eq!((sum("/sections/conditions/resolved"), sum("/sections/conditions/active")), (448, 107));
    assert_eq!((sum("/sections/immunizations"), sum("/sections/allergies")), (161, 11));
    assert_eq!(patients.iter().filter(|patient| patient["deceased"].is_string()).count(), 3);
}

#[test]
fn every_loinc_code_of_an_observation_finds_it() {
    let folder = tempfile::tempdir().unwrap();
    let two = result("r1", "p1", "97").replace(
        r#"[{"system":"http://loinc.org","code":"4548-4"}]"#,
        r#"[{"system":"http://loinc.org","code":"2708-6"},{"system":"http://loinc.org","code":"59408-5"}]"#,
    );
    let codes: Vec<String> = (0..30).map(|number| format!("{}-1", 70_000 + number)).collect();
    let parts: Vec<String> = codes
        .iter()
        .map(|code| {
            format!(r#"{{"code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},"valueInteger":1}}"#)
        })
        .collect();
    let survey = format!(
        r#"{{"resourceType":"Observation","id":"r2","status":"final","code":{{"text":"survey"}},
        "subject":{{"reference":"Patient/p1"}},"component":[{}]}}"#,
        parts.join(",")
    );
    let file = write(folder.path(), "a.json", bundle(&[PATIENT, &two, &survey]));
    let mut arguments = vec![file.as_str()];
    for code in ["2708-6", "59408-5"].into_iter().chain(codes.iter().map(String::as_str)) {
        arguments.extend(["--analyte", code]);
    }
    let document = document(&read(&arguments));
    let analytes = document["patients"][0]["analytes"].as_object().unwrap();
    assert_eq!(analytes.len(), 32);
    for (code, points) in analytes {
        assert_eq!(points.as_array().unwrap().len(), 1, "{code}");
    }
}

#[test]
fn a_document_printed_differently_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let plain = bundle(&[PATIENT, &result("r1", "p1", "6.1")]);
    let parsed: Value = serde_json::from_str(&plain.replace("Canary", r#"a \"b  c\\"#)).unwrap();
    let compact = write(folder.path(), "a.json", parsed.to_string());
    let pretty = write(folder.path(), "b.json", serde_json::to_string_pretty(&parsed).unwrap());
    let both = document(&read(&[&compact, &pretty]));
    assert_eq!((&both["report"]["stored"], &both["report"]["unchanged"]), (&2.into(), &2.into()));
    let database = folder.path().join("kept.db");
    let arguments = |file| [file, "--database", database.to_str().unwrap()];
    assert_eq!(document(&read(&arguments(compact.as_str())))["report"]["stored"], 2);
    assert_eq!(document(&read(&arguments(pretty.as_str())))["report"]["stored"], 0);
    // Blanks within a text are part of it.
    let changed = write(folder.path(), "c.json", parsed.to_string().replace("b  c", "b c"));
    assert_eq!(document(&read(&arguments(changed.as_str())))["report"]["stored"], 1);
}

#[test]
fn a_withdrawal_counts_without_saying_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let error = r#"{"coding":[{"code":"entered-in-error"}]}"#;
    let of = |kind: &str, version: u8, rest: &str| {
        format!(
            r#"{{"resourceType":"{kind}","id":"x","meta":{{"versionId":"{version}"}},"subject":{{"reference":"Patient/p1"}},{rest}}}"#
        )
    };
    let said = r#""code":{"text":"x"},"status":"final""#;
    let kinds = [
        ("Observation", said, r#""status":"entered-in-error""#.to_owned()),
        ("Condition", said, format!(r#""verificationStatus":{error}"#)),
        ("AllergyIntolerance", said, format!(r#""verificationStatus":{error}"#)),
        ("Procedure", said, r#""status":"entered-in-error""#.to_owned()),
        ("Immunization", r#""vaccineCode":{"text":"x"},"status":"completed""#, r#""status":"entered-in-error""#.into()),
        (
            "MedicationRequest",
            r#""medicationCodeableConcept":{"text":"x"},"status":"active""#,
            r#""status":"entered-in-error""#.into(),
        ),
    ];
    let whole: Vec<String> = kinds.iter().map(|(kind, said, _)| of(kind, 1, said)).collect();
    let bare: Vec<String> = kinds.iter().map(|(kind, _, withdrawn)| of(kind, 2, withdrawn)).collect();
    let all: Vec<&str> = std::iter::once(PATIENT).chain(whole.iter().map(String::as_str)).collect();
    let first = write(folder.path(), "a.json", bundle(&all));
    let second = write(folder.path(), "b.json", bundle(&bare.iter().map(String::as_str).collect::<Vec<_>>()));
    let database = folder.path().join("kept.db");
    let shown = |file: &str| {
        let document = document(&read(&[file, "--database", database.to_str().unwrap()]));
        let sections = document["patients"][0]["sections"].clone();
        let number = |pointer: &str| sections.pointer(pointer).unwrap().as_u64().unwrap();
        ["/results", "/conditions/active", "/allergies", "/procedures", "/immunizations", "/medications/active"]
            .map(number)
    };
    assert_eq!(shown(&first), [1; 6]);
    assert_eq!(shown(&second), [0; 6]);
    // A fact still has to say what it is.
    let nameless = of("Observation", 3, r#""status":"final""#);
    let document = document(&read(&[&write(folder.path(), "c.json", bundle(&[PATIENT, &nameless]))]));
    assert_eq!(document["report"]["set_aside"][0]["reason"], "missing: code");
}

#[test]
fn names_that_differ_between_documents_settle() {
    let folder = tempfile::tempdir().unwrap();
    let clinic = |name: &str, visits: u32| {
        format!(
            r#"{{"resourceType":"Organization","id":"c1","name":"{name}","extension":[{{"url":"u","valueInteger":{visits}}}]}}"#
        )
    };
    let files = [
        write(folder.path(), "a.json", bundle(&[PATIENT, &clinic("Riverside", 1), &clinic("Riverside", 2)])),
        write(folder.path(), "b.json", bundle(&[&clinic("Riverside Clinic", 3), &clinic("Riverside", 4)])),
    ];
    let database = folder.path().join("kept.db");
    let arguments = [files[0].as_str(), files[1].as_str(), "--database", database.to_str().unwrap()];
    assert_eq!(document(&read(&arguments))["report"]["stored"], 3);
    for _ in 0..2 {
        assert_eq!(document(&read(&arguments))["report"]["stored"], 0, "re-importing changes nothing");
    }
}

#[test]
fn what_is_over_or_absent_or_withdrawn_is_told_in_many_ways() {
    let folder = tempfile::tempdir().unwrap();
    let of = |kind: &str, id: usize, rest: &str| {
        format!(r#"{{"resourceType":"{kind}","id":"x{id}","subject":{{"reference":"Patient/p1"}},{rest}}}"#)
    };
    let over = [
        r#""abatementAge":{"value":3}"#,
        r#""abatementString":"in summer""#,
        r#""abatementRange":{"low":{"value":3}}"#,
        r#""abatementBoolean":true"#,
        r#""abatementDateTime":"in summer""#,
        r#""abatementDateTime":"2020""#,
    ];
    let still = [r#""abatementBoolean":false"#, r#""onsetString":"in summer""#];
    let none = [
        ("http://snomed.info/sct", "716184000"),
        ("http://snomed.info/sct", "716186003"),
        ("http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips", "no-known-allergies"),
    ];
    let mut all: Vec<String> = vec![PATIENT.to_owned()];
    for (number, rest) in over.iter().chain(&still).enumerate() {
        all.push(of("Condition", number, &format!(r#""code":{{"text":"x"}},{rest}"#)));
    }
    for (number, (system, code)) in none.iter().enumerate() {
        let code = format!(r#""code":{{"coding":[{{"system":"{system}","code":"{code}"}}]}}"#);
        all.push(of("AllergyIntolerance", number, &code));
    }
    all.push(of("AllergyIntolerance", 9, r#""code":{"text":"cats"}"#));
    all.push(of("DocumentReference", 1, r#""status":"current","docStatus":"entered-in-error""#));
    all.push(of("DocumentReference", 2, r#""status":"current","docStatus":"final""#));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let document = document(&read(&[&write(folder.path(), "a.json", bundle(&all))]));
    let sections = &document["patients"][0]["sections"];
    assert_eq!(sections["conditions"], serde_json::json!({ "active": still.len(), "resolved": over.len() }));
    assert_eq!((&sections["allergies"], &sections["documents"]), (&1.into(), &1.into()));
    assert_eq!(document["report"]["stored"], all.len(), "what is not shown is kept all the same");
}

#[test]
fn ranges_and_ratios_keep_their_digits() {
    let folder = tempfile::tempdir().unwrap();
    let of = |number: u8, value: &str| {
        let plain = result(&format!("r{number}"), "p1", "1").replace("2024-05-06", &format!("2024-05-0{number}"));
        let (before, _) = plain.split_once(r#""valueQuantity""#).unwrap();
        format!("{before}{value}}}")
    };
    let all = [
        of(1, r#""valueRange":{"low":{"value":1.123456789,"unit":"mg"},"high":{"value":2.50,"unit":"mg"}}"#),
        of(2, r#""valueRatio":{"numerator":{"value":1},"denominator":{"value":128.000001}}"#),
    ];
    let run = read(&[&write(folder.path(), "a.json", bundle(&[PATIENT, &all[0], &all[1]])), "--analyte", "4548-4"]);
    let document = document(&run);
    let points = document["patients"][0]["analytes"]["4548-4"].as_array().unwrap();
    assert_eq!(points[0]["value"], "1.123456789 mg - 2.50 mg");
    assert_eq!(points[1]["value"], "1:128.000001");
}

#[test]
fn a_former_name_is_not_the_name() {
    let folder = tempfile::tempdir().unwrap();
    for (names, shown) in [
        (r#"[{"use":"maiden","family":"Before"},{"family":"Now","given":["Ann"]}]"#, "Ann Now"),
        (r#"[{"use":"nickname","given":["Annie"]},{"family":"Now","given":["Ann"]}]"#, "Ann Now"),
        (r#"[{"use":"old","family":"Before"},{"use":"nickname","given":["Annie"]}]"#, "Annie"),
        (r#"[{"use":"maiden","family":"Before"}]"#, "Before"),
    ] {
        let patient = format!(r#"{{"resourceType":"Patient","id":"p1","name":{names}}}"#);
        let document = document(&read(&[&write(folder.path(), "a.json", patient)]));
        assert_eq!(document["patients"][0]["name"], shown);
    }
}

const ORU: &str = "MSH|^~\\&|LAB|RIVERSIDE|||20260301101500-0600||ORU^R01|77|P|2.5.1\rPID|1||0042^^^RIVERSIDE^MR||Canary^Ada||19750501|F\r\
    OBR|1||9|24323-8^Panel^LN|||20260301081500-0600|||||||||||||||20260301101000-0600|||F\r\
    OBX|1|NM|4548-4^HbA1c^LN||5.90|%|4.0-5.6|H|||F\r";

#[test]
fn a_mixture_of_formats_in_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.json", bundle(&[PATIENT, &result("r1", "p1", "5.5")]));
    write(folder.path(), "b.hl7", ORU);
    let ccda = "<ClinicalDocument xmlns='urn:hl7-org:v3'><id root='1.2.3'/><recordTarget><patientRole>\
        <id root='1.2' extension='p1'/></patientRole></recordTarget></ClinicalDocument>";
    write(folder.path(), "c.xml", ccda);
    let run = read(&[folder.path().to_str().unwrap(), "--analyte", "4548-4"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let document = document(&run);
    assert_eq!(document["report"]["resources_in"], 7);
    let patients = document["patients"].as_array().unwrap();
    assert_eq!(patients.len(), 3, "three sources' words for people, and nothing says that two are one");
    let measured: Vec<String> = patients
        .iter()
        .flat_map(|patient| patient["analytes"]["4548-4"].as_array().unwrap().clone())
        .map(|point| point["value"].to_string())
        .collect();
    assert_eq!(measured, ["5.5", "5.9"]);
    assert!(run.stdout.contains("\"value\": 5.90,"), "digits as received");
}

#[test]
fn a_feed_is_taken_before_the_charts_are_printed() {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::process::{Command, Stdio};

    let mut child = Command::new(program::example("read_chart"))
        .args(["--listen-hl7", "0", "--for", "4", "--analyte", "4548-4"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    let address = line.trim().rsplit(' ').next().unwrap().to_owned();
    let mut connection = std::net::TcpStream::connect(address).unwrap();
    // The first message comes twice in one write, and the third is for training.
    let training = ORU.replace("|P|2.5.1", "|T|2.5.1");
    let sent: String = [ORU, ORU, &training].iter().map(|message| format!("\u{b}{message}\u{1c}\r")).collect();
    connection.write_all(sent.as_bytes()).unwrap();
    let mut answers = Vec::new();
    let mut byte = [0];
    while answers.iter().filter(|byte| **byte == 0x1c).count() < 3 {
        connection.read_exact(&mut byte).unwrap();
        answers.push(byte[0]);
    }
    let answers = String::from_utf8(answers).unwrap();
    let codes: Vec<&str> = answers.split("MSA|").skip(1).map(|answer| &answer[..2]).collect();
    assert_eq!(codes, ["AA", "AA", "AR"]);
    drop(connection);
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert!(child.wait().unwrap().success());
    let document: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(document["report"]["stored"], 3);
    assert_eq!(document["report"]["unchanged"], 3);
    assert!(stdout.contains("\"value\": 5.90,"), "{stdout}");
}

#[test]
fn listening_needs_a_time() {
    for arguments in [&["--listen-hl7", "0"][..], &["--for", "3", "a.json"], &["--listen-hl7", "x", "--for", "3"]] {
        assert_eq!(read(arguments).code, 2);
    }
}
