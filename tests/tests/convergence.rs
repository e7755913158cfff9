//! Deliveries in any order, and any number of times, end in the same chart (INVARIANT (order of arrival tells nothing)).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use mychartum_adapters::keys::SecretKeyring;
use mychartum_core::access::SensitivitySet;
use mychartum_core::access::pack::{EXAMPLE_PACK, PolicyPack};
use mychartum_core::account::{NewAccount, Password, Username};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Item, Observation, Patient, Section, SourceId, SourceRef, SourceVersion, Stage, View};
use mychartum_core::kernel::id::PatientId;
use mychartum_core::kernel::text::Label;
use mychartum_core::port::Storage;
use mychartum_core::portal::{Page, Portal};
use mychartum_core::sync::{IntakeReport, Parcel, Place, Reading};
use mychartum_core::vault::SecretKey;
use mychartum_storage::{MemoryStorage, SqliteStorage};
use mychartum_testkit::{ManualClock, SeededEntropy};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

const PASSWORD: &str = "fifteen letters, at least";

/// One version of a result, as a source sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Sent {
    /// Of a source that says when it changed things.
    Timed { hour: u8 },
    /// Of a source that says how far things are, and when.
    Staged { stage: Stage, hour: u8 },
    /// Of a source that says neither; what it says may come back to what it was.
    Bare { value: u8 },
}

/// What a source answered at one time.
#[derive(Debug, Clone)]
struct Delivery {
    as_of: DateTime<Utc>,
    sent: Vec<Sent>,
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn begin() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn parcel(place: u64, identity: SourceRef, version: SourceVersion, view: View, original: String) -> Parcel {
    let subject = SourceRef { kind: label("Patient"), id: label("p") };
    let labels = SensitivitySet::NONE;
    let resource = identity.kind.as_str().into();
    let reading = Reading::Item { identity, version, subject, view, mapping: 1, labels };
    Parcel { place: Place { document: 0, entry: Some(place) }, resource, reading, original: original.into_bytes() }
}

impl Sent {
    fn parcel(&self, place: u64) -> Parcel {
        let at = |hour: u8| (begin() + Duration::hours(hour.into())).to_rfc3339().parse().ok();
        let (name, version, value) = match self {
            Self::Timed { hour } => ("timed", SourceVersion { last_updated: at(*hour), ..Default::default() }, *hour),
            Self::Staged { stage, hour } => {
                let version = SourceVersion { stage: *stage, last_updated: at(*hour), id: None };
                ("staged", version, 10 * (*stage as u8) + hour)
            }
            Self::Bare { value } => ("bare", SourceVersion::default(), *value),
        };
        let json = serde_json::json!({
            "status": "final",
            "category": "laboratory",
            "code": { "text": name },
            "value": { "is": "integer", "v": value },
        });
        let view: Observation = serde_json::from_value(json).unwrap();
        let identity = SourceRef { kind: label("Observation"), id: label(name) };
        parcel(place, identity, version, View::Observation(Box::new(view)), format!("{name} {value}"))
    }
}

struct Clinic {
    portal: Portal,
    clock: ManualClock,
}

impl Clinic {
    async fn open(storage: Arc<dyn Storage>) -> Self {
        let clock = ManualClock::default();
        let portal = Portal::builder()
            .storage(storage)
            .keys(SecretKeyring::new(SecretKey::from_bytes([7; 32])))
            .clock(clock.clone())
            .policy(PolicyPack::parse(EXAMPLE_PACK).unwrap())
            .entropy(SeededEntropy::new(3));
        Self { portal: portal.open().await.unwrap(), clock }
    }

    async fn take(&self, delivery: &Delivery) -> IntakeReport {
        self.clock.advance(Duration::seconds(1));
        let patient = SourceRef { kind: label("Patient"), id: label("p") };
        let maria = Patient { birth_date: "1950-01-01".parse().ok(), ..Patient::default() };
        let version = SourceVersion { id: Some(label("1")), ..Default::default() };
        let mut parcels = vec![parcel(0, patient, version, View::Patient(Box::new(maria)), "maria".to_owned())];
        parcels.extend(delivery.sent.iter().zip(1..).map(|(sent, place)| sent.parcel(place)));
        let mut intake = self.portal.intake(SourceId::parse("lab").unwrap()).unwrap().as_of(delivery.as_of);
        intake.offer(parcels).await.unwrap();
        let report = intake.finish();
        assert!(report.adds_up() && report.set_aside.is_empty());
        report
    }

    /// Everything that the chart shows of its results: what stands, which number it has, and what stood before.
    async fn chart(&self) -> Vec<(String, u64, String, BTreeSet<String>)> {
        let (source, at_source) =
            (SourceId::parse("lab").unwrap(), SourceRef { kind: label("Patient"), id: label("p") });
        let patient: PatientId = self.portal.linked(&source, &at_source).await.unwrap().unwrap();
        let username = Username::parse("maria").unwrap();
        let new =
            NewAccount { username: username.clone(), password: Password::new(PASSWORD).unwrap(), own: Some(patient) };
        self.portal.open_account(new).await.unwrap();
        let token = self.portal.sign_in(&username, &Password::entered(PASSWORD).unwrap()).await.unwrap();
        let session = self.portal.resume(&token).await.unwrap();
        let permit = session.ask(patient, Section::Results, Purpose::Care).await.unwrap();
        let chart = self.portal.disclose(permit).unwrap();
        let value = |item: &Item<Observation>| item.view.value.for_people();
        let mut shown = Vec::new();
        for item in chart.results(Page::ALL).await.unwrap().items {
            let earlier = chart.earlier_results(item.id).await.unwrap();
            // Their numbers say their order, whatever order they came in; where the source says nothing they only must all be there.
            assert!(earlier.iter().zip((1..item.version).rev()).all(|(one, number)| one.version == number));
            let name = item.view.code.shown().to_owned();
            let in_order = |(place, one): (usize, &Item<Observation>)| {
                if name == "bare" { value(one) } else { format!("{place}: {}", value(one)) }
            };
            let before = earlier.iter().enumerate().map(in_order).collect();
            let (_, original) = chart.original(Section::Results, item.id).await.unwrap().unwrap();
            assert_eq!(original.as_bytes().unwrap(), format!("{name} {}", value(&item)).as_bytes());
            shown.push((name.clone(), item.version, value(&item), before));
        }
        shown.sort();
        shown
    }
}

async fn after(
    storage: Arc<dyn Storage>,
    deliveries: &[Delivery],
    order: &[usize],
) -> Vec<(String, u64, String, BTreeSet<String>)> {
    let clinic = Clinic::open(storage).await;
    for place in order {
        clinic.take(&deliveries[*place]).await;
    }
    clinic.chart().await
}

fn deliveries() -> impl Strategy<Value = Vec<Delivery>> {
    let stages = prop::sample::select(vec![Stage::Begun, Stage::Preliminary, Stage::Settled]);
    let timed = prop::option::of((0u8..4).prop_map(|hour| Sent::Timed { hour }));
    let staged = prop::option::of((stages, 0u8..4).prop_map(|(stage, hour)| Sent::Staged { stage, hour }));
    let bare = prop::option::of((0u8..3).prop_map(|value| Sent::Bare { value }));
    let sent = (timed, staged, bare).prop_map(|(a, b, c)| [a, b, c].into_iter().flatten().collect::<Vec<_>>());
    prop::collection::vec(sent, 1..7).prop_map(|all| {
        let of = |(place, sent): (i64, _)| Delivery { as_of: begin() + Duration::minutes(place), sent };
        (0..).zip(all).map(of).collect()
    })
}

/// Every delivery at least once, in any order, some again.
fn orders(count: usize) -> impl Strategy<Value = Vec<usize>> {
    let again = prop::collection::vec(0..count, 0..4);
    again.prop_flat_map(move |again| Just((0..count).chain(again).collect::<Vec<_>>()).prop_shuffle())
}

fn compare(cases: u32, storage: impl Fn() -> Arc<dyn Storage>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config { cases, ..Config::default() });
    let strategy = deliveries().prop_flat_map(|all| {
        let count = all.len();
        (Just(all), orders(count))
    });
    for _ in 0..cases {
        let (all, order) = strategy.new_tree(&mut runner).unwrap().current();
        let in_turn: Vec<usize> = (0..all.len()).collect();
        let expected = runtime.block_on(after(Arc::new(MemoryStorage::new()), &all, &in_turn));
        let found = runtime.block_on(after(storage(), &all, &order));
        assert_eq!(found, expected, "{all:#?} in the order {order:?}");
    }
}

#[test]
fn any_order_and_any_repetition_end_in_the_same_chart() {
    compare(150, || Arc::new(MemoryStorage::new()));
}

#[test]
fn so_they_do_on_sqlite() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let number = std::sync::atomic::AtomicU32::new(0);
    compare(8, || {
        let name = format!("{}.db", number.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        Arc::new(runtime.block_on(SqliteStorage::open(folder.path().join(name))).unwrap())
    });
}

#[tokio::test]
async fn a_final_result_is_not_replaced_by_a_preliminary_one_that_comes_late() {
    let clinic = Clinic::open(Arc::new(MemoryStorage::new())).await;
    let of = |minutes, stage, hour| Delivery {
        as_of: begin() + Duration::minutes(minutes),
        sent: vec![Sent::Staged { stage, hour }],
    };
    clinic.take(&of(0, Stage::Settled, 1)).await;
    let late = clinic.take(&of(1, Stage::Preliminary, 2)).await;
    assert_eq!((late.stored, late.superseded), (0, 1));
    // Sent again, it is there already.
    assert_eq!(clinic.take(&of(1, Stage::Preliminary, 2)).await.superseded, 1);
    let chart = clinic.chart().await;
    let settled = 10 * Stage::Settled as u8 + 1;
    let preliminary = format!("0: {}", 10 * Stage::Preliminary as u8 + 2);
    assert_eq!(chart, [("staged".to_owned(), 2, settled.to_string(), BTreeSet::from([preliminary]))]);
}
