//! Opening the file and setting up its connections.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;

use mychartum_core::port::storage::{StorageError, StorageErrorKind};
use rusqlite::{Connection, OpenFlags};

use super::identity::Identity;
use super::migrate::{MIGRATIONS, migrate, refuse_newer, refuse_unsound};
use super::options::SqliteOptions;
use super::{checkpoint, failure, statements};

/// The first SQLite without the WAL-reset bug, which could corrupt a file with two connections (fixed in 3.51.3).
const OLDEST_SQLITE: i32 = 3_051_003;

/// The log is cut back to this size when it starts over, so that a burst does not keep disk space for ever.
const LOG_LIMIT: i64 = 64 << 20;

/// Opens the connection that writes, creating the file and bringing the schema up to date.
///
/// # Errors
/// As [`SqliteStorage::open`](super::SqliteStorage::open).
pub(super) fn writer(path: &Path, options: &SqliteOptions) -> Result<Connection, StorageError> {
    refuse_old_sqlite(rusqlite::version_number())?;
    create_private(path)?;
    let mut connection = connect(path, options)?;
    let identity = Identity::read(&connection)?;
    refuse_newer(identity, MIGRATIONS)?;
    refuse_unsound(&connection, identity, MIGRATIONS)?;
    let fail = |error| failure::of(&error, "open");
    if identity == Identity::Empty {
        connection.pragma_update(None, "page_size", SqliteOptions::PAGE_SIZE).map_err(fail)?;
    }
    if !switch_to_log(&connection).map_err(fail)? {
        return Err(StorageError::new(StorageErrorKind::Unsupported, "open (no write-ahead log on this file system)"));
    }
    for (name, value) in [
        // Every commit is on the disk before it is acknowledged (promise 1).
        ("synchronous", 2),
        // The writer thread moves the log into the file between commits, never inside one.
        ("wal_autocheckpoint", 0),
        ("journal_size_limit", LOG_LIMIT),
    ] {
        set(&connection, name, value)?;
    }
    if let Some(pages) = options.max_pages {
        set(&connection, "max_page_count", i64::from(pages))?;
    }
    migrate(&mut connection, MIGRATIONS)?;
    checkpoint::at_open(&connection, options.busy_timeout)?;
    Ok(connection)
}

/// Has the file use a write-ahead log; `false` where it cannot.
///
/// SQLite gives the new mode as a row and commits the switch afterwards. If that fails, only the step after the row
/// says so, and the file would go on with a rollback journal, with which a commit is not safe before the folder is
/// synced.
fn switch_to_log(connection: &Connection) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare("PRAGMA journal_mode = WAL")?;
    let modes: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(modes == ["wal"])
}

/// Opens a connection that reads, after the writer has made the file what it should be.
///
/// # Errors
/// `Unavailable`, `Busy`.
pub(super) fn reader(path: &Path, options: &SqliteOptions) -> Result<Connection, StorageError> {
    let connection = connect(path, options)?;
    set(&connection, "query_only", 1)?;
    Ok(connection)
}

fn refuse_old_sqlite(version: i32) -> Result<(), StorageError> {
    if version < OLDEST_SQLITE {
        return Err(StorageError::new(StorageErrorKind::Unsupported, "open (SQLite before 3.51.3)").with_code(version));
    }
    Ok(())
}

/// Creates the file for its owner only, if it is not there. SQLite gives its log the same mode.
fn create_private(path: &Path) -> Result<(), StorageError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(file) => sync_with_folder(&file, path).map_err(|error| failure::of_io(&error, "open")),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failure::of_io(&error, "open")),
    }
}

/// The name of a new file is durable only when its folder is synced too.
fn sync_with_folder(file: &File, path: &Path) -> std::io::Result<()> {
    file.sync_all()?;
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// A connection with the settings that readers and the writer share.
fn connect(path: &Path, options: &SqliteOptions) -> Result<Connection, StorageError> {
    let fail = |error| failure::of(&error, "open");
    // Each connection is used by one thread at a time, so SQLite need not lock it.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(fail)?;
    connection.busy_timeout(options.busy_timeout).map_err(fail)?;
    connection.set_prepared_statement_cache_capacity(statements::COUNT);
    for (name, value) in [
        // Negative: KiB, not pages.
        ("cache_size", -i64::from(options.page_cache)),
        ("mmap_size", 0),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        // In memory: rows never lie in temporary files.
        ("temp_store", 2),
    ] {
        set(&connection, name, value)?;
    }
    Ok(connection)
}

/// Sets a pragma; some answer with a row, which is not needed.
fn set(connection: &Connection, name: &str, value: i64) -> Result<(), StorageError> {
    connection.pragma_update(None, name, value).map_err(|error| failure::of(&error, "open"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sqlite_with_the_log_bug_is_refused() {
        assert_eq!(refuse_old_sqlite(3_051_002).unwrap_err().kind(), StorageErrorKind::Unsupported);
        refuse_old_sqlite(3_051_003).unwrap();
        refuse_old_sqlite(rusqlite::version_number()).unwrap();
    }

    #[test]
    fn the_settings_hold_on_both_kinds_of_connection() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("portal.db");
        let options = SqliteOptions::DEFAULT.page_cache(512);
        let writer = writer(&path, &options).unwrap();
        let reader = reader(&path, &options).unwrap();
        let number = |connection: &Connection, name: &str| -> i64 {
            connection.pragma_query_value(None, name, |row| row.get(0)).unwrap()
        };
        for connection in [&writer, &reader] {
            assert_eq!(number(connection, "page_size"), 8192);
            assert_eq!(number(connection, "cache_size"), -512);
            assert_eq!(number(connection, "foreign_keys"), 1);
            assert_eq!(number(connection, "trusted_schema"), 0);
            assert_eq!(number(connection, "cell_size_check"), 1);
        }
        assert_eq!(number(&writer, "synchronous"), 2);
        assert_eq!(number(&writer, "wal_autocheckpoint"), 0);
        assert_eq!(number(&reader, "query_only"), 1);
        reader.execute("DELETE FROM head", []).unwrap_err();
    }
}
