//! The storage in one SQLite file, inside the host's own process.

mod apply;
mod blocking;
mod checkpoint;
mod columns;
mod connect;
mod custody;
mod failure;
mod identity;
mod migrate;
mod options;
mod read;
mod readers;
mod row_writer;
mod schema;
mod snapshot;
mod sqlite_storage;
mod standing;
mod statements;
mod writer;

pub use options::SqliteOptions;
pub use sqlite_storage::SqliteStorage;
