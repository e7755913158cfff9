//! The server that tests use.

use std::io::Write as _;
use std::path::Path;
use std::sync::OnceLock;

use super::address::Address;
use super::binaries::Binaries;
use super::cluster::Cluster;
use super::psql::Psql;
use super::{FreshDatabase, PostgresOptions, PostgresServerError};

/// Names the server that tests shall use.
const VARIABLE: &str = "MYCHARTUM_TEST_POSTGRES";

/// A PostgreSQL server: a named one, or a private one that ends with this value and with this process.
#[derive(Debug)]
pub struct PostgresServer {
    address: Address,
    psql: Psql,
    /// None where the server is not ours.
    cluster: Option<Cluster>,
}

impl PostgresServer {
    /// The server that all tests of this process share, started at the first call.
    ///
    /// Where there is none it says so on standard error and gives `None`: the test has nothing to do.
    ///
    /// # Panics
    /// When a server should be there but does not answer or start, and under `CI=true` when there is none.
    #[must_use = "without it the test has no server"]
    pub fn find_or_skip() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<PostgresServer>> = OnceLock::new();
        SHARED.get_or_init(|| Self::or_skip(Self::find())).as_ref()
    }

    /// A server by itself: the named one or else a private one that syncs what it commits.
    ///
    /// # Errors
    /// `NotFound` where there is neither, `Address` for a wrong URL, and what kept it from starting or answering.
    pub fn find() -> Result<Self, PostgresServerError> {
        let Some(url) = std::env::var_os(VARIABLE) else { return Self::options().start() };
        let address = Address::parse(url.to_str().ok_or(PostgresServerError::Address)?)?;
        let psql = Psql::new(Binaries::newest().map(|binaries| binaries.program("psql")).as_deref());
        psql.run(&address, "SELECT 1")?;
        Ok(Self { address, psql, cluster: None })
    }

    /// Settings for a private server: the only kind that can be stopped, killed and started again.
    pub const fn options() -> PostgresOptions {
        PostgresOptions::new()
    }

    pub(super) fn private(options: &PostgresOptions) -> Result<Self, PostgresServerError> {
        let binaries = Binaries::newest().ok_or(PostgresServerError::NotFound)?;
        let psql = Psql::new(Some(&binaries.program("psql")));
        let (cluster, address) = Cluster::start(binaries, options)?;
        Ok(Self { address, psql, cluster: Some(cluster) })
    }

    pub(super) fn or_skip(found: Result<Self, PostgresServerError>) -> Option<Self> {
        or_skip(found, std::env::var_os("CI").is_some_and(|value| value == "true"))
    }

    /// Creates an empty database of the caller's own. The caller's thread waits.
    ///
    /// # Errors
    /// `Program` with the server's message.
    pub fn fresh_database(&self) -> Result<FreshDatabase, PostgresServerError> {
        FreshDatabase::create(&self.address, &self.psql)
    }

    /// The URL of its first database, for whoever may do anything: `postgres://user:password@host:port/postgres`.
    #[must_use]
    pub fn url(&self) -> String {
        self.address.url()
    }

    /// Runs SQL with `psql` in the server's first database, and gives what it prints. The caller's thread waits.
    ///
    /// # Errors
    /// `Program` with the server's message.
    pub fn sql(&self, sql: &str) -> Result<String, PostgresServerError> {
        self.psql.run(&self.address, sql)
    }

    /// Ends a private server as an administrator in no hurry does: what is running may not finish, all is written.
    ///
    /// # Errors
    /// `NotOurs` for a named server; `Program` where it is not running.
    pub fn stop(&self) -> Result<(), PostgresServerError> {
        self.cluster()?.stop("fast")
    }

    /// Ends a private server at once, without writing anything more: the next start has to recover.
    ///
    /// # Errors
    /// `NotOurs` for a named server; `Program` where it is not running.
    pub fn stop_immediately(&self) -> Result<(), PostgresServerError> {
        self.cluster()?.stop("immediate")
    }

    /// Kills all processes of a private server with signal 9, and returns when they are gone. Needs Linux.
    ///
    /// # Errors
    /// `NotOurs` for a named server; `Io` where it is not running.
    pub fn kill(&self) -> Result<(), PostgresServerError> {
        self.cluster()?.kill()
    }

    /// Kills only the first process of a private server with signal 9; returns when the others have ended too. Needs Linux.
    ///
    /// # Errors
    /// `NotOurs` for a named server; `Io` where it is not running; `TooLong` where the others stay.
    pub fn kill_postmaster(&self) -> Result<(), PostgresServerError> {
        self.cluster()?.kill_first()
    }

    /// Starts a private server that was stopped or killed, on the same data and port; returns when it takes connections.
    ///
    /// # Errors
    /// `NotOurs` for a named server; `Program` with the end of the server's log.
    pub fn start_again(&self) -> Result<(), PostgresServerError> {
        self.cluster()?.start_again()
    }

    /// The folder of a private server: `data`, `log` and its Unix socket are in it.
    ///
    /// # Errors
    /// `NotOurs` for a named server.
    pub fn folder(&self) -> Result<&Path, PostgresServerError> {
        Ok(self.cluster()?.folder())
    }

    /// Where a program of a private server's own version is, such as `pg_dump`.
    ///
    /// # Errors
    /// `NotOurs` for a named server.
    pub fn program(&self, name: &str) -> Result<std::path::PathBuf, PostgresServerError> {
        Ok(self.cluster()?.program(name))
    }

    fn cluster(&self) -> Result<&Cluster, PostgresServerError> {
        self.cluster.as_ref().ok_or(PostgresServerError::NotOurs)
    }
}

/// What was found, or a line that says that the test is skipped.
fn or_skip<T>(found: Result<T, PostgresServerError>, is_ci: bool) -> Option<T> {
    let error = match found {
        Ok(server) => return Some(server),
        Err(error) => error,
    };
    let may_skip = matches!(error, PostgresServerError::NotFound) && !is_ci;
    assert!(may_skip, "no server for the test: {error}");
    // Written past the test's captured output, so that it is seen although the test passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED, NOT TESTED: {error}");
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_server_skips_the_test() {
        assert_eq!(or_skip::<()>(Err(PostgresServerError::NotFound), false), None);
        assert_eq!(or_skip(Ok(7), true), Some(7));
    }

    #[test]
    #[should_panic(expected = "no server for the test: no PostgreSQL")]
    fn a_missing_server_fails_the_test_in_ci() {
        or_skip::<()>(Err(PostgresServerError::NotFound), true);
    }

    #[test]
    #[should_panic(expected = "must be like")]
    fn a_server_that_should_be_there_fails_the_test_everywhere() {
        or_skip::<()>(Err(PostgresServerError::Address), false);
    }
}
