//! An object that is being written.

use core::fmt::Debug;

use async_trait::async_trait;

use super::BlobError;

/// The writing of one object, piece by piece.
///
/// Dropping it abandons the object: nothing of it can be read, and what the store has of it is tidied away, now or
/// later. After an error there is nothing to do but to drop it. Dropping the future of a method counts as an error,
/// except that [`complete`](Self::complete) may have come through.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait BlobUpload: Debug + Send {
    /// Takes the next bytes. It may gather them and send them later; how much it gathers has a bound.
    ///
    /// # Errors
    /// `Busy`, `Full`, `Unavailable`.
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), BlobError>;

    /// Makes the object durable and then, all at once, readable under its name.
    ///
    /// # Errors
    /// `Busy`, `Full`, `Unavailable`; the object may be there nevertheless, whole.
    async fn complete(self: Box<Self>) -> Result<(), BlobError>;
}
