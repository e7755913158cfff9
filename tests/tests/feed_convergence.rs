//! What a laboratory sends, in any order and any number of times, ends in the same charts: those that the laboratory means.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

use mychartum_adapters::hl7v2::Introduce;
use mychartum_core::port::Storage;
use mychartum_storage::{MemoryStorage, SqliteStorage};
use mychartum_testkit::simulator::{Delivery, Lab, Size};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

mod laboratory;

use laboratory::{charts, portal, take};

/// The most messages of a laboratory that are told apart here; those behind it come in their order.
const MOST: usize = 96;

/// A laboratory, and how its messages arrive.
#[derive(Debug, Clone)]
struct Arrival {
    seed: u64,
    /// What each message is sorted by; and how often it comes again, at which places.
    places: Vec<(u16, Vec<u16>)>,
    /// Whether results wait until somebody registers their patient.
    introduce: Introduce,
}

fn arrivals() -> impl Strategy<Value = Arrival> {
    let again = prop_oneof![
        3 => Just(Vec::new()),
        2 => proptest::collection::vec(any::<u16>(), 1..3),
    ];
    let places = proptest::collection::vec((any::<u16>(), again), MOST);
    let introduce = prop_oneof![Just(Introduce::AnyMessage), Just(Introduce::OnlyAdt)];
    (any::<u32>(), places, introduce).prop_map(|(seed, places, introduce)| Arrival {
        seed: seed.into(),
        places,
        introduce,
    })
}

impl Arrival {
    fn of<'l>(&self, lab: &'l Lab) -> Vec<&'l Delivery> {
        let mut all: Vec<(u16, &Delivery)> = Vec::new();
        for (place, delivery) in lab.deliveries().iter().enumerate() {
            let (first, again) = self.places.get(place).cloned().unwrap_or((u16::MAX, Vec::new()));
            all.extend(core::iter::once(first).chain(again).map(|place| (place, delivery)));
        }
        all.sort_by_key(|(place, _)| *place);
        all.into_iter().map(|(_, delivery)| delivery).collect()
    }
}

/// Lets everything arrive, with a restart in the middle, and compares what the patients see with what the laboratory means.
async fn ends_in_the_truth(storage: Arc<dyn Storage>, arrival: &Arrival) -> Result<(), TestCaseError> {
    let lab = Lab::of(arrival.seed, Size { patients: 2, orders: 6 });
    let arriving = arrival.of(&lab);
    let (before, after) = arriving.split_at(arriving.len() / 2);
    for half in [before, after] {
        let portal = portal(Arc::clone(&storage)).await;
        for delivery in half {
            take(&portal, delivery, arrival.introduce).await;
        }
    }
    let portal = portal(storage).await;
    prop_assert_eq!(charts(&portal, &lab).await, lab.truth().charts().clone());
    Ok(())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn in_memory() {
    let runtime = runtime();
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let outcome = runner
        .run(&arrivals(), |arrival| runtime.block_on(ends_in_the_truth(Arc::new(MemoryStorage::new()), &arrival)));
    outcome.unwrap();
}

/// Arrivals of a fixed seed, for engines that are slower to set up.
fn some(count: usize) -> Vec<Arrival> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| arrivals().new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        for (number, arrival) in some(4).iter().enumerate() {
            let storage = SqliteStorage::open(folder.path().join(format!("{number}.db"))).await.unwrap();
            ends_in_the_truth(Arc::new(storage), arrival).await.unwrap();
        }
    });
}

#[cfg(unix)]
#[test]
fn in_postgres() {
    use mychartum_storage::PostgresStorage;
    use mychartum_testkit::postgres_server::PostgresServer;

    let Some(server) = PostgresServer::find_or_skip() else { return };
    runtime().block_on(async {
        for arrival in &some(3) {
            let database = server.fresh_database().unwrap();
            let storage = PostgresStorage::open(&database.url()).await.unwrap();
            ends_in_the_truth(Arc::new(storage), arrival).await.unwrap();
        }
    });
}
