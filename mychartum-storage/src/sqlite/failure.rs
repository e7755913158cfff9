//! SQLite's result codes as kinds of storage errors.

use mychartum_core::port::storage::{StorageError, StorageErrorKind as Kind};
use rusqlite::Error;
use rusqlite::ffi;

/// The storage error for an error of SQLite in an operation.
pub(super) fn of(error: &Error, operation: &'static str) -> StorageError {
    match error.sqlite_error() {
        Some(failure) => StorageError::new(kind(failure.extended_code), operation).with_code(failure.extended_code),
        None => StorageError::new(kind_of_value(error), operation),
    }
}

/// The storage error when `COMMIT` itself failed.
///
/// After a failed write or sync the pages of the transaction may still reach the disk and be found after a power cut.
/// Where there is no memory for the log's index, they are on the disk already. So the honest answer is that the outcome
/// is unknown, but for the errors after which the last page of the transaction was certainly not written.
pub(super) fn of_commit(error: &Error, operation: &'static str) -> StorageError {
    let failure = of(error, operation);
    match error.sqlite_error().map(|cause| primary(cause.extended_code)) {
        Some(
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED | ffi::SQLITE_FULL | ffi::SQLITE_READONLY | ffi::SQLITE_CONSTRAINT,
        ) => failure,
        _ => {
            let unknown = StorageError::new(Kind::OutcomeUnknown, operation);
            failure.code().map_or(unknown, |code| unknown.with_code(code))
        }
    }
}

/// The storage error for an error of the file system.
pub(super) fn of_io(error: &std::io::Error, operation: &'static str) -> StorageError {
    let kind = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Kind::Full,
        _ => Kind::Unavailable,
    };
    let failure = StorageError::new(kind, operation);
    error.raw_os_error().map_or(failure, |code| failure.with_code(code))
}

/// The low byte of a result code is its kind; the rest tells more.
const fn primary(code: i32) -> i32 {
    code & 0xff
}

fn kind(code: i32) -> Kind {
    match primary(code) {
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => Kind::Busy,
        ffi::SQLITE_PROTOCOL | ffi::SQLITE_INTERRUPT | ffi::SQLITE_SCHEMA => Kind::Retryable,
        ffi::SQLITE_FULL => Kind::Full,
        // A constraint can only fail when the tables disagree with what was just read from them.
        ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB | ffi::SQLITE_FORMAT | ffi::SQLITE_CONSTRAINT => Kind::Corrupt,
        ffi::SQLITE_TOOBIG => Kind::Invalid,
        _ => Kind::Unavailable,
    }
}

/// Errors that are not SQLite's own: a stored value has a type, length or range that is never written.
const fn kind_of_value(error: &Error) -> Kind {
    match error {
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..)
        | Error::QueryReturnedNoRows => Kind::Corrupt,
        _ => Kind::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: i32) -> Error {
        Error::SqliteFailure(ffi::Error::new(code), None)
    }

    #[test]
    fn codes_become_kinds_and_stay_readable() {
        let cases = [
            (ffi::SQLITE_BUSY_SNAPSHOT, Kind::Busy),
            (ffi::SQLITE_FULL, Kind::Full),
            (ffi::SQLITE_CORRUPT_INDEX, Kind::Corrupt),
            (ffi::SQLITE_NOTADB, Kind::Corrupt),
            (ffi::SQLITE_IOERR_READ, Kind::Unavailable),
            (ffi::SQLITE_CANTOPEN_ISDIR, Kind::Unavailable),
            (ffi::SQLITE_READONLY_DBMOVED, Kind::Unavailable),
            (ffi::SQLITE_CONSTRAINT_UNIQUE, Kind::Corrupt),
        ];
        for (code, kind) in cases {
            let error = of(&failure(code), "scan");
            assert_eq!((error.kind(), error.code()), (kind, Some(code)));
        }
    }

    #[test]
    fn a_failed_sync_at_commit_leaves_the_outcome_unknown() {
        assert_eq!(of_commit(&failure(ffi::SQLITE_IOERR_FSYNC), "commit").kind(), Kind::OutcomeUnknown);
        assert_eq!(of_commit(&failure(ffi::SQLITE_FULL), "turn").kind(), Kind::Full);
        assert_eq!(of(&failure(ffi::SQLITE_IOERR_FSYNC), "commit").kind(), Kind::Unavailable);
    }

    #[test]
    fn a_full_file_system_is_full() {
        let error = std::io::Error::from(std::io::ErrorKind::StorageFull);
        assert_eq!(of_io(&error, "open").kind(), Kind::Full);
        let error = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        assert_eq!(of_io(&error, "open").kind(), Kind::Unavailable);
    }
}
