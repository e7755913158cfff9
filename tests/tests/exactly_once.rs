//! Exactly once: senders, listeners and connections die at any step, the storage fails between any two, and in the end every message
//! that was acknowledged is there, nothing is there twice, and the charts show the truth.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mychartum_adapters::hl7v2::Introduce;
use mychartum_adapters::mllp::{ChartFeed, ServeSettings, Taken, serve};
use mychartum_core::port::storage::{Bucket, Collection, Scan};
use mychartum_core::port::{Entropy as _, Storage};
use mychartum_storage::MemoryStorage;
use mychartum_testkit::simulator::{Delivery, Failing, Lab, LineFaults, MllpSender, Size, UnsteadyStorage, Way};
use mychartum_testkit::{ManualClock, SeededEntropy};
use tokio::task::JoinHandle;

mod laboratory;

use laboratory::{charts, now, portal, settings, source, take};

/// How many kills there are at least; ten times as many where `MYCHARTUM_LONG` is set.
fn kills_wanted() -> u64 {
    if std::env::var_os("MYCHARTUM_LONG").is_some_and(|set| set == "1") { 5_000 } else { 500 }
}

/// How many rows there are of each kind, all partitions together: views, originals, history, quarantine, links. Not the audit trail,
/// which has an entry more for each delivery that was cut in two.
async fn rows(storage: &dyn Storage) -> BTreeMap<u16, usize> {
    const AUDIT: u16 = 3;
    let mut counts = BTreeMap::new();
    for bucket in Bucket::all() {
        for (partition, _) in storage.heads(bucket, None, 1_000).await.unwrap() {
            for number in (1..64).chain(0x100..0x120).filter(|number| *number != AUDIT) {
                let scan = Scan::new(partition, Collection::new(number), 10_000);
                let found = storage.scan(&scan).await.unwrap().len();
                if found > 0 {
                    *counts.entry(number).or_default() += found;
                }
            }
        }
    }
    counts
}

/// One run of a laboratory to its end, with everything that dies on the way.
struct Run {
    deliveries: Arc<Vec<Delivery>>,
    /// Whether results wait until somebody registers their patient.
    introduce: Introduce,
    memory: Arc<dyn Storage>,
    unsteady: Arc<UnsteadyStorage>,
    /// The door stays open while nobody stands behind it, so that senders wait and do not give up.
    door: std::net::TcpListener,
    /// What the sender knows after it was killed: how many of its messages are acknowledged.
    acknowledged: Arc<AtomicUsize>,
    /// How many of these were looked for in the storage.
    checked: usize,
    dice: SeededEntropy,
    kills: u64,
}

impl Run {
    fn below(&self, limit: u64) -> u64 {
        let mut bytes = [0; 8];
        self.dice.fill(&mut bytes).unwrap();
        u64::from_le_bytes(bytes) % limit
    }

    async fn listen(&self) -> JoinHandle<()> {
        let portal = portal(Arc::clone(&self.unsteady) as _).await;
        let clock = Arc::new(ManualClock::at(now()));
        let refused = Mutex::new(0);
        let told = move |taken: Taken| {
            if matches!(taken, Taken::Refused) {
                *refused.lock().unwrap() += 1;
            }
        };
        let feed = ChartFeed::new(Arc::new(portal), source(), settings(self.introduce), clock, told);
        let listener = tokio::net::TcpListener::from_std(self.door.try_clone().unwrap()).unwrap();
        tokio::spawn(async move {
            serve(listener, ServeSettings::default(), Arc::new(feed), core::future::pending()).await;
        })
    }

    fn send(&self) -> JoinHandle<()> {
        let port = self.door.local_addr().unwrap().port();
        let (deliveries, acknowledged) = (Arc::clone(&self.deliveries), Arc::clone(&self.acknowledged));
        let mut sender = MllpSender::to(port, 10_000, self.below(u64::MAX), LineFaults::CARELESS);
        tokio::spawn(async move {
            while let Some(delivery) = deliveries.get(acknowledged.load(Ordering::SeqCst)) {
                sender.send(delivery).await.unwrap();
                acknowledged.fetch_add(1, Ordering::SeqCst);
            }
        })
    }

    /// Every message that was acknowledged since the last look is there: it changes nothing when it comes again.
    ///
    /// Not where results wait for their patient: coming again would bring to the chart what still waits, and mend what the end of the
    /// run is to judge.
    async fn look(&mut self) {
        if self.introduce == Introduce::OnlyAdt {
            return;
        }
        let acknowledged = self.acknowledged.load(Ordering::SeqCst);
        let portal = portal(Arc::clone(&self.memory)).await;
        for delivery in &self.deliveries[self.checked..acknowledged] {
            let before = rows(&*self.memory).await;
            let report = take(&portal, delivery, self.introduce).await;
            assert_eq!(report.stored, 0, "{delivery:?} was acknowledged, and is not there");
            if !report.set_aside.is_empty() {
                assert_eq!(
                    rows(&*self.memory).await,
                    before,
                    "{delivery:?} was acknowledged, and is not in quarantine"
                );
            }
        }
        self.checked = acknowledged;
    }

    async fn go(&mut self) {
        let mut listener = self.listen().await;
        let mut sender = self.send();
        loop {
            // The storage fails once or twice on the way to the step at which somebody dies.
            for _ in 0..self.below(3) {
                let failing = if self.below(2) == 0 { Failing::Before } else { Failing::After };
                self.unsteady.fail_after(u32::try_from(self.below(12)).unwrap(), failing);
            }
            let held = if self.below(2) == 0 { Failing::HeldBefore } else { Failing::HeldAfter };
            self.unsteady.fail_after(u32::try_from(self.below(25)).unwrap(), held);
            tokio::select! {
                () = self.unsteady.held() => (),
                ended = &mut sender => {
                    ended.unwrap();
                    break;
                }
            }
            self.kills += 1;
            let dies = self.below(3);
            if dies != 0 {
                sender.abort();
                assert!((&mut sender).await.unwrap_err().is_cancelled());
            }
            if dies != 1 {
                listener.abort();
                assert!((&mut listener).await.unwrap_err().is_cancelled());
            }
            self.unsteady.calm();
            self.unsteady.release();
            if dies != 1 {
                self.look().await;
                listener = self.listen().await;
            }
            if dies != 0 {
                sender = self.send();
            }
        }
        self.unsteady.calm();
        listener.abort();
        assert!(listener.await.unwrap_err().is_cancelled());
        self.look().await;
    }
}

#[tokio::test]
async fn whoever_dies_and_whatever_fails_what_is_acknowledged_is_there_once() {
    let (mut kills, mut seed) = (0, 0);
    let (mut failures, mut aside) = (0, 0);
    while kills < kills_wanted() {
        seed += 1;
        let introduce = if seed % 2 == 0 { Introduce::OnlyAdt } else { Introduce::AnyMessage };
        let lab = Lab::of(seed, Size { patients: 3, orders: 40 });
        let deliveries: Vec<Delivery> = lab.on_the_way(&Way::careless(seed)).into_iter().cloned().collect();
        let memory: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
        let door = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        door.set_nonblocking(true).unwrap();
        let mut run = Run {
            deliveries: Arc::new(deliveries),
            introduce,
            unsteady: Arc::new(UnsteadyStorage::over(Arc::clone(&memory))),
            memory: Arc::clone(&memory),
            door,
            acknowledged: Arc::default(),
            checked: 0,
            dice: SeededEntropy::new(seed),
            kills: 0,
        };
        run.go().await;
        assert_eq!(run.acknowledged.load(Ordering::SeqCst), run.deliveries.len());
        kills += run.kills;
        failures += run.unsteady.failures() - run.kills;
        // The same, told once and in order to a portal that nothing happens to.
        let straight: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
        let undisturbed = portal(Arc::clone(&straight)).await;
        for delivery in lab.deliveries() {
            aside += take(&undisturbed, delivery, introduce).await.set_aside.len();
        }
        assert_eq!(
            rows(&*memory).await,
            rows(&*straight).await,
            "seed {seed}: nothing is there twice, and nothing is missing"
        );
        let shown = charts(&portal(Arc::clone(&memory)).await, &lab).await;
        assert_eq!(shown, *lab.truth().charts(), "seed {seed}");
    }
    assert!(failures > kills / 2, "the storage failed between kills: {failures}");
    assert!(aside > 0);
}
