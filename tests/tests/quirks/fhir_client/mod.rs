//! Quirks 51, 52, 58 to 61 and 63: what a client of a FHIR server meets, over real sockets, one by one.

mod bulk;
mod conformance;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use mychartum_adapters::fhir::client::token::{
    AccessToken, AccessTokens, BackendServices, BackendSettings, SigningKey, TokenError,
};
use mychartum_adapters::fhir::client::{ClientError, FhirServer, FhirSettings};
use mychartum_core::chart::SourceRef;
use mychartum_core::kernel::text::Label;
use mychartum_core::port::record_source::{
    Category, Changes, Completeness, Cursor, Next, SourceError, SourceErrorKind,
};
use mychartum_core::port::{Clock as _, RecordSource};
use mychartum_core::sync::{Parcel, Reading, Reason};
use mychartum_testkit::simulator::{FhirFault, FhirStore, SimulatedFhir, TokenManner};
use mychartum_testkit::{ManualClock, SeededEntropy};
use proptest::prelude::*;
use ring::signature::{
    ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use serde_json::{Value, json};

/// A simulated server with two patients, and a client of it.
struct Scene {
    simulated: SimulatedFhir,
    server: FhirServer,
    clock: ManualClock,
    patient: SourceRef,
    other: String,
}

fn patient(id: &str) -> SourceRef {
    SourceRef { kind: Label::parse("Patient").unwrap(), id: Label::parse(id).unwrap() }
}

async fn scene(results: usize, change: impl FnOnce(&mut FhirSettings)) -> Scene {
    let clock = ManualClock::default();
    let store = FhirStore::sample(5, 2, results, clock.now());
    let patients = store.patients();
    let simulated = SimulatedFhir::start(store, clock.clone()).await.unwrap();
    let mut settings = FhirSettings::new(simulated.base());
    settings.page_size = 3;
    change(&mut settings);
    let server = FhirServer::new(settings, Arc::new(clock.clone()), Arc::new(SeededEntropy::new(1))).unwrap();
    Scene { simulated, server, clock, patient: patient(&patients[0]), other: patients[1].clone() }
}

impl Scene {
    async fn ask(&self, since: Option<&Cursor>) -> Result<Changes, SourceError> {
        self.server.changes(&self.patient, Category::LabResults, since).await
    }

    async fn ask_for(&self, category: Category) -> Result<Changes, SourceError> {
        self.server.changes(&self.patient, category, None).await
    }

    /// Asks until the pass is over.
    async fn pass(&self, since: Option<&Cursor>) -> Result<Pass, SourceError> {
        let mut pass = Pass { parcels: Vec::new(), complete: false, cursor: None, calls: 0, withdrawn: Vec::new() };
        let mut cursor = since.cloned();
        loop {
            let changes = self.ask(cursor.as_ref()).await?;
            pass.calls += 1;
            pass.parcels.extend(changes.parcels);
            pass.withdrawn.extend(changes.withdrawn);
            pass.complete = changes.completeness == Completeness::Complete;
            match changes.next {
                Next::More(more) => cursor = Some(more),
                Next::UpToDate(now) => {
                    pass.cursor = Some(now);
                    return Ok(pass);
                }
            }
        }
    }

    fn wanted(&self) -> BTreeSet<String> {
        let store = self.simulated.store();
        store.of(self.patient.id.as_str(), "Observation").iter().map(|r| r["id"].as_str().unwrap().to_owned()).collect()
    }

    fn paths(&self) -> Vec<String> {
        self.simulated.requests().into_iter().map(|request| request.path).collect()
    }
}

struct Pass {
    parcels: Vec<Parcel>,
    complete: bool,
    cursor: Option<Cursor>,
    calls: u32,
    withdrawn: Vec<SourceRef>,
}

/// The ids of what is a chart's.
fn ids(parcels: &[Parcel]) -> BTreeSet<String> {
    let items = parcels.iter().filter_map(|parcel| match &parcel.reading {
        Reading::Item { identity, .. } => Some(identity.id.as_str().to_owned()),
        _ => None,
    });
    items.collect()
}

fn reasons(parcels: &[Parcel]) -> Vec<Reason> {
    let reasons = parcels.iter().filter_map(|parcel| match &parcel.reading {
        Reading::Unusable(reason) => Some(*reason),
        _ => None,
    });
    reasons.collect()
}

fn kind<T>(result: Result<T, SourceError>) -> SourceErrorKind {
    result.err().unwrap().kind()
}

fn waits(kind: SourceErrorKind) -> Duration {
    match kind {
        SourceErrorKind::Passing { retry_after } => retry_after,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_category_is_asked_for_by_itself() {
    let scene = scene(7, |_| {}).await;
    let who = scene.ask_for(Category::Demographics).await.unwrap();
    assert_eq!(ids(&who.parcels), BTreeSet::from([scene.patient.id.as_str().to_owned()]));
    for category in [Category::Conditions, Category::Medications, Category::Immunizations] {
        assert_eq!(ids(&scene.ask_for(category).await.unwrap().parcels).len(), 1, "{category:?}");
    }
    assert!(scene.ask_for(Category::VitalSigns).await.unwrap().parcels.is_empty());
    let pass = scene.pass(None).await.unwrap();
    assert_eq!((ids(&pass.parcels), pass.complete, pass.parcels.len()), (scene.wanted(), true, 7));
}

#[tokio::test]
async fn originals_are_the_bytes_as_received() {
    let scene = scene(2, |_| {}).await;
    let pass = scene.pass(None).await.unwrap();
    let store = scene.simulated.store();
    let kept: Vec<String> =
        store.of(scene.patient.id.as_str(), "Observation").iter().map(|resource| resource.to_string()).collect();
    let got: Vec<String> = pass.parcels.iter().map(|p| String::from_utf8(p.original.clone()).unwrap()).collect();
    assert_eq!(got, kept);
}

#[tokio::test]
async fn q51_deletions_in_a_bundle_and_410_are_withdrawn() {
    let scene = scene(2, |_| {}).await;
    let deletion = json!({ "request": { "method": "DELETE", "url": "Observation/gone-1" } });
    scene.simulated.arm(FhirFault::Extra(deletion), 1);
    let pass = scene.pass(None).await.unwrap();
    assert_eq!(pass.withdrawn.iter().map(|gone| gone.id.as_str()).collect::<Vec<_>>(), ["gone-1"]);
    assert_eq!(ids(&pass.parcels), scene.wanted());

    let address = format!("Patient/{}", scene.patient.id.as_str());
    scene.simulated.change(|store| store.remove(&address));
    let who = scene.ask_for(Category::Demographics).await.unwrap();
    assert_eq!((who.withdrawn.as_slice(), who.parcels.len()), ([scene.patient.clone()].as_slice(), 0));
}

#[tokio::test]
async fn q52_an_error_among_the_matches_leaves_the_pass_incomplete() {
    for (severity, complete) in [("error", false), ("fatal", false), ("warning", true), ("information", true)] {
        let scene = scene(7, |_| {}).await;
        scene.simulated.arm(FhirFault::Remark(severity), 1);
        let pass = scene.pass(None).await.unwrap();
        assert_eq!((pass.complete, ids(&pass.parcels)), (complete, scene.wanted()), "{severity}");
        assert!(reasons(&pass.parcels).is_empty(), "{severity}: a remark is no match");

        // An incomplete pass does not move the window on: the next one asks for everything again.
        scene.pass(pass.cursor.as_ref()).await.unwrap();
        let windows = scene.paths().iter().filter(|path| path.contains("_lastUpdated")).count();
        assert_eq!(windows, usize::from(complete), "{severity}");
    }
}

#[tokio::test]
async fn q52_a_remark_instead_of_a_bundle_is_incomplete_whatever_it_says() {
    for severity in ["error", "warning"] {
        let scene = scene(7, |_| {}).await;
        scene.simulated.arm(FhirFault::RemarkOnly(severity), 1);
        let pass = scene.pass(None).await.unwrap();
        assert_eq!((pass.complete, pass.parcels.len()), (false, 0), "{severity}");
    }
}

#[tokio::test]
async fn q54_what_is_somebody_elses_is_set_aside() {
    let scene = scene(3, |_| {}).await;
    let other = scene.other.clone();
    let mine = scene.patient.id.as_str();
    let stranger = |id: &str, subject: String| {
        json!({ "resource": { "resourceType": "Observation", "id": id, "status": "final",
            "code": { "text": "Glucose" }, "subject": { "reference": subject }, "valueString": "7" } })
    };
    for extra in [
        stranger("s1", format!("Patient/{other}")),
        stranger("s2", format!("https://elsewhere.example.org/fhir/Patient/{mine}")),
        json!({ "resource": { "resourceType": "Patient", "id": other, "name": [{ "family": "Herman" }] },
            "search": { "mode": "include" } }),
        stranger("ours", format!("{}/Patient/{mine}", scene.simulated.base())),
    ] {
        scene.simulated.arm(FhirFault::Extra(extra), 1);
    }
    let pass = scene.pass(None).await.unwrap();
    assert_eq!(reasons(&pass.parcels), [Reason::Invalid("subject"); 3]);
    let mut wanted = scene.wanted();
    wanted.insert("ours".to_owned());
    assert_eq!(ids(&pass.parcels), wanted);
}

#[tokio::test]
async fn q54_an_id_cannot_lead_elsewhere() {
    let scene = scene(1, |_| {}).await;
    for id in ["1&patient=2", "../Group/1", "1?_summary=count", "a/b"] {
        for category in [Category::Demographics, Category::LabResults] {
            let answer = scene.server.changes(&patient(id), category, None).await;
            assert_eq!(kind(answer), SourceErrorKind::Refused);
        }
    }
    assert!(scene.paths().is_empty(), "nothing was asked");
}

#[tokio::test]
async fn q47_one_bad_resource_does_not_fail_its_page() {
    let scene = scene(3, |_| {}).await;
    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    scene.simulated.arm(FhirFault::Extra(json!({ "resource": { "resourceType": "Observation", "x": deep } })), 1);
    scene.simulated.arm(FhirFault::Extra(json!(5)), 1);
    scene.simulated.arm(FhirFault::Extra(json!({ "resource": { "resourceType": "Molecule", "id": "1" } })), 1);
    let pass = scene.pass(None).await.unwrap();
    assert_eq!((ids(&pass.parcels), reasons(&pass.parcels).len()), (scene.wanted(), 3));
    assert!(pass.parcels.iter().all(|parcel| !parcel.original.is_empty()));
}

#[tokio::test]
async fn q58_duplicates_across_pages_come_once() {
    let scene = scene(10, |_| {}).await;
    scene.simulated.arm(FhirFault::Repeat, 2);
    let changes = scene.ask(None).await.unwrap();
    assert_eq!((changes.parcels.len(), changes.passed_over.duplicates), (10, 2));
    assert_eq!(ids(&changes.parcels), scene.wanted());
}

#[tokio::test]
async fn q58_links_in_a_circle_and_without_end_are_left() {
    let circle = scene(10, |_| {}).await;
    circle.simulated.arm(FhirFault::NextLoops, 9);
    let pass = circle.pass(None).await.unwrap();
    assert_eq!((pass.complete, circle.paths().len()), (false, 1));

    let endless = scene(10, |settings| settings.pages_a_pass = 25).await;
    endless.simulated.arm(FhirFault::NextEndless, 1000);
    let pass = endless.pass(None).await.unwrap();
    assert_eq!((pass.complete, endless.paths().len(), pass.calls), (false, 25, 3));
    assert_eq!(ids(&pass.parcels), endless.wanted());
}

#[tokio::test]
async fn q58_a_link_to_another_origin_is_not_followed() {
    let scene = scene(10, |_| {}).await;
    let stranger = SimulatedFhir::start(FhirStore::default(), scene.clock.clone()).await.unwrap();
    for elsewhere in [
        format!("{}/page/0/1", stranger.base()),
        format!("{}/page/0/1", scene.simulated.base().replace("http://", "https://")),
        format!("{}/page/0/1", scene.simulated.base().replace("127.0.0.1", "localhost")),
        format!("{}/page/0/1", scene.simulated.base().replace("http://", "http://me:secret@")),
        "file:///etc/hostname".to_owned(),
        "http://169.254.169.254/latest".to_owned(),
    ] {
        let before = scene.paths().len();
        scene.simulated.arm(FhirFault::NextElsewhere(elsewhere), 1);
        let pass = scene.pass(None).await.unwrap();
        assert_eq!((pass.complete, scene.paths().len() - before), (false, 1));
    }
    assert!(stranger.requests().is_empty());
}

#[tokio::test]
async fn q58_relative_and_very_long_links_are_followed_as_given() {
    let scene = scene(10, |_| {}).await;
    scene.simulated.arm(FhirFault::NextRelative, 1);
    scene.simulated.arm(FhirFault::NextLong(4000), 1);
    let pass = scene.pass(None).await.unwrap();
    assert_eq!((ids(&pass.parcels), pass.complete), (scene.wanted(), true));
    let paths = scene.paths();
    assert_eq!(paths[1], "/fhir/page/0/1");
    assert!(paths[2].len() > 4000);
    assert_eq!(paths[3], "/fhir/page/0/3?a=%7C|", "not a letter is changed");
}

#[tokio::test]
async fn q58_expired_pages_are_begun_again_once() {
    let scene = scene(10, |_| {}).await;
    scene.simulated.arm(FhirFault::PageExpired, 1);
    let pass = scene.pass(None).await.unwrap();
    assert_eq!((ids(&pass.parcels), pass.complete, pass.parcels.len()), (scene.wanted(), true, 10));

    // The second expiry is met with pages in hand, which are handed over; asking on from there then tells it.
    scene.simulated.arm(FhirFault::PageExpired, 3);
    let answer = scene.pass(None).await;
    assert_eq!(kind(answer.map(|_| ())), SourceErrorKind::Gone);
    // Beginning again without a cursor works.
    assert!(scene.pass(None).await.unwrap().complete);
}

#[tokio::test]
async fn q58_a_cursor_goes_on_where_it_was_and_is_nobody_elses() {
    let scene = scene(10, |settings| settings.pages_a_call = 1).await;
    let first = scene.ask(None).await.unwrap();
    let Next::More(cursor) = &first.next else { panic!("one page is not all") };
    // Also after the host was started anew, and as often as one likes.
    let mut settings = FhirSettings::new(scene.simulated.base());
    settings.page_size = 3;
    let entropy = Arc::new(SeededEntropy::new(2));
    let again = FhirServer::new(settings, Arc::new(scene.clock.clone()), entropy.clone()).unwrap();
    for _ in 0..2 {
        let rest = again.changes(&scene.patient, Category::LabResults, Some(cursor)).await.unwrap();
        let all: BTreeSet<_> = ids(&first.parcels).union(&ids(&rest.parcels)).cloned().collect();
        assert_eq!((all, rest.parcels.len()), (scene.wanted(), 7));
    }

    let gone = SourceErrorKind::Gone;
    let other = patient(&scene.other);
    assert_eq!(kind(again.changes(&other, Category::LabResults, Some(cursor)).await), gone);
    assert_eq!(kind(again.changes(&scene.patient, Category::Conditions, Some(cursor)).await), gone);
    assert_eq!(kind(scene.ask(Some(&Cursor::parse("{}").unwrap())).await), gone);
    let bent = cursor.as_str().replace("127.0.0.1", "127.0.0.2");
    assert_eq!(kind(scene.ask(Some(&Cursor::parse(&bent).unwrap())).await), gone);
}

#[tokio::test]
async fn q59_retry_after_is_obeyed_within_bounds() {
    let scene = scene(4, |_| {}).await;
    let longest = Duration::from_secs(900);
    let in_a_minute = (scene.clock.now() + chrono::Duration::seconds(60)).format("%a, %d %b %Y %H:%M:%S GMT");
    for (status, said, least, most) in [
        (429, Some("30".to_owned()), 30, 33),
        (503, Some(in_a_minute.to_string()), 60, 66),
        (503, Some("999999999999".to_owned()), 900, 900),
        (429, Some("0".to_owned()), 0, 0),
    ] {
        scene.simulated.arm(FhirFault::Status { status, retry_after: said, kind: None }, 1);
        let wait = waits(kind(scene.ask(None).await));
        assert!((Duration::from_secs(least)..=Duration::from_secs(most)).contains(&wait), "{wait:?}");
        scene.ask(None).await.unwrap();
    }
    // Where nothing is said, it grows with every failure in a row.
    scene.simulated.arm(FhirFault::status(503), 14);
    let mut own = Vec::new();
    for _ in 0..14 {
        own.push(waits(kind(scene.ask(None).await)));
    }
    assert!(own[0] >= Duration::from_secs(1) && own[0] <= Duration::from_secs(2), "{own:?}");
    assert!(own[13] >= longest / 2 && own[13] <= longest, "{own:?}");
    scene.ask(None).await.unwrap();
    scene.simulated.arm(FhirFault::status(500), 1);
    assert!(waits(kind(scene.ask(None).await)) <= Duration::from_secs(2), "an answer ends the row");
}

#[tokio::test]
async fn q59_what_was_read_before_a_busy_page_is_handed_over() {
    let scene = scene(10, |_| {}).await;
    let busy = FhirFault::Status { status: 429, retry_after: Some("30".to_owned()), kind: Some("page") };
    scene.simulated.arm(busy, 2);
    let first = scene.ask(None).await.unwrap();
    assert_eq!(first.parcels.len(), 3);
    assert!(first.wait.unwrap() >= Duration::from_secs(30));
    let cursor = first.next.cursor();
    assert!(waits(kind(scene.ask(Some(cursor)).await)) >= Duration::from_secs(30));
    let rest = scene.pass(Some(cursor)).await.unwrap();
    assert_eq!((rest.parcels.len(), rest.complete), (7, true));
}

#[tokio::test]
async fn q59_a_forbidden_type_does_not_stop_the_others() {
    let scene = scene(4, |_| {}).await;
    scene.simulated.arm(FhirFault::Status { status: 403, retry_after: None, kind: Some("Condition") }, 9);
    assert_eq!(kind(scene.ask_for(Category::Conditions).await), SourceErrorKind::Forbidden);
    assert_eq!(scene.ask_for(Category::Medications).await.unwrap().parcels.len(), 1);
    assert!(scene.pass(None).await.unwrap().complete);
}

#[tokio::test]
async fn statuses_and_bodies_that_are_no_answer_are_told_apart() {
    let scene = scene(4, |settings| settings.page_bytes = 20_000).await;
    for (status, expected) in [
        (400, SourceErrorKind::Refused),
        (401, SourceErrorKind::NeedsReauth),
        (404, SourceErrorKind::Refused),
        (304, SourceErrorKind::BadAnswer),
        (307, SourceErrorKind::BadAnswer),
        (204, SourceErrorKind::BadAnswer),
    ] {
        scene.simulated.arm(FhirFault::status(status), 1);
        assert_eq!(kind(scene.ask(None).await), expected, "{status}");
    }
    scene.simulated.arm(FhirFault::WebPage, 1);
    assert_eq!(kind(scene.ask(None).await), SourceErrorKind::BadAnswer);
    let large = json!({ "resource": { "resourceType": "Observation", "x": "x".repeat(30_000) } });
    scene.simulated.arm(FhirFault::Extra(large), 1);
    assert_eq!(kind(scene.ask(None).await), SourceErrorKind::BadAnswer);
    let base = scene.simulated.base();
    let Scene { simulated, server, patient, .. } = scene;
    drop(simulated);
    let answer = server.changes(&patient, Category::Visits, None).await;
    assert_eq!(kind(answer), SourceErrorKind::Unreachable, "{base}");
}

#[tokio::test]
async fn q60_a_patient_that_did_not_change_is_not_sent_again() {
    let scene = scene(1, |_| {}).await;
    let ask = async |since: Option<&Cursor>| {
        scene.server.changes(&scene.patient, Category::Demographics, since).await.unwrap()
    };
    let first = ask(None).await;
    let again = ask(Some(first.next.cursor())).await;
    assert_eq!((first.parcels.len(), again.parcels.len()), (1, 0));
    let sent = scene.simulated.requests();
    assert_eq!(sent[0].header("if-none-match"), None);
    assert_eq!(sent[1].header("if-none-match"), Some("W/\"1\""), "a tag is given back as it came");

    scene.simulated.change(|store| {
        let changed = store.resources()[0].clone();
        store.put(changed, scene.clock.now());
    });
    let changed = ask(Some(again.next.cursor())).await;
    assert_eq!(changed.parcels.len(), 1);
    assert!(ask(Some(changed.next.cursor())).await.parcels.is_empty());
}

#[tokio::test]
async fn q60_windows_overlap_by_five_minutes_on_the_slower_clock() {
    let scene = scene(4, |_| {}).await;
    scene.clock.advance(chrono::Duration::hours(1));
    let first = scene.pass(None).await.unwrap();
    scene.clock.advance(chrono::Duration::hours(1));
    let changed = scene.simulated.store().of(scene.patient.id.as_str(), "Observation")[1].clone();
    // It was written two minutes before the first pass began, and was not to be seen then.
    let late = scene.clock.now() - chrono::Duration::minutes(62);
    scene.simulated.change(|store| store.put(changed, late));
    let second = scene.pass(first.cursor.as_ref()).await.unwrap();
    assert_eq!(second.parcels.len(), 1);
    assert!(scene.paths().last().unwrap().contains("_lastUpdated=ge2026-01-01T12:55:00Z"));

    // A client whose clock is a day ahead misses nothing: the server's own date counts.
    let ahead = ManualClock::at(scene.clock.now() + chrono::Duration::days(1));
    let server =
        FhirServer::new(FhirSettings::new(scene.simulated.base()), Arc::new(ahead), Arc::new(SeededEntropy::new(3)));
    let server = server.unwrap();
    let first = server.changes(&scene.patient, Category::LabResults, None).await.unwrap();
    let again = scene.simulated.store().of(scene.patient.id.as_str(), "Observation")[2].clone();
    scene.clock.advance(chrono::Duration::minutes(1));
    scene.simulated.change(|store| store.put(again, scene.clock.now()));
    let second = server.changes(&scene.patient, Category::LabResults, Some(first.next.cursor())).await.unwrap();
    assert_eq!(second.parcels.len(), 1);
}

/// A key for ES384: its PEM, and its public half.
fn key() -> (String, Vec<u8>) {
    let random = ring::rand::SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, der.as_ref(), &random).unwrap();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
    (pem, pair.public_key().as_ref().to_vec())
}

fn backend(scene: &Scene, pem: &str) -> Arc<BackendServices> {
    let key = SigningKey::es384("key-1", pem).unwrap();
    let settings = BackendSettings::new(scene.simulated.token_endpoint(), "portal", key);
    let (clock, entropy) = (Arc::new(scene.clock.clone()), Arc::new(SeededEntropy::new(4)));
    Arc::new(BackendServices::new(settings, clock, entropy).unwrap())
}

fn with_tokens(scene: &Scene, tokens: Arc<BackendServices>) -> FhirServer {
    let settings = FhirSettings::new(scene.simulated.base()).with_tokens(tokens);
    FhirServer::new(settings, Arc::new(scene.clock.clone()), Arc::new(SeededEntropy::new(5))).unwrap()
}

fn grant(expires_in: Option<i64>, scope: Option<&str>) -> TokenManner {
    TokenManner::Grant { expires_in, scope: scope.map(str::to_owned) }
}

/// How many tokens were asked for.
fn asked(scene: &Scene) -> usize {
    scene.paths().iter().filter(|path| *path == "/token").count()
}

#[tokio::test]
async fn q63_the_assertion_is_signed_short_lived_and_never_the_same() {
    let scene = scene(1, |_| {}).await;
    let (pem, public) = key();
    let tokens = backend(&scene, &pem);
    scene.simulated.ask_for_tokens(grant(Some(300), None));
    let first = tokens.token(None).await.unwrap().unwrap();
    tokens.token(Some(&first)).await.unwrap().unwrap();
    let mut nonces = BTreeSet::new();
    for request in scene.simulated.requests() {
        let field = |name: &str| {
            let mut pairs = request.body.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(found, _)| *found == name).unwrap().1.to_owned()
        };
        assert_eq!(field("grant_type"), "client_credentials");
        assert_eq!(field("scope"), "system%2F*.rs");
        assert_eq!(field("client_assertion_type"), "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer");
        let assertion = field("client_assertion");
        let (signed, signature) = assertion.rsplit_once('.').unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let open = |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
        assert_eq!(open(header), json!({ "alg": "ES384", "kid": "key-1", "typ": "JWT" }));
        let claims = open(claims);
        assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some("portal"), Some("portal")));
        assert_eq!(claims["aud"].as_str().unwrap(), scene.simulated.token_endpoint());
        let left = claims["exp"].as_i64().unwrap() - scene.clock.now().timestamp();
        assert!((1..=300).contains(&left));
        nonces.insert(claims["jti"].as_str().unwrap().to_owned());
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, &public).verify(signed.as_bytes(), &signature).unwrap();
    }
    assert_eq!(nonces.len(), 2);
}

#[tokio::test]
async fn q63_a_token_is_kept_until_a_minute_before_its_end() {
    let scene = scene(1, |_| {}).await;
    let (pem, _) = key();
    for (life, kept) in [(Some(300), 240), (None, 240), (Some(600), 540)] {
        let tokens = backend(&scene, &pem);
        scene.simulated.ask_for_tokens(grant(life, None));
        let server = with_tokens(&scene, tokens);
        let before = asked(&scene);
        let ask = async || server.changes(&scene.patient, Category::Conditions, None).await.unwrap();
        ask().await;
        scene.clock.advance(chrono::Duration::seconds(kept - 1));
        ask().await;
        assert_eq!(asked(&scene) - before, 1, "{life:?}");
        scene.clock.advance(chrono::Duration::seconds(1));
        ask().await;
        assert_eq!(asked(&scene) - before, 2, "{life:?}");
    }
}

#[tokio::test]
async fn q59_401_renews_the_token_once() {
    let scene = scene(10, |_| {}).await;
    let (pem, _) = key();
    scene.simulated.ask_for_tokens(grant(Some(3600), None));
    let server = with_tokens(&scene, backend(&scene, &pem));
    let ask = async || server.changes(&scene.patient, Category::LabResults, None).await;
    ask().await.unwrap();
    scene.simulated.revoke_tokens();
    assert_eq!(ask().await.unwrap().parcels.len(), 10);
    assert_eq!(asked(&scene), 2);
    // A server that refuses the new one too is not asked a third time.
    scene.simulated.arm(FhirFault::status(401), 9);
    let before = scene.paths().len();
    assert_eq!(kind(ask().await), SourceErrorKind::NeedsReauth);
    assert_eq!(scene.paths().len() - before, 3, "refused, a new token, refused");
}

#[tokio::test]
async fn q63_the_scope_that_was_granted_counts() {
    let scene = scene(3, |_| {}).await;
    let (pem, _) = key();
    scene.simulated.ask_for_tokens(grant(None, Some("system/Observation.rs system/Patient.r")));
    let server = with_tokens(&scene, backend(&scene, &pem));
    let ask = async |category| server.changes(&scene.patient, category, None).await;
    assert_eq!(kind(ask(Category::Conditions).await), SourceErrorKind::Forbidden);
    assert_eq!(scene.paths(), ["/token"], "what was not granted is not asked for");
    assert_eq!(ask(Category::LabResults).await.unwrap().parcels.len(), 3);
    assert_eq!(ask(Category::Demographics).await.unwrap().parcels.len(), 1);
}

#[tokio::test]
async fn q63_a_token_endpoint_that_answers_otherwise_is_a_typed_error() {
    let scene = scene(1, |_| {}).await;
    let (pem, _) = key();
    let tokens = backend(&scene, &pem);
    let server = with_tokens(&scene, tokens.clone());
    for (manner, expected, kind_expected) in [
        (TokenManner::WebPage, TokenError::NotJson, SourceErrorKind::BadAnswer),
        (TokenManner::Refuse, TokenError::Refused, SourceErrorKind::NeedsReauth),
    ] {
        scene.simulated.ask_for_tokens(manner);
        assert_eq!(tokens.token(None).await.unwrap_err(), expected);
        let answer = server.changes(&scene.patient, Category::Conditions, None).await;
        assert_eq!(kind(answer), kind_expected);
    }
    scene.simulated.ask_for_tokens(TokenManner::Busy);
    let answer = server.changes(&scene.patient, Category::Conditions, None).await;
    assert!(waits(kind(answer)) >= Duration::from_secs(9));
}

#[test]
fn settings_that_are_unsafe_or_impossible_are_refused() {
    let make = |change: fn(&mut FhirSettings)| {
        let mut settings = FhirSettings::new("https://ehr.example.org/r4");
        change(&mut settings);
        FhirServer::new(settings, Arc::new(ManualClock::default()), Arc::new(SeededEntropy::new(1))).err()
    };
    assert_eq!(make(|_| {}), None);
    assert_eq!(make(|s| s.base = "http://ehr.example.org/r4".into()), Some(ClientError::ClearText("base")));
    assert_eq!(make(|s| s.base = "https://a/?x=1".into()), Some(ClientError::Address("base")));
    assert_eq!(make(|s| s.page_size = 0), Some(ClientError::Range("page_size")));
    assert_eq!(make(|s| s.pages_a_pass = 501), Some(ClientError::Range("pages_a_pass")));
    assert_eq!(SigningKey::es384("k", "no key").err(), Some(ClientError::Key));
    assert_eq!(SigningKey::es384("", &key().0).err(), Some(ClientError::Field("kid")));
}

#[tokio::test]
async fn nothing_of_a_patient_or_a_secret_is_shown() {
    let scene = scene(10, |settings| settings.pages_a_call = 1).await;
    let token = AccessToken::new("s3cret".to_owned().into(), None).unwrap();
    let changes = scene.ask(None).await.unwrap();
    scene.simulated.arm(FhirFault::status(500), 1);
    let error = scene.ask(Some(changes.next.cursor())).await.unwrap_err();
    let shown = format!("{:?} {changes:?} {:?} {error:?} {error} {token:?}", scene.server, changes.next);
    for secret in [scene.patient.id.as_str(), "s3cret", "127.0.0.1"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whoever_asks_on_gets_everything_whatever_passes(faults in proptest::collection::vec(0u64..9, 0..12)) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let scene = scene(10, |settings| settings.pages_a_call = 2).await;
            for fault in &faults {
                scene.simulated.arm(FhirFault::passing(*fault), 1);
            }
            let (mut got, mut cursor) = (BTreeSet::new(), None);
            for _ in 0..60 {
                let Ok(changes) = scene.ask(cursor.as_ref()).await else { continue };
                assert_eq!(changes.completeness, Completeness::Complete);
                got.extend(ids(&changes.parcels));
                cursor = Some(changes.next.cursor().clone());
                if matches!(changes.next, Next::UpToDate(_)) {
                    break;
                }
            }
            assert_eq!(got, scene.wanted());
        });
    }
}
