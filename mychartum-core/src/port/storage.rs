//! The storage port: sealed rows, atomic change sets, ordered scans.
//!
//! Storage sees only opaque bytes, opaque ids, keyed hashes and an ordering number. Sealing happens above this port, so a
//! storage author cannot get it wrong and a database operator learns nothing.

mod change_set;
mod error;
mod partition;
mod row;

use core::fmt::Debug;

use async_trait::async_trait;

pub use change_set::{AuditHead, ChangeSet, Delete, Expect, Outcome, Put, Receipt};
pub use error::{StorageError, StorageErrorKind};
pub use partition::{Bucket, Partition, PartitionKind};
pub use row::{Collection, Direction, Due, Head, Position, Row, RowId, Scan, Tag};

/// Keeps sealed rows, and takes change sets whole or not at all.
///
/// # What it is for
/// Everything durable: charts, accounts, sessions, grants, audit entries and the outbox are rows of partitions. The unit of
/// locality, atomicity, encryption and erasure is the **partition**; each falls into one of 4,096 buckets, which leads every
/// key so that data can later be sharded and moved.
///
/// # Promises
/// 1. **Durable.** When `commit` returns a receipt, the change set survives a crash of the process, and of the machine.
/// 2. **Whole.** A change set is applied completely or not at all; no reader ever sees a part of it.
/// 3. **Visible.** Once `commit` returned, every later read on any clone or thread sees it.
/// 4. **Head expected.** If the partition's revision or epoch is not the expected one, `commit` fails with `Conflict` and
///    changes nothing. An unknown partition has revision 0, an empty audit head, and the epoch of its bucket, which is 0
///    unless the bucket was moved or restored ([`Custody`](super::Custody)).
/// 5. **Rows expected.** Each put names the version it writes; it is accepted only if the stored version is exactly one less
///    (0 where the row is absent). Each delete names the version it removes. Otherwise `Conflict`, and nothing changes.
/// 6. **Head advanced.** After a commit the head's revision is one more, and its audit head is the one in the change set.
/// 7. **Idempotent.** The same change set again (same id, same content) changes nothing and gives the first receipt's
///    revision with `Outcome::Repeated`, at least while it is among the partition's last 64. The same id with other content
///    is `Invalid`.
/// 8. **Exact.** Bodies, orders, tags and versions come back byte for byte as they were put, also empty and 1 MiB bodies.
/// 9. **Own rows only.** `get` and `scan` return rows of the asked partition and collection, and no others.
/// 10. **In order.** `scan` sorts by (order, row id) as signed number and unsigned bytes, wholly reversed when descending.
/// 11. **Paged.** `scan` returns at most `limit` rows; fewer mean that there are no more. Continuing after the last row's
///     position misses none and repeats none while the data stand still.
/// 12. **Tagged.** With a tag, `scan` returns exactly the rows that carry it now.
/// 13. **Due.** `due` returns the rows of a due collection in one bucket with `order < before`, ordered by (order,
///     partition, row id), across partitions.
/// 14. **Counted.** `heads` lists every partition of a bucket that was ever committed to, ordered by partition.
/// 15. **Limited.** A change set over the limits of [`ChangeSet`], with a row twice, or a scan with limit 0 is `Invalid`, and
///     nothing changes.
/// 16. **Apart.** Change sets for different partitions never make each other fail with `Conflict`.
/// 17. **Cancel-safe.** Dropping the future of `commit` leaves the change set applied whole or not at all.
///
/// # What the library promises you
/// Bodies are already sealed and tags are keyed hashes. Ids are random or keyed hashes, so buckets fill evenly. It repeats a
/// change set unchanged after `OutcomeUnknown`, and with a fresh head after `Conflict`. Orders fit in an `i64`. Collection
/// numbers above [`Collection::DUE`] are the only ones given to `due`.
///
/// # If you break it
/// A stranger's row is found by the seal and by a comparison, and becomes an error and an audit entry, not a leak; a lost or
/// stale row is found by the audit chain or not at all. That is why the conformance suite exists.
///
/// # Test yourself
/// `mychartum_testkit::conformance::storage` runs a case for each number above against your storage and prints a report.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Storage: Debug + Send + Sync + 'static {
    /// Applies a change set, durably and whole.
    ///
    /// # Errors
    /// `Conflict` (promises 4 and 5), `Invalid` (7 and 15), `Busy`, `Elsewhere`, `Full`, `Unavailable`, `OutcomeUnknown`,
    /// `Corrupt`.
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError>;

    /// The head of a partition; [`Head::EMPTY`] with the epoch of the bucket where nothing was ever committed.
    ///
    /// # Errors
    /// `Busy`, `Elsewhere`, `Unavailable`, `Corrupt`.
    async fn head(&self, partition: Partition) -> Result<Head, StorageError>;

    /// The rows with these ids, in the order of the ids; absent ones are left out.
    ///
    /// # Errors
    /// `Busy`, `Elsewhere`, `Unavailable`, `Corrupt`.
    async fn get(&self, partition: Partition, collection: Collection, rows: &[RowId])
    -> Result<Vec<Row>, StorageError>;

    /// Rows of one partition and collection, in order.
    ///
    /// # Errors
    /// `Invalid` (promise 15), `Busy`, `Elsewhere`, `Unavailable`, `Corrupt`.
    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError>;

    /// Rows whose time has come, across the partitions of one bucket.
    ///
    /// # Errors
    /// `Invalid` for a collection that is not due or a limit of 0, `Busy`, `Elsewhere`, `Unavailable`, `Corrupt`.
    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError>;

    /// The partitions of a bucket with their heads, after the given one.
    ///
    /// # Errors
    /// `Invalid` for a limit of 0, `Busy`, `Elsewhere`, `Unavailable`, `Corrupt`.
    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError>;
}

#[async_trait]
impl<T: Storage + ?Sized> Storage for std::sync::Arc<T> {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        (**self).commit(set).await
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        (**self).head(partition).await
    }

    async fn get(
        &self,
        partition: Partition,
        collection: Collection,
        rows: &[RowId],
    ) -> Result<Vec<Row>, StorageError> {
        (**self).get(partition, collection, rows).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        (**self).scan(scan).await
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        (**self).due(due).await
    }

    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        (**self).heads(bucket, after, limit).await
    }
}
