//! Whether a folder holds what it must: opened as any host would, compared with the plainest storage there is.

use std::path::Path;

use mychartum_core::port::Storage;
use mychartum_core::port::storage::{
    AuditHead, Bucket, Due, Head, Outcome, Partition, Row, Scan, StorageError, StorageErrorKind,
};
use mychartum_storage::{MemoryStorage, SqliteStorage};
use rusqlite::Connection;

use crate::recording::Known;
use crate::script::Script;

/// The name of the database in each folder.
pub const FILE: &str = "portal.db";

/// What is wrong with what was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// An acknowledged change set is not there.
    #[error("partition {partition}: revision {acknowledged} was acknowledged, and {found} is there")]
    Lost {
        /// The script's partition.
        partition: usize,
        /// What the client had a receipt for.
        acknowledged: u64,
        /// What is there.
        found: u64,
    },
    /// A change set is there that was never handed over, or that was refused.
    #[error("partition {partition}: only revision {attempted} was asked for, and {found} is there")]
    Invented {
        /// The script's partition.
        partition: usize,
        /// The most that may be there.
        attempted: u64,
        /// What is there.
        found: u64,
    },
    /// What is there is not what the change sets up to the head's revision make.
    #[error("partition {partition} at revision {revision}: {what} differs")]
    Half {
        /// The script's partition.
        partition: usize,
        /// Its revision.
        revision: u64,
        /// What was compared.
        what: &'static str,
    },
    /// The storage gave an error where it must not.
    #[error("{during}: {error}")]
    Refused {
        /// What was done.
        during: &'static str,
        /// The error.
        error: StorageError,
    },
    /// SQLite's own check of the file found something.
    #[error("integrity check: {0}")]
    Unsound(String),
}

/// Opens the database in a folder, compares it with the script, writes to it, and has SQLite check the file.
/// Returns the revisions that were found.
///
/// # Errors
/// The first damage found.
pub async fn judge(folder: &Path, script: &Script, known: &Known) -> Result<Vec<u64>, Damage> {
    let path = folder.join(FILE);
    let storage = SqliteStorage::open(&path).await.map_err(during("opening"))?;
    let revisions = compare(&storage, script, known).await?;
    goes_on(&storage, script, &revisions).await?;
    storage.close().await;
    check_file(&path)?;
    Ok(revisions)
}

/// Compares all that can be read with what the script's change sets make. Returns the revisions that were found.
///
/// # Errors
/// The first damage found.
pub async fn compare(storage: &dyn Storage, script: &Script, known: &Known) -> Result<Vec<u64>, Damage> {
    let model = MemoryStorage::new();
    let mut revisions = Vec::with_capacity(script.partitions());
    for partition in 0..script.partitions() {
        let Some(first) = script.sets(partition).first() else { continue };
        let head = storage.head(first.partition).await.map_err(during("head"))?;
        let acknowledged = known.acknowledged.get(partition).copied().unwrap_or(0);
        let attempted = known.attempted.get(partition).copied().unwrap_or(0).max(acknowledged);
        let found = head.revision;
        if found < acknowledged {
            return Err(Damage::Lost { partition, acknowledged, found });
        }
        if found > attempted {
            return Err(Damage::Invented { partition, attempted, found });
        }
        for revision in 1..=found {
            let set = script.set(partition, revision).ok_or(Damage::Invented { partition, attempted, found })?;
            model.commit(set).await.map_err(during("the model"))?;
        }
        revisions.push(found);
    }
    for (partition, revision) in revisions.iter().enumerate() {
        let Some(first) = script.sets(partition).first() else { continue };
        let found = View::of(storage, first.partition).await.map_err(during("reading"))?;
        let wanted = View::of(&model, first.partition).await.map_err(during("the model"))?;
        if let Some(what) = found.differs(&wanted) {
            return Err(Damage::Half { partition, revision: *revision, what });
        }
        chain(&found, partition, *revision)?;
    }
    Ok(revisions)
}

/// Says again what was said last, which must change nothing, and then something new.
async fn goes_on(storage: &dyn Storage, script: &Script, revisions: &[u64]) -> Result<(), Damage> {
    for (partition, revision) in revisions.iter().enumerate() {
        let half = |what| Damage::Half { partition, revision: *revision, what };
        // The ring remembers 64; three of them, also the oldest, are enough here.
        for earlier in [0, 1, 63].into_iter().filter_map(|back| revision.checked_sub(back)) {
            let Some(set) = script.set(partition, earlier) else { continue };
            let receipt = storage.commit(set).await.map_err(during("repeating"))?;
            if receipt.outcome != Outcome::Repeated || receipt.revision != earlier {
                return Err(half("what is remembered of repeated change sets"));
            }
        }
        let Some(next) = script.set(partition, revision + 1) else { continue };
        let receipt = storage.commit(next).await.map_err(during("going on"))?;
        if receipt.outcome != Outcome::Applied || receipt.revision != revision + 1 {
            return Err(half("the receipt of the next change set"));
        }
    }
    Ok(())
}

/// SQLite's own check, with a connection of its own; closing must have left one file.
fn check_file(path: &Path) -> Result<(), Damage> {
    let unsound = |error: rusqlite::Error| Damage::Unsound(error.to_string());
    let connection = Connection::open(path).map_err(unsound)?;
    let mut check = connection.prepare("PRAGMA integrity_check").map_err(unsound)?;
    let lines: Vec<String> = check.query_map([], |row| row.get(0)).and_then(Iterator::collect).map_err(unsound)?;
    if lines != ["ok"] {
        return Err(Damage::Unsound(lines.join("; ")));
    }
    let mut tags = connection
        .prepare("SELECT (SELECT count(*) FROM row_tag), (SELECT sum(length(tags)) / 16 FROM sealed_row)")
        .map_err(unsound)?;
    let (listed, carried): (i64, Option<i64>) =
        tags.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(unsound)?;
    if listed == carried.unwrap_or(0) { Ok(()) } else { Err(Damage::Unsound("tags without rows".to_owned())) }
}

/// All that can be read about one partition.
#[derive(PartialEq)]
struct View {
    head: Head,
    rows: Vec<Vec<Row>>,
    tagged: Vec<Vec<Row>>,
    due: Vec<Row>,
    listed: Option<Head>,
}

impl View {
    async fn of(storage: &dyn Storage, partition: Partition) -> Result<Self, StorageError> {
        let (mut rows, mut tagged) = (Vec::new(), Vec::new());
        for collection in Script::COLLECTIONS {
            let all = Scan::new(partition, collection, u32::MAX);
            rows.push(storage.scan(&all).await?);
            for tag in Script::TAGS {
                tagged.push(storage.scan(&Scan { tag: Some(tag), ..all.clone() }).await?);
            }
        }
        let bucket: Bucket = partition.bucket();
        let due = Due { bucket, collection: Script::TASKS, before: i64::MAX, limit: u32::MAX };
        let heads = storage.heads(bucket, None, u32::MAX).await?;
        Ok(Self {
            head: storage.head(partition).await?,
            rows,
            tagged,
            due: storage.due(&due).await?,
            listed: heads.into_iter().find(|(other, _)| *other == partition).map(|(_, head)| head),
        })
    }

    fn differs(&self, wanted: &Self) -> Option<&'static str> {
        [
            (self.head == wanted.head, "the head"),
            (self.rows == wanted.rows, "a collection"),
            (self.tagged == wanted.tagged, "what a tag finds"),
            (self.due == wanted.due, "what is due"),
            (self.listed == wanted.listed, "the list of heads"),
        ]
        .into_iter()
        .find_map(|(same, what)| (!same).then_some(what))
    }
}

/// The audit entries are one for each revision, without a gap, and lead to the head.
fn chain(view: &View, partition: usize, revision: u64) -> Result<(), Damage> {
    use sha2::{Digest as _, Sha256};
    let mut end = AuditHead::EMPTY;
    for entry in view.rows.first().into_iter().flatten() {
        let mut hash = Sha256::new();
        hash.update(end.link);
        hash.update(&entry.body);
        end = AuditHead { count: end.count + 1, link: hash.finalize().into() };
    }
    if end == view.head.audit && end.count == revision {
        Ok(())
    } else {
        Err(Damage::Half { partition, revision, what: "the chain" })
    }
}

fn during(what: &'static str) -> impl Fn(StorageError) -> Damage {
    move |error| Damage::Refused { during: what, error }
}

impl Damage {
    /// The kind of error that a storage gave, if it was one.
    #[must_use]
    pub const fn kind(&self) -> Option<StorageErrorKind> {
        match self {
            Self::Refused { error, .. } => Some(error.kind()),
            _ => None,
        }
    }
}
