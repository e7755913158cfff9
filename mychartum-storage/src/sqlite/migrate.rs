//! Migrations: ordered, embedded, and checked against what was applied before.

use mychartum_core::port::storage::{StorageError, StorageErrorKind};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use sha2::{Digest as _, Sha256};

use super::identity::{APPLICATION_ID, Identity};
use super::{failure, schema};

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Migration {
    name: &'static str,
    sql: &'static str,
}

/// All steps; the schema's version is how many were applied. Steps are added at the end and never edited.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration { name: "0001_initial", sql: include_str!("migrations/0001_initial.sql") },
    Migration { name: "0002_bucket", sql: include_str!("migrations/0002_bucket.sql") },
];

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    version INTEGER NOT NULL PRIMARY KEY,
    name    TEXT    NOT NULL,
    sha256  BLOB    NOT NULL CHECK (length(sha256) = 32)
) STRICT";

impl Migration {
    /// Carriage returns do not count: a checkout may add them to the embedded file.
    fn checksum(&self) -> [u8; 32] {
        let bytes: Vec<u8> = self.sql.bytes().filter(|byte| *byte != b'\r').collect();
        Sha256::digest(&bytes).into()
    }
}

/// Refuses a schema that is newer than these migrations; reads nothing more, changes nothing.
///
/// # Errors
/// `Schema`.
pub(super) fn refuse_newer(identity: Identity, migrations: &[Migration]) -> Result<(), StorageError> {
    let need = newest(migrations)?;
    match identity {
        Identity::Ours { schema } if schema > need => {
            Err(StorageError::new(StorageErrorKind::Schema { have: schema, need }, "open"))
        }
        _ => Ok(()),
    }
}

/// Refuses a schema whose applied migrations are not the known ones, or whose tables are not those that they make; reads only.
///
/// # Errors
/// `Corrupt`.
pub(super) fn refuse_unsound(
    connection: &Connection,
    identity: Identity,
    migrations: &[Migration],
) -> Result<(), StorageError> {
    match identity {
        Identity::Empty => Ok(()),
        Identity::Ours { schema: 0 } => {
            Err(StorageError::new(StorageErrorKind::Corrupt, "open (the schema is not whole)"))
        }
        Identity::Ours { schema } => {
            let applied = migrations.get(..schema as usize).unwrap_or(migrations);
            check_ledger(connection, applied)?;
            schema::refuse_half_finished(connection, applied)
        }
    }
}

/// Brings the schema up to date in one transaction, after checking the steps that were applied before.
///
/// # Errors
/// `Schema` for a newer schema, `Corrupt` when an applied step is not the one this program knows, `Busy`, `Full`.
pub(super) fn migrate(connection: &mut Connection, migrations: &[Migration]) -> Result<(), StorageError> {
    let fail = |error| failure::of(&error, "migrate");
    let need = newest(migrations)?;
    if Identity::read(connection)? == (Identity::Ours { schema: need }) {
        return check_ledger(connection, migrations);
    }
    // Another process may be doing the same: what counts is what is there once the write lock is held.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
    let identity = Identity::read(&transaction)?;
    refuse_newer(identity, migrations)?;
    let applied = match identity {
        Identity::Empty => 0,
        Identity::Ours { schema } => schema as usize,
    };
    transaction.execute_batch(LEDGER).map_err(fail)?;
    check_ledger(&transaction, migrations.get(..applied).unwrap_or(migrations))?;
    for (number, migration) in (1u32..).zip(migrations).skip(applied) {
        apply(&transaction, number, migration).map_err(fail)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(fail)?;
    transaction.pragma_update(None, "user_version", need).map_err(fail)?;
    transaction.commit().map_err(fail)
}

fn newest(migrations: &[Migration]) -> Result<u32, StorageError> {
    u32::try_from(migrations.len()).map_err(|_| StorageError::new(StorageErrorKind::Unsupported, "migrate"))
}

fn apply(transaction: &Transaction<'_>, number: u32, migration: &Migration) -> rusqlite::Result<()> {
    transaction.execute_batch(migration.sql)?;
    let record = "INSERT INTO schema_migration (version, name, sha256) VALUES (?1, ?2, ?3)";
    transaction.execute(record, (number, migration.name, migration.checksum())).map(drop)
}

/// Compares the steps that were applied with the ones given.
fn check_ledger(connection: &Connection, migrations: &[Migration]) -> Result<(), StorageError> {
    let fail = |error| failure::of(&error, "migrate");
    let unknown = StorageError::new(StorageErrorKind::Corrupt, "migrate (an applied migration is not the known one)");
    // Without its ledger a schema of ours is not whole.
    let there: bool = connection
        .query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'schema_migration')", [], |row| row.get(0))
        .map_err(fail)?;
    if !there {
        return Err(unknown);
    }
    let mut statement =
        connection.prepare("SELECT version, sha256 FROM schema_migration ORDER BY version").map_err(fail)?;
    let stored: Vec<(u32, [u8; 32])> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).and_then(Iterator::collect).map_err(fail)?;
    let known: Vec<(u32, [u8; 32])> = (1u32..).zip(migrations.iter().map(Migration::checksum)).collect();
    if stored == known { Ok(()) } else { Err(unknown) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Migration = Migration { name: "one", sql: "CREATE TABLE one (a INTEGER) STRICT;\n" };
    const TWO: Migration = Migration { name: "two", sql: "CREATE TABLE two (a INTEGER) STRICT;\n" };

    fn memory() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    fn tables(connection: &Connection) -> Vec<String> {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn steps_are_applied_once_and_in_order() {
        let mut connection = memory();
        migrate(&mut connection, &[ONE]).unwrap();
        migrate(&mut connection, &[ONE]).unwrap();
        assert_eq!(Identity::read(&connection).unwrap(), Identity::Ours { schema: 1 });
        migrate(&mut connection, &[ONE, TWO]).unwrap();
        assert_eq!(Identity::read(&connection).unwrap(), Identity::Ours { schema: 2 });
        assert_eq!(tables(&connection), ["one", "schema_migration", "two"]);
    }

    #[test]
    fn an_edited_step_is_refused_and_nothing_is_applied() {
        let mut connection = memory();
        migrate(&mut connection, &[ONE]).unwrap();
        let edited = Migration { sql: "CREATE TABLE one (b INTEGER) STRICT;\n", ..ONE };
        for migrations in [&[edited][..], &[edited, TWO][..]] {
            assert_eq!(migrate(&mut connection, migrations).unwrap_err().kind(), StorageErrorKind::Corrupt);
        }
        assert_eq!(tables(&connection), ["one", "schema_migration"]);
    }

    #[test]
    fn carriage_returns_of_a_checkout_do_not_count() {
        let checked_out = Migration { sql: "CREATE TABLE one (a INTEGER) STRICT;\r\n", ..ONE };
        assert_eq!(checked_out.checksum(), ONE.checksum());
    }

    #[test]
    fn a_failing_step_undoes_the_whole_migration() {
        let mut connection = memory();
        let broken =
            Migration { name: "broken", sql: "CREATE TABLE two (a INTEGER) STRICT; SELECT nothing FROM none;" };
        migrate(&mut connection, &[ONE, broken]).unwrap_err();
        assert_eq!(tables(&connection), Vec::<String>::new());
        assert_eq!(Identity::read(&connection).unwrap(), Identity::Empty);
    }

    #[test]
    fn a_newer_schema_is_named() {
        let mut connection = memory();
        migrate(&mut connection, &[ONE, TWO]).unwrap();
        let error = migrate(&mut connection, &[ONE]).unwrap_err();
        assert_eq!(error.kind(), StorageErrorKind::Schema { have: 2, need: 1 });
    }
}
