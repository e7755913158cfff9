//! The PostgreSQL server for tests keeps what it promises: apart, closed to neighbours, restartable, gone afterwards.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and the other process reports by printing"
)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use mychartum_testkit::postgres_server::{Durability, PostgresServer, PostgresServerError};

/// One way for a server to end.
type End = fn(&PostgresServer) -> Result<(), PostgresServerError>;

/// Makes `the_other_process` do something.
const OTHER: &str = "MYCHARTUM_TEST_OTHER_PROCESS";

#[test]
fn databases_are_apart_and_gone_afterwards() {
    let Some(server) = PostgresServer::find_or_skip() else { return };
    let (one, two) = (server.fresh_database().unwrap(), server.fresh_database().unwrap());
    one.sql("CREATE TABLE only_here (a int); INSERT INTO only_here VALUES (1), (2)").unwrap();
    assert_eq!(one.sql("SELECT a, a + 1 FROM only_here ORDER BY a").unwrap(), "1|2\n2|3");
    assert!(matches!(two.sql("SELECT a FROM only_here"), Err(PostgresServerError::Program { .. })));
    let set_up = "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = current_database()";
    assert_eq!(two.sql(set_up).unwrap(), "UTF8|C|C");
    let name = one.name().to_owned();
    let count = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    assert_eq!(server.sql(&count).unwrap(), "1");
    drop(one);
    assert_eq!(server.sql(&count).unwrap(), "0");
}

#[test]
fn a_neighbour_without_the_password_stays_outside() {
    let Some(server) = PostgresServer::options().durability(Durability::Off).start_or_skip() else { return };
    let url = server.url();
    let (_, host) = url.rsplit_once('@').unwrap();
    for password in [None, Some("wrong")] {
        let mut psql = Command::new(server.program("psql").unwrap());
        psql.args(["-X", "-w", "-d", &format!("postgres://mychartum@{host}"), "-c", "SELECT 1"]);
        psql.env_remove("PGPASSWORD").envs(password.map(|password| ("PGPASSWORD", password)));
        assert!(!psql.output().unwrap().status.success());
    }
}

#[test]
fn settings_reach_the_server() {
    let options = PostgresServer::options().durability(Durability::Off).set("max_connections", 23);
    let Some(server) = options.start_or_skip() else { return };
    assert_eq!(server.sql("SHOW fsync").unwrap(), "off");
    assert_eq!(server.sql("SHOW max_connections").unwrap(), "23");
}

#[test]
fn a_stopped_or_killed_server_starts_again_with_what_it_had() {
    let Some(server) = PostgresServer::options().start_or_skip() else { return };
    assert_eq!(server.sql("SHOW fsync").unwrap(), "on");
    let database = server.fresh_database().unwrap();
    database.sql("CREATE TABLE kept (a int)").unwrap();
    let ends: [End; 4] =
        [PostgresServer::stop, PostgresServer::stop_immediately, PostgresServer::kill, PostgresServer::kill_postmaster];
    for (round, end) in ends.iter().enumerate() {
        database.sql(&format!("INSERT INTO kept VALUES ({round})")).unwrap();
        end(&server).unwrap();
        assert!(database.sql("SELECT 1").is_err());
        server.start_again().unwrap();
        assert_eq!(database.sql("SELECT count(*) FROM kept").unwrap(), (round + 1).to_string());
    }
}

#[test]
fn a_dropped_server_leaves_nothing() {
    let Some(server) = PostgresServer::options().durability(Durability::Off).start_or_skip() else { return };
    let folder = server.folder().unwrap().to_owned();
    assert!(folder.join("data").join("postmaster.pid").exists());
    drop(server);
    assert!(!folder.exists());
}

#[test]
fn a_killed_test_leaves_no_server_behind() {
    if PostgresServer::find_or_skip().is_none() {
        return;
    }
    let mut other = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_other_process", "--nocapture"])
        .env(OTHER, "yes")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(other.stdout.take().unwrap()).lines().map(Result::unwrap);
    let folder = lines.find_map(|line| line.strip_prefix("folder ").map(PathBuf::from)).unwrap();
    let mut watched = Command::new("sh")
        .args(["-c", "while [ -e \"$1\" ]; do sleep 0.05; done", "watch"])
        .arg(&folder)
        .spawn()
        .unwrap();
    assert!(folder.exists());
    other.kill().unwrap();
    other.wait().unwrap();
    // Ends when the folder is gone; a server that stays makes the test hang, and be killed by whoever runs it.
    assert!(watched.wait().unwrap().success());
}

#[test]
fn the_other_process() {
    // Only as a process of its own, which `a_killed_test_leaves_no_server_behind` starts, it has something to do.
    if std::env::var_os(OTHER).is_none() {
        return;
    }
    let server = PostgresServer::options().durability(Durability::Off).start().unwrap();
    println!("\nfolder {}", server.folder().unwrap().display());
    // Until it is killed: nobody writes to this pipe.
    let _ = std::io::stdin().read(&mut [0]);
}
