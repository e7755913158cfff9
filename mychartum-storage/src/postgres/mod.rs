//! The storage in a PostgreSQL database.

mod address;
mod batch;
mod bounds;
mod changes;
mod channel_binding;
mod clearing;
mod columns;
mod connect;
mod custody;
mod custody_sql;
mod distribute;
mod failure;
mod installing;
mod inventory;
mod lane;
mod lookup;
mod migrate;
mod names;
mod options;
#[cfg(test)]
mod plans;
mod postgres_storage;
mod queue;
mod read;
mod reading_sql;
mod session;
mod snapshot;
mod tls;
mod transaction;
mod turning;
mod verdict;
mod writing_sql;

pub use migrate::SchemaCheck;
pub use options::{PostgresOptions, StatementMode};
pub use postgres_storage::PostgresStorage;
pub use tls::PostgresTls;
