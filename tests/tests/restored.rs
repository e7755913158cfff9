//! Journey: a backup is restored while a process of before is still alive.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use mychartum_adapters::keys::SecretKeyring;
use mychartum_core::account::{NewAccount, Password, Username};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{
    Observation, ObservationCategory, ObservationStatus, Patient, Section, SourceId, SourceRef, SourceVersion, Value,
    View,
};
use mychartum_core::kernel::id::PatientId;
use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{CodeSystem, Coding, Concept, Quantity, Unit};
use mychartum_core::port::storage::{
    Bucket, ChangeSet, Collection, Due, Head, Partition, Receipt, Row, RowId, Scan, StorageError,
};
use mychartum_core::port::{Custody as _, Storage};
use mychartum_core::portal::{Page, Portal};
use mychartum_core::sync::{Parcel, Place, Reading};
use mychartum_core::vault::SecretKey;
use mychartum_storage::{MemoryStorage, transfer};
use mychartum_testkit::{ManualClock, SeededEntropy};

/// What a host's connection string points to: another database after the restore, the same name as before.
#[derive(Debug, Clone)]
struct Name(Arc<RwLock<MemoryStorage>>);

impl Name {
    fn now(&self) -> MemoryStorage {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Storage for Name {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        self.now().commit(set).await
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        self.now().head(partition).await
    }

    async fn get(
        &self,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        self.now().get(partition, collection, rows).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        self.now().scan(scan).await
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        self.now().due(due).await
    }

    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        self.now().heads(bucket, after, limit).await
    }
}

async fn portal(storage: impl Storage, seed: u64) -> Portal {
    Portal::builder()
        .storage(storage)
        .keys(SecretKeyring::new(SecretKey::from_bytes([7; 32])))
        .clock(ManualClock::default())
        .entropy(SeededEntropy::new(seed))
        .open()
        .await
        .unwrap()
}

fn reference(kind: &str, id: &str) -> SourceRef {
    SourceRef { kind: Label::parse(kind).unwrap(), id: Label::parse(id).unwrap() }
}

fn parcel(kind: &str, id: &str, patient: &str, view: View) -> Parcel {
    Parcel {
        place: Place { document: 0, entry: None },
        resource: kind.into(),
        reading: Reading::Item {
            identity: reference(kind, id),
            version: SourceVersion::default(),
            subject: reference("Patient", patient),
            view,
            mapping: 1,
            labels: mychartum_core::kernel::SensitivitySet::NONE,
        },
        original: id.as_bytes().into(),
    }
}

fn result(id: &str, patient: &str) -> Parcel {
    let coding = Coding { system: CodeSystem::Loinc, code: Label::parse("4548-4").unwrap(), display: None };
    let view = Observation {
        status: ObservationStatus::Final,
        category: ObservationCategory::Laboratory,
        code: Concept { codings: vec![coding], text: None },
        effective: Some("2024-05-01".parse().unwrap()),
        issued: None,
        value: Value::Quantity(Quantity { value: "6.1".parse().unwrap(), comparator: None, unit: Unit::of("%") }),
        interpretation: vec![],
        ranges: vec![],
        components: vec![],
        specimen: None,
        method: None,
        body_site: None,
        performers: vec![],
        notes: vec![],
        encounter: None,
        members: vec![],
    };
    parcel("Observation", id, patient, View::Observation(Box::new(view)))
}

/// Brings a patient with results in, and gives her chart.
async fn bring_in(portal: &Portal, patient: &str, results: &[&str]) -> PatientId {
    let mut intake = portal.intake(SourceId::parse("riverside").unwrap()).unwrap();
    let mut parcels = vec![parcel(
        "Patient",
        patient,
        patient,
        View::Patient(Box::new(Patient { birth_date: "1970-01-31".parse().ok(), ..Patient::default() })),
    )];
    parcels.extend(results.iter().map(|id| result(id, patient)));
    intake.offer(parcels).await.unwrap();
    let report = intake.finish();
    assert!(report.adds_up() && report.set_aside.is_empty(), "{:?}", report.set_aside);
    report.patients[0]
}

/// Adds a result to a chart that is known; nothing of the chart is read for it.
async fn add(portal: &Portal, patient: &str, id: &str) {
    let mut intake = portal.intake(SourceId::parse("riverside").unwrap()).unwrap();
    intake.offer(vec![result(id, patient)]).await.unwrap();
    assert_eq!(intake.finish().stored, 1);
}

async fn results(portal: &Portal, patient: PatientId, name: &str) -> usize {
    let (username, password) = (Username::parse(name).unwrap(), Password::new("correct horse battery").unwrap());
    let token = portal.sign_in(&username, &password).await.unwrap();
    let session = portal.resume(&token).await.unwrap();
    let permit = session.ask(patient, Section::Results, Purpose::Care).await.unwrap();
    portal.disclose(permit).unwrap().results(Page::ALL).await.unwrap().items.len()
}

async fn open_account(portal: &Portal, name: &str, own: PatientId) {
    let (username, password) = (Username::parse(name).unwrap(), Password::new("correct horse battery").unwrap());
    portal.open_account(NewAccount { username, password, own: Some(own) }).await.unwrap();
}

/// A chart was founded after the backup, so after the restore it is founded again and has another data key. The process of
/// before still knows the first one: what it writes must be readable all the same.
#[tokio::test]
async fn nothing_is_sealed_with_a_key_that_was_lost_in_the_restore() {
    let before = MemoryStorage::new();
    let name = Name(Arc::new(RwLock::new(before.clone())));
    let old_process = portal(name.clone(), 1).await;
    let maria = bring_in(&old_process, "maria", &["m1"]).await;
    open_account(&old_process, "maria", maria).await;
    let mut backup = before.snapshot().await.unwrap();

    bring_in(&old_process, "late", &["l1"]).await;
    bring_in(&old_process, "late", &["l2"]).await;
    bring_in(&old_process, "maria", &["m2"]).await;

    let restored = MemoryStorage::new();
    let filled = transfer::fill(&mut *backup, &restored, 1_767_225_600_000, &mut |_| ()).await.unwrap();
    filled.serve().await.unwrap();
    *name.0.write().unwrap() = restored.clone();

    let new_process = portal(restored, 2).await;
    assert_eq!(results(&new_process, maria, "maria").await, 1, "what came after the backup is gone");
    // The source delivers again; both processes file it.
    let late = bring_in(&new_process, "late", &["l1"]).await;
    add(&old_process, "late", "l2").await;
    bring_in(&old_process, "late", &["l3"]).await;
    bring_in(&old_process, "maria", &["m2", "m3"]).await;
    open_account(&old_process, "late", late).await;
    for portal in [&new_process, &old_process] {
        assert_eq!(results(portal, late, "late").await, 3);
        assert_eq!(results(portal, maria, "maria").await, 3);
        portal.verify_trail(late).await.unwrap();
        portal.verify_trail(maria).await.unwrap();
    }
}
