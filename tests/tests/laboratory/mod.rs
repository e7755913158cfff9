//! A portal that takes what a laboratory sends, and the charts that its patients see.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mychartum_adapters::hl7v2::{Hl7v2Delivery, Input, Introduce, SourceSettings, deliver};
use mychartum_adapters::keys::SecretKeyring;
use mychartum_core::access::pack::{OWN_RECORDS_PACK, PolicyPack};
use mychartum_core::account::{NewAccount, Password, Username};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Section, SourceId, SourceRef};
use mychartum_core::kernel::text::Label;
use mychartum_core::port::Storage;
use mychartum_core::portal::{Page, Portal};
use mychartum_core::sync::IntakeReport;
use mychartum_core::vault::SecretKey;
use mychartum_testkit::simulator::{Delivery, Lab, Shown};
use mychartum_testkit::{ManualClock, SeededEntropy};

const PASSWORD: &str = "fifteen letters, at least";

pub(crate) fn now() -> chrono::DateTime<chrono::Utc> {
    "2026-03-02T00:00:00Z".parse().unwrap()
}

pub(crate) fn source() -> SourceId {
    SourceId::parse("riverside-lab").unwrap()
}

pub(crate) fn settings(introduce: Introduce) -> SourceSettings {
    SourceSettings { introduce, ..SourceSettings::in_zone("America/Chicago".parse().unwrap()) }
}

/// A portal as after a restart: the storage is the same, and no two have the same randomness.
pub(crate) async fn portal(storage: Arc<dyn Storage>) -> Portal {
    static STARTS: AtomicU64 = AtomicU64::new(1);
    Portal::builder()
        .storage(storage)
        .keys(SecretKeyring::new(SecretKey::from_bytes([7; 32])))
        .clock(ManualClock::at(now()))
        .entropy(SeededEntropy::new(STARTS.fetch_add(1, Ordering::SeqCst) << 32))
        .policy(PolicyPack::parse(OWN_RECORDS_PACK).unwrap())
        .open()
        .await
        .unwrap()
}

/// Takes a message as a file, past all sockets.
pub(crate) async fn take(portal: &Portal, delivery: &Delivery, introduce: Introduce) -> IntakeReport {
    let inputs = vec![Input::bytes("feed", &delivery.message[..])];
    let file = Hl7v2Delivery::open(inputs, settings(introduce), &mut |_| {});
    let mut intake = portal.intake(source()).unwrap();
    assert!(deliver(&mut intake, &file, &mut |_| {}).await.unwrap().is_empty());
    let report = intake.finish();
    assert!(report.adds_up());
    report
}

/// What the patients see, by their record numbers.
pub(crate) async fn charts(portal: &Portal, lab: &Lab) -> BTreeMap<String, Vec<Shown>> {
    let mut all = BTreeMap::new();
    for number in lab.truth().charts().keys() {
        let at = SourceRef {
            kind: Label::parse("Patient").unwrap(),
            id: Label::parse(&format!("RIVERSIDE|{number}")).unwrap(),
        };
        let patient = portal.linked(&source(), &at).await.unwrap().expect("the patient is known");
        let username = Username::parse(&format!("ada{number}")).unwrap();
        let account =
            NewAccount { username: username.clone(), password: Password::new(PASSWORD).unwrap(), own: Some(patient) };
        portal.open_account(account).await.unwrap();
        let token = portal.sign_in(&username, &Password::entered(PASSWORD).unwrap()).await.unwrap();
        let session = portal.resume(&token).await.unwrap();
        let permit = session.ask(patient, Section::Results, Purpose::Care).await.unwrap();
        let chart = portal.disclose(permit).unwrap();
        let mut shown = Vec::new();
        for item in chart.results(Page::ALL).await.unwrap().items {
            let earlier = chart.earlier_results(item.id).await.unwrap();
            assert_eq!(earlier.len() as u64 + 1, item.version, "each version once");
            shown.push(Shown {
                analyte: item.view.code.shown().to_owned(),
                status: item.view.status.code().to_owned(),
                value: item.view.value.for_people(),
                versions: item.version,
            });
        }
        shown.sort();
        portal.verify_trail(patient).await.unwrap();
        all.insert(number.clone(), shown);
    }
    all
}
