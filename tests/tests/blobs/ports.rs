//! Ports that die, wait or remember, laid over honest ones.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mychartum_core::port::blob_store::{BlobError, BlobErrorKind, BlobName, BlobObject};
use mychartum_core::port::storage::{
    Bucket, ChangeSet, Collection, Due, Head, Partition, Receipt, Row, RowId, Scan, StorageError, StorageErrorKind,
};
use mychartum_core::port::{BlobStore, BlobUpload, Storage};
use mychartum_storage::MemoryStorage;
use mychartum_testkit::MemoryBlobs;

/// What happens at a step that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// The process dies before the step.
    Before,
    /// The step is done, and the process dies before it hears of it.
    After,
}

/// When the process dies: counted over both ports, in steps that change something.
#[derive(Debug, Default)]
struct Life {
    steps: usize,
    dies: Option<(usize, Death)>,
    dead: bool,
}

/// A process's life, shared by its ports. When it ends, every call fails, and what is beneath stays as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Process(Arc<Mutex<Life>>);

impl Process {
    pub(crate) fn dies_at(step: usize, death: Death) -> Self {
        Self(Arc::new(Mutex::new(Life { dies: Some((step, death)), ..Life::default() })))
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.0.lock().unwrap().dead
    }

    pub(crate) fn steps(&self) -> usize {
        self.0.lock().unwrap().steps
    }

    /// Counts from here.
    pub(crate) fn begin(&self) {
        self.0.lock().unwrap().steps = 0;
    }

    /// Whether a step is done, and whether it is heard of.
    fn step(&self) -> (bool, bool) {
        let mut life = self.0.lock().unwrap();
        if life.dead {
            return (false, false);
        }
        let now = life.steps;
        life.steps += 1;
        let Some((_, death)) = life.dies.filter(|(at, _)| *at == now) else { return (true, true) };
        life.dead = true;
        (death == Death::After, false)
    }
}

const DEAD: StorageError = StorageError::new(StorageErrorKind::Unavailable, "commit");
const DEAD_BLOB: BlobError = BlobError::new(BlobErrorKind::Unavailable, "write");

type Hook = Box<dyn FnOnce(ChangeSet) -> futures::Boxed + Send>;

/// The one future that the tests need a name for.
pub(crate) mod futures {
    pub(crate) type Boxed = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// A storage of a mortal process, which remembers its change sets and may be interrupted before it commits.
#[derive(Clone, Default)]
pub(crate) struct Rows {
    pub(crate) honest: MemoryStorage,
    pub(crate) process: Process,
    /// Every change set that was applied, in order.
    pub(crate) applied: Arc<Mutex<Vec<ChangeSet>>>,
    before: Arc<Mutex<Option<(Collection, Hook)>>>,
    refuses: Arc<Mutex<Option<StorageErrorKind>>>,
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rows")
    }
}

impl Rows {
    pub(crate) fn over(honest: MemoryStorage, process: Process) -> Self {
        Self { honest, process, ..Self::default() }
    }

    /// Does something right before the next commit that puts into a collection.
    pub(crate) fn before_commit(
        &self,
        collection: Collection,
        hook: impl FnOnce(ChangeSet) -> futures::Boxed + Send + 'static,
    ) {
        *self.before.lock().unwrap() = Some((collection, Box::new(hook)));
    }

    /// Fails every commit with this kind, without applying it; `None` ends it.
    pub(crate) fn refuse(&self, kind: Option<StorageErrorKind>) {
        *self.refuses.lock().unwrap() = kind;
    }
}

#[async_trait]
impl Storage for Rows {
    async fn commit(&self, set: &ChangeSet) -> Result<Receipt, StorageError> {
        let hook = {
            let mut before = self.before.lock().unwrap();
            match &*before {
                Some((collection, _)) if set.puts.iter().any(|put| put.collection == *collection) => before.take(),
                _ => None,
            }
        };
        if let Some((_, hook)) = hook {
            hook(set.clone()).await;
        }
        if let Some(kind) = *self.refuses.lock().unwrap() {
            return Err(StorageError::new(kind, "commit"));
        }
        let (done, heard) = self.process.step();
        let receipt = if done { self.honest.commit(set).await } else { Err(DEAD) };
        if receipt.is_ok() {
            self.applied.lock().unwrap().push(set.clone());
        }
        if heard { receipt } else { Err(DEAD) }
    }

    async fn head(&self, partition: Partition) -> Result<Head, StorageError> {
        if self.process.is_dead() { Err(DEAD) } else { self.honest.head(partition).await }
    }

    async fn get(&self, partition: Partition, kind: Collection, rows: &[RowId]) -> Result<Vec<Row>, StorageError> {
        if self.process.is_dead() { Err(DEAD) } else { self.honest.get(partition, kind, rows).await }
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, StorageError> {
        if self.process.is_dead() { Err(DEAD) } else { self.honest.scan(scan).await }
    }

    async fn due(&self, due: &Due) -> Result<Vec<Row>, StorageError> {
        self.honest.due(due).await
    }

    async fn heads(
        &self,
        bucket: Bucket,
        after: Option<Partition>,
        limit: u32,
    ) -> Result<Vec<(Partition, Head)>, StorageError> {
        self.honest.heads(bucket, after, limit).await
    }
}

/// A blob store of a mortal process.
#[derive(Debug, Clone)]
pub(crate) struct Objects {
    pub(crate) honest: MemoryBlobs,
    pub(crate) process: Process,
}

#[derive(Debug)]
struct MortalUpload {
    honest: Box<dyn BlobUpload>,
    process: Process,
}

#[async_trait]
impl BlobUpload for MortalUpload {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), BlobError> {
        match self.process.step() {
            (false, _) => Err(DEAD_BLOB),
            (true, heard) => self.honest.write(bytes).await.and(if heard { Ok(()) } else { Err(DEAD_BLOB) }),
        }
    }

    async fn complete(self: Box<Self>) -> Result<(), BlobError> {
        match self.process.step() {
            (false, _) => Err(DEAD_BLOB),
            (true, heard) => self.honest.complete().await.and(if heard { Ok(()) } else { Err(DEAD_BLOB) }),
        }
    }
}

#[async_trait]
impl BlobStore for Objects {
    async fn begin(&self, name: BlobName) -> Result<Box<dyn BlobUpload>, BlobError> {
        match self.process.step() {
            (true, true) => {
                let (honest, process) = (self.honest.begin(name).await?, self.process.clone());
                Ok(Box::new(MortalUpload { honest, process }))
            }
            _ => Err(DEAD_BLOB),
        }
    }

    async fn read(&self, name: BlobName, range: Range<u64>) -> Result<Vec<u8>, BlobError> {
        if self.process.is_dead() { Err(DEAD_BLOB) } else { self.honest.read(name, range).await }
    }

    async fn list(&self, after: Option<BlobName>, limit: u32) -> Result<Vec<BlobObject>, BlobError> {
        if self.process.is_dead() { Err(DEAD_BLOB) } else { self.honest.list(after, limit).await }
    }

    async fn delete(&self, name: BlobName) -> Result<(), BlobError> {
        match self.process.step() {
            (false, _) => Err(DEAD_BLOB),
            (true, heard) => self.honest.delete(name).await.and(if heard { Ok(()) } else { Err(DEAD_BLOB) }),
        }
    }

    async fn tidy(&self, before: DateTime<Utc>) -> Result<u64, BlobError> {
        self.honest.tidy(before).await
    }
}
