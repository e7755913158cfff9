//! The blob store suite against our stores, and against bad ones that it must catch.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_adapters::blobs::ObjectBlobs;
use mychartum_adapters::blobs::object_store::memory::InMemory;
use mychartum_adapters::blobs::object_store::path::Path;
use mychartum_adapters::blobs::object_store::{ObjectStore, ObjectStoreExt};
use mychartum_core::port::BlobStore;
use mychartum_core::port::blob_store::BlobError;
use mychartum_testkit::conformance::blob_store::{CASES, Factory, run_all};
use mychartum_testkit::{MemoryBlobs, bad_blob_store};
use tempfile::TempDir;

/// The testkit's own store, one for all cases.
#[derive(Default)]
struct Testkit(MemoryBlobs);

#[async_trait]
impl Factory for Testkit {
    async fn fresh(&self) -> Result<Arc<dyn BlobStore>, BlobError> {
        Ok(Arc::new(self.0.clone()))
    }

    async fn reopen(&self, store: Arc<dyn BlobStore>) -> Result<Arc<dyn BlobStore>, BlobError> {
        Ok(store)
    }

    async fn litter(&self, _store: &dyn BlobStore) -> Result<(), BlobError> {
        Ok(())
    }

    async fn litter_is_left(&self, _store: &dyn BlobStore) -> Result<bool, BlobError> {
        Ok(true)
    }
}

/// Places of somebody else's: beside the shards, in a shard, under names that are almost names.
fn litter_places() -> Vec<String> {
    let zeros = "0".repeat(128);
    vec![
        "readme.txt".into(),
        "00/notes".into(),
        format!("00/{}", "0".repeat(127)),
        format!("00/{}", "A".repeat(128)),
        format!("01/{zeros}x"),
        format!("02/{zeros}/deeper"),
        format!("{zeros}00"),
    ]
}

/// A folder, with what others put into it.
struct Folder {
    path: PathBuf,
    part: usize,
    _folder: TempDir,
}

impl Folder {
    fn new(part: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { path: folder.path().join("files"), part, _folder: folder }
    }

    fn litter_paths(&self) -> Vec<PathBuf> {
        let own = litter_places().into_iter().chain(["03/draft#1".into(), format!("04/{}#x", "0".repeat(128))]);
        own.map(|place| self.path.join(place)).collect()
    }
}

#[async_trait]
impl Factory for Folder {
    async fn fresh(&self) -> Result<Arc<dyn BlobStore>, BlobError> {
        Ok(Arc::new(ObjectBlobs::folder(&self.path)?.part_bytes(self.part)))
    }

    async fn reopen(&self, store: Arc<dyn BlobStore>) -> Result<Arc<dyn BlobStore>, BlobError> {
        drop(store);
        self.fresh().await
    }

    async fn litter(&self, _store: &dyn BlobStore) -> Result<(), BlobError> {
        for path in self.litter_paths() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "somebody else's").unwrap();
        }
        Ok(())
    }

    async fn litter_is_left(&self, _store: &dyn BlobStore) -> Result<bool, BlobError> {
        Ok(self.litter_paths().iter().all(|path| path.exists()))
    }
}

/// An object store of the host's, under a prefix.
struct Brought(Arc<InMemory>);

#[async_trait]
impl Factory for Brought {
    async fn fresh(&self) -> Result<Arc<dyn BlobStore>, BlobError> {
        let store: Arc<dyn ObjectStore> = Arc::<InMemory>::clone(&self.0);
        // Memory happens to be sorted, so both ways of listing are tested on it.
        Ok(Arc::new(
            ObjectBlobs::over(store, "clinic/files", mychartum_adapters::blobs::Listing::Sorted).part_bytes(5 << 20),
        ))
    }

    async fn reopen(&self, store: Arc<dyn BlobStore>) -> Result<Arc<dyn BlobStore>, BlobError> {
        drop(store);
        self.fresh().await
    }

    async fn litter(&self, _store: &dyn BlobStore) -> Result<(), BlobError> {
        for place in litter_places() {
            self.0.put(&Path::from(format!("clinic/files/{place}")), "somebody else's".into()).await.unwrap();
        }
        // Another installation beside ours, whose names are names.
        let place = format!("clinic/other/00/{}", "0".repeat(128));
        self.0.put(&Path::from(place), "somebody else's".into()).await.unwrap();
        Ok(())
    }

    async fn litter_is_left(&self, _store: &dyn BlobStore) -> Result<bool, BlobError> {
        for place in litter_places() {
            self.0.head(&Path::from(format!("clinic/files/{place}"))).await.unwrap();
        }
        Ok(true)
    }
}

struct Memory(ObjectBlobs);

#[async_trait]
impl Factory for Memory {
    async fn fresh(&self) -> Result<Arc<dyn BlobStore>, BlobError> {
        Ok(Arc::new(self.0.clone()))
    }

    async fn reopen(&self, store: Arc<dyn BlobStore>) -> Result<Arc<dyn BlobStore>, BlobError> {
        Ok(store)
    }

    async fn litter(&self, _store: &dyn BlobStore) -> Result<(), BlobError> {
        Ok(())
    }

    async fn litter_is_left(&self, _store: &dyn BlobStore) -> Result<bool, BlobError> {
        Ok(true)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_testkits_store_keeps_all_promises() {
    run_all(&Testkit::default()).await.assert_passed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_folder_keeps_all_promises() {
    run_all(&Folder::new(8 << 20)).await.assert_passed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_folder_keeps_all_promises_with_small_parts() {
    run_all(&Folder::new(100_000)).await.assert_passed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_keeps_all_promises() {
    run_all(&Memory(ObjectBlobs::memory())).await.assert_passed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_the_host_brings_keeps_all_promises() {
    run_all(&Brought(Arc::default())).await.assert_passed();
}

#[test]
fn every_promise_has_a_case_and_a_bad_store() {
    let all: BTreeSet<u8> = (1..=11).collect();
    assert_eq!(CASES.iter().map(|case| case.promise).collect::<BTreeSet<_>>(), all);
    assert_eq!(bad_blob_store::ALL.iter().map(|bad| bad.promise).collect::<BTreeSet<_>>(), all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_bad_store_is_caught_by_its_promise() {
    for bad in bad_blob_store::ALL {
        let report = run_all(&*(bad.factory)()).await;
        assert!(report.broke(bad.promise), "{} was not caught by promise {}\n{report}", bad.name, bad.promise);
        assert!(report.passed() > 0, "{} broke everything\n{report}", bad.name);
    }
}
