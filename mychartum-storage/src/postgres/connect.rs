//! Making connections, and what must be true of a server before it is used.

use core::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts};
use mychartum_core::port::storage::{StorageError, StorageErrorKind};
use tokio_postgres::{Config, NoTls};

use super::address::Path;
use super::columns::Damaged;
use super::failure;
use super::options::{PostgresOptions, StatementMode};
use super::session::Session;
use super::tls::Connector;

/// The oldest server: what the statements need, and what was still maintained when this was written.
const OLDEST: i32 = 140_000;

/// How long a silent network is borne before a connection counts as lost.
const SILENCE: Duration = Duration::from_secs(30);

/// Connections made as the options say, at most so many.
///
/// # Errors
/// `Invalid` for a path that may not be taken, `Unavailable` outside of a tokio runtime.
pub(super) fn pool(options: &PostgresOptions, size: usize) -> Result<Pool, StorageError> {
    if tokio::runtime::Handle::try_current().is_err() {
        return Err(StorageError::new(StorageErrorKind::Unavailable, "open (outside of a tokio runtime)"));
    }
    let mut config = options.address.config(&options.path)?;
    config.connect_timeout(options.connect_timeout).tcp_user_timeout(SILENCE);
    config.keepalives_idle(SILENCE).keepalives_interval(SILENCE / 3).keepalives_retries(3);
    // A connection that is closed is not lent out; whether one still answers is found by the statement that uses it.
    let manager = manager(config, &options.path, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    Pool::builder(manager)
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .timeouts(Timeouts {
            wait: Some(options.acquire_timeout),
            create: Some(options.connect_timeout),
            recycle: Some(options.connect_timeout),
        })
        .build()
        .map_err(|_| StorageError::new(StorageErrorKind::Unavailable, "open"))
}

fn manager(config: Config, path: &Path, manager: ManagerConfig) -> Manager {
    match path {
        Path::Tls(tls) => Manager::from_config(config, Connector(tls.clone()), manager),
        Path::Local | Path::Plain => Manager::from_config(config, NoTls, manager),
    }
}

/// A connection for opening. Its statements are unnamed, since each runs once.
///
/// # Errors
/// `Unavailable`, `Busy`.
pub(super) async fn first(pool: &Pool) -> Result<Session, StorageError> {
    let connection = pool.get().await.map_err(|error| failure::of_pool(&error, "open"))?;
    Ok(Session::new(connection, StatementMode::Unnamed))
}

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    version: i32,
    encoding: String,
    fsync: Option<String>,
    /// Whether the database has the extension that distributes tables.
    pub(super) citus: bool,
}

/// Asks a server for the facts that decide whether it is used.
///
/// # Errors
/// `Unavailable`.
pub(super) async fn facts(session: &Session) -> Result<Facts, StorageError> {
    let question = super::reading_sql::Statement {
        sql: "SELECT current_setting('server_version_num')::int4, current_setting('server_encoding'),
            current_setting('fsync', true), EXISTS (SELECT 1 FROM pg_catalog.pg_extension WHERE extname = 'citus')"
            .to_owned(),
        types: Vec::new(),
    };
    let fail = |error| failure::of(&error, "open");
    let rows = session.query(&session.ready(&question).await.map_err(fail)?, &[]).await.map_err(fail)?;
    let row = rows.first().ok_or(Damaged::in_operation("open"))?;
    Ok(Facts {
        version: row.try_get(0).map_err(fail)?,
        encoding: row.try_get(1).map_err(fail)?,
        fsync: row.try_get(2).map_err(fail)?,
        citus: row.try_get(3).map_err(fail)?,
    })
}

impl Facts {
    /// Refuses a server that cannot keep the port's promises, or that nobody tried.
    ///
    /// The time zone does not matter: no column holds a time, and no statement asks for one.
    ///
    /// # Errors
    /// `Unsupported`.
    pub(super) fn refuse_unfit(&self, must_sync: bool) -> Result<(), StorageError> {
        let refused = |operation| Err(StorageError::new(StorageErrorKind::Unsupported, operation));
        if self.version < OLDEST {
            refused("open (PostgreSQL before 14)")
        } else if self.encoding != "UTF8" {
            refused("open (the database's encoding is not UTF8)")
        } else if must_sync && self.fsync.as_deref() == Some("off") {
            refused("open (the server runs with fsync off, so that what it acknowledges can be lost)")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit() -> Facts {
        Facts { version: 150_018, encoding: "UTF8".to_owned(), fsync: Some("on".to_owned()), citus: false }
    }

    #[test]
    fn only_fit_servers_are_used() {
        fit().refuse_unfit(true).unwrap();
        // An engine without the setting decides for itself.
        Facts { fsync: None, ..fit() }.refuse_unfit(true).unwrap();
        Facts { fsync: Some("off".to_owned()), ..fit() }.refuse_unfit(false).unwrap();
        for facts in [
            Facts { version: 130_014, ..fit() },
            Facts { encoding: "LATIN1".to_owned(), ..fit() },
            Facts { encoding: "SQL_ASCII".to_owned(), ..fit() },
            Facts { fsync: Some("off".to_owned()), ..fit() },
        ] {
            assert_eq!(facts.refuse_unfit(true).unwrap_err().kind(), StorageErrorKind::Unsupported, "{facts:?}");
        }
    }
}
