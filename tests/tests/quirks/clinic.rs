//! A portal on the receiving side, and a patient who looks at the chart.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use mychartum_adapters::fhir::{FhirDelivery, Limits};
use mychartum_adapters::hl7v2::{Hl7v2Delivery, Input, Introduce, SourceSettings};
use mychartum_adapters::keys::SecretKeyring;
use mychartum_core::access::pack::{OWN_RECORDS_PACK, PolicyPack};
use mychartum_core::account::{NewAccount, Password, Username};
use mychartum_core::audit::{Action, Entry, Purpose};
use mychartum_core::chart::{Item, Observation, Section, SectionSet, SourceId};
use mychartum_core::kernel::id::PatientId;
use mychartum_core::port::Storage;
use mychartum_core::portal::{Disclosure, Page, Portal, Session};
use mychartum_core::sync::{IntakeReport, Reason};
use mychartum_core::vault::SecretKey;
use mychartum_storage::MemoryStorage;
use mychartum_testkit::{ManualClock, SeededEntropy};

const PASSWORD: &str = "fifteen letters, at least";

/// A portal, and how its laboratory is read.
pub(crate) struct Clinic {
    pub(crate) portal: Arc<Portal>,
    pub(crate) settings: SourceSettings,
    accounts: Mutex<HashSet<String>>,
}

/// The laboratory that most messages come from.
pub(crate) fn laboratory() -> SourceId {
    SourceId::parse("riverside-lab").unwrap()
}

pub(crate) fn now() -> chrono::DateTime<chrono::Utc> {
    "2026-03-02T00:00:00Z".parse().unwrap()
}

impl Clinic {
    pub(crate) async fn open() -> Self {
        Self::on(Arc::new(MemoryStorage::new())).await
    }

    pub(crate) async fn on(storage: Arc<dyn Storage>) -> Self {
        let portal = Portal::builder()
            .storage(storage)
            .keys(SecretKeyring::new(SecretKey::from_bytes([7; 32])))
            .clock(ManualClock::at(now()))
            .entropy(SeededEntropy::new(1))
            .policy(PolicyPack::parse(OWN_RECORDS_PACK).unwrap())
            .open()
            .await
            .unwrap();
        let zone = "America/Chicago".parse().unwrap();
        let settings = SourceSettings { introduce: Introduce::AnyMessage, ..SourceSettings::in_zone(zone) };
        Self { portal: Arc::new(portal), settings, accounts: Mutex::default() }
    }

    /// Takes a file of messages, and accounts for every parcel of it.
    pub(crate) async fn take(&self, file: impl AsRef<[u8]>) -> IntakeReport {
        let inputs = vec![Input::bytes("feed", file.as_ref())];
        let delivery = Hl7v2Delivery::open(inputs, self.settings.clone(), &mut |_| {});
        assert!(delivery.refused().is_empty(), "{:?}", delivery.refused());
        let mut intake = self.portal.intake(laboratory()).unwrap();
        let changed = mychartum_adapters::hl7v2::deliver(&mut intake, &delivery, &mut |_| {}).await.unwrap();
        assert!(changed.is_empty());
        accounted(intake.finish(), delivery.total().resources)
    }

    /// Takes a FHIR document of a source.
    pub(crate) async fn take_fhir_of(&self, source: &str, document: &str) -> IntakeReport {
        let inputs = vec![Input::bytes("document", document.as_bytes())];
        let delivery = FhirDelivery::open(inputs, Limits::default(), &mut |_| {});
        assert!(delivery.refused().is_empty(), "{:?}", delivery.refused());
        let mut intake = self.portal.intake(SourceId::parse(source).unwrap()).unwrap();
        let changed = mychartum_adapters::fhir::deliver(&mut intake, &delivery, &mut |_| {}).await.unwrap();
        assert!(changed.is_empty());
        accounted(intake.finish(), delivery.total().resources)
    }

    /// Takes a FHIR document.
    pub(crate) async fn take_fhir(&self, document: &str) -> IntakeReport {
        self.take_fhir_of("riverside-ehr", document).await
    }

    /// A session of a person with this name; the account is opened when it is first asked for.
    pub(crate) async fn session(&self, name: &str, own: Option<PatientId>) -> Session {
        let username = Username::parse(name).unwrap();
        let is_new = self.accounts.lock().unwrap().insert(name.to_owned());
        if is_new {
            let password = Password::new(PASSWORD).unwrap();
            let account = NewAccount { username: username.clone(), password, own };
            self.portal.open_account(account).await.unwrap();
        }
        let token = self.portal.sign_in(&username, &Password::entered(PASSWORD).unwrap()).await.unwrap();
        self.portal.resume(&token).await.unwrap()
    }

    /// A session of the patient.
    pub(crate) async fn own_session(&self, patient: PatientId) -> Session {
        self.session(&format!("p{}", patient.to_string().to_ascii_lowercase()), Some(patient)).await
    }

    /// The whole chart, as its patient may see it.
    pub(crate) async fn chart(&self, patient: PatientId) -> Disclosure {
        let session = self.own_session(patient).await;
        let permit = session.ask(patient, SectionSet::chart().with(Section::AccessLog), Purpose::Care).await.unwrap();
        self.portal.disclose(permit).unwrap()
    }

    /// The results in a chart, newest first.
    pub(crate) async fn results(&self, patient: PatientId) -> Vec<Item<Observation>> {
        self.chart(patient).await.results(Page::ALL).await.unwrap().items
    }

    /// The results in a chart, each in a line: name, status, value.
    pub(crate) async fn lines(&self, patient: PatientId) -> Vec<String> {
        self.results(patient).await.iter().map(line).collect()
    }

    /// What the patient reads in the own access log about deliveries, oldest first.
    pub(crate) async fn imports(&self, patient: PatientId) -> Vec<Entry> {
        let mut all = self.chart(patient).await.access_log(None, 500).await.unwrap();
        all.retain(|entry| entry.facts().action == Action::Import);
        all.sort_by_key(Entry::position);
        all
    }
}

/// A result in a line.
pub(crate) fn line(item: &Item<Observation>) -> String {
    let view = &item.view;
    format!("{} {} {}", view.code.shown(), view.status.code(), view.value.for_people()).trim_end().to_owned()
}

/// Why parcels were set aside, in their order.
pub(crate) fn reasons(report: &IntakeReport) -> Vec<Reason> {
    report.set_aside.iter().map(|aside| aside.reason).collect()
}

fn accounted(report: IntakeReport, parcels: u64) -> IntakeReport {
    assert!(report.adds_up());
    assert_eq!(report.resources, parcels);
    report
}
