//! One case of a suite, and how it fails.

use core::fmt;
use core::pin::Pin;

use mychartum_core::port::blob_store::BlobError;
use mychartum_core::port::key_provider::KeyError;
use mychartum_core::port::storage::StorageError;

/// What running a case gives.
pub type CaseFuture<'a> = Pin<Box<dyn Future<Output = Result<(), Breach>> + Send + 'a>>;

/// One case: a half or a whole of one numbered promise, tested on what the factory `F` makes.
pub struct Case<F: ?Sized> {
    /// The promise's number in the port's contract.
    pub promise: u8,
    /// What must hold, in a few words.
    pub name: &'static str,
    /// Tests it.
    pub run: for<'a> fn(&'a F) -> CaseFuture<'a>,
}

impl<F: ?Sized> Case<F> {
    /// Runs the case.
    ///
    /// # Errors
    /// The promise and what was seen to break it.
    pub async fn check(&self, factory: &F) -> Result<(), Failure> {
        (self.run)(factory).await.map_err(|Breach(what)| Failure { promise: self.promise, what })
    }
}

impl<F: ?Sized> fmt::Debug for Case<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case").field("promise", &self.promise).field("name", &self.name).finish_non_exhaustive()
    }
}

/// A broken promise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("promise {promise}: {what}")]
pub struct Failure {
    /// The promise's number.
    pub promise: u8,
    /// What was seen.
    pub what: String,
}

/// What a case saw that breaks its promise: one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach(pub String);

impl From<&str> for Breach {
    fn from(what: &str) -> Self {
        Self(what.to_owned())
    }
}

impl From<StorageError> for Breach {
    fn from(error: StorageError) -> Self {
        Self(format!("unexpected error: {error}"))
    }
}

impl From<BlobError> for Breach {
    fn from(error: BlobError) -> Self {
        Self(format!("unexpected error: {error}"))
    }
}

impl From<KeyError> for Breach {
    fn from(error: KeyError) -> Self {
        Self(format!("unexpected error: {error}"))
    }
}

impl From<tokio::task::JoinError> for Breach {
    fn from(_: tokio::task::JoinError) -> Self {
        Self("a concurrent call panicked or was lost".to_owned())
    }
}

/// Breaks off with a sentence unless something holds.
pub(super) fn ensure(holds: bool, what: &str) -> Result<(), Breach> {
    if holds { Ok(()) } else { Err(what.into()) }
}

/// Lists cases: `case!(number, "what must hold", function)`.
macro_rules! case {
    ($promise:literal, $name:literal, $run:path) => {
        $crate::conformance::Case { promise: $promise, name: $name, run: |factory| Box::pin($run(factory)) }
    };
}
pub(super) use case;
