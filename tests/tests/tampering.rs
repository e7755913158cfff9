//! A storage that lies: whatever it changes in a trail is found where it begins, and whatever it changes in a chart is never shown.
//!
//! The lies are those of somebody who can write the database but has no keys, and, for the trail, of an insider who has them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use mychartum_adapters::keys::SecretKeyring;
use mychartum_core::access::AccessError;
use mychartum_core::account::{AccountSettings, NewAccount, Password, SignInError, Username};
use mychartum_core::audit::{Action, Broken, Entry, Fault, Outcome, Purpose, link};
use mychartum_core::chart::{
    Item, Observation, ObservationCategory, ObservationStatus, Patient, Section, SectionSet, SourceId, SourceRef,
    SourceVersion, Value, View,
};
use mychartum_core::kernel::id::{ItemId, PatientId};
use mychartum_core::kernel::text::{Label, Narrative};
use mychartum_core::kernel::{CodeSystem, Coding, Concept};
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{
    AuditHead, Bucket, ChangeSet, Collection, Due, Head, Partition, Position, Receipt, Row, RowId, Scan, StorageError,
    StorageErrorKind, Tag,
};
use mychartum_core::portal::{Disclosure, Failure, Page, Portal, ReadError, Session, Settings, TrailCheck};
use mychartum_core::sync::{Parcel, Place, Reading};
use mychartum_core::vault::{SealContext, SecretKey, Vault, VaultSettings};
use mychartum_storage::MemoryStorage;
use mychartum_testkit::{ManualClock, SeededEntropy};

/// Collections by the numbers that they have in storage for ever.
const FOUNDING: Collection = Collection::new(1);
const AUDIT: Collection = Collection::new(3);
const ORIGINALS: Collection = Collection::new(6);
const HISTORY: Collection = Collection::new(7);

const fn section(section: Section) -> Collection {
    Collection::new(0x100 + section.number() as u16)
}

type Lie<T> = Box<dyn Fn(T) -> T + Send>;

/// What the storage was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Commit(Partition),
    Rows(Partition, Collection),
}

/// What a storage says instead of the truth.
#[derive(Default)]
struct Lies {
    rows: HashMap<(Partition, Collection), Lie<Vec<Row>>>,
    heads: HashMap<Partition, Lie<Head>>,
    /// What commits fail with, without having changed anything.
    refuses: Option<StorageErrorKind>,
    /// The next commit is applied, and nobody is told.
    forgets_to_say: bool,
    asked: Vec<Asked>,
}

/// An honest storage behind a liar.
#[derive(Clone, Default)]
struct Liar {
    honest: MemoryStorage,
    lies: Arc<Mutex<Lies>>,
}

impl fmt::Debug for Liar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Liar")
    }
}

impl Liar {
    fn tell_rows(
        &self,
        partition: Partition,
        collection: Collection,
        lie: impl Fn(Vec<Row>) -> Vec<Row> + Send + 'static,
    ) {
        self.lies.lock().unwrap().rows.insert((partition, collection), Box::new(lie));
    }

    fn tell_head(&self, partition: Partition, lie: impl Fn(Head) -> Head + Send + 'static) {
        self.lies.lock().unwrap().heads.insert(partition, Box::new(lie));
    }

    /// From now on it tells the truth.
    fn repent(&self) {
        *self.lies.lock().unwrap() = Lies::default();
    }

    fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.lies.lock().unwrap().asked)
    }

    /// The true rows of a collection.
    async fn truth(&self, partition: Partition, collection: Collection) -> Vec<Row> {
        self.honest.scan(&Scan::new(partition, collection, 1_000)).await.unwrap()
    }

    fn rows(&self, partition: Partition, collection: Collection, truth: Vec<Row>) -> Vec<Row> {
        let mut lies = self.lies.lock().unwrap();
        lies.asked.push(Asked::Rows(partition, collection));
        match lies.rows.get(&(partition, collection)) {
            Some(lie) => lie(truth),
            None => truth,
        }
    }
}

#[async_trait]
impl Storage for Liar {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        let forgets = {
            let mut lies = self.lies.lock().unwrap();
            if let Some(kind) = lies.refuses {
                return Err(StorageError::new(kind, "commit"));
            }
            lies.asked.push(Asked::Commit(set.partition));
            std::mem::take(&mut lies.forgets_to_say)
        };
        let receipt = self.honest.commit(set).await;
        if forgets { Err(StorageError::new(StorageErrorKind::OutcomeUnknown, "commit")) } else { receipt }
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        let truth = self.honest.head(partition).await?;
        Ok(self.lies.lock().unwrap().heads.get(&partition).map_or(truth, |lie| lie(truth)))
    }

    async fn get(&self, partition: Partition, kind: Collection, rows: &[RowId]) -> Result<Vec<Row>, StorageError> {
        Ok(self.rows(partition, kind, self.honest.get(partition, kind, rows).await?))
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        Ok(self.rows(scan.partition, scan.collection, self.honest.scan(scan).await?))
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        self.honest.due(due).await
    }

    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        self.honest.heads(bucket, after, limit).await
    }
}

struct House {
    storage: Liar,
    portal: Portal,
    maria: PatientId,
    session: Session,
    other: PatientId,
    others_session: Session,
}

const PASSWORD: &str = "correct horse battery";

fn keyring() -> SecretKeyring {
    SecretKeyring::new(SecretKey::from_bytes([7; 32]))
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn reference(kind: &str, id: &str) -> SourceRef {
    SourceRef { kind: label(kind), id: label(id) }
}

fn parcel(identity: SourceRef, patient: &str, view: View, version: &str) -> Parcel {
    let original = format!("{} {version}", identity.id.as_str()).into();
    let version = SourceVersion { id: Some(label(version)), last_updated: None, ..Default::default() };
    let reading = Reading::Item {
        identity,
        version,
        subject: reference("Patient", patient),
        view,
        mapping: 1,
        labels: mychartum_core::kernel::SensitivitySet::NONE,
    };
    Parcel { place: Place { document: 0, entry: None }, resource: "".into(), reading, original }
}

fn observation(
    id: &str,
    patient: &str,
    day: &str,
    category: ObservationCategory,
    words: &str,
    version: &str,
) -> Parcel {
    let coding = Coding { system: CodeSystem::Loinc, code: label("4548-4"), display: None };
    let view = Observation {
        status: ObservationStatus::Final,
        category,
        code: Concept { codings: vec![coding], text: None },
        effective: Some(day.parse().unwrap()),
        issued: None,
        value: Value::Text(Narrative::parse(words).unwrap()),
        interpretation: vec![],
        ranges: vec![],
        components: vec![],
        specimen: None,
        method: None,
        body_site: None,
        performers: vec![],
        notes: vec![],
        encounter: Some(reference("Encounter", "visit")),
        members: vec![],
    };
    parcel(reference("Observation", id), patient, View::Observation(Box::new(view)), version)
}

async fn sign_in(portal: &Portal, name: &str) -> Session {
    let (username, password) = (Username::parse(name).unwrap(), Password::entered(PASSWORD).unwrap());
    portal.resume(&portal.sign_in(&username, &password).await.unwrap()).await.unwrap()
}

/// Two patients with three results and a vital sign each, the first result in its second version; and two accounts.
async fn house() -> House {
    let storage = Liar::default();
    let accounts = AccountSettings { argon2_memory: 64, ..AccountSettings::default() };
    let builder = Portal::builder().storage(storage.clone()).keys(keyring()).clock(ManualClock::default());
    let settings = Settings { accounts, ..Settings::default() };
    let portal = builder.entropy(SeededEntropy::new(1)).settings(settings).open().await.unwrap();
    let mut charts = Vec::new();
    for name in ["maria", "other"] {
        let id = |what: &str| format!("{name}-{what}");
        let results = ObservationCategory::Laboratory;
        let parcels = vec![
            parcel(
                reference("Patient", name),
                name,
                View::Patient(Box::new(Patient { birth_date: "1970-01-31".parse().ok(), ..Patient::default() })),
                "1",
            ),
            observation(&id("a"), name, "2024-01-01", results, &id("a as it was"), "1"),
            observation(&id("b"), name, "2024-01-02", results, &id("b"), "1"),
            observation(&id("c"), name, "2024-01-03", results, &id("c"), "1"),
            observation(
                &id("weight"),
                name,
                "2024-01-04",
                ObservationCategory::VitalSigns,
                &id("weight as it was"),
                "1",
            ),
            observation(&id("a"), name, "2024-01-01", results, &id("a"), "2"),
            observation(&id("weight"), name, "2024-01-04", ObservationCategory::VitalSigns, &id("weight"), "2"),
        ];
        let mut intake = portal.intake(SourceId::parse("riverside").unwrap()).unwrap();
        intake.offer(parcels).await.unwrap();
        let report = intake.finish();
        assert_eq!(report.stored, 7);
        let own = Some(report.patients[0]);
        let (username, password) = (Username::parse(name).unwrap(), Password::new(PASSWORD).unwrap());
        portal.open_account(NewAccount { username, password, own }).await.unwrap();
        charts.push((report.patients[0], sign_in(&portal, name).await));
    }
    let [(maria, session), (other, others_session)] = <[_; 2]>::try_from(charts).ok().unwrap();
    House { storage, portal, maria, session, other, others_session }
}

impl House {
    async fn open(&self) -> Disclosure {
        let sections = SectionSet::of(&[Section::Results, Section::AccessLog]);
        self.portal.disclose(self.session.ask(self.maria, sections, Purpose::Care).await.unwrap()).unwrap()
    }

    /// Looks at both charts until each trail has so many entries.
    async fn fill_trails(&self, entries: u64) {
        for (session, patient) in [(&self.session, self.maria), (&self.others_session, self.other)] {
            while self.portal.verify_trail(patient).await.unwrap().entries < entries {
                let _permit = session.ask(patient, Section::Results, Purpose::Care).await.unwrap();
            }
        }
    }

    /// What is wrong with maria's trail while the storage lies about its rows.
    async fn broken(&self, lie: impl Fn(Vec<Row>) -> Vec<Row> + Send + 'static) -> (u64, Fault) {
        self.storage.tell_rows(Partition::patient(self.maria), AUDIT, lie);
        self.verdict().await
    }

    /// What is wrong with maria's trail while the storage lies about its head.
    async fn beheaded(&self, lie: impl Fn(AuditHead) -> AuditHead + Send + 'static) -> (u64, Fault) {
        self.storage.tell_head(Partition::patient(self.maria), move |head| Head { audit: lie(head.audit), ..head });
        self.verdict().await
    }

    async fn verdict(&self) -> (u64, Fault) {
        let failure = self.portal.verify_trail(self.maria).await.unwrap_err();
        self.storage.repent();
        assert!(failure.is_integrity());
        let Failure::Trail(Broken { position, fault }) = failure else { panic!("{failure:?}") };
        (position, fault)
    }

    /// How many faults the trail of maria's chart tells of.
    async fn faults(&self) -> usize {
        self.storage.repent();
        let log = self.open().await.access_log(None, 1_000).await.unwrap();
        let faults = log.iter().filter(|entry| entry.facts().action == Action::IntegrityFault);
        faults
            .inspect(|entry| {
                let facts = entry.facts();
                assert_eq!((facts.outcome, facts.subject), (Outcome::Failed, Some(self.maria)));
                assert_eq!(facts.session.is_some(), facts.sections.bits() != 0);
            })
            .count()
    }
}

const ENTRIES: u64 = 40;
const LAST: usize = 40;

/// The index of a position in rows in order.
const fn at(position: usize) -> usize {
    position - 1
}

fn place(row: Row, position: Position) -> Row {
    Row { order: position.order, row: position.row, ..row }
}

#[tokio::test]
async fn a_change_of_the_trail_is_found_at_the_first_bad_position() {
    let house = house().await;
    house.fill_trails(ENTRIES).await;
    assert_eq!(house.portal.verify_trail(house.maria).await, Ok(TrailCheck { entries: ENTRIES }));
    let others = house.storage.truth(Partition::patient(house.other), AUDIT).await;
    assert_eq!(others.len(), LAST);

    for position in [1, 2, 17, LAST] {
        let expected = position as u64;
        // An entry was edited: any byte of its row.
        for byte in [0, 5, 20, 60, 70, 100] {
            let edit = move |mut rows: Vec<Row>| {
                rows[at(position)].body[byte] ^= 1;
                rows
            };
            assert_eq!(house.broken(edit).await, (expected, Fault::Unreadable));
        }
        let shorten = move |mut rows: Vec<Row>| {
            rows[at(position)].body.pop();
            rows
        };
        assert_eq!(house.broken(shorten).await, (expected, Fault::Unreadable));
        let empty = move |mut rows: Vec<Row>| {
            rows[at(position)].body.clear();
            rows
        };
        assert_eq!(house.broken(empty).await, (expected, Fault::Unreadable));
        let other_version = move |mut rows: Vec<Row>| {
            rows[at(position)].version = 2;
            rows
        };
        assert_eq!(house.broken(other_version).await, (expected, Fault::Unreadable));
        // It was exchanged with that of another patient, whose storage says whose it is, or does not.
        let foreign = others[at(position)].clone();
        for owner in [foreign.partition, Partition::patient(house.maria)] {
            let foreign = Row { partition: owner, ..foreign.clone() };
            let splice = move |mut rows: Vec<Row>| {
                rows[at(position)] = foreign.clone();
                rows
            };
            assert_eq!(house.broken(splice).await, (expected, Fault::Unreadable));
        }
    }
    for position in [1, 2, 17, LAST - 1] {
        let expected = position as u64;
        // It was removed.
        let remove = move |mut rows: Vec<Row>| {
            rows.remove(at(position));
            rows
        };
        assert_eq!(house.broken(remove).await, (expected, Fault::Missing));
        // Two that follow each other, or do not, were swapped: as rows, or only their bodies.
        for further in [position + 1, LAST] {
            let swap = move |mut rows: Vec<Row>| {
                rows.swap(at(position), at(further));
                rows
            };
            assert_eq!(house.broken(swap).await, (expected, Fault::Missing));
            let swap_bodies = move |mut rows: Vec<Row>| {
                let (one, two) = (rows[at(position)].position(), rows[at(further)].position());
                rows.swap(at(position), at(further));
                rows[at(position)] = place(rows[at(position)].clone(), one);
                rows[at(further)] = place(rows[at(further)].clone(), two);
                rows
            };
            assert_eq!(house.broken(swap_bodies).await, (expected, Fault::Unreadable));
        }
        // One is there twice: the same row again, or its body in the next one's place.
        let twice = move |mut rows: Vec<Row>| {
            rows.insert(at(position), rows[at(position)].clone());
            rows
        };
        assert_eq!(house.broken(twice).await, (expected + 1, Fault::OutOfOrder));
        let copy = move |mut rows: Vec<Row>| {
            rows[at(position + 1)].body = rows[at(position)].body.clone();
            rows
        };
        assert_eq!(house.broken(copy).await, (expected + 1, Fault::Unreadable));
        // The end was cut off, and the head kept.
        let cut = move |mut rows: Vec<Row>| {
            rows.truncate(position);
            rows
        };
        assert_eq!(house.broken(cut).await, (expected + 1, Fault::Truncated));
    }
    // One more was added at the end; or all are gone.
    let add = |mut rows: Vec<Row>| {
        rows.push(place(rows[0].clone(), Entry::place(ENTRIES + 1).unwrap()));
        rows
    };
    assert_eq!(house.broken(add).await, (ENTRIES + 1, Fault::Beyond));
    assert_eq!(house.broken(|_| Vec::new()).await, (1, Fault::Truncated));
    // The whole chain is another patient's, with and without that one's head.
    for owner in [Partition::patient(house.other), Partition::patient(house.maria)] {
        let chain: Vec<Row> = others.iter().map(|row| Row { partition: owner, ..row.clone() }).collect();
        let (first, second) = (chain.clone(), chain);
        assert_eq!(house.broken(move |_| first.clone()).await, (1, Fault::Unreadable));
        let head = house.storage.honest.head(Partition::patient(house.other)).await.unwrap();
        house.storage.tell_head(Partition::patient(house.maria), move |_| head);
        assert_eq!(house.broken(move |_| second.clone()).await, (1, Fault::Unreadable));
    }
    // And nothing of all this was done to the trail itself.
    assert_eq!(house.portal.verify_trail(house.maria).await, Ok(TrailCheck { entries: ENTRIES }));
}

#[tokio::test]
async fn an_entry_swapped_between_two_patients_is_found_in_both_trails() {
    let house = house().await;
    house.fill_trails(ENTRIES).await;
    let partitions = [house.maria, house.other].map(Partition::patient);
    let [marias, others] =
        [house.storage.truth(partitions[0], AUDIT).await, house.storage.truth(partitions[1], AUDIT).await];
    for (partition, stranger) in [(partitions[0], others[at(23)].clone()), (partitions[1], marias[at(23)].clone())] {
        house.storage.tell_rows(partition, AUDIT, move |mut rows| {
            rows[at(23)].body = stranger.body.clone();
            rows
        });
    }
    let broken = Failure::Trail(Broken { position: 23, fault: Fault::Unreadable });
    assert_eq!(house.portal.verify_trail(house.maria).await, Err(broken));
    assert_eq!(house.portal.verify_trail(house.other).await, Err(broken));
}

#[tokio::test]
async fn a_rewritten_head_is_found() {
    let house = house().await;
    house.fill_trails(ENTRIES).await;
    let edit = |mut head: AuditHead| {
        head.link[31] ^= 1;
        head
    };
    assert_eq!(house.beheaded(edit).await, (ENTRIES, Fault::HeadMismatch));
    assert_eq!(house.beheaded(|head| AuditHead { link: [0; 32], ..head }).await, (ENTRIES, Fault::HeadMismatch));
    assert_eq!(house.beheaded(|head| AuditHead { count: 41, ..head }).await, (ENTRIES + 1, Fault::Truncated));
    assert_eq!(house.beheaded(|head| AuditHead { count: u64::MAX, ..head }).await, (ENTRIES + 1, Fault::Truncated));
    assert_eq!(house.beheaded(|head| AuditHead { count: 30, ..head }).await, (30, Fault::HeadMismatch));
    assert_eq!(house.beheaded(|_| AuditHead::EMPTY).await, (1, Fault::Beyond));
    let other = house.storage.honest.head(Partition::patient(house.other)).await.unwrap().audit;
    assert_eq!(house.beheaded(move |_| other).await, (ENTRIES, Fault::HeadMismatch));
}

/// Somebody with the keys of the running program can seal what they like. The links still tell.
#[tokio::test]
async fn an_insider_who_reseals_entries_breaks_the_links() {
    let house = house().await;
    house.fill_trails(ENTRIES).await;
    let partitions = [house.maria, house.other].map(Partition::patient);
    let founding = house.storage.truth(Partition::SYSTEM, FOUNDING).await;
    let entropy: Arc<SeededEntropy> = Arc::new(SeededEntropy::new(9));
    let vault = Vault::reopen(&keyring(), &founding[0].body, entropy, VaultSettings::default()).await.unwrap();
    let opened = async |partition: Partition| -> Vec<Vec<u8>> {
        let (rows, key) = (house.storage.truth(partition, AUDIT).await, vault.audit_key(partition));
        rows.iter().map(|row| vault.open(&key, &SealContext::of_row(row), &row.body).unwrap().to_vec()).collect()
    };
    let (truth, foreign) = (opened(partitions[0]).await, opened(partitions[1]).await);
    let rows = house.storage.truth(partitions[0], AUDIT).await;
    let key = vault.audit_key(partitions[0]);
    let seal = |bodies: &[Vec<u8>]| -> Vec<Row> {
        let sealed = |(row, body): (&Row, &Vec<u8>)| Row {
            body: vault.seal(&key, &SealContext::of_row(row), body).unwrap(),
            ..row.clone()
        };
        rows.iter().zip(bodies).map(sealed).collect()
    };
    // The number of items (bytes 21 to 24 of an entry) is made smaller, from one position on with fitting links.
    let rewrite = |from: usize, fitting: usize| {
        let mut bodies = truth.clone();
        bodies[at(from)][24] ^= 1;
        for position in from..(from + fitting).min(LAST + 1) {
            let before: [u8; 32] = bodies[at(position) - 1].last_chunk().copied().unwrap();
            let body = &mut bodies[at(position)];
            let canonical = body.len() - 32;
            let fit = link(&before, &body[..canonical]);
            body[canonical..].copy_from_slice(&fit);
        }
        seal(&bodies)
    };
    for (forged, expected) in [
        (rewrite(17, 0), (17, Fault::Altered)),
        (rewrite(17, 1), (18, Fault::Altered)),
        (rewrite(17, 9), (26, Fault::Altered)),
        (rewrite(17, LAST), (ENTRIES, Fault::HeadMismatch)),
        (rewrite(LAST, 1), (ENTRIES, Fault::HeadMismatch)),
    ] {
        assert_eq!(house.broken(move |_| forged.clone()).await, expected);
    }
    let mut bodies = truth.clone();
    bodies[at(17)] = foreign[at(17)].clone();
    let spliced = seal(&bodies);
    assert_eq!(house.broken(move |_| spliced.clone()).await, (17, Fault::Foreign));
    let mut bodies = truth.clone();
    bodies.swap(at(17), at(20));
    let swapped = seal(&bodies);
    assert_eq!(house.broken(move |_| swapped.clone()).await, (17, Fault::OutOfOrder));
    let same = seal(&truth);
    house.storage.tell_rows(partitions[0], AUDIT, move |_| same.clone());
    assert_eq!(house.portal.verify_trail(house.maria).await, Ok(TrailCheck { entries: ENTRIES }));
}

/// The names of the lies about a row of a chart, and the lies.
async fn row_lies(house: &House, collection: Collection) -> Vec<(&'static str, Lie<Vec<Row>>)> {
    let (own, other) = (Partition::patient(house.maria), Partition::patient(house.other));
    let strangers = house.storage.truth(other, collection).await;
    let vitals = house.storage.truth(own, section(Section::Vitals)).await;
    let history = house.storage.truth(own, HISTORY).await;
    let stranger = strangers[0].clone();
    let (relabelled, in_place) = (stranger.clone(), stranger.clone());
    let each = |change: fn(&mut Row)| -> Lie<Vec<Row>> {
        Box::new(move |mut rows| {
            rows.iter_mut().for_each(change);
            rows
        })
    };
    vec![
        ("a stranger's row", Box::new(move |_| vec![stranger.clone()])),
        ("a stranger's row as if it were her own", {
            Box::new(move |_| vec![Row { partition: own, ..relabelled.clone() }])
        }),
        ("a stranger's content in her own row", {
            Box::new(move |rows| rows.into_iter().map(|row| Row { body: in_place.body.clone(), ..row }).collect())
        }),
        ("a row of another section", {
            let vital = vitals[0].clone();
            Box::new(move |_| vec![vital.clone()])
        }),
        ("a row of another section as if it were of this one", {
            let vital = vitals[0].clone();
            Box::new(move |_| vec![Row { collection, ..vital.clone() }])
        }),
        ("the content of another section in a row of this one", {
            let vital = vitals[0].clone();
            Box::new(move |rows| rows.into_iter().map(|row| Row { body: vital.body.clone(), ..row }).collect())
        }),
        ("what it said before", {
            let before = history[0].clone();
            Box::new(move |rows| rows.into_iter().map(|row| Row { body: before.body.clone(), ..row }).collect())
        }),
        ("another version", each(|row| row.version += 1)),
        ("another order", each(|row| row.order -= 1)),
        ("a tag more", each(|row| row.tags.push(Tag::from_bytes([1; 16])))),
        ("another tag", each(|row| row.tags = vec![Tag::from_bytes([1; 16])])),
        ("another row id", each(|row| row.row = RowId::from_bytes([3; 16]))),
        ("an altered content", each(|row| row.body[80] ^= 1)),
        ("an altered seal", each(|row| *row.body.last_mut().unwrap() ^= 1)),
        ("an empty content", each(|row| row.body.clear())),
    ]
}

/// A read that met a lie: an integrity error, and an entry that says so, and nothing else.
async fn refused<T: fmt::Debug>(house: &House, lie: &str, read: Result<T, ReadError>, faults: &mut usize) {
    let error = read.expect_err(lie);
    let ReadError::Failure(failure) = error else { panic!("{lie}: {error:?}") };
    assert!(failure.is_integrity(), "{lie}: {failure:?}");
    *faults += 1;
    assert_eq!(house.faults().await, *faults, "{lie}: it is written down once");
}

fn words(items: &[Item<Observation>]) -> Vec<String> {
    items.iter().map(|item| item.view.value.for_people()).collect()
}

#[tokio::test]
async fn a_row_that_is_not_what_was_put_there_is_never_shown_and_always_written_down() {
    let house = house().await;
    let results = section(Section::Results);
    let own = Partition::patient(house.maria);
    let honest = house.open().await.results(Page::ALL).await.unwrap().items;
    assert_eq!(words(&honest), ["maria-c", "maria-b", "maria-a"]);
    let visit = house.open().await.item_id(&honest[0].provenance, honest[0].view.encounter.as_ref().unwrap());
    let mut faults = 0;
    for read in 0..6 {
        for (name, lie) in row_lies(&house, results).await {
            let chart = house.open().await;
            let told = format!("{name}, read {read}");
            house.storage.tell_rows(own, results, lie);
            match read {
                0 => refused(&house, &told, chart.results(Page::ALL).await, &mut faults).await,
                1 => refused(&house, &told, chart.results(Page::latest(2)).await, &mut faults).await,
                2 => refused(&house, &told, chart.result(honest[2].id).await, &mut faults).await,
                3 => refused(&house, &told, chart.trend("4548-4", &[]).await, &mut faults).await,
                4 => refused(&house, &told, chart.of_visit(Section::Results, visit).await, &mut faults).await,
                _ => refused(&house, &told, chart.original(Section::Results, honest[2].id).await, &mut faults).await,
            }
        }
    }
    let again = house.open().await.results(Page::ALL).await.unwrap().items;
    assert_eq!(again, honest);
}

#[tokio::test]
async fn the_same_holds_for_originals_and_earlier_versions() {
    let house = house().await;
    let own = Partition::patient(house.maria);
    let item = house.open().await.results(Page::ALL).await.unwrap().items[2].id;
    let mut faults = 0;
    for (name, lie) in row_lies(&house, ORIGINALS).await {
        let chart = house.open().await;
        house.storage.tell_rows(own, ORIGINALS, lie);
        refused(&house, name, chart.original(Section::Results, item).await, &mut faults).await;
    }
    for (name, lie) in row_lies(&house, HISTORY).await {
        if name == "what it said before" {
            continue;
        }
        let chart = house.open().await;
        house.storage.tell_rows(own, HISTORY, lie);
        refused(&house, name, chart.earlier_results(item).await, &mut faults).await;
    }
    let chart = house.open().await;
    let (_, original) = chart.original(Section::Results, item).await.unwrap().unwrap();
    assert_eq!(original.as_bytes().unwrap(), b"maria-a 2");
    assert_eq!(words(&chart.earlier_results(item).await.unwrap()), ["maria-a as it was"]);
}

/// What one index leads to is not shown for another: a permit for results shows no earlier version of a vital sign.
#[tokio::test]
async fn rows_that_do_not_carry_the_tag_asked_for_are_refused() {
    let house = house().await;
    let own = Partition::patient(house.maria);
    let item = house.open().await.results(Page::ALL).await.unwrap().items[2].id;
    let history = house.storage.truth(own, HISTORY).await;
    assert_eq!(history.len(), 2, "of the result and of the vital sign");
    let chart = house.open().await;
    house.storage.tell_rows(own, HISTORY, move |_| history.clone());
    refused(&house, "all of the history", chart.earlier_results(item).await, &mut 0).await;
    let (rows, mut faults) = (house.storage.truth(own, section(Section::Results)).await, 1);
    let chart = house.open().await;
    house.storage.tell_rows(own, section(Section::Results), move |_| rows.clone());
    refused(&house, "another analyte", chart.trend("718-7", &[]).await, &mut faults).await;
    let rows = house.storage.truth(own, section(Section::Results)).await;
    let chart = house.open().await;
    house.storage.tell_rows(own, section(Section::Results), move |_| rows.clone());
    let nowhere = ItemId::from_bytes([1; 16]);
    refused(&house, "another visit", chart.of_visit(Section::Results, nowhere).await, &mut faults).await;
}

/// What was another kind of thing before it was corrected takes a permit for that kind as well.
#[tokio::test]
async fn an_earlier_version_of_another_section_takes_a_permit_for_that_section() {
    let house = house().await;
    let offer = async |category, version: &str| {
        let mut intake = house.portal.intake(SourceId::parse("riverside").unwrap()).unwrap();
        let parcel = observation("maria-moved", "maria", "2024-02-01", category, &format!("moved {version}"), version);
        intake.offer(vec![parcel]).await.unwrap();
        assert_eq!(intake.finish().stored, 1);
    };
    offer(ObservationCategory::SocialHistory, "1").await;
    for version in 2..=600 {
        offer(ObservationCategory::Laboratory, &version.to_string()).await;
    }
    let read = async |sections: &[Section]| {
        let permit = house.session.ask(house.maria, SectionSet::of(sections), Purpose::Care).await.unwrap();
        let chart = house.portal.disclose(permit).unwrap();
        let item = chart.results(Page::latest(1)).await.unwrap().items[0].id;
        words(&chart.earlier_results(item).await.unwrap())
    };
    let all: Vec<String> = (1..600).rev().map(|version| format!("moved {version}")).collect();
    assert_eq!(read(&[Section::Results, Section::Findings]).await, all);
    assert_eq!(read(&[Section::Results]).await, all[..598], "and however many there are, none is missing");
}

/// A scan that repeats, reorders or goes back would make a reader see things twice, miss some, or read for ever.
#[tokio::test]
async fn a_scan_that_does_not_go_forward_is_refused() {
    let house = house().await;
    let own = Partition::patient(house.maria);
    let results = section(Section::Results);
    let rows = house.storage.truth(own, results).await;
    let last = house.open().await.results(Page::latest(1)).await.unwrap().items[0].id;
    let (forward, all, first) = (rows.clone(), rows.clone(), rows[2].clone());
    let lies: Vec<(&str, Page, Lie<Vec<Row>>)> = vec![
        ("the other way round", Page::ALL, Box::new(move |_| forward.clone())),
        ("one twice", Page::ALL, Box::new(move |rows| [rows.clone(), rows].concat())),
        ("the page before once more", Page::after(last, 2), Box::new(move |_| vec![first.clone()])),
        ("more than was asked for", Page::latest(1), { Box::new(move |_| all.iter().rev().cloned().collect()) }),
    ];
    let mut faults = 0;
    for (name, page, lie) in lies {
        let chart = house.open().await;
        // A page after an item first looks the item up; that answer stays true.
        house.storage.tell_rows(own, results, move |rows| {
            if rows.len() == 1 && matches!(page, Page { after: Some(_), .. }) { rows } else { lie(rows) }
        });
        refused(&house, name, chart.results(page).await, &mut faults).await;
    }
}

/// A row that was put back whole, version and all, opens: its seal is a true one. Its original, which was not put back, tells.
#[tokio::test]
async fn a_view_that_was_put_back_does_not_go_with_its_original() {
    let house = house().await;
    let source = SourceId::parse("riverside").unwrap();
    let own = Partition::patient(house.maria);
    let results = section(Section::Results);
    let before = house.storage.truth(own, results).await;
    let item = house.open().await.results(Page::ALL).await.unwrap().items[0].id;
    let mut intake = house.portal.intake(source).unwrap();
    let newer = observation("maria-c", "maria", "2024-01-03", ObservationCategory::Laboratory, "maria-c anew", "2");
    intake.offer(vec![newer]).await.unwrap();
    let chart = house.open().await;
    assert_eq!(chart.original(Section::Results, item).await.unwrap().unwrap().1.as_bytes().unwrap(), b"maria-c 2");
    house.storage.tell_rows(own, results, move |rows| {
        rows.into_iter().map(|row| before.iter().find(|old| old.row == row.row).cloned().unwrap()).collect()
    });
    refused(&house, "an older view", chart.original(Section::Results, item).await, &mut 0).await;
}

/// A delivery that comes between the reading of a view and of its original is no fault.
#[tokio::test]
async fn a_view_and_an_original_read_on_both_sides_of_a_delivery_are_read_again() {
    let house = house().await;
    let own = Partition::patient(house.maria);
    let results = section(Section::Results);
    let before = house.storage.truth(own, results).await;
    let chart = house.open().await;
    let item = chart.results(Page::ALL).await.unwrap().items[0].id;
    let mut intake = house.portal.intake(SourceId::parse("riverside").unwrap()).unwrap();
    let newer = observation("maria-c", "maria", "2024-01-03", ObservationCategory::Laboratory, "maria-c anew", "2");
    intake.offer(vec![newer]).await.unwrap();
    let first = std::sync::atomic::AtomicBool::new(true);
    house.storage.tell_rows(own, results, move |rows| {
        if first.swap(false, std::sync::atomic::Ordering::SeqCst) {
            rows.into_iter().map(|row| before.iter().find(|old| old.row == row.row).cloned().unwrap()).collect()
        } else {
            rows
        }
    });
    assert_eq!(chart.original(Section::Results, item).await.unwrap().unwrap().1.as_bytes().unwrap(), b"maria-c 2");
    assert_eq!(house.faults().await, 0);
}

/// If the fault cannot be written down, the content is kept back all the same.
#[tokio::test]
async fn a_lie_is_refused_even_where_nothing_can_be_written() {
    let house = house().await;
    let results = section(Section::Results);
    for (name, lie) in row_lies(&house, results).await {
        let chart = house.open().await;
        house.storage.tell_rows(Partition::patient(house.maria), results, lie);
        house.storage.lies.lock().unwrap().refuses = Some(StorageErrorKind::Full);
        let error = chart.results(Page::ALL).await.expect_err(name);
        assert!(matches!(error, ReadError::Failure(failure) if failure.is_integrity()), "{name}: {error:?}");
        house.storage.repent();
    }
    assert_eq!(house.faults().await, 0);
}

const KINDS: [StorageErrorKind; 11] = [
    StorageErrorKind::Conflict,
    StorageErrorKind::Busy,
    StorageErrorKind::Retryable,
    StorageErrorKind::Unavailable,
    StorageErrorKind::Full,
    StorageErrorKind::OutcomeUnknown,
    StorageErrorKind::Integrity,
    StorageErrorKind::Corrupt,
    StorageErrorKind::Schema { have: 9, need: 1 },
    StorageErrorKind::Unsupported,
    StorageErrorKind::Invalid,
];

/// Whether something asked for content of a chart.
fn reads_a_chart(asked: &Asked) -> bool {
    let Asked::Rows(partition, collection) = asked else { return false };
    let charts = Section::ALL.map(section);
    partition.kind() == mychartum_core::port::storage::PartitionKind::Patient
        && (charts.contains(collection) || [ORIGINALS, HISTORY].contains(collection))
}

#[tokio::test]
async fn what_cannot_be_written_is_not_permitted() {
    let house = house().await;
    let entries = house.portal.verify_trail(house.maria).await.unwrap().entries;
    house.storage.asked();
    for kind in KINDS {
        for (patient, purpose) in [(house.maria, Purpose::Care), (house.other, Purpose::Emergency)] {
            house.storage.lies.lock().unwrap().refuses = Some(kind);
            let error = house.session.ask(patient, SectionSet::chart(), purpose).await.unwrap_err();
            let AccessError::Failure(Failure::Storage(error)) = error else { panic!("{kind:?}: {error:?}") };
            assert_eq!(error.kind(), kind);
            assert_eq!(house.storage.asked().iter().filter(|asked| reads_a_chart(asked)).count(), 0);
            let (username, password) = (Username::parse("maria").unwrap(), Password::entered(PASSWORD).unwrap());
            let error = house.portal.sign_in(&username, &password).await.map(drop).unwrap_err();
            assert!(matches!(error, SignInError::Failure(Failure::Storage(error)) if error.kind() == kind));
            house.storage.repent();
        }
    }
    assert_eq!(house.portal.verify_trail(house.maria).await.unwrap().entries, entries);
}

#[tokio::test]
async fn the_entry_is_committed_before_any_row_of_the_chart_is_read() {
    let house = house().await;
    house.storage.asked();
    let permit = house.session.ask(house.maria, SectionSet::chart(), Purpose::Care).await.unwrap();
    let asked = house.storage.asked();
    assert_eq!(
        asked.last(),
        Some(&Asked::Commit(Partition::patient(house.maria))),
        "the commit is the last thing done"
    );
    assert_eq!(asked.iter().filter(|asked| reads_a_chart(asked)).count(), 0);
    let entry = permit.entry();
    assert_eq!(house.portal.verify_trail(house.maria).await.unwrap().entries, entry);
    house.storage.asked();
    let chart = house.portal.disclose(permit).unwrap();
    assert_eq!(house.storage.asked(), [], "opening reads nothing yet");
    chart.results(Page::ALL).await.unwrap();
    assert!(house.storage.asked().iter().any(reads_a_chart));
}

/// An outcome that is not known is asked for with the same change set: one permit, one entry.
#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_one_entry() {
    let house = house().await;
    let entries = house.portal.verify_trail(house.maria).await.unwrap().entries;
    house.storage.lies.lock().unwrap().forgets_to_say = true;
    let permit = house.session.ask(house.maria, Section::Results, Purpose::Care).await.unwrap();
    assert_eq!(permit.entry(), entries + 1);
    assert_eq!(house.portal.verify_trail(house.maria).await.unwrap().entries, entries + 1);
}
