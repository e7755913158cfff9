//! A database of one test's own.

use core::fmt;

use super::PostgresServerError;
use super::address::Address;
use super::psql::Psql;
use super::secret::secret;

/// A new, empty database: UTF-8, C locale. Dropping the value drops the database, with whoever is still connected.
pub struct FreshDatabase {
    server: Address,
    address: Address,
    name: String,
    psql: Psql,
}

impl FreshDatabase {
    pub(super) fn create(server: &Address, psql: &Psql) -> Result<Self, PostgresServerError> {
        let name = format!("mychartum_test_{}", secret()?);
        let create = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
        psql.run(server, &create)?;
        let address = server.database(&name);
        Ok(Self { server: server.clone(), address, name, psql: psql.clone() })
    }

    /// Where it is: `postgres://user:password@host:port/database`.
    #[must_use]
    pub fn url(&self) -> String {
        self.address.url()
    }

    /// The same, by way of another host and port: a proxy's.
    #[must_use]
    pub fn url_through(&self, host_and_port: &str) -> String {
        self.address.through(host_and_port).url()
    }

    /// Host and port of the server itself: where a proxy connects to.
    #[must_use]
    pub fn host_and_port(&self) -> &str {
        self.address.host()
    }

    /// Its name on the server.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs SQL with `psql` and gives what it prints: rows as lines, columns between `|`. The caller's thread waits.
    ///
    /// # Errors
    /// `Program` with the server's message.
    pub fn sql(&self, sql: &str) -> Result<String, PostgresServerError> {
        self.psql.run(&self.address, sql)
    }
}

impl fmt::Debug for FreshDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FreshDatabase").field(&self.address).finish()
    }
}

impl Drop for FreshDatabase {
    fn drop(&mut self) {
        // A server that a test has stopped is removed as a whole; there is nobody to tell about anything else.
        let _ = self.psql.run(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}
