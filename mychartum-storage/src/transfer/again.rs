//! Passing faults of a storage during a long copy.

use core::pin::Pin;

use mychartum_core::port::storage::StorageError;

/// What a method of a port gives back.
type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, StorageError>> + Send + 'a>>;

/// How often something is tried before a copy of hours is given up. A storage that is busy waits by itself each time.
const TRIES: u32 = 8;

/// Does something again where a passing fault kept it from being done. Turning, installing and clearing may be repeated.
pub(super) async fn again<'a, T>(work: impl Fn() -> Call<'a, T>) -> Result<T, StorageError> {
    let mut tries = 1;
    loop {
        match work().await {
            Err(error) if error.kind().may_retry() && tries < TRIES => tries += 1,
            outcome => return outcome,
        }
    }
}
