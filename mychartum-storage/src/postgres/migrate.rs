//! Migrations: ordered, embedded, and checked against what was applied before.

use mychartum_core::port::storage::{StorageError, StorageErrorKind};
use sha2::{Digest as _, Sha256};

use super::failure;
use super::inventory::Inventory;
use super::names::Names;
use super::reading_sql::Statement;
use super::session::{Session, Transacting};

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Migration {
    name: &'static str,
    sql: &'static str,
}

/// All steps; the schema's version is how many were applied. Steps are added at the end and never edited, and a step leaves
/// the tables so that the version before still works on them: programs are replaced one after another.
pub(super) const MIGRATIONS: &[Migration] =
    &[Migration { name: "0001_initial", sql: include_str!("migrations/0001_initial.sql") }];

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS {schema_migration} (
    version integer NOT NULL PRIMARY KEY,
    name    text    NOT NULL,
    sha256  bytea   NOT NULL CHECK (octet_length(sha256) = 32)
)";

/// A lock that another program holds on a table is not waited for long: everybody else would wait behind it.
const LOCK_LIMIT: &str = "SET LOCAL lock_timeout = 3000";

/// The newest version that these migrations make.
pub(super) fn newest() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

impl Migration {
    /// Over the text with its braces, so that it does not depend on the host's names. Carriage returns do not count: a
    /// checkout may add them to the embedded file.
    fn checksum(&self) -> [u8; 32] {
        let bytes: Vec<u8> = self.sql.bytes().filter(|byte| *byte != b'\r').collect();
        Sha256::digest(&bytes).into()
    }
}

/// What a look at the schema found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaCheck {
    version: u32,
    missing: Vec<String>,
    sql: String,
}

impl SchemaCheck {
    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.version == newest() && self.missing.is_empty()
    }

    /// How many migrations were applied; 0 in an empty database.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The tables, columns and indexes that should be there at this version and are not, by name.
    ///
    /// Where this is not empty, a migration was undone by hand or stopped half-way; no SQL of ours repairs that.
    #[must_use]
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// The SQL that is still to be run; empty when the schema is current.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }
}

/// Looks and says; changes nothing.
///
/// # Errors
/// `Unsupported` for another program's tables, `Schema` for a newer schema, `Corrupt` for a migration that is not the known
/// one.
pub(super) async fn check(session: &Session, names: &Names) -> Result<SchemaCheck, StorageError> {
    let inventory = Inventory::take(session, names).await?;
    let version = version(&inventory, MIGRATIONS)?;
    let sql = if version < newest() { script(names, version) } else { String::new() };
    Ok(SchemaCheck { version, missing: inventory.missing(names, version), sql })
}

/// Brings the schema up to date in one transaction, if it is not and the options allow it.
///
/// # Errors
/// As [`check`]; also `Corrupt` for a schema that is half there, and `Schema` for an older one that may not be changed.
pub(super) async fn migrate(session: Session, names: &Names, may_change: bool) -> Result<(), StorageError> {
    let found = check(&session, names).await?;
    if !found.missing.is_empty() {
        return Err(StorageError::new(StorageErrorKind::Corrupt, "migrate (the schema is half-finished)"));
    }
    if found.is_current() {
        return Ok(());
    }
    if !may_change {
        return Err(StorageError::new(StorageErrorKind::Schema { have: found.version, need: newest() }, "open"));
    }
    let transacting = Transacting::new(session);
    let session = transacting.session().ok_or(StorageError::new(StorageErrorKind::Unavailable, "migrate"))?;
    change(session, names).await
}

async fn change(session: &Session, names: &Names) -> Result<(), StorageError> {
    let fail = |error| failure::of(&error, "migrate");
    session.run("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE").await.map_err(fail)?;
    session.run(&format!("SELECT pg_advisory_xact_lock({})", names.lock_key())).await.map_err(fail)?;
    session.run(LOCK_LIMIT).await.map_err(fail)?;
    // Another program may have done the same meanwhile: what counts is what is there once the lock is held.
    let inventory = Inventory::take(session, names).await?;
    let version = version(&inventory, MIGRATIONS)?;
    if !inventory.has_schema() {
        session.run(&names.fill("CREATE SCHEMA {schema}")).await.map_err(fail)?;
    }
    session.run(&steps(names, version)).await.map_err(fail)?;
    session.run("COMMIT").await.map_err(fail)?;
    // A transaction that failed also answers to COMMIT, and is undone.
    let inventory = Inventory::take(session, names).await?;
    if version_is(&inventory, newest()) {
        Ok(())
    } else {
        Err(StorageError::new(StorageErrorKind::Retryable, "migrate"))
    }
}

fn version_is(inventory: &Inventory, wanted: u32) -> bool {
    version(inventory, MIGRATIONS).is_ok_and(|version| version == wanted)
}

/// The SQL from a version on to the newest, as one transaction that an administrator runs.
pub(super) fn script(names: &Names, from: u32) -> String {
    let schema = if from == 0 { names.fill("CREATE SCHEMA IF NOT EXISTS {schema};\n\n") } else { String::new() };
    format!("BEGIN;\n\n{schema}{}COMMIT;\n", steps(names, from))
}

fn steps(names: &Names, from: u32) -> String {
    let mut sql = if from == 0 { format!("{};\n\n", names.fill(LEDGER)) } else { String::new() };
    for (number, migration) in (1u32..).zip(MIGRATIONS).skip(from as usize) {
        let checksum: String = migration.checksum().iter().map(|byte| format!("{byte:02x}")).collect();
        let record = format!(
            "INSERT INTO {{schema_migration}} (version, name, sha256)\n    VALUES ({number}, '{}', decode('{checksum}', 'hex'));\n\n",
            migration.name
        );
        sql.push_str(&names.fill(migration.sql));
        sql.push('\n');
        sql.push_str(&names.fill(&record));
    }
    sql
}

/// Which version of the schema is there, if it is ours and known.
fn version(inventory: &Inventory, migrations: &[Migration]) -> Result<u32, StorageError> {
    let need = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    let foreign = StorageError::new(StorageErrorKind::Unsupported, "open (another program's tables)");
    let Some(applied) = inventory.ledger() else {
        return if inventory.is_empty() { Ok(0) } else { Err(foreign) };
    };
    let have = u32::try_from(applied.len()).unwrap_or(u32::MAX);
    if have > need {
        return Err(StorageError::new(StorageErrorKind::Schema { have, need }, "open"));
    }
    let known = migrations.iter().map(Migration::checksum);
    if !(1..)
        .zip(known)
        .zip(applied)
        .all(|((number, checksum), (version, stored))| number == *version && checksum[..] == stored[..])
    {
        return Err(StorageError::new(
            StorageErrorKind::Corrupt,
            "migrate (an applied migration is not the known one)",
        ));
    }
    Ok(have)
}

/// The statement that reads the ledger.
pub(super) fn ledger_statement(names: &Names) -> Statement {
    Statement::new(names, "SELECT version, sha256 FROM {schema_migration} ORDER BY version", &[])
}
