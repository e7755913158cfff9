//! One SQL text, run by `psql`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::PostgresServerError;
use super::address::Address;
use super::error::io;

/// The client program that a server is asked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Psql(PathBuf);

impl Psql {
    /// The one beside the server's programs, or whichever `PATH` has.
    pub(super) fn new(beside: Option<&Path>) -> Self {
        let beside = beside.filter(|path| path.is_file());
        Self(beside.map_or_else(|| PathBuf::from("psql"), Path::to_owned))
    }

    /// Runs SQL, statement by statement, and gives what it prints: rows as lines, columns between `|`.
    pub(super) fn run(&self, address: &Address, sql: &str) -> Result<String, PostgresServerError> {
        let mut command = Command::new(&self.0);
        command.args(["-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-d"]).arg(address.url_without_password());
        command.args(["-c", sql]).stdin(Stdio::null()).env("PGCONNECT_TIMEOUT", "60");
        if let Some(password) = address.password() {
            command.env("PGPASSWORD", password);
        }
        let output = command.output().map_err(io("start psql"))?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
        } else {
            let output = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
            Err(PostgresServerError::Program { program: "psql", output })
        }
    }
}
