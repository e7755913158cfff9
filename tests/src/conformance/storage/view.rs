//! All that can be read about a partition under test.

use mychartum_core::port::Storage;
use mychartum_core::port::storage::{Direction, Due, Head, Partition, Put, Row, Scan, StorageError};

use super::patient::{NOTES, Patient};

/// What every question of the port answers about one partition, so that two moments can be compared.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::conformance) struct View {
    pub(in crate::conformance) head: Head,
    pub(in crate::conformance) notes: Vec<Row>,
    backwards: Vec<Row>,
    tasks: Vec<Row>,
    pub(in crate::conformance) tagged: Vec<Row>,
    pub(in crate::conformance) due: Vec<Row>,
    listed: Option<(Partition, Head)>,
}

impl View {
    /// Reads everything.
    pub(in crate::conformance) async fn of(storage: &dyn Storage, patient: &Patient) -> Result<Self, StorageError> {
        let all = Scan::new(patient.partition, NOTES, 20_000);
        let tasks = Scan { collection: patient.tasks, ..all.clone() };
        let before = i64::MAX;
        let due = Due { bucket: patient.bucket(), collection: patient.tasks, before, limit: 20_000 };
        Ok(Self {
            head: storage.head(patient.partition).await?,
            notes: storage.scan(&all).await?,
            backwards: storage.scan(&Scan { direction: Direction::Descending, ..all.clone() }).await?,
            tasks: storage.scan(&tasks).await?,
            tagged: storage.scan(&Scan { tag: Some(patient.tag), ..all }).await?,
            due: storage.due(&due).await?.into_iter().filter(|row| row.partition == patient.partition).collect(),
            listed: listed(storage, patient.partition).await?,
        })
    }

    /// Takes the epoch out of the list's line, to compare two moments around a turn.
    pub(in crate::conformance) fn forget_listed_epoch(&mut self) {
        if let Some((_, head)) = &mut self.listed {
            head.epoch = 0;
        }
    }
}

/// A partition's line in the list of its bucket.
pub(in crate::conformance) async fn listed(
    storage: &dyn Storage,
    partition: Partition,
) -> Result<Option<(Partition, Head)>, StorageError> {
    let mut after = None;
    // A bucket that never ends is a broken one; real ones hold tens of thousands.
    for _ in 0..10_000 {
        let page = storage.heads(partition.bucket(), after, 1000).await?;
        if let Some(found) = page.iter().find(|(other, _)| *other == partition) {
            return Ok(Some(*found));
        }
        match page.last() {
            Some((last, _)) if *last < partition => after = Some(*last),
            _ => break,
        }
    }
    Ok(None)
}

/// The row that a put must become.
pub(in crate::conformance) fn stored(patient: &Patient, put: &Put) -> Row {
    Row {
        partition: patient.partition,
        collection: put.collection,
        row: put.row,
        version: put.version,
        order: put.order,
        tags: put.tags.clone(),
        body: put.body.clone(),
    }
}
