//! The blob store port: large sealed objects under random names.
//!
//! A blob store sees only opaque bytes under names that say nothing. Sealing happens above this port, as it does for
//! rows, so an author of a store cannot get it wrong and whoever runs it learns nothing but sizes and times.

mod error;
mod name;
mod object;
mod upload;

use core::fmt::Debug;
use core::ops::Range;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

pub use error::{BlobError, BlobErrorKind};
pub use name::{BlobName, InvalidName};
pub use object::BlobObject;
pub use upload::BlobUpload;

#[cfg(feature = "mock")]
pub use upload::MockBlobUpload;

/// Keeps large sealed objects: the files that are attached to a chart.
///
/// # What it is for
/// Scans, pictures and documents are too large for rows. Each is one object here; the row that names it, with the key
/// that opens it, is in [`Storage`](crate::port::Storage). An object that no row names is rubbish.
///
/// # Promises
/// 1. **Durable.** When [`complete`](BlobUpload::complete) returns, the object survives a crash of the process, and of
///    the machine.
/// 2. **Whole.** A name can be read and is listed only when its object is complete. An upload that was dropped or that
///    failed leaves nothing that can be read or is listed.
/// 3. **Exact.** An object holds the bytes of its writes, one after the other, however they were cut; it may be empty.
/// 4. **Ranges.** `read` gives the bytes of a range, as far as the object has them: fewer when the range goes beyond
///    its end, none when it begins there or is empty. An absent name is `Missing`, whatever the range.
/// 5. **Visible.** Once `complete` returned, every later `read` and `list` on any clone or thread has the object; once
///    `delete` returned, none has.
/// 6. **Deleted.** `delete` removes an object, and does nothing where there is none. The bytes cannot be read
///    afterwards.
/// 7. **Listed.** `list` gives the objects with names after the given one, in the order of the names, each once, at
///    most `limit` of them; fewer mean that there are no more. Each comes with its size and the time at which it was
///    written, by the store's own clock.
/// 8. **Own only.** What else lies in the same place, put there by somebody else, is not listed, not removed and in
///    nobody's way.
/// 9. **Apart.** Uploads, reads and deletions of different names at the same time do not disturb each other.
/// 10. **Limited.** `list` with limit 0 is `Invalid`, and so is a range whose end lies before its start.
/// 11. **Tidied.** `tidy` removes what uploads left behind that were begun and last written to before the given time
///     and never completed, and nothing else. A store that sees to this by itself, or by a rule that its operator sets,
///     does nothing.
///
/// # What the library promises you
/// Bytes are sealed already. Each name is random and is written at most once. It reads ranges of at most some megabytes
/// and writes pieces of at most some dozen kilobytes, so gather them as your store likes; what you gather should have a
/// bound. It never deletes an object whose name it did not make.
///
/// # If you break it
/// Altered, cut off, lengthened or exchanged bytes are found by the seal and become an error and an audit entry, not a
/// leak. A lost object is found when somebody wants to read it, and that is too late.
///
/// # Test yourself
/// `mychartum_testkit::conformance::blob_store` runs a case or more for each number above against your store and prints
/// a report.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait BlobStore: Debug + Send + Sync + 'static {
    /// Begins an object of this name; it exists once its upload is complete.
    ///
    /// # Errors
    /// `Busy`, `Full`, `Unavailable`.
    async fn begin(&self, name: BlobName) -> Result<Box<dyn BlobUpload>, BlobError>;

    /// The bytes of a range, as far as the object has them.
    ///
    /// # Errors
    /// `Missing`, `Invalid` (promise 10), `Busy`, `Unavailable`.
    async fn read(&self, name: BlobName, range: Range<u64>) -> Result<Vec<u8>, BlobError>;

    /// Objects in the order of their names, after a name.
    ///
    /// # Errors
    /// `Invalid` for a limit of 0, `Busy`, `Unavailable`.
    async fn list(&self, after: Option<BlobName>, limit: u32) -> Result<Vec<BlobObject>, BlobError>;

    /// Removes an object, if it is there.
    ///
    /// # Errors
    /// `Busy`, `Unavailable`.
    async fn delete(&self, name: BlobName) -> Result<(), BlobError>;

    /// Removes what uploads left behind that ended before this time; says how many.
    ///
    /// # Errors
    /// `Busy`, `Unavailable`.
    async fn tidy(&self, before: DateTime<Utc>) -> Result<u64, BlobError>;
}

#[async_trait]
impl<T: BlobStore + ?Sized> BlobStore for std::sync::Arc<T> {
    async fn begin(&self, name: BlobName) -> Result<Box<dyn BlobUpload>, BlobError> {
        (**self).begin(name).await
    }

    async fn read(&self, name: BlobName, range: Range<u64>) -> Result<Vec<u8>, BlobError> {
        (**self).read(name, range).await
    }

    async fn list(&self, after: Option<BlobName>, limit: u32) -> Result<Vec<BlobObject>, BlobError> {
        (**self).list(after, limit).await
    }

    async fn delete(&self, name: BlobName) -> Result<(), BlobError> {
        (**self).delete(name).await
    }

    async fn tidy(&self, before: DateTime<Utc>) -> Result<u64, BlobError> {
        (**self).tidy(before).await
    }
}
