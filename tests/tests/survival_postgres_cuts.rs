//! Connections to PostgreSQL cut at every message of a commit: what is acknowledged is there, what is refused is not, and
//! what is unknown is settled by the change set's id.
//!
//! The long run, for the night: `MYCHARTUM_LONG=1 cargo test -p mychartum-testkit --test survival_postgres_cuts`.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it has done"
)]

use core::time::Duration;

use mychartum_core::port::Storage as _;
use mychartum_core::port::storage::{Outcome, Receipt, StorageError, StorageErrorKind};
use mychartum_storage::PostgresStorage;
use mychartum_testkit::postgres_server::{Afterwards, Cut, CutProxy, FreshDatabase, PostgresServer, Way};
use mychartum_testkit::survival::{Event, Record, Step, Workload, judge, repeat, rounds};

/// A storage behind a proxy, and the same database beside it.
struct Walk {
    proxy: CutProxy,
    through: PostgresStorage,
    direct: PostgresStorage,
    workload: Workload,
    record: Record,
    steps: u64,
    _database: FreshDatabase,
}

/// What the storage answered when its connections were cut.
#[derive(Debug, Default)]
struct Answers {
    /// Commits during which a connection was cut.
    cut: u32,
    acknowledged: u32,
    refused: u32,
    unknown_and_there: u32,
    unknown_and_not: u32,
}

impl Walk {
    async fn new(server: &PostgresServer, patience: Duration) -> Self {
        let database = server.fresh_database().unwrap();
        let proxy = CutProxy::start(database.host_and_port()).unwrap();
        let direct = PostgresStorage::open(&database.url()).await.unwrap();
        let url = database.url_through(&proxy.host_and_port());
        let through = PostgresStorage::options(&url).unwrap().lanes(1).readers(1).patience(patience).open();
        let through = through.await.unwrap();
        let workload = Workload::new(5).writers(1);
        Self { proxy, through, direct, workload, record: Record::default(), steps: 0, _database: database }
    }

    /// Commits the next step through the proxy, with a cut under way if there is to be one.
    async fn step(&mut self, cut: Option<(Cut, Afterwards)>) -> (Step, Result<Receipt, StorageError>) {
        let head = self.direct.head(self.workload.partition(0)).await.unwrap();
        self.steps += 1;
        let (step, set) = self.workload.step(0, head, 1, self.steps);
        self.record.take(Event::Trying(step));
        if let Some((cut, afterwards)) = cut {
            self.proxy.cut(cut, afterwards);
        }
        (step, self.through.commit(&set).await)
    }

    /// Commits a step without a cut. A storage without patience tells of the dead connection that it finds first.
    async fn good_step(&mut self) {
        for _ in 0..3 {
            let (step, answer) = self.step(None).await;
            match answer {
                Ok(receipt) => {
                    assert_eq!(receipt, Receipt { revision: step.revision, outcome: Outcome::Applied });
                    return self.record.take(Event::Acknowledged(step));
                }
                Err(error) => {
                    assert_eq!(error.kind(), StorageErrorKind::Unavailable, "{error:?} for {step:?}");
                    self.record.take(Event::Refused(step));
                }
            }
        }
        panic!("no commit goes through although nothing is cut");
    }

    /// How many messages a commit on a connection at work is, each way.
    async fn messages(&mut self) -> (usize, usize) {
        // From the sixth step on each has the same rows.
        for _ in 0..8 {
            self.good_step().await;
        }
        let _ = self.proxy.messages();
        self.good_step().await;
        self.proxy.messages()
    }

    /// Cuts once at each place and settles what is then unknown.
    async fn cut_everywhere(&mut self, afterwards: Afterwards, bytes: &[usize]) -> Answers {
        let (to_server, to_client) = self.messages().await;
        assert!(to_server > 5 && to_client > 5, "{to_server} and {to_client} messages");
        let mut answers = Answers::default();
        for (way, count) in [(Way::ToServer, to_server), (Way::ToClient, to_client)] {
            for messages in 0..=count {
                for &bytes in bytes {
                    // A connection at work, whatever became of the last one.
                    self.good_step().await;
                    let (step, answer) = self.step(Some((Cut { way, messages, bytes }, afterwards))).await;
                    answers.cut += u32::from(self.proxy.was_cut());
                    self.proxy.heal();
                    self.settle(step, answer, &mut answers).await;
                }
            }
        }
        judge(&self.direct, self.workload, &self.record).await.assert_sound();
        answers
    }

    async fn settle(&mut self, step: Step, answer: Result<Receipt, StorageError>, answers: &mut Answers) {
        match answer {
            Ok(receipt) => {
                assert_eq!(receipt, Receipt { revision: step.revision, outcome: Outcome::Applied });
                self.record.take(Event::Acknowledged(step));
                answers.acknowledged += 1;
            }
            Err(error) if error.kind() == StorageErrorKind::OutcomeUnknown => {
                let before = self.direct.head(self.workload.partition(0)).await.unwrap().revision;
                repeat(&self.through, self.workload, &mut self.record).await.assert_sound();
                assert_eq!(self.record.unknown(), []);
                if before == step.revision {
                    answers.unknown_and_there += 1;
                } else {
                    answers.unknown_and_not += 1;
                }
            }
            Err(error) => {
                assert!(
                    matches!(error.kind(), StorageErrorKind::Unavailable | StorageErrorKind::Busy),
                    "{error:?} for {step:?}"
                );
                self.record.take(Event::Refused(step));
                answers.refused += 1;
            }
        }
    }
}

/// After how many bytes of a message to cut: at its beginning, in its header, and in its body; at night nearly everywhere.
fn bytes() -> Vec<usize> {
    if rounds(0, 1) == 0 { vec![0, 3, 7] } else { (0..40).collect() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storage_without_patience_refuses_only_what_is_not_there() {
    let Some(server) = PostgresServer::find_or_skip() else { return };
    let mut walk = Walk::new(server, Duration::ZERO).await;
    let answers = walk.cut_everywhere(Afterwards::Open, &bytes()).await;
    eprintln!("{answers:?}");
    // What was cut off is tried once more on a new connection, which is open: so hardly anything is refused or stays unknown.
    assert!(answers.cut > 30 && answers.acknowledged > 0, "{answers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_that_lasts_is_told_and_settled_later() {
    let Some(server) = PostgresServer::find_or_skip() else { return };
    let mut walk = Walk::new(server, Duration::from_millis(20)).await;
    let answers = walk.cut_everywhere(Afterwards::Down, &bytes()).await;
    eprintln!("{answers:?}");
    assert!(answers.cut > 20 && answers.unknown_and_there > 0, "{answers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_that_passes_is_made_good_by_the_storage_itself() {
    let Some(server) = PostgresServer::find_or_skip() else { return };
    let mut walk = Walk::new(server, Duration::from_secs(60)).await;
    let answers = walk.cut_everywhere(Afterwards::Open, &bytes()).await;
    eprintln!("{answers:?}");
    assert!(answers.cut > 30, "{answers:?}");
    assert_eq!((answers.refused, answers.unknown_and_there, answers.unknown_and_not), (0, 0, 0), "{answers:?}");
}
