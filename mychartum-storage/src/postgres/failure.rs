//! PostgreSQL's SQLSTATEs as kinds of storage errors. No message of the server is passed on: it could hold a value.

use deadpool_postgres::{PoolError, TimeoutType};
use mychartum_core::port::storage::{StorageError, StorageErrorKind as Kind};
use tokio_postgres::Error;
use tokio_postgres::error::Severity;

use super::columns::Damaged;

/// What can be done about an error of the server or the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// The transaction lost a race; the same one may succeed at once.
    Again,
    /// The connection is gone or of no use; the same may succeed on another one.
    Reconnect,
    /// Doing the same again does not help.
    None,
}

/// The storage error for an error in an operation.
pub(super) fn of(error: &Error, operation: &'static str) -> StorageError {
    match error.code() {
        Some(state) => of_state(state.code(), operation),
        // A value that cannot be read as its column's type: the tables are not ours any more.
        None if is_of_a_value(error) => Damaged::in_operation(operation),
        None => StorageError::new(Kind::Unavailable, operation),
    }
}

/// The storage error for a SQLSTATE.
pub(super) fn of_state(state: &str, operation: &'static str) -> StorageError {
    let failure = StorageError::new(kind(state), operation);
    encode(state).map_or(failure, |code| failure.with_code(code))
}

/// The storage error when no connection could be had.
pub(super) fn of_pool(error: &PoolError, operation: &'static str) -> StorageError {
    match error {
        PoolError::Backend(error) => of(error, operation),
        PoolError::Timeout(TimeoutType::Wait) => StorageError::new(Kind::Busy, operation),
        _ => StorageError::new(Kind::Unavailable, operation),
    }
}

/// What can be done about an error.
pub(super) fn remedy(error: &Error) -> Remedy {
    match error.code() {
        Some(state) => remedy_of_state(state.code()),
        None if is_of_a_value(error) => Remedy::None,
        None => Remedy::Reconnect,
    }
}

/// Whether a key was there already: where a partition is made, another program was first.
pub(super) fn is_taken(error: &Error) -> bool {
    error.code().is_some_and(|state| state.code() == "23505")
}

/// What can be done when no connection could be had.
pub(super) fn remedy_of_pool(error: &PoolError) -> Remedy {
    match error {
        // A server that starts, or that is gone for a moment; a wrong password stays wrong.
        PoolError::Backend(error) if error.code().is_some() => remedy(error),
        PoolError::Backend(_) | PoolError::Timeout(_) => Remedy::Reconnect,
        _ => Remedy::None,
    }
}

/// Whether the server said that it ended the connection with this error, so that it may have done more than it said.
pub(super) fn ends_the_connection(error: &Error) -> bool {
    match error.as_db_error().and_then(|error| error.parsed_severity()) {
        Some(Severity::Fatal | Severity::Panic) => true,
        Some(_) => false,
        None => error.as_db_error().is_none(),
    }
}

/// Errors that come from reading or writing a value on our side of the connection.
fn is_of_a_value(error: &Error) -> bool {
    use std::error::Error as _;
    let wrong_type = error.source().is_some_and(|source| source.is::<tokio_postgres::types::WrongType>());
    wrong_type || error.source().is_some_and(|source| source.is::<tokio_postgres::types::WasNull>())
}

fn remedy_of_state(state: &str) -> Remedy {
    match state {
        // Serialization failure, deadlock, a lock that was not to be had.
        "40001" | "40P01" | "55P03" => Remedy::Again,
        // Shutdown, crash, start-up, an idle limit, and plans or statements that another connection does not have.
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "0A000" | "26000" => Remedy::Reconnect,
        _ if state.starts_with("08") => Remedy::Reconnect,
        _ => Remedy::None,
    }
}

fn kind(state: &str) -> Kind {
    match state {
        "40001" | "40P01" | "55P03" | "55006" | "57014" | "53300" => Kind::Busy,
        "25P03" | "57P05" => Kind::Retryable,
        "53100" => Kind::Full,
        // Data or index corrupted, a file of a table gone, a table or column gone.
        "XX001" | "XX002" | "58P01" | "42P01" | "42703" => Kind::Corrupt,
        // Features, and prepared statements that a pooler between us and the server does not keep.
        "0A000" | "26000" | "42P05" => Kind::Unsupported,
        // A statement over the server's limits of size.
        "54000" | "54001" | "54011" | "54023" => Kind::Invalid,
        // A constraint or a value can only fail when the tables disagree with what was just read from them.
        _ if state.starts_with("22") || state.starts_with("23") => Kind::Corrupt,
        // Connections (08), authorization (28, 42501), read-only servers (25006), shutdown (57P0x), resources (53), the
        // system (58), databases that are not there (3D): an operator should look.
        _ => Kind::Unavailable,
    }
}

/// A SQLSTATE as the number that a [`StorageError`] carries: its five characters as digits in base 36.
pub(super) fn encode(state: &str) -> Option<i32> {
    let digit = |code: i32, character: char| {
        let value = i32::try_from(character.to_digit(36)?).ok()?;
        (!character.is_ascii_lowercase()).then_some(code * 36 + value)
    };
    (state.len() == 5).then_some(())?;
    state.chars().try_fold(0, digit)
}

/// The SQLSTATE that a number stands for.
pub(super) fn decode(code: i32) -> Option<String> {
    let mut rest = u32::try_from(code).ok()?;
    let mut characters = Vec::with_capacity(5);
    for _ in 0..5 {
        characters.push(char::from_digit(rest % 36, 36)?.to_ascii_uppercase());
        rest /= 36;
    }
    (rest == 0).then(|| characters.into_iter().rev().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_number_of_its_own_and_comes_back() {
        for state in ["00000", "40001", "40P01", "53100", "57P01", "XX000", "ZZZZZ", "25006"] {
            assert_eq!(decode(encode(state).unwrap()).as_deref(), Some(state));
        }
        assert_eq!(encode("53100"), Some(8_539_344));
        for state in ["", "5310", "531000", "5310a", "531 0", "531é"] {
            assert_eq!(encode(state), None, "{state}");
        }
        assert_eq!(decode(-1), None);
        assert_eq!(decode(36_i32.pow(5)), None);
    }

    #[test]
    fn states_become_kinds() {
        let cases = [
            ("40001", Kind::Busy),
            ("40P01", Kind::Busy),
            ("55P03", Kind::Busy),
            ("57014", Kind::Busy),
            ("53100", Kind::Full),
            ("53200", Kind::Unavailable),
            ("53300", Kind::Busy),
            ("25006", Kind::Unavailable),
            ("57P01", Kind::Unavailable),
            ("57P03", Kind::Unavailable),
            ("08006", Kind::Unavailable),
            ("28P01", Kind::Unavailable),
            ("3D000", Kind::Unavailable),
            ("42501", Kind::Unavailable),
            ("58030", Kind::Unavailable),
            ("XX001", Kind::Corrupt),
            ("XX002", Kind::Corrupt),
            ("42P01", Kind::Corrupt),
            ("23514", Kind::Corrupt),
            ("26000", Kind::Unsupported),
            ("54000", Kind::Invalid),
            ("XX000", Kind::Unavailable),
        ];
        for (state, kind) in cases {
            let error = of_state(state, "commit");
            assert_eq!((error.kind(), error.code()), (kind, encode(state)), "{state}");
        }
    }

    #[test]
    fn only_passing_states_are_tried_again() {
        for state in ["40001", "40P01", "55P03"] {
            assert_eq!(remedy_of_state(state), Remedy::Again, "{state}");
        }
        for state in ["57P01", "57P02", "57P03", "08006", "08P01", "26000"] {
            assert_eq!(remedy_of_state(state), Remedy::Reconnect, "{state}");
        }
        for state in ["53100", "25006", "28P01", "42501", "XX001", "57014", "23505", "23514"] {
            assert_eq!(remedy_of_state(state), Remedy::None, "{state}");
        }
    }
}
