//! Settings of the PostgreSQL storage.

use core::time::Duration;

use mychartum_core::port::storage::StorageError;

use super::address::{Address, Path};
use super::migrate::{self, SchemaCheck};
use super::names::Names;
use super::postgres_storage::PostgresStorage;
use super::tls::PostgresTls;
use super::{connect, distribute};

/// How statements are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementMode {
    /// Prepared once a connection and then called by name: the fastest. Each connection must be a session of its own.
    Named,
    /// Sent with each call: for a pooler that gives a connection to another client after each transaction, such as PgBouncer
    /// in transaction mode.
    Unnamed,
}

/// How a PostgreSQL storage is opened; [`PostgresStorage::options`] gives the defaults.
///
/// Whatever `synchronous_commit` is set to, every commit is on the server's disk before it is acknowledged.
#[derive(Debug, Clone)]
#[must_use]
pub struct PostgresOptions {
    pub(super) address: Address,
    pub(super) path: Path,
    pub(super) schema: String,
    pub(super) prefix: String,
    pub(super) readers: usize,
    pub(super) lanes: usize,
    pub(super) group: usize,
    pub(super) statements: StatementMode,
    pub(super) one_bucket: bool,
    pub(super) migrates: bool,
    pub(super) syncs: bool,
    pub(super) connect_timeout: Duration,
    pub(super) acquire_timeout: Duration,
    pub(super) statement_timeout: Duration,
    pub(super) busy_timeout: Duration,
    pub(super) patience: Duration,
}

impl PostgresOptions {
    pub(super) fn new(address: Address) -> Self {
        Self {
            address,
            path: Path::Local,
            schema: "mychartum".to_owned(),
            prefix: String::new(),
            readers: 8,
            lanes: 4,
            group: 64,
            statements: StatementMode::Named,
            one_bucket: false,
            migrates: true,
            syncs: true,
            connect_timeout: Duration::from_secs(5),
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            busy_timeout: Duration::from_secs(2),
            patience: Duration::from_secs(3),
        }
    }

    /// The password, where the URL has none.
    pub fn password(mut self, password: &str) -> Self {
        self.address.password(password);
        self
    }

    /// Speaks TLS with the server, always, and refuses a server that does not prove its name.
    ///
    /// Without it only a server on the same machine (a socket in a folder, `localhost`, a loopback address) is talked to.
    pub fn tls(mut self, tls: PostgresTls) -> Self {
        self.path = Path::Tls(tls);
        self
    }

    /// Talks to a server on another machine without TLS.
    ///
    /// Whoever is on the way can read and change everything: names of tables, tags, times and sealed bodies, and with an
    /// MD5 or plain password the password too. Only for a network that is encrypted below, such as a VPN or a mesh.
    pub fn without_tls_everyone_on_the_way_can_read_and_change_all(mut self) -> Self {
        self.path = Path::Plain;
        self
    }

    /// The schema that holds our tables; `mychartum` unless told. It is made if it is not there.
    pub fn schema(mut self, name: &str) -> Self {
        name.clone_into(&mut self.schema);
        self
    }

    /// What the names of our tables and indexes begin with; nothing unless told.
    pub fn prefix(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.prefix);
        self
    }

    /// How many connections read at the same time; 8 unless told, at least 1.
    pub const fn readers(mut self, count: usize) -> Self {
        self.readers = if count == 0 { 1 } else { count };
        self
    }

    /// How many connections write at the same time; 4 unless told, at least 1.
    pub const fn lanes(mut self, count: usize) -> Self {
        self.lanes = if count == 0 { 1 } else { count };
        self
    }

    /// The most change sets that share one transaction; 64 unless told, at least 1.
    pub const fn group(mut self, sets: usize) -> Self {
        self.group = if sets == 0 { 1 } else { sets };
        self
    }

    /// How statements are sent; [`StatementMode::Named`] unless told.
    pub const fn statements(mut self, mode: StatementMode) -> Self {
        self.statements = mode;
        self
    }

    /// Lets a transaction hold change sets of one bucket only, with statements that each name one bucket.
    ///
    /// For engines that spread tables by bucket over several machines: nothing then needs two of them at once. Done without
    /// being told where the server has the extension `citus`.
    pub const fn one_bucket_a_transaction(mut self) -> Self {
        self.one_bucket = true;
        self
    }

    /// Never changes the schema: opening refuses one that is not up to date. For roles that may only read and write rows;
    /// [`migration_sql`](Self::migration_sql) is what an administrator runs.
    pub const fn without_migrating(mut self) -> Self {
        self.migrates = false;
        self
    }

    /// Takes a server that runs with `fsync` off, which is otherwise refused.
    ///
    /// What such a server acknowledged is gone, and its tables may be beyond repair, when its machine stops: for tests only.
    pub const fn on_a_server_that_never_syncs_all_can_be_lost(mut self) -> Self {
        self.syncs = false;
        self
    }

    /// How long making a connection may take; 5 seconds unless told.
    pub const fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// How long a call waits for a free connection, or for a place in the queue of change sets, before it is `Busy`;
    /// 5 seconds unless told.
    pub const fn acquire_timeout(mut self, limit: Duration) -> Self {
        self.acquire_timeout = limit;
        self
    }

    /// How long a question, or one of the two round trips of a commit, may take; 30 seconds unless told.
    ///
    /// A commit whose time is up after it was sent is asked about on a new connection.
    pub const fn statement_timeout(mut self, limit: Duration) -> Self {
        self.statement_timeout = limit;
        self
    }

    /// How long one try of a commit waits for another program that holds the same partition; 2 seconds unless told. The change
    /// sets of its group wait along.
    pub const fn busy_timeout(mut self, limit: Duration) -> Self {
        self.busy_timeout = limit;
        self
    }

    /// How long lost connections, deadlocks and a server that starts again are made good before the caller is told; 3 seconds
    /// unless told.
    pub const fn patience(mut self, limit: Duration) -> Self {
        self.patience = limit;
        self
    }

    /// Opens the storage, inside a tokio runtime on which its connections then live.
    ///
    /// # Errors
    /// As [`PostgresStorage::open`].
    pub async fn open(self) -> Result<PostgresStorage, StorageError> {
        PostgresStorage::open_with(self).await
    }

    /// Looks at the schema and changes nothing, also where opening would.
    ///
    /// # Errors
    /// As [`PostgresStorage::open`], but for a schema that is not there or not complete: that is what the answer says.
    pub async fn check(&self) -> Result<SchemaCheck, StorageError> {
        let names = self.names()?;
        let pool = connect::pool(self, 1)?;
        let checked = async {
            let session = connect::first(&pool).await?;
            connect::facts(&session).await?.refuse_unfit(self.syncs)?;
            migrate::check(&session, &names).await
        };
        let checked = checked.await;
        pool.close();
        checked
    }

    /// All SQL that makes the schema in an empty database, for administrators who run it themselves.
    ///
    /// # Errors
    /// `Invalid` for a schema or prefix that is no plain name.
    pub fn migration_sql(&self) -> Result<String, StorageError> {
        Ok(migrate::script(&self.names()?, 0))
    }

    /// The SQL that spreads the tables over the workers of a Citus cluster, to be run once after the schema is there.
    ///
    /// # Errors
    /// `Invalid` for a schema or prefix that is no plain name.
    pub fn distribution_sql(&self) -> Result<String, StorageError> {
        Ok(distribute::script(&self.names()?))
    }

    pub(super) fn names(&self) -> Result<Names, StorageError> {
        Names::new(&self.schema, &self.prefix)
    }
}
