//! Bulk exports, with a scripted server and a store of files at another origin (quirk 61).

use std::sync::Arc;
use std::time::Duration;

use mychartum_adapters::fhir::client::bulk::{BulkExport, BulkJob, BulkReader, BulkScope, Manifest, Polled};
use mychartum_adapters::fhir::client::{FhirServer, FhirSettings};
use mychartum_core::port::record_source::SourceErrorKind;
use mychartum_core::sync::{Parcel, Reading, Reason};
use mychartum_testkit::SeededEntropy;
use mychartum_testkit::simulator::{FhirStore, SimulatedFhir};
use serde_json::json;

use super::{Scene, backend, grant, ids, key, kind, reasons, scene, waits};

const EXPORT: &str = "/Group/g1/$export";

/// An exporter with a token, and a store of files elsewhere.
async fn exporter(scene: &Scene, line: usize) -> (BulkExport, SimulatedFhir) {
    let (pem, _) = key();
    scene.simulated.ask_for_tokens(grant(Some(3600), None));
    let mut settings = FhirSettings::new(scene.simulated.base()).with_tokens(backend(scene, &pem));
    settings.page_bytes = line;
    let server = FhirServer::new(settings, Arc::new(scene.clock.clone()), Arc::new(SeededEntropy::new(6))).unwrap();
    (server.bulk(), SimulatedFhir::start(FhirStore::default(), scene.clock.clone()).await.unwrap())
}

/// Scripts a manifest with these files and reads it.
async fn manifest(scene: &Scene, bulk: &BulkExport, files: &[(&str, String)], rest: serde_json::Value) -> Manifest {
    let output: Vec<_> = files.iter().map(|(kind, url)| json!({ "type": kind, "url": url })).collect();
    let mut body = json!({ "transactionTime": "2026-01-01T00:00:00Z", "requiresAccessToken": true, "output": output });
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let job = format!("{}/jobs/1", scene.simulated.base());
    scene.simulated.script(EXPORT, 202, &[("Content-Location", job)], "");
    scene.simulated.script("/jobs/1", 200, &[], &body.to_string());
    let job = bulk.kick_off(&BulkScope::Group("g1".into()), None).await.unwrap();
    match bulk.poll(&job).await.unwrap() {
        Polled::Done(manifest) => manifest,
        Polled::Running(_) => panic!("it is done"),
    }
}

async fn all(reader: &mut BulkReader) -> Vec<Parcel> {
    let mut parcels = Vec::new();
    while let Some(more) = reader.parcels().await.unwrap() {
        parcels.extend(more);
    }
    parcels
}

fn patient(id: &str) -> String {
    json!({ "resourceType": "Patient", "id": id, "name": [{ "family": "Herman" }] }).to_string()
}

#[tokio::test]
async fn q61_an_export_is_begun_and_polled_as_the_server_wants() {
    let scene = scene(1, |_| {}).await;
    let (bulk, _) = exporter(&scene, 1 << 20).await;
    let job = format!("{}/jobs/7", scene.simulated.base());
    scene.simulated.script(EXPORT, 429, &[("Retry-After", "20".into())], "");
    scene.simulated.script(EXPORT, 202, &[("Content-Location", job.clone())], "");
    let scope = BulkScope::Group("g1".into());
    assert!(waits(kind(bulk.kick_off(&scope, None).await)) >= Duration::from_secs(20));
    let since = Some(chrono::DateTime::UNIX_EPOCH + chrono::Duration::minutes(6));
    let begun = bulk.kick_off(&scope, since).await.unwrap();
    let sent = scene.simulated.requests().pop().unwrap();
    assert_eq!(sent.path, "/fhir/Group/g1/$export?_since=1970-01-01T00:01:00Z");
    assert_eq!(sent.header("prefer"), Some("respond-async"));

    for _ in 0..3 {
        scene.simulated.script("/jobs/7", 202, &[("Retry-After", "120".into()), ("X-Progress", "1%".into())], "");
    }
    scene.simulated.script("/jobs/7", 200, &[], "<html>");
    for _ in 0..3 {
        let Polled::Running(wait) = bulk.poll(&begun).await.unwrap() else { panic!("it runs") };
        assert!(wait >= Duration::from_secs(120));
    }
    assert_eq!(kind(bulk.poll(&begun).await), SourceErrorKind::BadAnswer);
    assert_eq!(kind(bulk.poll(&BulkJob::kept("https://elsewhere.example.org/1")).await), SourceErrorKind::Gone);
    let group = BulkScope::Group("../x".into());
    assert_eq!(kind(bulk.kick_off(&group, None).await), SourceErrorKind::Refused);
    bulk.discard(&begun).await.unwrap();
    assert_eq!(scene.simulated.requests().pop().unwrap().method, "DELETE");
}

#[tokio::test]
async fn q61_bad_long_blank_and_foreign_lines_are_set_aside_and_the_rest_goes_on() {
    let scene = scene(1, |_| {}).await;
    let (bulk, _) = exporter(&scene, 2_000).await;
    let long = format!("{{\"resourceType\":\"Patient\",\"x\":\"{}\"}}", "x".repeat(3_000));
    let organization = json!({ "resourceType": "Organization", "id": "o", "name": "Riverside" }).to_string();
    let lines = [&patient("a"), "", "{\"resourceType\":", &long, &organization, &patient("b")].join("\n");
    scene.simulated.script("/files/1", 200, &[], &lines);
    let url = format!("{}/files/1", scene.simulated.base());
    let manifest = manifest(&scene, &bulk, &[("Patient", url)], json!({})).await;
    let mut reader = bulk.open(&manifest, &manifest.files[0], 0).await.unwrap();
    let parcels = all(&mut reader).await;
    assert_eq!(ids(&parcels), ["a", "b"].map(str::to_owned).into());
    assert_eq!(reasons(&parcels), [Reason::Malformed, Reason::TooLarge, Reason::Invalid("resourceType")]);
    assert_eq!(reader.line(), 6);

    // After a restart it goes on where it was.
    let mut reader = bulk.open(&manifest, &manifest.files[0], 5).await.unwrap();
    let parcels = all(&mut reader).await;
    assert_eq!(ids(&parcels), ["b".to_owned()].into());
    assert!(matches!(parcels[0].reading, Reading::Item { .. }));
    assert_eq!(parcels[0].place.entry, Some(6));
}

#[tokio::test]
async fn q61_the_token_does_not_follow_a_file_to_another_origin() {
    let scene = scene(1, |_| {}).await;
    let (bulk, elsewhere) = exporter(&scene, 1 << 20).await;
    let there = format!("{}/files/1", elsewhere.base());
    scene.simulated.script("/files/1", 307, &[("Location", there.clone())], "");
    elsewhere.script("/files/1", 200, &[], &patient("a"));
    let files = [("Patient", format!("{}/files/1", scene.simulated.base())), ("Patient", there)];
    let manifest = manifest(&scene, &bulk, &files, json!({})).await;
    for file in &manifest.files {
        let mut reader = bulk.open(&manifest, file, 0).await.unwrap();
        assert_eq!(all(&mut reader).await.len(), 1);
    }
    let ours = scene.simulated.requests().pop().unwrap();
    assert!(ours.path.ends_with("/files/1") && ours.header("authorization").is_some());
    assert_eq!(elsewhere.requests().len(), 2);
    assert!(elsewhere.requests().iter().all(|request| request.header("authorization").is_none()));
}

#[tokio::test]
async fn q61_files_that_lead_astray_have_expired_or_are_compressed_are_errors() {
    let scene = scene(1, |_| {}).await;
    let (bulk, _) = exporter(&scene, 1 << 20).await;
    let base = scene.simulated.base();
    scene.simulated.script("/files/circle", 302, &[("Location", format!("{base}/files/circle"))], "");
    scene.simulated.script("/files/clear", 302, &[("Location", "http://example.org/x".into())], "");
    scene.simulated.script("/files/old", 410, &[], "");
    scene.simulated.script("/files/zip", 200, &[("Content-Encoding", "gzip".into())], "x");
    for (name, expected) in [
        ("circle", SourceErrorKind::BadAnswer),
        ("clear", SourceErrorKind::BadAnswer),
        ("old", SourceErrorKind::Gone),
        ("zip", SourceErrorKind::BadAnswer),
    ] {
        let files = [("Patient", format!("{base}/files/{name}"))];
        let manifest = manifest_again(&scene, &bulk, &files).await;
        assert_eq!(kind(bulk.open(&manifest, &manifest.files[0], 0).await), expected, "{name}");
    }
}

/// The manifest of another export at the same server.
async fn manifest_again(scene: &Scene, bulk: &BulkExport, files: &[(&str, String)]) -> Manifest {
    scene.simulated.forget_script("/jobs/1");
    manifest(scene, bulk, files, json!({})).await
}

#[tokio::test]
async fn q61_errors_leave_an_export_incomplete_and_deletions_are_read() {
    let scene = scene(1, |_| {}).await;
    let (bulk, _) = exporter(&scene, 1 << 20).await;
    let base = scene.simulated.base();
    let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "entry": [
        { "request": { "method": "DELETE", "url": "Patient/gone" } },
        { "request": { "method": "DELETE", "url": "Observation/gone-too" } },
    ] });
    scene.simulated.script("/files/deleted", 200, &[], &format!("{bundle}\n{{}}\n"));
    let rest = json!({
        "error": [{ "type": "OperationOutcome", "url": format!("{base}/files/errors") }],
        "deleted": [{ "type": "Bundle", "url": format!("{base}/files/deleted") }],
    });
    let manifest = manifest(&scene, &bulk, &[], rest).await;
    assert!(!manifest.complete);
    let mut reader = bulk.open(&manifest, &manifest.deleted[0], 0).await.unwrap();
    let gone = reader.withdrawn().await.unwrap().unwrap();
    assert_eq!(gone.iter().map(|gone| gone.id.as_str()).collect::<Vec<_>>(), ["gone", "gone-too"]);
    assert_eq!(kind(reader.withdrawn().await), SourceErrorKind::BadAnswer);
    assert_eq!(reader.withdrawn().await.unwrap(), None);
}
