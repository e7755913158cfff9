//! Canaries are planted in every text of a chart and an account, and nothing that comes out may hold one.
//!
//! What comes out: the database's files, open and closed; the names in the folder; every change set on its way to storage; every
//! error's text; and the `Debug` of every value that a host can get hold of.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

use std::error::Error;
use std::fmt::{self, Debug};
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::Duration;
use mychartum_adapters::keys::{FileKeyring, SecretKeyring};
use mychartum_core::access::Ask;
use mychartum_core::account::{
    AccountSettings, Entered, Knock, NewAccount, Password, Progress, SessionToken, Username,
};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{
    AnalyteGroup, Deceased, Party, ReportGroup, Section, SectionSet, SourceId, SourceRef, SourceVersion, Value, View,
};
use mychartum_core::kernel::id::PatientId;
use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{CodeSystem, Decimal, PartialDate, Text};
use mychartum_core::port::Storage;
use mychartum_core::port::key_provider::KeyError;
use mychartum_core::port::storage::{
    AuditHead, Bucket, ChangeSet, Collection, Due, Expect, Head, Partition, Put, Receipt, Row, RowId, Scan,
    StorageError,
};
use mychartum_core::portal::{Disclosure, Listing, OpenError, Page, Portal, Settings};
use mychartum_core::sync::{Directory, Parcel, Place, Reading, Reason};
use mychartum_core::vault::SecretKey;
use mychartum_storage::{MemoryStorage, SqliteStorage};
use mychartum_testkit::leak_tester::{DATE, LeakTester, NUMBER, every_view};
use mychartum_testkit::{ManualClock, SeededEntropy};

/// A storage that writes down, in its `Debug` form, all that goes into it and comes out of it.
#[derive(Clone)]
struct Recorder {
    inner: SqliteStorage,
    told: Arc<Mutex<String>>,
}

impl Recorder {
    fn tell<T: Debug>(&self, value: T) -> T {
        self.told.lock().unwrap().push_str(&format!("{value:?}\n"));
        value
    }
}

impl Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
impl Storage for Recorder {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        self.tell(set);
        self.tell(self.inner.commit(set).await)
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        self.tell(self.inner.head(partition).await)
    }

    async fn get(&self, partition: Partition, kind: Collection, rows: &[RowId]) -> Result<Vec<Row>, StorageError> {
        self.tell(self.inner.get(partition, kind, rows).await)
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        self.tell(scan);
        self.tell(self.inner.scan(scan).await)
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        self.tell(self.inner.due(due).await)
    }

    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        self.tell(self.inner.heads(bucket, after, limit).await)
    }
}

/// Everything that came out so far, by where.
#[derive(Default)]
struct CameOut(Vec<(String, String)>);

impl CameOut {
    fn debug(&mut self, place: &str, value: &dyn Debug) {
        self.0.push((place.to_owned(), format!("{value:?} {value:#?}")));
    }

    fn error(&mut self, error: &dyn Error) {
        let mut text = format!("{error} {error:?}");
        let mut cause = error.source();
        while let Some(next) = cause {
            text.push_str(&format!(" {next} {next:?}"));
            cause = next.source();
        }
        self.0.push(("an error".to_owned(), text));
    }
}

macro_rules! debugs {
    ($out:expr; $($value:expr),+ $(,)?) => {{ $($out.debug(stringify!($value), &$value);)+ }};
}

struct Canaries {
    tester: LeakTester,
    made: usize,
}

impl Canaries {
    fn new() -> Self {
        let mut tester = LeakTester::new();
        tester.plant("a date", DATE);
        tester.plant("a number", NUMBER);
        Self { tester, made: 0 }
    }

    fn label(&mut self, name: &str) -> Label {
        Label::parse(&self.tester.canary(name)).unwrap()
    }

    fn reference(&mut self, name: &str) -> SourceRef {
        SourceRef { kind: self.label(&format!("{name}: source type")), id: self.label(&format!("{name}: source id")) }
    }

    fn parcel(&mut self, reading: Reading) -> Parcel {
        self.made += 1;
        Parcel {
            place: Place { document: 0, entry: Some(self.made as u64) },
            resource: self.tester.canary("parcel.resource").into(),
            reading,
            original: self.tester.canary("original").repeat(3).into_bytes(),
        }
    }

    fn item(&mut self, identity: SourceRef, subject: SourceRef, view: View, changed: &str) -> Parcel {
        let version = SourceVersion {
            id: Some(self.label("version.id")),
            last_updated: changed.parse().ok(),
            ..Default::default()
        };
        self.parcel(Reading::Item {
            identity,
            version,
            subject,
            view,
            mapping: 1,
            labels: mychartum_core::kernel::SensitivitySet::NONE,
        })
    }

    fn views(&mut self) -> Vec<View> {
        every_view(&mut |name| Label::parse(&self.tester.canary(name)).unwrap())
    }
}

fn quick() -> Settings {
    Settings { accounts: AccountSettings { argon2_memory: 64, ..AccountSettings::default() }, ..Settings::default() }
}

async fn portal(storage: impl Storage, key: &Path, clock: &ManualClock) -> Result<Portal, OpenError> {
    let builder = Portal::builder().storage(storage).keys(FileKeyring::at(key)).clock(clock.clone());
    builder.entropy(SeededEntropy::new(3)).settings(quick()).open().await
}

/// Reads a section, its originals and its earlier versions, and has all of them written down.
macro_rules! read {
    ($out:expr, $seen:expr, $chart:expr, $section:ident $variant:ident $list:ident $one:ident $earlier:ident) => {{
        let listing: Listing<_> = $chart.$list(Page::ALL).await.unwrap();
        $out.debug(stringify!($list), &listing);
        for item in listing.items {
            let (provenance, original) = $chart.original(Section::$section, item.id).await.unwrap().unwrap();
            let one = $chart.$one(item.id).await.unwrap();
            let earlier = $chart.$earlier(item.id).await.unwrap();
            debugs!($out; item, item.view, item.provenance, item.provenance.version, provenance, one, earlier);
            assert_eq!(one.as_ref(), Some(&item));
            $out.debug("original", &original);
            $seen.originals.push(original.as_bytes().unwrap().to_vec());
            $seen.views.extend(earlier.into_iter().map(|item| View::$variant(Box::new(item.view))));
            $seen.views.push(View::$variant(Box::new(item.view)));
        }
    }};
}

#[derive(Default)]
struct Seen {
    views: Vec<View>,
    originals: Vec<Vec<u8>>,
}

async fn read_all(out: &mut CameOut, chart: &Disclosure) -> Seen {
    let mut seen = Seen::default();
    read!(out, seen, chart, Demographics Patient demographics demographic earlier_demographics);
    read!(out, seen, chart, Results Observation results result earlier_results);
    read!(out, seen, chart, Vitals Observation vitals vital earlier_vitals);
    read!(out, seen, chart, Findings Observation findings finding earlier_findings);
    read!(out, seen, chart, Reports DiagnosticReport reports report earlier_reports);
    read!(out, seen, chart, Medications MedicationRequest medications medication earlier_medications);
    read!(out, seen, chart, Immunizations Immunization immunizations immunization earlier_immunizations);
    read!(out, seen, chart, Conditions Condition conditions condition earlier_conditions);
    read!(out, seen, chart, Allergies AllergyIntolerance allergies allergy earlier_allergies);
    read!(out, seen, chart, Visits Encounter visits visit earlier_visits);
    read!(out, seen, chart, Documents DocumentReference documents document earlier_documents);
    read!(out, seen, chart, Procedures Procedure procedures procedure earlier_procedures);
    read!(out, seen, chart, Appointments Appointment appointments appointment earlier_appointments);
    seen
}

/// The `Debug` of every part of a view that has one of its own.
fn parts(out: &mut CameOut, view: &View) {
    debugs!(out; view);
    let concept = |out: &mut CameOut, concept: &mychartum_core::kernel::Concept| {
        debugs!(out; concept, concept.codings, concept.codings[0].system, concept.codings[2].system, concept.text);
    };
    match view {
        View::Patient(view) => {
            let name = &view.names[0];
            debugs!(out; view, name, name.given, name.family, view.identifiers, view.contacts, view.addresses);
            debugs!(out; view.deceased, view.birth_date, view.languages);
        }
        View::Observation(view) => {
            concept(out, &view.code);
            debugs!(out; view, view.components, view.ranges, view.value, view.performers, view.members, view.notes);
            for component in &view.components {
                debugs!(out; component.value);
                if let Value::Quantity(quantity) = &component.value {
                    debugs!(out; quantity, quantity.value, quantity.unit);
                }
            }
        }
        View::DiagnosticReport(view) => debugs!(out; view, view.presented, view.conclusion, view.results),
        View::MedicationRequest(view) => debugs!(out; view, view.dosage, view.medication_at),
        View::Encounter(view) => debugs!(out; view, view.participants),
        View::DocumentReference(view) => debugs!(out; view, view.content),
        View::Immunization(view) => debugs!(out; view, view.dose),
        View::Condition(view) => debugs!(out; view, view.severity),
        View::AllergyIntolerance(view) => debugs!(out; view, view.reactions),
        View::Procedure(view) => debugs!(out; view, view.body_sites),
        View::Appointment(view) => debugs!(out; view, view.instructions),
    }
}

/// Every kind of error of the account that a careless caller can provoke with secrets in hand.
async fn account_errors(out: &mut CameOut, portal: &Portal, canaries: &mut Canaries, taken: &Username) {
    let secret = canaries.tester.canary("a password that was refused");
    out.error(&Password::new(&secret[..14]).unwrap_err());
    out.error(&Password::new(&secret.repeat(20)).unwrap_err());
    out.error(&Username::parse(&secret.repeat(20)).unwrap_err());
    out.error(&Username::parse(&format!("{secret}\u{7}")).unwrap_err());
    let password = || Password::new(&secret).unwrap();
    let account = |username: &Username, own| NewAccount { username: username.clone(), password: password(), own };
    out.error(&portal.open_account(account(taken, None)).await.unwrap_err());
    let free = Username::parse(&canaries.tester.canary("a name that nobody has")).unwrap();
    out.error(&portal.open_account(account(&free, Some(PatientId::from_bytes([7; 16])))).await.unwrap_err());
    out.error(&portal.set_password(&free, &password()).await.unwrap_err());
    out.error(&portal.sign_in(&free, &password()).await.unwrap_err());
    out.error(&portal.sign_in(taken, &password()).await.unwrap_err());
    let token = canaries.tester.canary("a token that is none").repeat(8);
    out.error(&portal.resume(&SessionToken::presented(&token)).await.unwrap_err());
}

/// Every kind of error that a text gives that is no value.
fn parse_errors(out: &mut CameOut, canaries: &mut Canaries) {
    let text = canaries.tester.canary("a text that is no value");
    out.error(&text.parse::<PartialDate>().unwrap_err());
    out.error(&text.parse::<Decimal>().unwrap_err());
    out.error(&text.parse::<PatientId>().unwrap_err());
    out.error(&text.repeat(2).parse::<PatientId>().unwrap_err());
    out.error(&SourceId::parse(&text).unwrap_err());
    out.error(&Text::<8>::parse(&text).unwrap_err());
    for reason in [Reason::Malformed, Reason::Missing("code"), Reason::Invalid("status")] {
        out.error(&reason);
    }
    let json = format!("\"{text}\"");
    out.error(&serde_json::from_str::<PartialDate>(&json).unwrap_err());
    out.error(&serde_json::from_str::<Decimal>(&json).unwrap_err());
    out.error(&serde_json::from_str::<PatientId>(&json).unwrap_err());
    out.error(&serde_json::from_str::<SourceId>(&json).unwrap_err());
    debugs!(out; CodeSystem::of(&text), SourceId::parse("riverside"));
}

#[tokio::test]
async fn nothing_that_comes_out_holds_what_went_in() {
    let folder = tempfile::tempdir().unwrap();
    let (database, key) = (folder.path().join("portal.db"), folder.path().join("portal.key"));
    let mut out = CameOut::default();
    let mut canaries = Canaries::new();
    let clock = ManualClock::default();
    let sqlite = SqliteStorage::open(&database).await.unwrap();
    let recorder = Recorder { inner: sqlite.clone(), told: Arc::default() };
    let portal = portal(recorder.clone(), &key, &clock).await.unwrap();
    debugs!(out; sqlite, FileKeyring::at(&key), SecretKeyring::new(SecretKey::from_bytes([5; 32])), quick());
    debugs!(out; Portal::builder().storage(recorder.clone()).keys(FileKeyring::at(&key)), portal);

    // Two deliveries: everything, and everything once more in a newer version. The canaries are others each time.
    let source = SourceId::parse("riverside").unwrap();
    let subject = canaries.reference("patient");
    let identities: Vec<SourceRef> = (0..13).map(|n| canaries.reference(&format!("item {n}"))).collect();
    let clinician = canaries.reference("clinician");
    let clinician_name = canaries.label("clinician's name");
    let mut put = Vec::new();
    for changed in ["2024-05-01", "2024-06-01"] {
        let mut intake = portal.intake(source.clone()).unwrap();
        let mut parcels = Vec::new();
        for (mut view, identity) in canaries.views().into_iter().zip(&identities) {
            if let View::Patient(patient) = &mut view {
                // Nobody signs in for the dead.
                patient.deceased = Deceased::Unstated;
            }
            let identity = if matches!(view, View::Patient(_)) { &subject } else { identity };
            put.push(view.clone());
            parcels.push(canaries.item(identity.clone(), subject.clone(), view, changed));
        }
        // One whose performer's name is in the source's directory only.
        let mut referring = canaries.views().swap_remove(1);
        let View::Observation(observation) = &mut referring else { panic!("the second view is an observation") };
        observation.performers = vec![Party { name: None, at: Some(clinician.clone()) }];
        observation.specimen = Some(Party { name: Some(canaries.label("specimen")), at: None });
        let same = canaries.reference("referring");
        parcels.push(canaries.item(same, subject.clone(), referring, changed));
        let directory = Directory {
            identity: clinician.clone(),
            version: SourceVersion {
                id: Some(canaries.label("directory.version")),
                last_updated: changed.parse().ok(),
                ..Default::default()
            },
            name: clinician_name.clone(),
            aliases: vec![canaries.label("directory.alias")],
        };
        debugs!(out; directory);
        parcels.push(canaries.parcel(Reading::Directory(directory)));
        // And what cannot be filed.
        parcels.push(canaries.parcel(Reading::Unusable(Reason::Malformed)));
        let (nobody, view) = (canaries.reference("nobody"), canaries.views().swap_remove(4));
        let stray = canaries.reference("stray");
        parcels.push(canaries.item(stray, nobody, view, changed));
        for parcel in &parcels {
            debugs!(out; parcel, parcel.reading);
        }
        intake.offer(parcels).await.unwrap();
        debugs!(out; intake, intake.report());
        let report = intake.finish();
        assert!(report.adds_up());
        assert_eq!((report.stored, report.set_aside.len(), report.patients.len()), (15, 2, 1));
        debugs!(out; report, report.set_aside[0]);
    }
    for view in &put {
        parts(&mut out, view);
    }

    // An account, and everything that it can read.
    let patient = portal.linked(&source, &subject).await.unwrap().unwrap();
    let username = Username::parse(&canaries.tester.canary("username")).unwrap();
    let secret = canaries.tester.canary("password");
    let new = NewAccount { username: username.clone(), password: Password::new(&secret).unwrap(), own: Some(patient) };
    debugs!(out; username, new, Password::new(&secret));
    portal.open_account(new).await.unwrap();
    let attempt = portal.look_up(&username, Knock::default()).await.unwrap();
    debugs!(out; attempt);
    let checked = attempt.check(&Password::entered(&secret).unwrap()).unwrap();
    debugs!(out; checked);
    let progress = portal.complete(checked).await.unwrap();
    debugs!(out; progress);
    let Progress::Entered(Entered { session: token, device: Some(device), .. }) = progress else {
        panic!("a password is all that is asked");
    };
    canaries.tester.plant("device token", &device.expose()[64..]);
    canaries.tester.plant("session token", &token.expose()[64..]);
    canaries.tester.plant_bytes("session token's bytes", &unhex(&token.expose()[64..]));
    let session = portal.resume(&token).await.unwrap();
    debugs!(out; token, session);
    let everything = SectionSet::of(&Section::ALL);
    let permit = session.ask(patient, everything, Purpose::Care).await.unwrap();
    let ask = Ask {
        actor: mychartum_core::audit::Actor::Account(session.account()),
        session: None,
        patient,
        sections: everything,
        purpose: Purpose::Care,
        at: permit.expires_at() - Duration::minutes(1),
    };
    debugs!(out; permit, ask);
    let chart = portal.disclose(permit).unwrap();
    debugs!(out; chart, chart.permit());
    let seen = read_all(&mut out, &chart).await;
    for view in &put {
        assert!(seen.views.contains(view), "what was planted was read, so it was there to leak");
    }
    assert!(seen.originals.iter().all(|original| !canaries.tester.find("original", original).is_empty()));
    let results = chart.results(Page::ALL).await.unwrap().items;
    assert!(results.iter().any(|item| item.view.performers.iter().any(|who| who.name == Some(clinician_name.clone()))));
    let analyte = results[0].view.analytes().next().unwrap().to_owned();
    let visit = chart.item_id(&results[0].provenance, results[0].view.encounter.as_ref().unwrap());
    let of_visit = chart.of_visit(Section::Results, visit).await.unwrap();
    let found = chart.measured(Section::Results, &analyte, Page::ALL).await.unwrap();
    let trend = chart.trend(&analyte, &[]).await.unwrap();
    assert!(!of_visit.is_empty() && !found.items.is_empty() && !trend.series[0].points.is_empty());
    debugs!(out; of_visit, found, trend, trend.series, trend.series[0].points, trend.series[0].unit);
    let reports = chart.reports(Page::ALL).await.unwrap().items;
    debugs!(out; ReportGroup::of(reports, results.clone(), |_| Vec::new()), AnalyteGroup::of(results));
    let log = chart.access_log(None, 100).await.unwrap();
    debugs!(out; log, chart.verify_access_log().await, portal.verify_trail(patient).await);

    // Everything that goes wrong.
    account_errors(&mut out, &portal, &mut canaries, &username).await;
    parse_errors(&mut out, &mut canaries);
    out.error(&session.ask(PatientId::from_bytes([7; 16]), everything, Purpose::Care).await.unwrap_err());
    out.error(&portal.link(&source, &subject, PatientId::from_bytes([7; 16])).await.unwrap_err());
    let narrow = portal.disclose(session.ask(patient, Section::Visits, Purpose::Care).await.unwrap()).unwrap();
    out.error(&narrow.results(Page::ALL).await.unwrap_err());
    clock.advance(Duration::minutes(2));
    out.error(&chart.results(Page::ALL).await.unwrap_err());
    let late = portal.resume(&token).await.unwrap();
    portal.resume(&token).await.unwrap().sign_out().await.unwrap();
    out.error(&late.ask(patient, everything, Purpose::Care).await.unwrap_err());
    out.error(&portal.resume(&token).await.unwrap_err());

    // Look: at the values, at what went to storage, at the names in the folder, and at the files, open and closed.
    let wrapping = std::fs::read_to_string(&key).unwrap();
    canaries.tester.plant_bytes("wrapping key", &unhex(wrapping.lines().last().unwrap()));
    let tester = &canaries.tester;
    assert!(tester.planted() > 1_000 && out.0.len() > 400);
    for (place, text) in &out.0 {
        tester.assert_absent(place, text.as_bytes());
    }
    tester.assert_absent("storage", recorder.told.lock().unwrap().as_bytes());
    tester.assert_absent("folder", names(folder.path()).join("\n").as_bytes());
    assert_eq!(names(folder.path()), ["portal.db", "portal.db-shm", "portal.db-wal", "portal.key"]);
    search_files(tester, folder.path());
    drop((portal, session, late, chart, narrow));
    recorder.inner.close().await;
    assert_eq!(names(folder.path()), ["portal.db", "portal.key"]);
    search_files(tester, folder.path());
    out.error(&recorder.head(Partition::SYSTEM).await.unwrap_err());
    tester.assert_absent("error", out.0.last().unwrap().1.as_bytes());
}

fn search_files(tester: &LeakTester, folder: &Path) {
    for name in names(folder).iter().filter(|name| *name != "portal.key") {
        let leaks = tester.scan_file(folder.join(name)).unwrap();
        assert!(leaks.is_empty(), "{leaks:?}");
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn unhex(digits: &str) -> Vec<u8> {
    digits
        .as_bytes()
        .chunks_exact(2)
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// The search itself must work: what is put into the file without a seal is found there, open and closed.
#[tokio::test]
async fn what_is_not_sealed_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::open(folder.path().join("portal.db")).await.unwrap();
    let mut tester = LeakTester::new();
    let body = tester.canary("not sealed").into_bytes();
    let put = Put {
        collection: Collection::new(4),
        row: RowId::from_bytes([0; 16]),
        version: 1,
        order: 0,
        tags: vec![],
        body,
    };
    let set = ChangeSet {
        id: mychartum_core::kernel::id::ChangeSetId::from_bytes([1; 16]),
        partition: Partition::SYSTEM,
        expect: Expect { revision: 0, epoch: 0 },
        puts: vec![put],
        deletes: vec![],
        audit: AuditHead::EMPTY,
    };
    storage.commit(&set).await.unwrap();
    assert_eq!(tester.find("a change set", format!("{set:?}").as_bytes()).len(), 1);
    assert_eq!(tester.scan_file(folder.path().join("portal.db-wal")).unwrap().len(), 1);
    storage.close().await;
    assert_eq!(tester.scan_file(folder.path().join("portal.db")).unwrap().len(), 1);
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[cfg(unix)]
#[tokio::test]
async fn a_lost_strange_or_open_key_file_is_told_and_nothing_is_made_or_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let clock = ManualClock::default();
    let open = async || {
        let storage = SqliteStorage::open(path("portal.db")).await.unwrap();
        let opened = portal(storage.clone(), &path("portal.key"), &clock).await;
        let opened = match opened {
            Ok(portal) => Ok(portal.verify_trail(PatientId::from_bytes([1; 16])).await.unwrap().entries),
            Err(error) => Err(error),
        };
        let head = storage.head(Partition::SYSTEM).await.unwrap();
        storage.close().await;
        (opened, head, std::fs::read(path("portal.db")).unwrap())
    };
    let (founded, head, database) = open().await;
    assert_eq!(founded, Ok(0));
    assert_eq!(mode(&path("portal.key")), 0o600);
    let stranger = portal(MemoryStorage::new(), &path("other.key"), &clock).await;
    assert!(stranger.is_ok());

    std::fs::rename(path("portal.key"), path("away.key")).unwrap();
    assert_eq!(open().await, (Err(OpenError::Key(KeyError::Missing)), head, database.clone()));
    assert!(!path("portal.key").exists(), "no new key over old data");

    std::fs::copy(path("other.key"), path("portal.key")).unwrap();
    assert_eq!(mode(&path("portal.key")), 0o600);
    assert_eq!(open().await, (Err(OpenError::Key(KeyError::Wrong)), head, database.clone()));
    assert_eq!(std::fs::read(path("portal.key")).unwrap(), std::fs::read(path("other.key")).unwrap());

    std::fs::write(path("portal.key"), "not a key file").unwrap();
    assert_eq!(open().await, (Err(OpenError::Key(KeyError::Wrong)), head, database.clone()));

    std::fs::rename(path("away.key"), path("portal.key")).unwrap();
    for exposed in [0o644, 0o640, 0o660, 0o602, 0o601] {
        set_mode(&path("portal.key"), exposed);
        assert_eq!(open().await, (Err(OpenError::Key(KeyError::Exposed)), head, database.clone()));
        assert_eq!(mode(&path("portal.key")), exposed, "whoever opened it up has to see it and close it");
    }

    set_mode(&path("portal.key"), 0o600);
    assert_eq!(open().await, (Ok(0), head, database));
}
