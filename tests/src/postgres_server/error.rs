//! Why a test has no PostgreSQL server.

use std::io;

/// Why a server could not be found, started, stopped or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresServerError {
    /// Neither a server was named nor can one be started.
    #[error("no PostgreSQL: set MYCHARTUM_TEST_POSTGRES to a server's URL, or install initdb, postgres and pg_ctl")]
    NotFound,
    /// `MYCHARTUM_TEST_POSTGRES` is no URL of a server.
    #[error("MYCHARTUM_TEST_POSTGRES must be like postgres://user:password@host:port/database")]
    Address,
    /// What only a private server can do was asked of a named one: it belongs to someone else.
    #[error("only a private server can be stopped and started")]
    NotOurs,
    /// Tests run as root, the server must not, and no other user is known.
    #[error("tests that run as root need a user postgres or nobody in /etc/passwd")]
    NoUser,
    /// A program could not be started, or a file not be read.
    #[error("{what}: {source}")]
    Io {
        /// Which step failed.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A program of PostgreSQL failed.
    #[error("{program} failed: {output}")]
    Program {
        /// Which program.
        program: &'static str,
        /// What it printed.
        output: String,
    },
    /// Something that must end soon did not.
    #[error("{what} took too long")]
    TooLong {
        /// What was waited for.
        what: &'static str,
    },
}

/// Names the step that an error of the system belongs to.
pub(super) fn io(what: &'static str) -> impl Fn(io::Error) -> PostgresServerError {
    move |source| PostgresServerError::Io { what, source }
}
