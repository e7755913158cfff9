//! Whether the tables that the migrations made are all there, and as they made them.

use mychartum_core::port::storage::{StorageError, StorageErrorKind};
use rusqlite::Connection;

use super::failure;
use super::migrate::{Migration, migrate};

/// An object of a schema: its kind, its name and the statement that made it.
type Object = (String, String, String);

/// Refuses a schema of which a table or an index is missing or is another one. It reads and changes nothing; what else stands
/// in the file does no harm.
///
/// # Errors
/// `Corrupt`.
pub(super) fn refuse_half_finished(connection: &Connection, migrations: &[Migration]) -> Result<(), StorageError> {
    let fail = |error| failure::of(&error, "open");
    let mut model = Connection::open_in_memory().map_err(fail)?;
    migrate(&mut model, migrations)?;
    let expected = objects(&model).map_err(fail)?;
    let found = objects(connection).map_err(fail)?;
    if expected.iter().all(|object| found.contains(object)) {
        Ok(())
    } else {
        Err(StorageError::new(StorageErrorKind::Corrupt, "open (the schema is not whole)"))
    }
}

/// Carriage returns do not count, as in the migrations.
fn objects(connection: &Connection) -> rusqlite::Result<Vec<Object>> {
    let sql = "SELECT type, name, replace(coalesce(sql, ''), char(13), '') FROM sqlite_schema";
    let mut statement = connection.prepare(sql)?;
    let objects = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    objects.collect()
}
