//! Moving the write-ahead log into the file: at opening, and on the writer thread between groups of commits.

use std::thread;
use std::time::{Duration, Instant};

use mychartum_core::port::storage::{StorageError, StorageErrorKind};
use rusqlite::{Connection, ErrorCode};

use super::failure;

/// Pages in the log from which on an idle writer moves them.
const WHEN_IDLE: i64 = 1000;

/// Pages in the log from which on a busy writer moves them too, so that the log cannot grow without end.
const AT_LATEST: i64 = 4000;

/// Whether change sets are waiting for the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Queue {
    Empty,
    Waiting,
}

/// How often a checkpoint of another process is asked for again.
const PAUSE: Duration = Duration::from_millis(2);

/// Makes durable what is found in the log at opening.
///
/// INVARIANT (what is seen is durable): a process that was killed may have written a commit and not synced it. Such a
/// commit is found when the log is read back, but it may be in the memory of the system alone, and a power cut would
/// still lose it. It must not be acknowledged, when it is repeated, nor shown before it is on the disk. Moving the log
/// syncs it first.
///
/// Where other connections are at work, they did this when they were opened. If one of them moves the log right now, it
/// may be doing just this, so it is waited for.
///
/// # Errors
/// `Busy` when another process moves the log for longer than `patience`; `Unavailable`, `Corrupt`.
pub(super) fn at_open(connection: &Connection, patience: Duration) -> Result<(), StorageError> {
    let begun = Instant::now();
    loop {
        match connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(0)) {
            Ok(0) => return Ok(()),
            Ok(_) if begun.elapsed() >= patience => return Err(StorageError::new(StorageErrorKind::Busy, "open")),
            Ok(_) => thread::sleep(PAUSE),
            // The file cannot grow; the log was synced before that was tried, and everything can be read.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => return Ok(()),
            Err(error) => return Err(failure::of(&error, "open")),
        }
    }
}

/// Moves the log into the file if it is long enough; waits for nobody.
///
/// A failure is no reason to fail a commit, which is already durable in the log: it is tried again after the next
/// group, and a full or broken disk shows itself there.
pub(super) fn after_group(connection: &Connection, queue: Queue) {
    let limit = match queue {
        Queue::Empty => WHEN_IDLE,
        Queue::Waiting => AT_LATEST,
    };
    if pages_to_move(connection).is_ok_and(|pages| pages >= limit) {
        let _ = run(connection, "PRAGMA wal_checkpoint(PASSIVE)");
    }
}

fn pages_to_move(connection: &Connection) -> rusqlite::Result<i64> {
    run(connection, "PRAGMA wal_checkpoint(NOOP)")
}

/// Runs a checkpoint and tells how many pages of the log are left to move.
fn run(connection: &Connection, sql: &str) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached(sql)?;
    let (pages, moved): (i64, i64) = statement.query_row([], |row| Ok((row.get(1)?, row.get(2)?)))?;
    Ok(pages - moved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn with_a_log(path: &Path) -> Connection {
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        connection.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        connection.execute_batch("CREATE TABLE filler (body BLOB)").unwrap();
        connection
    }

    #[test]
    fn at_opening_the_log_is_moved_however_short_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let _first = with_a_log(&path);
        let second = Connection::open(&path).unwrap();
        assert!(pages_to_move(&second).unwrap() > 0);
        at_open(&second, Duration::ZERO).unwrap();
        assert_eq!(pages_to_move(&second).unwrap(), 0);
        at_open(&second, Duration::ZERO).unwrap();
    }

    #[test]
    fn at_opening_another_checkpoint_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let first = with_a_log(&path);
        let reader = Connection::open(&path).unwrap();
        reader.execute_batch("BEGIN").unwrap();
        let _: i64 = reader.query_row("SELECT count(*) FROM filler", [], |row| row.get(0)).unwrap();
        // It waits for the reader, and others wait for it.
        first.busy_timeout(Duration::from_secs(600)).unwrap();
        let other = thread::spawn(move || {
            let restart = || first.query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get(0));
            // It is busy at once when it meets the other checkpoint at its beginning.
            while restart() != Ok(0_i64) {}
        });
        let second = Connection::open(&path).unwrap();
        let busy = loop {
            if let Err(error) = at_open(&second, Duration::ZERO) {
                break error.kind();
            }
        };
        assert_eq!(busy, StorageErrorKind::Busy);
        reader.execute_batch("COMMIT").unwrap();
        at_open(&second, Duration::from_secs(600)).unwrap();
        other.join().unwrap();
    }

    #[test]
    fn the_log_is_moved_when_it_is_long_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let connection = with_a_log(&folder.path().join("log.db"));

        let before = pages_to_move(&connection).unwrap();
        assert!(before > 0);
        after_group(&connection, Queue::Empty);
        assert_eq!(pages_to_move(&connection).unwrap(), before);

        let bytes = 4096 * (WHEN_IDLE + 10);
        connection.execute("INSERT INTO filler VALUES (zeroblob(?1))", [bytes]).unwrap();
        let long = pages_to_move(&connection).unwrap();
        assert!((WHEN_IDLE..AT_LATEST).contains(&long));
        after_group(&connection, Queue::Waiting);
        assert_eq!(pages_to_move(&connection).unwrap(), long);
        after_group(&connection, Queue::Empty);
        assert_eq!(pages_to_move(&connection).unwrap(), 0);
    }
}
