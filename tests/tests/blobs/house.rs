//! Two patients with a document each, and the files that are attached to them.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::Duration;
use mychartum_adapters::keys::SecretKeyring;
use mychartum_core::account::{AccountSettings, NewAccount, Password, Username};
use mychartum_core::attachments::{
    AttachedTo, Attachment, AttachmentError, AttachmentReader, AttachmentSettings, NewAttachment, Sweep, SweepReport,
};
use mychartum_core::audit::{Action, Entry, Purpose};
use mychartum_core::chart::{
    DocumentReference, DocumentStatus, Patient, Section, SectionSet, SourceId, SourceRef, SourceVersion, View,
};
use mychartum_core::kernel::Concept;
use mychartum_core::kernel::id::{ItemId, PatientId};
use mychartum_core::kernel::text::Label;
use mychartum_core::port::storage::Collection;
use mychartum_core::port::{BlobStore, Storage};
use mychartum_core::portal::{Disclosure, Page, Portal, Session, Settings};
use mychartum_core::sync::{Parcel, Place, Reading};
use mychartum_core::vault::SecretKey;
use mychartum_testkit::{ManualClock, MemoryBlobs, SeededEntropy};

use crate::ports::{Objects, Process, Rows};

/// Collections by the numbers that they have in storage for ever.
pub(crate) const KEY: Collection = Collection::new(2);
pub(crate) const ATTACHMENTS: Collection = Collection::new(10);

const PASSWORD: &str = "correct horse battery";

pub(crate) struct House {
    pub(crate) rows: Rows,
    pub(crate) blobs: MemoryBlobs,
    pub(crate) clock: ManualClock,
    pub(crate) portal: Portal,
    pub(crate) maria: PatientId,
    pub(crate) other: PatientId,
    /// Each one's document.
    pub(crate) document: ItemId,
    pub(crate) others_document: ItemId,
}

pub(crate) fn label(text: &str) -> Label {
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

fn document(patient: &str, status: DocumentStatus, version: &str) -> Parcel {
    let view = DocumentReference {
        status,
        kind: Concept { codings: vec![], text: Some(label("Discharge summary")) },
        categories: vec![],
        date: "2026-01-01".parse().ok(),
        authors: vec![],
        custodian: None,
        description: None,
        content: vec![],
        encounter: None,
    };
    let identity = reference("DocumentReference", &format!("{patient}-letter"));
    parcel(identity, patient, View::DocumentReference(Box::new(view)), version)
}

static SEED: AtomicU64 = AtomicU64::new(1);

pub(crate) fn settings() -> Settings {
    let attachments = AttachmentSettings { max_bytes: 4 << 30, ..AttachmentSettings::default() };
    let accounts = AccountSettings { argon2_memory: 64, ..AccountSettings::default() };
    Settings { accounts, attachments, ..Settings::default() }
}

/// A portal over these ports, with randomness of its own and always the same wrapping key.
pub(crate) async fn portal(
    rows: impl Storage,
    blobs: impl BlobStore,
    clock: &ManualClock,
    settings: Settings,
) -> Portal {
    let keys = SecretKeyring::new(SecretKey::from_bytes([7; 32]));
    let entropy = SeededEntropy::new(SEED.fetch_add(1, Ordering::SeqCst));
    let builder = Portal::builder().storage(rows).keys(keys).clock(clock.clone()).entropy(entropy);
    builder.blobs(blobs).settings(settings).open().await.unwrap()
}

/// Bytes in which every part can be told from others.
pub(crate) fn bytes(length: usize, seed: u8) -> Vec<u8> {
    let mut page = [seed; 1_021];
    let mut bytes = Vec::with_capacity(length + page.len());
    for number in 0u64.. {
        page[..8].copy_from_slice(&number.to_be_bytes());
        bytes.extend_from_slice(&page);
        if bytes.len() >= length {
            break;
        }
    }
    bytes.truncate(length);
    bytes
}

pub(crate) async fn house() -> House {
    house_with(settings()).await
}

pub(crate) async fn house_with(settings: Settings) -> House {
    let clock = ManualClock::default();
    let (rows, blobs) = (Rows::default(), MemoryBlobs::new(clock.clone()));
    let portal = portal(rows.clone(), blobs.clone(), &clock, settings).await;
    let mut charts = Vec::new();
    for name in ["maria", "other"] {
        let mut intake = portal.intake(SourceId::parse("riverside").unwrap()).unwrap();
        let person = parcel(
            reference("Patient", name),
            name,
            View::Patient(Box::new(Patient { birth_date: "1970-01-31".parse().ok(), ..Patient::default() })),
            "1",
        );
        intake.offer(vec![person, document(name, DocumentStatus::Current, "1")]).await.unwrap();
        let patient = intake.finish().patients[0];
        let (username, password) = (Username::parse(name).unwrap(), Password::new(PASSWORD).unwrap());
        portal.open_account(NewAccount { username, password, own: Some(patient) }).await.unwrap();
        charts.push((patient, ItemId::from_bytes([0; 16])));
    }
    let [(maria, document), (other, others_document)] = <[_; 2]>::try_from(charts).unwrap();
    let mut house = House { rows, blobs, clock, portal, maria, other, document, others_document };
    house.document = house.open().await.documents(Page::ALL).await.unwrap().items[0].id;
    house.others_document = house.open_others().await.documents(Page::ALL).await.unwrap().items[0].id;
    house
}

impl House {
    pub(crate) async fn session(&self, name: &str) -> Session {
        let (username, password) = (Username::parse(name).unwrap(), Password::entered(PASSWORD).unwrap());
        self.portal.resume(&self.portal.sign_in(&username, &password).await.unwrap()).await.unwrap()
    }

    pub(crate) async fn open_sections(&self, sections: &[Section]) -> Disclosure {
        let session = self.session("maria").await;
        self.portal.disclose(session.ask(self.maria, SectionSet::of(sections), Purpose::Care).await.unwrap()).unwrap()
    }

    /// Her documents and her log, as she sees them.
    pub(crate) async fn open(&self) -> Disclosure {
        self.open_sections(&[Section::Documents, Section::AccessLog]).await
    }

    pub(crate) async fn open_others(&self) -> Disclosure {
        let session = self.session("other").await;
        self.portal.disclose(session.ask(self.other, Section::Documents, Purpose::Care).await.unwrap()).unwrap()
    }

    /// Where her files go.
    pub(crate) const fn letter(&self) -> AttachedTo {
        AttachedTo::Item(Section::Documents, self.document)
    }

    /// Attaches a file to her document.
    pub(crate) async fn attach(&self, bytes: &[u8]) -> Result<Attachment, AttachmentError> {
        attach(&self.portal, self.maria, self.letter(), bytes).await
    }

    /// Her files, as she sees them.
    pub(crate) async fn attached(&self) -> Vec<Attachment> {
        self.open().await.attachments(self.letter()).await.unwrap()
    }

    pub(crate) async fn reader(&self, attachment: &Attachment) -> AttachmentReader {
        self.open().await.attachment(Section::Documents, attachment.id).await.unwrap().unwrap()
    }

    /// Reads a file of hers as she would.
    pub(crate) async fn read(&self, attachment: &Attachment) -> Result<Vec<u8>, AttachmentError> {
        all(self.reader(attachment).await).await
    }

    /// The source takes her document back.
    pub(crate) async fn withdraw(&self) {
        let mut intake = self.portal.intake(SourceId::parse("riverside").unwrap()).unwrap();
        intake.offer(vec![document("maria", DocumentStatus::EnteredInError, "2")]).await.unwrap();
        assert_eq!(intake.finish().stored, 1);
    }

    /// The entries of her trail with an action, newest first.
    pub(crate) async fn entries(&self, action: Action) -> Vec<Entry> {
        let log = self.open().await.access_log(None, 10_000).await.unwrap();
        log.into_iter().filter(|entry| entry.facts().action == action).collect()
    }

    /// Sweeps everything.
    pub(crate) async fn sweep(&self, how: Sweep) -> SweepReport {
        sweep(&self.portal, how).await
    }

    /// Lets the grace pass.
    pub(crate) fn wait(&self) {
        self.clock.advance(Duration::hours(25));
    }

    /// Another process over the same rows and objects, that may die.
    pub(crate) async fn another(&self, process: &Process) -> (Portal, Rows) {
        let rows = Rows::over(self.rows.honest.clone(), process.clone());
        let objects = Objects { honest: self.blobs.clone(), process: process.clone() };
        (portal(rows.clone(), objects, &self.clock, settings()).await, rows)
    }
}

pub(crate) async fn attach(
    portal: &Portal,
    patient: PatientId,
    to: AttachedTo,
    bytes: &[u8],
) -> Result<Attachment, AttachmentError> {
    let about = NewAttachment { media_type: Some(label("application/pdf")), title: Some(label("A letter")), to };
    let mut upload = portal.attach(patient, about).await?;
    for piece in bytes.chunks(50_000) {
        upload.write(piece).await?;
    }
    upload.finish().await
}

pub(crate) async fn all(mut reader: AttachmentReader) -> Result<Vec<u8>, AttachmentError> {
    let mut all = Vec::new();
    while let Some(chunk) = reader.next().await? {
        assert!(!chunk.is_empty() && chunk.len() <= 1 << 16);
        all.extend_from_slice(&chunk);
    }
    assert!(reader.next().await.unwrap().is_none(), "the end stays the end");
    Ok(all)
}

/// Sweeps everything, and adds the reports up.
pub(crate) async fn sweep(portal: &Portal, how: Sweep) -> SweepReport {
    let mut sum = SweepReport::default();
    let mut from = None;
    loop {
        let report = portal.sweep_attachments(how, from).await.unwrap();
        sum.named += report.named;
        sum.young += report.young;
        sum.unnamed += report.unnamed;
        sum.foreign += report.foreign;
        sum.undecided += report.undecided;
        sum.tidied += report.tidied;
        match report.next {
            None => return sum,
            next => from = next,
        }
    }
}
