//! Where blocking work runs: on tokio's blocking threads inside a runtime, in place outside of one.

use mychartum_core::port::storage::{StorageError, StorageErrorKind};
use tokio::runtime::Handle;

/// Runs work that waits for the disk without holding up an async thread.
pub(super) async fn run<T: Send + 'static>(
    operation: &'static str,
    work: impl FnOnce() -> Result<T, StorageError> + Send + 'static,
) -> Result<T, StorageError> {
    match Handle::try_current() {
        // The work is lost only when the runtime shuts down.
        Ok(runtime) => {
            let answer = runtime.spawn_blocking(work).await;
            answer.unwrap_or(Err(StorageError::new(StorageErrorKind::Unavailable, operation)))
        }
        Err(_) => work(),
    }
}
