//! PostgreSQL keeps what it acknowledged when a client or the server is killed; with commits relaxed it is seen to lose.
//!
//! The long run, for the night: `MYCHARTUM_LONG=1 cargo test -p mychartum-testkit --test survival_postgres_kills`.
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
use std::io;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::{StorageError, StorageErrorKind};
use mychartum_storage::PostgresStorage;
use mychartum_testkit::postgres_server::{FreshDatabase, PostgresServer, PostgresServerError};
use mychartum_testkit::survival::{Kills, Processes, Subject, rounds, write_until_killed};
use tokio::sync::Mutex;

/// Tells the writers' process which database to open.
const URL: &str = "MYCHARTUM_TEST_URL";

/// Who dies in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    /// A client, and then the other one, if there are two.
    Clients,
    /// All processes of the server, at once.
    Server,
    /// The server's first process; the others notice.
    Postmaster,
    /// The server, told by its administrator to drop everything.
    Stopped,
}

struct Postgres {
    server: PostgresServer,
    database: FreshDatabase,
    victims: &'static [Victim],
    open: Mutex<Option<PostgresStorage>>,
    /// In how many rounds the clients went on with the server that was started again.
    found_back: AtomicU32,
    lost_their_way: AtomicU32,
}

impl Postgres {
    fn new(server: PostgresServer, victims: &'static [Victim]) -> Self {
        let database = server.fresh_database().unwrap();
        let [found_back, lost_their_way] = [0, 0].map(AtomicU32::new);
        Self { server, database, victims, open: Mutex::default(), found_back, lost_their_way }
    }

    fn victim(&self, round: u32) -> Victim {
        self.victims[round as usize % self.victims.len()]
    }
}

#[async_trait]
impl Subject for Postgres {
    async fn open(&self) -> Result<Arc<dyn Storage>, StorageError> {
        let storage = PostgresStorage::open(&self.database.url()).await?;
        Ok(Arc::new(self.open.lock().await.insert(storage).clone()))
    }

    async fn close(&self, _: Arc<dyn Storage>) {
        if let Some(storage) = self.open.lock().await.take() {
            storage.close().await;
        }
    }

    fn processes(&self, round: u32) -> Vec<Command> {
        let process = || {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args(["--exact", "the_writers_process", "--nocapture"]).env(URL, self.database.url());
            command
        };
        (0..if round % 3 == 2 { 2 } else { 1 }).map(|_| process()).collect()
    }

    fn strike(&self, round: u32, processes: &mut Processes) -> io::Result<()> {
        let end: fn(&PostgresServer) -> Result<(), PostgresServerError> = match self.victim(round) {
            Victim::Clients => {
                processes.kill_first();
                // Of two clients the other one meets what the dead one left: locks and open transactions.
                processes.hear(20);
                return Ok(());
            }
            Victim::Server => PostgresServer::kill,
            Victim::Postmaster => PostgresServer::kill_postmaster,
            Victim::Stopped => PostgresServer::stop_immediately,
        };
        end(&self.server).and_then(|()| self.server.start_again()).map_err(io::Error::other)?;
        let count = if processes.hear(40) == 40 { &self.found_back } else { &self.lost_their_way };
        count.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// Writes until it is killed, as the process that the other tests start.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_writers_process() {
    let open = || async {
        // A server that starts again is waited for, however slow the machine is; so would whoever starts a host again.
        let options = PostgresStorage::options(&std::env::var(URL).unwrap())?.patience(Duration::from_secs(300));
        for _ in 0..3000 {
            match options.clone().open().await {
                Err(error) if error.kind() == StorageErrorKind::Unavailable => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                answer => return Ok(Arc::new(answer?) as Arc<dyn Storage>),
            }
        }
        panic!("the server does not come back");
    };
    write_until_killed(open).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_client_loses_nothing_that_postgresql_acknowledged() {
    let Some(server) = PostgresServer::options().start_or_skip() else { return };
    let report = Kills::new(rounds(30, 250), 1).run(&Postgres::new(server, &[Victim::Clients])).await.unwrap();
    eprintln!("{report}");
    report.assert_sound();
    assert!(report.acknowledged > 10 * report.rounds as usize && report.refused > 0, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_loses_nothing_that_it_acknowledged() {
    let Some(server) = PostgresServer::options().to_be_killed().start_or_skip() else { return };
    let subject = Postgres::new(server, &[Victim::Server, Victim::Stopped, Victim::Postmaster]);
    let report = Kills::new(rounds(10, 150), 2).run(&subject).await.unwrap();
    eprintln!("{report}");
    report.assert_sound();
    assert!(report.acknowledged > 10 * report.rounds as usize, "{report}");
    let [found_back, lost] = [&subject.found_back, &subject.lost_their_way].map(|count| count.load(Ordering::SeqCst));
    assert_eq!((found_back, lost), (report.rounds, 0), "clients went on, and clients gave up");
}

/// The harness sees losses where there are some: here the server acknowledges what is only in its memory.
///
/// The storage asks for durable commits in each transaction, so that an administrator's settings cannot undo them; only a
/// trigger in its own tables can.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_acknowledges_too_early_is_found_out() {
    // The log goes to the disk by itself only now and then.
    let Some(server) = PostgresServer::options().to_be_killed().set("wal_writer_delay", "10s").start_or_skip() else {
        return;
    };
    let subject = Postgres::new(server, &[Victim::Server]);
    let storage = subject.open().await.unwrap();
    subject.close(storage).await;
    let relax = "CREATE FUNCTION relax() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN SET LOCAL synchronous_commit = off; RETURN NULL; END';
        CREATE TRIGGER relax AFTER INSERT OR UPDATE ON mychartum.head FOR EACH STATEMENT EXECUTE FUNCTION relax()";
    subject.database.sql(relax).unwrap();
    let report = Kills::new(20, 3).run(&subject).await.unwrap();
    eprintln!("{report}");
    assert!(report.verdict.lost() > 0, "{report}");
}
