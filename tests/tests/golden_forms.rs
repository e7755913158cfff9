//! Every form in which something is stored, against files that are kept in `golden/`.
//!
//! What was written once must be read for ever. So a form that changes fails here, and the files prove more than that the form is
//! the same: a whole house is put together again from its file and must work. `UPDATE_GOLDEN=1` writes the files anew; whoever
//! does that has to keep the old ones as well, with a test that they are still read, once anybody's data are in the old form.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::DateTime;
use mychartum_core::account::{AccountSettings, NewAccount, Password, SessionToken, Username};
use mychartum_core::audit::{Action, Actor, Entry, Facts, Outcome, Purpose, ReasonCode, SectionBits, append};
use mychartum_core::chart::{
    Item, Observation, Patient, Provenance, Section, SectionSet, SourceId, SourceRef, SourceVersion, View,
};
use mychartum_core::kernel::id::{AccountId, ChangeSetId, DeliveryId, ItemId, PatientId, SessionId, TenantId};
use mychartum_core::kernel::text::Label;
use mychartum_core::packing::{Packing, PackingError, pack, padded_length, unpack};
use mychartum_core::port::key_provider::KeyError;
use mychartum_core::port::storage::{
    AuditHead, Bucket, ChangeSet, Collection, Expect, Partition, PartitionKind, Put, Row, RowId, Scan, Tag,
};
use mychartum_core::port::{KeyProvider, Storage};
use mychartum_core::portal::{Page, Portal, Settings, TrailCheck};
use mychartum_core::sync::{Directory, Parcel, Place, Reading, Reason};
use mychartum_core::vault::{Founding, SealContext, SecretKey, TenantKey, Vault, VaultSettings};
use mychartum_storage::MemoryStorage;
use mychartum_testkit::leak_tester::every_view;
use mychartum_testkit::{ManualClock, SeededEntropy};

/// The kept file of this name, after it was compared with what is made now.
fn golden(name: &str, made: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name);
    if std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1") {
        std::fs::write(&path, made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("golden/{name} is not there"));
    for (number, (kept, made)) in (1..).zip(kept.lines().zip(made.lines())) {
        assert_eq!(made, kept, "golden/{name}, line {number}: the stored form changed");
    }
    assert!(kept == made, "golden/{name}: the stored form got longer or shorter");
    kept
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex_all(digits: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(digits.get(2 * at..2 * at + 2).unwrap(), 16).unwrap();
    (0..digits.len().div_ceil(2)).map(pair).collect()
}

fn unhex<const N: usize>(digits: &str) -> [u8; N] {
    unhex_all(digits).try_into().unwrap()
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

#[test]
fn views() {
    let mut seen = BTreeMap::new();
    for view in every_view(&mut |name| label(name)) {
        let number = seen.entry(format!("{:?}", view.kind())).or_insert(0);
        *number += 1;
        let name = format!("view_{:?}_{number}.json", view.kind()).to_lowercase();
        let kept = golden(&name, &(serde_json::to_string_pretty(&view).unwrap() + "\n"));
        assert!(serde_json::from_str::<View>(&kept).unwrap() == view, "{name} is read as something else");
        let compact = serde_json::to_vec(&view).unwrap();
        assert!(serde_json::from_slice::<View>(&compact).unwrap() == view, "{name}, as it is stored");
    }
    assert_eq!(seen.len(), 11);
}

/// Of a view, only what is said is stored: one that says nothing is as short as it can be.
#[test]
fn a_view_that_says_nothing() {
    let view = View::Patient(Box::<Patient>::default());
    let kept = golden("view_patient_empty.json", &(serde_json::to_string_pretty(&view).unwrap() + "\n"));
    assert!(serde_json::from_str::<View>(&kept).unwrap() == view);
    assert!(serde_json::from_str::<View>(r#"{"t":"Patient"}"#).unwrap() == view, "what is not there is not said");
}

#[test]
fn provenance() {
    let provenance = |version| Provenance {
        source: SourceId::parse("riverside-clinic.2").unwrap(),
        source_type: label("Observation"),
        source_id: label("urn:uuid:1"),
        version,
        received_at: DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap(),
        as_of: None,
        delivery: DeliveryId::from_bytes([0xd0; 16]),
        original_hash: core::array::from_fn(|at| u8::try_from(at * 8).unwrap()),
        mapping: 1,
        labels: mychartum_core::kernel::SensitivitySet::NONE,
    };
    let full = SourceVersion {
        id: Some(label("W/3")),
        last_updated: "2026-01-02T03:04:05.678Z".parse().ok(),
        ..Default::default()
    };
    for (name, version) in [("provenance.json", full), ("provenance_unversioned.json", SourceVersion::default())] {
        let provenance = provenance(version);
        let kept = golden(name, &(serde_json::to_string_pretty(&provenance).unwrap() + "\n"));
        assert!(serde_json::from_str::<Provenance>(&kept).unwrap() == provenance, "{name} is read as something else");
    }
}

/// Numbers that stand in storage and in the trail; one that was given never means anything else.
#[test]
fn numbers() {
    let mut made = String::new();
    for action in Action::ALL {
        writeln!(made, "action {} {action:?}", action.code()).unwrap();
        assert_eq!(Action::from_code(action.code()), Some(*action));
    }
    for purpose in Purpose::ALL {
        writeln!(made, "purpose {} {purpose:?}", purpose.code()).unwrap();
        assert_eq!(Purpose::from_code(purpose.code()), Some(*purpose));
    }
    for outcome in Outcome::ALL {
        writeln!(made, "outcome {} {outcome:?}", outcome.code()).unwrap();
        assert_eq!(Outcome::from_code(outcome.code()), Some(*outcome));
    }
    for section in Section::ALL {
        writeln!(made, "section {} {section:?}", section.number()).unwrap();
        assert_eq!(SectionSet::from_bits(1 << section.number()), SectionSet::from(section));
    }
    for kind in PartitionKind::ALL {
        writeln!(made, "partition {} {kind:?}", kind.code()).unwrap();
        assert_eq!(PartitionKind::from_code(kind.code()), Some(kind));
    }
    golden("numbers.txt", &made);
}

#[test]
fn audit_entries() {
    let at = DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap();
    let patient = PatientId::from_bytes([0x22; 16]);
    let full = Facts {
        sections: SectionBits::from_bits(0x2003),
        count: 50,
        subject: Some(patient),
        account: Some(AccountId::from_bytes([0xa0; 16])),
        grant: Some(RowId::from_bytes([0xa1; 16])),
        reason: Some(ReasonCode::new(0x0102)),
        session: Some(SessionId::from_bytes([0xa2; 16])),
        delivery: Some(DeliveryId::from_bytes([0xa3; 16])),
        record: Some(ItemId::from_bytes([0xa4; 16])),
        ..Facts::new(at, Actor::Unknown, Action::Disclose, Purpose::Care, Outcome::Permitted)
    };
    let (tenant, partition) = (TenantId::from_bytes([0x11; 16]), Partition::patient(patient));
    let actors = [
        Actor::Unknown,
        Actor::Host,
        Actor::Account(AccountId::from_bytes([1; 16])),
        Actor::Clinic(Tag::from_bytes([2; 16])),
    ];
    let mut head = AuditHead::EMPTY;
    let (mut made, mut entries) = (String::new(), Vec::new());
    for actor in actors {
        let empty = Facts::new(at, actor, Action::Found, Purpose::Operations, Outcome::Permitted);
        for facts in [Facts { actor, ..full }, empty] {
            let added = append(head, tenant, partition, facts).unwrap();
            writeln!(made, "{}", hex(&added.body)).unwrap();
            entries.push(added.entry);
            head = added.head;
        }
    }
    let kept = golden("audit_entries.txt", &made);
    for (line, entry) in kept.lines().zip(entries) {
        let (canonical, _link) = line.split_at(line.len() - 64);
        assert_eq!(Entry::decode(&unhex_all(canonical)), Ok(entry));
    }
}

/// Wraps nothing: what it is given comes back, so that a file can hold it.
#[derive(Debug)]
struct Bare;

#[async_trait]
impl KeyProvider for Bare {
    async fn wrap(&self, _: TenantId, key: &SecretKey) -> Result<Vec<u8>, KeyError> {
        Ok(key.expose().to_vec())
    }

    async fn unwrap(&self, _: TenantId, wrapped: &[u8]) -> Result<SecretKey, KeyError> {
        <[u8; 32]>::try_from(wrapped).map(SecretKey::from_bytes).map_err(|_| KeyError::Wrong)
    }
}

#[tokio::test]
async fn the_founding_record() {
    let secret = SecretKey::from_bytes([0x44; 32]);
    let tenant = TenantKey::new(TenantId::from_bytes([0x11; 16]), &secret);
    let founding = Founding::wrap(&tenant, &secret, &Bare).await.unwrap();
    let kept = golden("founding.txt", &(hex(&founding.encode()) + "\n"));
    let bytes: [u8; 83] = unhex(kept.trim());
    let read = Founding::decode(&bytes).unwrap();
    assert_eq!(read, founding);
    assert_eq!(read.unwrap(&Bare).await.unwrap().tenant(), tenant.tenant());
}

/// Packed bodies: a line with the digits of one, and one with the body that it must unpack to for ever.
///
/// What an encoder makes may get better; so the file is not compared with what is packed now, only read.
#[test]
fn packed_bodies() {
    let view = serde_json::to_string(&every_view(&mut |name| label(name)).remove(1)).unwrap();
    let view = format!("\u{1}{view}");
    let indented = format!("\u{1}{{\n  {view}");
    let long = "2026-01-02 17dc9ddd0010e8199a69d1bf8856878e \u{10}\u{17} ".repeat(60);
    let all = [
        ("views", view.as_str(), Packing::View, 1),
        ("originals", view.as_str(), Packing::Original, 2),
        ("indented", indented.as_str(), Packing::Original, 3),
        ("marks", long.as_str(), Packing::Original, 2),
        ("padded", view.as_str(), Packing::Padded, 0),
        ("short", "\u{1}null", Packing::View, 0),
        ("empty", "", Packing::View, 0),
    ];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join("packed_bodies.txt");
    if std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1") {
        let lines = all.map(|(name, body, packing, _)| {
            format!(
                "{name}\npacked {}\nbody {}\n",
                hex(&pack(body.as_bytes(), packing)),
                body.as_bytes().escape_ascii()
            )
        });
        std::fs::write(&path, lines.join("\n")).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    let kept: Vec<&str> = kept.split("\n\n").collect();
    assert_eq!(kept.len(), all.len());
    for (kept, (name, body, packing, dictionary)) in kept.iter().zip(all) {
        let [line, packed, was] = kept.lines().collect::<Vec<_>>()[..] else {
            panic!("golden/packed_bodies.txt: {name}")
        };
        let packed = unhex_all(packed.strip_prefix("packed ").unwrap());
        let was = unescape(was.strip_prefix("body ").unwrap());
        assert_eq!((line, packed[..3].to_vec()), (name, vec![2, 0, dictionary]));
        assert_eq!(packed.len(), padded_length(packed.len()));
        assert!(**unpack(&packed).unwrap() == *was, "{name} is unpacked to something else");
        assert!(was == body.as_bytes(), "{name}: the body itself is of another form now");
        assert!(**unpack(&pack(&was, packing)).unwrap() == *was);
        let mut later = packed.clone();
        later[1] = 0x40;
        assert_eq!(unpack(&later).unwrap_err(), PackingError::UnknownDictionary(0x4000 + u16::from(dictionary)));
    }
}

const FOUNDING: Collection = Collection::new(1);
const KEY: Collection = Collection::new(2);
const AUDIT: Collection = Collection::new(3);
const ONLY: RowId = RowId::from_bytes([0; 16]);
const PASSWORD: &str = "correct horse battery";

fn reference(kind: &str, id: &str) -> SourceRef {
    SourceRef { kind: label(kind), id: label(id) }
}

fn parcel(reading: Reading, original: &str) -> Parcel {
    Parcel {
        place: Place { document: 0, entry: None },
        resource: "Observation".into(),
        reading,
        original: original.into(),
    }
}

fn item(identity: SourceRef, version: &str, view: View) -> Parcel {
    let original = format!("{} {version}", identity.id.as_str());
    let version = SourceVersion { id: Some(label(version)), last_updated: None, ..Default::default() };
    parcel(
        Reading::Item {
            identity,
            version,
            subject: reference("Patient", "maria"),
            view,
            mapping: 1,
            labels: mychartum_core::kernel::SensitivitySet::NONE,
        },
        &original,
    )
}

fn result(version: &str, value: &str) -> Parcel {
    let json = serde_json::json!({
        "status": "final",
        "category": "laboratory",
        "code": { "codes": [{ "s": "http://loinc.org", "c": "4548-4" }] },
        "effective": "2025-06-01",
        "value": { "is": "quantity", "v": { "value": value, "unit": { "code": "%" } } },
        "performers": [{ "at": { "kind": "Practitioner", "id": "dr-1" } }],
        "encounter": { "kind": "Encounter", "id": "visit" },
    });
    let view: Observation = serde_json::from_value(json).unwrap();
    item(reference("Observation", "hba1c"), version, View::Observation(Box::new(view)))
}

/// What a source delivered: a patient, a result in two versions, a clinician's name, and something that cannot be used.
fn delivery() -> Vec<Parcel> {
    let patient = serde_json::json!({ "names": [{ "given": ["Maria"], "family": "Rivera" }], "birth_date": "1958-04" });
    let name = Directory {
        identity: reference("Practitioner", "dr-1"),
        version: SourceVersion::default(),
        name: label("Dr. Chen"),
        aliases: vec![label("?identifier=npi|1")],
    };
    vec![
        item(reference("Patient", "maria"), "1", View::Patient(Box::new(serde_json::from_value(patient).unwrap()))),
        result("1", "6.0"),
        result("2", "6.40"),
        parcel(Reading::Directory(name), "dr-1"),
        parcel(Reading::Unusable(Reason::Malformed), "{\"resourceType\":"),
    ]
}

async fn open(storage: &MemoryStorage, seed: u64) -> Portal {
    let accounts = AccountSettings { argon2_memory: 64, ..AccountSettings::default() };
    let builder = Portal::builder().storage(storage.clone()).keys(Bare).clock(ManualClock::default());
    let settings = Settings { accounts, ..Settings::default() };
    builder.entropy(SeededEntropy::new(seed)).settings(settings).open().await.unwrap()
}

fn source() -> SourceId {
    SourceId::parse("riverside").unwrap()
}

fn username() -> Username {
    Username::parse("Maria").unwrap()
}

/// A house with something in every collection, and a session that is open.
async fn house() -> (MemoryStorage, Portal, SessionToken) {
    let storage = MemoryStorage::new();
    let portal = open(&storage, 11).await;
    let mut intake = portal.intake(source()).unwrap();
    intake.offer(delivery()).await.unwrap();
    let report = intake.finish();
    assert_eq!((report.stored, report.set_aside.len()), (4, 1));
    let own = Some(report.patients[0]);
    let account = NewAccount { username: username(), password: Password::new(PASSWORD).unwrap(), own };
    portal.open_account(account).await.unwrap();
    let token = portal.sign_in(&username(), &Password::entered(PASSWORD).unwrap()).await.unwrap();
    (storage, portal, token)
}

async fn partitions(storage: &MemoryStorage) -> Vec<(Partition, AuditHead)> {
    let mut all = Vec::new();
    for bucket in Bucket::all() {
        all.extend(storage.heads(bucket, None, 100).await.unwrap());
    }
    all.sort_by_key(|(partition, _)| *partition);
    all.into_iter().map(|(partition, head)| (partition, head.audit)).collect()
}

/// Every row of a partition, by collection and row.
async fn rows(storage: &MemoryStorage, partition: Partition) -> Vec<Row> {
    let mut all = Vec::new();
    for collection in (0..0x200).map(Collection::new) {
        all.extend(storage.scan(&Scan::new(partition, collection, 1_000)).await.unwrap());
    }
    all.sort_by_key(|row| (row.collection, row.row));
    all
}

async fn vault(founding: &[u8]) -> Vault {
    Vault::reopen(&Bare, founding, Arc::new(SeededEntropy::new(99)), VaultSettings::default()).await.unwrap()
}

/// All that is stored, opened: a line a partition and a line a row. Wrapped data keys are left out; they are as random as the
/// keys, and their form is among the golden files of the engine.
async fn describe(storage: &MemoryStorage, token: &SessionToken) -> String {
    let founding = storage.get(Partition::SYSTEM, FOUNDING, &[ONLY]).await.unwrap();
    let vault = vault(&founding[0].body).await;
    let mut told = format!("token {}\n", token.expose());
    for (partition, audit) in partitions(storage).await {
        let (kind, id) = (partition.kind().code(), hex(&partition.id()));
        writeln!(told, "\npartition {kind} {id} {} {}", audit.count, hex(&audit.link)).unwrap();
        let rows = rows(storage, partition).await;
        let wrapped = rows.iter().find(|row| row.collection == KEY).unwrap();
        let key = vault.partition_key(partition, &wrapped.body).unwrap();
        for row in rows.iter().filter(|row| row.collection != KEY) {
            let key = if row.collection == AUDIT { vault.audit_key(partition) } else { Arc::clone(&key) };
            let body = match row.collection {
                FOUNDING => row.body.clone(),
                AUDIT => vault.open(&key, &SealContext::of_row(row), &row.body).unwrap().to_vec(),
                // Told as it was before it was packed: the file shows what is said, and restores a house of before packing.
                _ => unpack(&vault.open(&key, &SealContext::of_row(row), &row.body).unwrap()).unwrap().to_vec(),
            };
            let tags: Vec<String> = row.tags.iter().map(|tag| hex(&tag.to_bytes())).collect();
            let place = format!("{} {} {}", row.collection.number(), hex(&row.row.to_bytes()), row.version);
            writeln!(told, "row {place} {} [{}] {}", row.order, tags.join(","), written(row.collection, &body))
                .unwrap();
        }
    }
    told
}

/// A body as the file holds it: as text with escapes where it is text for the most part, else in hexadecimal digits.
fn written(collection: Collection, body: &[u8]) -> String {
    if [FOUNDING, AUDIT].contains(&collection) { hex(body) } else { body.escape_ascii().to_string() }
}

fn unwritten(collection: Collection, text: &str) -> Vec<u8> {
    if [FOUNDING, AUDIT].contains(&collection) { unhex_all(text) } else { unescape(text) }
}

/// The bytes that were written with `escape_ascii`.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match (byte, (byte == b'\\').then(|| rest.next().unwrap())) {
            (_, Some(b't')) => b'\t',
            (_, Some(b'r')) => b'\r',
            (_, Some(b'n')) => b'\n',
            (_, Some(b'x')) => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            (_, Some(other)) => other,
            (byte, None) => byte,
        });
    }
    bytes
}

/// A row as it stands in the file: not sealed.
fn read_row(line: &str) -> Put {
    let mut parts = line.splitn(6, ' ');
    let mut next = || parts.next().unwrap();
    let collection = Collection::new(next().parse().unwrap());
    let row = RowId::from_bytes(unhex(next()));
    let (version, order) = (next().parse().unwrap(), next().parse().unwrap());
    let tags = next().trim_matches(['[', ']']);
    let tags = tags.split(',').filter(|tag| !tag.is_empty()).map(|tag| Tag::from_bytes(unhex(tag))).collect();
    Put { collection, row, version, order, tags, body: unwritten(collection, next()) }
}

/// Puts a storage together from a file: seals each row anew, at its place.
async fn restore(file: &str) -> (MemoryStorage, SessionToken) {
    let storage = MemoryStorage::new();
    let mut parts = file.split("\npartition ");
    let token = SessionToken::presented(parts.next().unwrap().trim().strip_prefix("token ").unwrap());
    let parts: Vec<(&str, Vec<Put>)> = parts
        .map(|part| {
            let (head, rows) = part.split_once('\n').unwrap();
            (head, rows.lines().filter_map(|line| line.strip_prefix("row ")).map(read_row).collect())
        })
        .collect();
    let founding = parts.iter().flat_map(|(_, rows)| rows).find(|kept| kept.collection == FOUNDING).unwrap();
    let vault = vault(&founding.body).await;
    for (number, (head, rows)) in (1u8..).zip(&parts) {
        let [kind, id, count, link] = head.split(' ').collect::<Vec<_>>()[..] else { panic!("a partition") };
        let partition = Partition::new(PartitionKind::from_code(kind.parse().unwrap()).unwrap(), unhex(id));
        let audit = AuditHead { count: count.parse().unwrap(), link: unhex(link) };
        let (key, wrapped) = vault.new_partition_key(partition).unwrap();
        let last = rows.iter().map(|kept| kept.version).max().unwrap();
        for version in 1..=last {
            let mut puts = Vec::new();
            for kept in rows.iter().filter(|kept| kept.version >= version) {
                let mut put = Put { version, ..kept.clone() };
                let key = if put.collection == AUDIT { vault.audit_key(partition) } else { Arc::clone(&key) };
                if put.collection != FOUNDING {
                    put.body = vault.seal(&key, &SealContext::of_put(partition, &put), &kept.body).unwrap();
                }
                puts.push(put);
            }
            if version == 1 {
                let body = wrapped.clone();
                puts.push(Put { collection: KEY, row: ONLY, version: 1, order: 0, tags: vec![], body });
            }
            let id = ChangeSetId::from_bytes([number; 16].map(|byte| byte ^ u8::try_from(version << 4).unwrap()));
            let expect = Expect { revision: version - 1, epoch: 0 };
            storage.commit(&ChangeSet { id, partition, expect, puts, deletes: vec![], audit }).await.unwrap();
        }
    }
    (storage, token)
}

/// All that maria can read.
#[derive(PartialEq)]
struct Chart {
    demographics: Vec<Item<Patient>>,
    results: Vec<Item<Observation>>,
    earlier: Vec<Item<Observation>>,
    originals: Vec<Vec<u8>>,
    log: Vec<Entry>,
}

async fn read(portal: &Portal, token: &SessionToken) -> Chart {
    let session = portal.resume(token).await.unwrap();
    let permit = session.ask(session.patients()[0], SectionSet::of(&Section::ALL), Purpose::Care).await.unwrap();
    let chart = portal.disclose(permit).unwrap();
    let demographics = chart.demographics(Page::ALL).await.unwrap().items;
    let results = chart.results(Page::ALL).await.unwrap().items;
    let mut originals = vec![
        chart
            .original(Section::Demographics, demographics[0].id)
            .await
            .unwrap()
            .unwrap()
            .1
            .as_bytes()
            .unwrap()
            .to_vec(),
    ];
    originals
        .push(chart.original(Section::Results, results[0].id).await.unwrap().unwrap().1.as_bytes().unwrap().to_vec());
    let earlier = chart.earlier_results(results[0].id).await.unwrap();
    let visit = chart.item_id(&results[0].provenance, results[0].view.encounter.as_ref().unwrap());
    assert_eq!(chart.of_visit(Section::Results, visit).await.unwrap().len(), 1);
    assert_eq!(chart.trend("4548-4", &[]).await.unwrap().series.len(), 1);
    let log = chart.access_log(None, 100).await.unwrap();
    assert_eq!(chart.verify_access_log().await.unwrap(), TrailCheck { entries: log.len() as u64 });
    Chart { demographics, results, earlier, originals, log }
}

#[tokio::test]
async fn a_whole_house_is_read_from_its_file() {
    let (storage, portal, token) = house().await;
    let kept = golden("house.txt", &describe(&storage, &token).await);
    let collections: BTreeSet<&str> =
        kept.lines().filter_map(|line| line.strip_prefix("row ")?.split(' ').next()).collect();
    let all = ["1", "14", "16", "20", "22", "25", "256", "257", "3", "4", "5", "6", "7", "8", "9"];
    assert_eq!(collections, all.into(), "every collection but that of the wrapped keys is in the file");

    let chart = is_read_from(&kept).await;
    assert!(chart == read(&portal, &token).await, "the same chart is read from the file as from the house");
}

/// A house of before dates of birth were kept in rows of their own.
#[tokio::test]
async fn a_house_of_earlier_is_read_too() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/house_without_persons.txt");
    is_read_from(&std::fs::read_to_string(path).unwrap()).await;
}

/// The chart in a kept house, which must be whole and work.
async fn is_read_from(kept: &str) -> Chart {
    let (storage, token) = restore(kept).await;
    let restored = open(&storage, 12).await;
    let chart = read(&restored, &token).await;
    assert_eq!(chart.demographics[0].view.name(), "Maria Rivera");
    assert_eq!(chart.results[0].view.value.for_people(), "6.40 %");
    assert_eq!(chart.results[0].view.performers[0].shown(), "Dr. Chen");
    assert_eq!(chart.earlier[0].view.value.for_people(), "6.0 %");
    assert_eq!(chart.originals, [b"maria 1", b"hba1c 2"]);
    let patient = restored.linked(&source(), &reference("Patient", "maria")).await.unwrap().unwrap();
    assert_eq!(restored.resume(&token).await.unwrap().patients(), [patient]);
    // The password is still the password, and what was delivered is still known.
    restored.sign_in(&username(), &Password::entered(PASSWORD).unwrap()).await.unwrap();
    let mut intake = restored.intake(source()).unwrap();
    intake.offer(delivery()).await.unwrap();
    let report = intake.finish();
    assert_eq!((report.stored, report.unchanged, report.superseded), (0, 3, 1));
    for (partition, audit) in partitions(&storage).await {
        match partition.kind() {
            PartitionKind::Account => {
                let account = AccountId::from_bytes(partition.id());
                assert_eq!(restored.verify_account_trail(account).await, Ok(TrailCheck { entries: audit.count }));
            }
            PartitionKind::Patient => {
                let patient = PatientId::from_bytes(partition.id());
                assert_eq!(restored.verify_trail(patient).await, Ok(TrailCheck { entries: audit.count }));
            }
            PartitionKind::System | PartitionKind::Source | PartitionKind::Directory => {}
        }
    }
    chart
}
