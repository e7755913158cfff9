//! The readers: own connections that are lent out one read at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mychartum_core::port::storage::{StorageError, StorageErrorKind};
use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::blocking;
use super::standing::Refusal;

/// A fixed number of connections that only read.
///
/// There are as many permits as connections, so whoever holds a permit finds a connection. No query asks whether a
/// connection is alive: it is a file handle, and a read that fails says so itself.
pub(super) struct Readers {
    pool: Arc<Pool>,
    permits: Arc<Semaphore>,
    count: u32,
}

struct Pool {
    idle: Mutex<Option<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        let count = u32::try_from(connections.len()).unwrap_or(u32::MAX);
        Self {
            permits: Arc::new(Semaphore::new(connections.len())),
            pool: Arc::new(Pool { idle: Mutex::new(Some(connections)) }),
            count,
        }
    }

    /// Runs a read on a free connection, waiting for one if need be.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        operation: &'static str,
        read: impl FnOnce(&Connection) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, StorageError> {
        let closed = StorageError::new(StorageErrorKind::Unavailable, operation);
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| closed)?;
        let pool = Arc::clone(&self.pool);
        blocking::run(operation, move || {
            let lent = Lent::take(pool, permit).ok_or(closed)?;
            let connection = lent.connection.as_ref().ok_or(closed)?;
            read(connection).map_err(|refusal| refusal.in_operation(operation))
        })
        .await
    }

    /// Waits for the reads under way and closes all connections; later reads are `Unavailable`.
    pub(super) async fn close(&self) {
        let all = self.permits.acquire_many(self.count).await;
        self.close_idle();
        drop(all);
    }

    /// Closes the connections that are not lent out now; the others close when their read ends.
    pub(super) fn close_idle(&self) {
        self.permits.close();
        drop(self.pool.idle().take());
    }
}

impl Pool {
    fn idle(&self) -> MutexGuard<'_, Option<Vec<Connection>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection on loan; it goes back however the read ends, and before the permit does.
struct Lent {
    connection: Option<Connection>,
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

impl Lent {
    fn take(pool: Arc<Pool>, permit: OwnedSemaphorePermit) -> Option<Self> {
        let connection = pool.idle().as_mut()?.pop()?;
        Some(Self { connection: Some(connection), pool, _permit: permit })
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(connection), Some(idle)) = (self.connection.take(), self.pool.idle().as_mut()) {
            idle.push(connection);
        }
    }
}
