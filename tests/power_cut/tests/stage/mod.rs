//! A watched folder with a storage in it.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mychartum_power_cut::client::{Manner, play};
use mychartum_power_cut::judge::FILE;
use mychartum_power_cut::{Mark, Recording, Script, Watched, scratch};
use mychartum_storage::SqliteStorage;
use tempfile::TempDir;

/// Whether this is the long run.
pub(crate) fn long() -> bool {
    std::env::var_os("MYCHARTUM_LONG").is_some_and(|value| value == "1")
}

/// One number in the ordinary run, another in the long one.
pub(crate) fn amount(ordinary: usize, long_run: usize) -> usize {
    if long() { long_run } else { ordinary }
}

/// The seed of this run: always the same in the ordinary run, a new one in the long run, or the one that was asked for.
pub(crate) fn seed() -> u64 {
    let asked = std::env::var("MYCHARTUM_SEED").ok().and_then(|seed| seed.parse().ok());
    asked.unwrap_or_else(|| if long() { RandomState::new().hash_one(0) } else { 20_260_101 })
}

/// A watched folder.
pub(crate) struct Stage {
    pub(crate) watched: Arc<Watched>,
    folder: TempDir,
}

impl Stage {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self::in_folder(scratch().unwrap())
    }

    /// A folder with something in it, all of which counts as safely on the disk.
    pub(crate) fn in_folder(folder: TempDir) -> Self {
        Self { watched: Watched::begin(folder.path()).unwrap(), folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join(FILE)
    }

    pub(crate) async fn open(&self) -> SqliteStorage {
        let storage = SqliteStorage::open(self.file()).await.unwrap();
        self.watched.mark(Mark::Opened);
        storage
    }

    pub(crate) async fn close(&self, storage: SqliteStorage) {
        self.watched.mark(Mark::Closing);
        storage.close().await;
        self.watched.mark(Mark::Closed);
    }

    /// Plays so many more change sets of each partition; returns the revisions after it.
    pub(crate) async fn play(
        &self,
        storage: &SqliteStorage,
        script: &Arc<Script>,
        after: &[u64],
        count: u64,
        manner: Manner,
    ) -> Vec<u64> {
        play(storage, script, &self.watched, after, count, manner).await.unwrap()
    }

    /// Ends the watch. The folder stays until the stage is dropped.
    pub(crate) fn end(&self) -> Recording {
        self.watched.end()
    }
}
