//! Journey: a house is backed up, restored elsewhere, inspected seal by seal, served, and opened; and what is wrong is found.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use chrono::NaiveDate;
use mychartum_adapters::fhir::{FhirDelivery, Input, Limits, deliver};
use mychartum_adapters::keys::SecretKeyring;
use mychartum_core::access::AccessError;
use mychartum_core::account::{AccountSettings, NewAccount, Password, Username};
use mychartum_core::audit::{Action, Entry, Fault, Purpose};
use mychartum_core::chart::{Section, SourceId};
use mychartum_core::kernel::id::PatientId;
use mychartum_core::port::custody::{Applied, BucketState, BucketStatus, Turn};
use mychartum_core::port::key_provider::KeyError;
use mychartum_core::port::storage::{
    Bucket, Collection, Head, Partition, PartitionKind, Row, RowId, Scan, StorageError, StorageErrorKind,
};
use mychartum_core::port::{Custody, Snapshot, Storage};
use mychartum_core::portal::{
    Failure, Inspection, InspectionFault, InspectionFaultKind, OpenError, Page, Portal, Settings, inspect,
};
use mychartum_core::vault::{SealContext, SecretKey, Vault, VaultSettings};
use mychartum_storage::archive::{self, ArchiveId};
use mychartum_storage::transfer::{Counts, Filled, fill};
use mychartum_storage::{MemoryStorage, SqliteStorage};
use mychartum_testkit::world::World;
use mychartum_testkit::{ManualClock, SeededEntropy};

/// Collections by the numbers that they have in storage for ever.
const FOUNDING: Collection = Collection::new(1);
const AUDIT: Collection = Collection::new(3);
const ORIGINALS: Collection = Collection::new(6);

/// The beginning of 2026 in milliseconds since 1970.
const NOW: u64 = 1_767_225_600_000;

const PASSWORD: &str = "fifteen letters, at least";

fn keyring(byte: u8) -> SecretKeyring {
    SecretKeyring::new(SecretKey::from_bytes([byte; 32]))
}

async fn try_open(storage: impl Storage) -> Result<Portal, OpenError> {
    let accounts = AccountSettings { argon2_memory: 64, ..AccountSettings::default() };
    let builder = Portal::builder().storage(storage).keys(keyring(7)).clock(ManualClock::default());
    // A portal that is opened again draws other ids.
    static SEED: AtomicU64 = AtomicU64::new(1);
    let entropy = SeededEntropy::new(SEED.fetch_add(1, Ordering::Relaxed));
    builder.entropy(entropy).settings(Settings { accounts, ..Settings::default() }).open().await
}

async fn open(storage: impl Storage) -> Portal {
    try_open(storage).await.unwrap()
}

/// A household's first delivery in a storage, and an account for one of the people in it.
async fn move_in(storage: impl Storage) -> (Portal, PatientId) {
    let portal = open(storage).await;
    let world = World::household(7, NaiveDate::from_ymd_opt(2026, 1, 1).unwrap());
    let mut patients = Vec::new();
    // The first deliveries are directories of names; the one after them begins a chart.
    for delivery in world.deliveries() {
        let input = Input::bytes(&delivery.name, delivery.text.into_bytes());
        let read = FhirDelivery::open(vec![input], Limits::default(), &mut |_| {});
        let mut intake = portal.intake(SourceId::parse(delivery.source).unwrap()).unwrap();
        deliver(&mut intake, &read, &mut |_| {}).await.unwrap();
        patients = intake.finish().patients;
        if !patients.is_empty() {
            break;
        }
    }
    let patient = patients[0];
    let account = NewAccount { username: name(), password: Password::new(PASSWORD).unwrap(), own: Some(patient) };
    portal.open_account(account).await.unwrap();
    (portal, patient)
}

fn name() -> Username {
    Username::parse("someone").unwrap()
}

/// How many problems the chart shows to the one whose it is.
async fn look(portal: &Portal, patient: PatientId) -> Result<usize, AccessError> {
    let token = portal.sign_in(&name(), &Password::entered(PASSWORD).unwrap()).await.unwrap();
    let session = portal.resume(&token).await.unwrap();
    let permit = session.ask(patient, Section::Results, Purpose::Care).await?;
    Ok(portal.disclose(permit).unwrap().results(Page::latest(500)).await.unwrap().items.len())
}

/// What the installation's own trail says, read with the keys.
async fn own_trail(storage: &dyn Storage) -> Vec<Action> {
    let founding = storage.get(Partition::SYSTEM, FOUNDING, &[RowId::from_bytes([0; 16])]).await.unwrap().remove(0);
    let entropy = Arc::new(SeededEntropy::new(2));
    let vault = Vault::reopen(&keyring(7), &founding.body, entropy, VaultSettings::default()).await.unwrap();
    let key = vault.audit_key(Partition::SYSTEM);
    let rows = storage.scan(&Scan::new(Partition::SYSTEM, AUDIT, 100)).await.unwrap();
    let entry = |row: &Row| Entry::read(&key.open(&SealContext::of_row(row), &row.body).unwrap()).unwrap().0;
    rows.iter().map(|row| entry(row).facts().action).collect()
}

struct Backup {
    data: Vec<u8>,
    keys: Vec<u8>,
}

impl Backup {
    async fn of(storage: &dyn Custody) -> Self {
        let (mut data, mut keys) = (Vec::new(), Vec::new());
        let mut snapshot = storage.snapshot().await.unwrap();
        let id = ArchiveId::from_bytes([1; 16]);
        archive::write(&mut *snapshot, id, NOW, &mut data, &mut keys, &mut |_| {}).await.unwrap();
        Self { data, keys }
    }

    async fn restore<'a>(&self, into: &'a dyn Custody, at: u64) -> Filled<'a> {
        archive::restore(&mut &self.data[..], &mut &self.keys[..], into, at, &mut |_| {}).await.unwrap()
    }
}

async fn inspected(snapshot: &mut dyn Snapshot) -> Inspection {
    inspect(snapshot, &keyring(7), &mut |_| {}).await.unwrap()
}

async fn serve(filled: Filled<'_>) -> Counts {
    assert!(inspected(&mut *filled.snapshot().await.unwrap()).await.is_sound());
    filled.serve().await.unwrap()
}

#[tokio::test]
async fn a_house_comes_back_as_it_was_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let home = SqliteStorage::open(folder.path().join("home.db")).await.unwrap();
    let (portal, patient) = move_in(home.clone()).await;
    let seen = look(&portal, patient).await.unwrap();
    assert!(seen > 10);
    let backup = Backup::of(&home).await;
    look(&portal, patient).await.unwrap();
    let entries = portal.verify_trail(patient).await.unwrap().entries;
    assert_eq!(own_trail(&home).await, [Action::Found]);

    let away = MemoryStorage::new();
    let filled = backup.restore(&away, NOW).await;
    // Nobody opens it before it is served.
    let early = try_open(away.clone()).await.unwrap_err();
    assert!(matches!(early, OpenError::Failure(Failure::Storage(error)) if error.kind() == StorageErrorKind::Busy));
    let mut told = Vec::new();
    let mut snapshot = filled.snapshot().await.unwrap();
    let found = inspect(&mut *snapshot, &keyring(7), &mut |progress| told.push(progress)).await.unwrap();
    assert!(found.is_sound() && found.faults.is_empty());
    assert_eq!((found.partitions, found.rows), (filled.counts().partitions, filled.counts().rows));
    assert!(told.iter().all(|progress| progress.of_partitions == found.partitions));
    assert_eq!(told.last().map(|last| (last.partitions, last.rows)), Some((found.partitions, found.rows)));
    serve(filled).await;

    let restored = open(away.clone()).await;
    assert_eq!(own_trail(&away).await, [Action::Found, Action::Restored]);
    assert_eq!(look(&restored, patient).await.unwrap(), seen);
    // What came after the backup is gone, and the trail holds without it.
    assert_eq!(restored.verify_trail(patient).await.unwrap().entries, entries - 1 + 1);
    // Opened again it is nothing new; restored again it is.
    drop(open(away.clone()).await);
    assert_eq!(own_trail(&away).await.len(), 2);
    let third = MemoryStorage::new();
    serve(Backup::of(&away).await.restore(&third, NOW).await).await;
    drop(open(third.clone()).await);
    assert_eq!(own_trail(&third).await, [Action::Found, Action::Restored, Action::Restored]);
}

#[tokio::test]
async fn a_house_that_moves_to_another_engine_opens_there() {
    let folder = tempfile::tempdir().unwrap();
    let home = MemoryStorage::new();
    let (portal, patient) = move_in(home.clone()).await;
    let seen = look(&portal, patient).await.unwrap();
    let new_home = SqliteStorage::open(folder.path().join("new.db")).await.unwrap();
    serve(fill(&mut *home.snapshot().await.unwrap(), &new_home, NOW, &mut |_| {}).await.unwrap()).await;
    let portal = open(new_home.clone()).await;
    assert_eq!(look(&portal, patient).await.unwrap(), seen);
    let sound = portal.inspect(&mut *new_home.snapshot().await.unwrap(), &mut |_| {}).await.unwrap();
    assert!(sound.is_sound() && sound.entries > 5);
}

#[tokio::test]
async fn a_house_founded_in_a_moved_bucket_is_not_called_restored() {
    let storage = MemoryStorage::new();
    let bucket = Partition::SYSTEM.bucket();
    let turn = |from, to, epoch| [Turn { bucket, from, to, epoch }];
    storage.turn(&turn(BucketState::Serving, BucketState::Arriving, 5)).await.unwrap();
    storage.turn(&turn(BucketState::Arriving, BucketState::Serving, 5)).await.unwrap();
    drop(open(storage.clone()).await);
    drop(open(storage.clone()).await);
    assert_eq!(own_trail(&storage).await, [Action::Found]);
    storage.turn(&turn(BucketState::Serving, BucketState::Leaving, 6)).await.unwrap();
    storage.turn(&turn(BucketState::Leaving, BucketState::Serving, 6)).await.unwrap();
    let (one, other) = tokio::join!(open(storage.clone()), open(storage.clone()));
    drop((one, other));
    assert_eq!(own_trail(&storage).await, [Action::Found, Action::Restored]);
}

#[tokio::test]
async fn an_empty_storage_is_sound_and_one_without_its_founding_record_is_not() {
    let storage = MemoryStorage::new();
    assert_eq!(inspected(&mut *storage.snapshot().await.unwrap()).await, Inspection::default());
    move_in(storage.clone()).await;
    let mut lying = Lying::about(&storage, |row| (row.collection != FOUNDING).then_some(row)).await;
    let missing = inspect(&mut lying, &keyring(7), &mut |_| {}).await.unwrap_err();
    assert_eq!(missing, OpenError::Failure(Failure::Damaged("founding record: missing")));
    let wrong = inspect(&mut *storage.snapshot().await.unwrap(), &keyring(8), &mut |_| {}).await.unwrap_err();
    assert_eq!(wrong, OpenError::Key(KeyError::Wrong));
}

type Lie = Box<dyn Fn(Row) -> Option<Row> + Send>;

/// A snapshot that lies about rows.
struct Lying {
    honest: Box<dyn Snapshot>,
    lie: Lie,
}

impl Lying {
    async fn about(storage: &MemoryStorage, lie: impl Fn(Row) -> Option<Row> + Send + 'static) -> Self {
        Self { honest: storage.snapshot().await.unwrap(), lie: Box::new(lie) }
    }
}

impl fmt::Debug for Lying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lying")
    }
}

#[async_trait]
impl Snapshot for Lying {
    async fn buckets(&mut self) -> Result<Vec<BucketStatus>, StorageError> {
        self.honest.buckets().await
    }

    async fn heads(
        &mut self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        self.honest.heads(bucket, after, limit).await
    }

    async fn rows(
        &mut self,
        partition: Partition,
        after: Option<(Collection, RowId)>,
        limit: u32,
    ) -> Result<Vec<Row>, StorageError> {
        Ok(self.honest.rows(partition, after, limit).await?.into_iter().filter_map(&self.lie).collect())
    }

    async fn applied(&mut self, partition: Partition) -> Result<Vec<Applied>, StorageError> {
        self.honest.applied(partition).await
    }
}

/// A lie about the rows of a collection in the patient's chart.
fn of(
    patient: PatientId,
    collection: Collection,
    lie: impl Fn(Row) -> Option<Row> + Send + 'static,
) -> impl Fn(Row) -> Option<Row> + Send + 'static {
    let partition = Partition::patient(patient);
    move |row| if (row.partition, row.collection) == (partition, collection) { lie(row) } else { Some(row) }
}

#[tokio::test]
async fn whatever_is_wrong_is_found_and_named() {
    use InspectionFaultKind::{KeyMissing, KeyUnreadable, RowUnreadable, Stranger, Trail};
    let storage = MemoryStorage::new();
    let (portal, patient) = move_in(storage.clone()).await;
    for _ in 0..3 {
        look(&portal, patient).await.unwrap();
    }
    let rows = storage.scan(&Scan::new(Partition::patient(patient), AUDIT, 100)).await.unwrap();
    let last = rows.last().unwrap().order;
    let tampered = |row: Row| {
        let mut body = row.body;
        *body.last_mut().unwrap() ^= 1;
        Some(Row { body, ..row })
    };
    let stranger = Partition::new(PartitionKind::Account, Partition::patient(patient).id());
    let cases: Vec<(Lie, Vec<InspectionFaultKind>)> = vec![
        (Box::new(of(patient, ORIGINALS, tampered)), vec![RowUnreadable]),
        (Box::new(of(patient, ORIGINALS, |row| Some(Row { version: row.version + 1, ..row }))), vec![RowUnreadable]),
        (Box::new(of(patient, ORIGINALS, |row| Some(Row { order: row.order + 1, ..row }))), vec![RowUnreadable]),
        (Box::new(of(patient, Collection::KEYS, |_| None)), vec![KeyMissing]),
        (Box::new(of(patient, Collection::KEYS, tampered)), vec![KeyUnreadable, KeyMissing]),
        (Box::new(of(patient, AUDIT, tampered)), vec![Trail(Fault::Unreadable)]),
        (Box::new(of(patient, AUDIT, |row| (row.order != 2).then_some(row))), vec![Trail(Fault::Missing)]),
        (Box::new(of(patient, AUDIT, move |row| (row.order != last).then_some(row))), vec![Trail(Fault::Truncated)]),
        (Box::new(of(patient, ORIGINALS, move |row| Some(Row { partition: stranger, ..row }))), vec![Stranger]),
    ];
    for (number, (lie, kinds)) in cases.into_iter().enumerate() {
        let mut lying = Lying::about(&storage, lie).await;
        let found = inspected(&mut lying).await;
        let partition = Partition::patient(patient);
        let expected: Vec<_> = kinds.into_iter().map(|kind| InspectionFault { partition, kind }).collect();
        assert_eq!((found.fault_count, &found.faults), (expected.len() as u64, &expected), "{number}");
    }
}

#[tokio::test]
async fn many_faults_are_counted_and_the_first_named() {
    let storage = MemoryStorage::new();
    move_in(storage.clone()).await;
    let partitions = inspected(&mut *storage.snapshot().await.unwrap()).await.partitions;
    let mut lying = Lying::about(&storage, |row| (row.collection != Collection::KEYS).then_some(row)).await;
    let found = inspected(&mut lying).await;
    // Every partition has a sealed row but the installation's own, whose trail has another key.
    assert_eq!(found.fault_count, partitions - 1);
    assert_eq!(found.faults.len() as u64, found.fault_count.min(Inspection::MOST_FAULTS as u64));
}
