//! The custody port: whole partitions out of a storage and into it, and a fence around each bucket.

mod bucket_state;
mod piece;

use core::fmt::Debug;

use async_trait::async_trait;

use super::storage::{Bucket, Collection, Head, Partition, Row, RowId, Storage, StorageError};

pub use bucket_state::{BucketState, BucketStatus, Turn};
pub use piece::{Applied, Piece};

/// Gives whole partitions away and takes them, sealed as they are.
///
/// # What it is for
/// Backup and restore, copying from one engine to another, and moving a bucket from one cell to another while writers run.
/// A portal at work needs only [`Storage`]; operators' tools need this.
///
/// Each bucket has a [`BucketState`] and an epoch. A new storage serves every bucket at epoch 0. Raising a bucket's epoch
/// fences it: whoever read a head before can no longer commit on it.
///
/// # Promises
/// 1. **Serving.** A bucket that is `Serving` keeps every promise of [`Storage`].
/// 2. **Leaving.** Where a bucket is `Leaving`, reads answer as before and commits are `Busy`; nothing changes any more.
/// 3. **Elsewhere.** Where a bucket is `Elsewhere`, reads and commits are `Elsewhere`; where it is `Arriving`, they are `Busy`.
/// 4. **Turned.** `turn` changes all buckets named, or none: `Conflict` where one is not in the expected state, `Invalid` for
///    a step that [`BucketState::may_become`] rules out, for an epoch below the bucket's, and for a step that needs an
///    empty bucket where it holds a partition. A turn that was made already, with the same epoch, changes nothing and is
///    `Ok`. Turns are durable like commits.
/// 5. **Fenced.** After a turn, the head of every partition of the bucket has the turn's epoch if its own was lower, also the
///    head of an unknown partition. A commit that expected the earlier epoch is a `Conflict`, however it overlaps the turn;
///    one that was acknowledged before the turn ended is in every snapshot taken afterwards.
/// 6. **One moment.** A snapshot shows everything as it was at one moment, whatever is committed later, and in every state
///    of a bucket.
/// 7. **Complete.** `Snapshot::heads` lists every partition of a bucket that holds anything, `Snapshot::rows` every row of a
///    partition once, in the order of (collection, row id), and `Snapshot::applied` its remembered change sets, the earliest
///    first.
/// 8. **Verbatim.** What `install` takes comes back byte for byte: rows with their versions, heads with revision, audit head
///    and epoch, and remembered change sets, which then answer as repeated. Installing a first piece replaces whatever the
///    partition held; installing the same piece again changes nothing.
/// 9. **Only arriving.** `install` into a bucket that is not `Arriving`, with another epoch than the bucket's, with what
///    [`Piece::check_all`] refuses, or with rows of a partition whose first piece did not come before, is `Invalid`, and
///    nothing changes.
/// 10. **Cleared.** After `clear`, the bucket holds nothing. It is `Invalid` for another state than `Elsewhere` or `Arriving`, and
///     `Conflict` unless the bucket has exactly that state and epoch; then nothing is removed, however the call overlaps a
///     turn.
///
/// # What the library promises you
/// Pieces of one partition come in order, the first with its head. It turns a bucket to `Serving` only after all of its
/// pieces were installed and checked. Bodies are sealed.
///
/// # If you break it
/// A bucket that is served in two places at once forks every chart in it: two audit trails that both verify. A piece that is
/// lost is found by the audit chain when the copy is checked before it is served.
///
/// # Test yourself
/// `mychartum_testkit::conformance::custody` runs a case for each number above.
#[async_trait]
pub trait Custody: Storage {
    /// Opens a view of everything as it is now.
    ///
    /// # Errors
    /// `Busy`, `Unavailable`, `Corrupt`.
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StorageError>;

    /// The state of every bucket, in the order of their numbers.
    ///
    /// # Errors
    /// `Busy`, `Unavailable`, `Corrupt`.
    async fn buckets(&self) -> Result<Vec<BucketStatus>, StorageError>;

    /// Changes the states of buckets, all or none (promises 4 and 5).
    ///
    /// # Errors
    /// `Conflict`, `Invalid`, `Busy`, `Full`, `Unavailable`, `OutcomeUnknown`, `Corrupt`.
    async fn turn(&self, turns: &[Turn]) -> Result<(), StorageError>;

    /// Writes pieces of partitions into buckets that are arriving, durably and whole (promises 8 and 9).
    ///
    /// # Errors
    /// `Invalid`, `Busy`, `Full`, `Unavailable`, `OutcomeUnknown`, `Corrupt`.
    async fn install(&self, pieces: &[Piece]) -> Result<(), StorageError>;

    /// Removes everything that a bucket holds which stands like this (promise 10). Interrupted, it may have removed a part; call
    /// it again.
    ///
    /// # Errors
    /// `Invalid`, `Conflict`, `Busy`, `Full`, `Unavailable`, `OutcomeUnknown`, `Corrupt`.
    async fn clear(&self, status: BucketStatus) -> Result<(), StorageError>;
}

/// A view of a storage as it was at one moment. Dropping it ends it.
///
/// It holds on to resources of the engine (a connection, old versions of rows), so end it when it is not needed.
#[async_trait]
pub trait Snapshot: Debug + Send {
    /// The state of every bucket, in the order of their numbers.
    ///
    /// # Errors
    /// `Busy`, `Unavailable`, `Corrupt`.
    async fn buckets(&mut self) -> Result<Vec<BucketStatus>, StorageError>;

    /// The partitions of a bucket with their heads, after the given one, at most `limit`; fewer mean that there are no more.
    ///
    /// # Errors
    /// `Invalid` for a limit of 0, `Busy`, `Unavailable`, `Corrupt`.
    async fn heads(
        &mut self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError>;

    /// The rows of a partition in the order of (collection, row id), after the given one.
    ///
    /// At most `limit` rows, and no more after [`Piece::ENOUGH_BYTES`] of bodies; only an empty answer means that there are no
    /// more.
    ///
    /// # Errors
    /// `Invalid` for a limit of 0, `Busy`, `Unavailable`, `Corrupt`.
    async fn rows(
        &mut self,
        partition: Partition,
        after: Option<(Collection, RowId)>,
        limit: u32,
    ) -> Result<Vec<Row>, StorageError>;

    /// The change sets that a partition remembers, the earliest first; at most
    /// [`ChangeSet::REMEMBERED`](super::storage::ChangeSet::REMEMBERED).
    ///
    /// # Errors
    /// `Busy`, `Unavailable`, `Corrupt`.
    async fn applied(&mut self, partition: Partition) -> Result<Vec<Applied>, StorageError>;
}

#[async_trait]
impl<T: Custody + ?Sized> Custody for std::sync::Arc<T> {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StorageError> {
        (**self).snapshot().await
    }

    async fn buckets(&self) -> Result<Vec<BucketStatus>, StorageError> {
        (**self).buckets().await
    }

    async fn turn(&self, turns: &[Turn]) -> Result<(), StorageError> {
        (**self).turn(turns).await
    }

    async fn install(&self, pieces: &[Piece]) -> Result<(), StorageError> {
        (**self).install(pieces).await
    }

    async fn clear(&self, status: BucketStatus) -> Result<(), StorageError> {
        (**self).clear(status).await
    }
}
