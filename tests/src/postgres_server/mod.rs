//! A PostgreSQL server for tests: the one that was named, or one started privately from the machine's own binaries.
//!
//! ```no_run
//! use mychartum_testkit::postgres_server::PostgresServer;
//!
//! # fn main() -> Result<(), Box<dyn core::error::Error>> {
//! // Where there is no server, a line on standard error says so, and the test is over.
//! let Some(server) = PostgresServer::find_or_skip() else { return Ok(()) };
//! let database = server.fresh_database()?;
//! println!("an empty database of this test's own: {}", database.url());
//! # Ok(()) }
//! ```
//!
//! With `MYCHARTUM_TEST_POSTGRES=postgres://user:password@host:port/database` that server is used; the user must be allowed
//! to create databases. Without it `initdb` and `pg_ctl` are looked for in `PATH` and in the usual folders, and the newest
//! version is started in a temporary folder, on a free loopback port, with a password that nobody else knows. It is stopped
//! and its folder removed when the value is dropped and, however the test's process ends, when that process is gone.
//!
//! Where neither is found, tests are skipped, except under `CI=true`: there they fail.

mod address;
mod binaries;
mod cluster;
mod cut_proxy;
mod error;
mod framing;
mod fresh_database;
mod options;
mod processes;
mod psql;
mod secret;
mod server;

pub use cut_proxy::{Afterwards, Cut, CutProxy, Way};
pub use error::PostgresServerError;
pub use fresh_database::FreshDatabase;
pub use options::{Durability, PostgresOptions};
pub use server::PostgresServer;
