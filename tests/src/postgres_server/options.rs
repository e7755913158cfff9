//! How a private server is set up.

use super::{PostgresServer, PostgresServerError};

/// Whether what a server acknowledged must survive a crash of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// As PostgreSQL comes: every commit is synced. For all tests about durability.
    #[default]
    On,
    /// Nothing is ever synced, and commits do not wait for the log. Faster, for tests about something else.
    Off,
}

/// Settings of a private server; made by [`PostgresServer::options`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct PostgresOptions {
    pub(super) durability: Durability,
    /// Lines of `postgresql.conf`, later ones win.
    pub(super) settings: Vec<(String, String)>,
}

impl PostgresOptions {
    pub(super) const fn new() -> Self {
        Self { durability: Durability::On, settings: Vec::new() }
    }

    /// Whether to sync.
    pub const fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Any setting by the name that `postgresql.conf` has for it. The value is quoted here.
    pub fn set(mut self, name: &str, value: impl ToString) -> Self {
        self.settings.push((name.to_owned(), value.to_string()));
        self
    }

    /// For a server that is killed again and again: its recovery syncs the file system at once and not file by file.
    ///
    /// Needs PostgreSQL 14, and changes nothing elsewhere than on Linux.
    pub fn to_be_killed(self) -> Self {
        if cfg!(target_os = "linux") { self.set("recovery_init_sync_method", "syncfs") } else { self }
    }

    /// Starts a private server, also where another one is named.
    ///
    /// # Errors
    /// `NotFound` where the machine has no binaries, and what kept the server from starting.
    pub fn start(self) -> Result<PostgresServer, PostgresServerError> {
        PostgresServer::private(&self)
    }

    /// Starts a private server; where there are no binaries, says so on standard error and gives `None`.
    ///
    /// # Panics
    /// When binaries are there but the server does not start, and under `CI=true` when there are none.
    #[must_use = "without it the test has no server"]
    pub fn start_or_skip(self) -> Option<PostgresServer> {
        PostgresServer::or_skip(self.start())
    }

    /// The lines of `postgresql.conf`.
    pub(super) fn lines(&self) -> String {
        let relaxed = [("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off")];
        let relaxed = relaxed.into_iter().filter(|_| self.durability == Durability::Off);
        let asked = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        relaxed.chain(asked).map(|(name, value)| format!("{name} = '{}'\n", value.replace('\'', "''"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_become_lines() {
        let options = PostgresOptions::new().set("max_connections", 7).set("application_name", "o'clock");
        assert_eq!(options.lines(), "max_connections = '7'\napplication_name = 'o''clock'\n");
        assert!(options.durability(Durability::Off).lines().starts_with("fsync = 'off'\n"));
    }
}
