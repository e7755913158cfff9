//! Whose file this is, before anything in it is touched.

use mychartum_core::port::storage::{StorageError, StorageErrorKind};
use rusqlite::Connection;

use super::failure;

/// "MyCt" in the file's header: marks a file as ours.
pub(super) const APPLICATION_ID: i32 = 0x4d79_4374;

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identity {
    /// A new file with nothing in it.
    Empty,
    /// One of ours, with this version of the schema.
    Ours {
        /// The newest migration that was applied.
        schema: u32,
    },
}

impl Identity {
    /// Reads a file's identity without changing the file.
    ///
    /// # Errors
    /// `Unsupported` for another program's database, `Corrupt` for a file that is no database.
    pub(super) fn read(connection: &Connection) -> Result<Self, StorageError> {
        let facts = "SELECT (SELECT application_id FROM pragma_application_id),
                            (SELECT user_version FROM pragma_user_version),
                            (SELECT count(*) FROM sqlite_schema)";
        let (application, schema, objects): (i32, i32, i64) = connection
            .query_row(facts, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .map_err(|error| failure::of(&error, "open"))?;
        match (application, u32::try_from(schema)) {
            (APPLICATION_ID, Ok(schema)) => Ok(Self::Ours { schema }),
            (APPLICATION_ID, Err(_)) => Err(StorageError::new(StorageErrorKind::Corrupt, "open")),
            (0, Ok(0)) if objects == 0 => Ok(Self::Empty),
            _ => Err(StorageError::new(StorageErrorKind::Unsupported, "open (another program's database)")),
        }
    }
}
