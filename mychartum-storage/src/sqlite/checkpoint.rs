//! Moving the write-ahead log into the file, on the writer thread, between groups of commits.

use rusqlite::Connection;

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

/// Moves the log into the file if it is long enough; waits for nobody.
///
/// A failure is no reason to fail a commit, which is already durable in the log: it is tried again after the next group,
/// and a full or broken disk shows itself there.
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

    #[test]
    fn the_log_is_moved_when_it_is_long_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("log.db")).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        connection.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        connection.execute_batch("CREATE TABLE filler (body BLOB)").unwrap();

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
