//! Settings of the SQLite storage.

use std::path::Path;
use std::time::Duration;

use mychartum_core::port::storage::StorageError;

use super::sqlite_storage::SqliteStorage;

/// How a SQLite storage is opened; [`SqliteStorage::options`] gives the defaults.
///
/// Durability is not among them: every commit is synced to the disk before it is acknowledged.
#[derive(Debug, Clone)]
#[must_use]
pub struct SqliteOptions {
    pub(super) page_cache: u32,
    pub(super) readers: usize,
    pub(super) group: usize,
    pub(super) max_pages: Option<u32>,
    pub(super) busy_timeout: Duration,
}

impl SqliteOptions {
    /// Bytes in a page of the file.
    pub const PAGE_SIZE: u32 = 8192;

    pub(super) const DEFAULT: Self = Self {
        page_cache: 8 * 1024,
        readers: 4,
        group: 256,
        max_pages: None,
        busy_timeout: Duration::from_millis(500),
    };

    /// The page cache of each connection in KiB; 8,192 unless told. There is one connection a reader and one for writing.
    pub const fn page_cache(mut self, kib: u32) -> Self {
        self.page_cache = kib;
        self
    }

    /// How many reads run at the same time; 4 unless told, at least 1.
    pub const fn readers(mut self, count: usize) -> Self {
        self.readers = if count == 0 { 1 } else { count };
        self
    }

    /// The most change sets that share one sync of the disk; 256 unless told, at least 1.
    pub const fn group(mut self, sets: usize) -> Self {
        self.group = if sets == 0 { 1 } else { sets };
        self
    }

    /// The most pages of [`PAGE_SIZE`](Self::PAGE_SIZE) bytes that the file may grow to: a quota.
    ///
    /// A change set that needs more fails with `Full` and changes nothing. A quota below the file's present size stops
    /// growth, not use. SQLite's own limit (4,294,967,294 pages) holds unless told.
    pub const fn max_pages(mut self, pages: u32) -> Self {
        self.max_pages = Some(pages);
        self
    }

    /// How long to wait for another process that writes to the same file before answering `Busy`; half a second unless
    /// told.
    pub const fn busy_timeout(mut self, limit: Duration) -> Self {
        self.busy_timeout = limit;
        self
    }

    /// Opens the file with these settings, creating it (readable by its owner only) when it is not there.
    ///
    /// # Errors
    /// As [`SqliteStorage::open`].
    pub async fn open(self, path: impl AsRef<Path> + Send) -> Result<SqliteStorage, StorageError> {
        SqliteStorage::open_with(path.as_ref().to_owned(), self).await
    }
}
