//! When a source was last heard from.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::chart::SourceId;
use crate::ledger::{Change, Draft, Failure, Ledger, Stored, decode, encode};
use crate::port::storage::{Partition, StorageErrorKind};

/// How much later something has to come before it is noted anew: a feed of many messages costs no write each.
const WORTH_NOTING: Duration = Duration::seconds(60);

/// What is noted of a source.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct HeardRecord {
    last: DateTime<Utc>,
}

impl Ledger {
    /// When a source was last heard from, to the minute. It says nothing of any patient, so that nobody can tell from it whether
    /// something came that they do not see.
    pub(crate) async fn last_heard(&self, source: &SourceId) -> Result<Option<DateTime<Utc>>, Failure> {
        Ok(self.heard(self.source_partition(source)).await?.map(|(record, _)| record.last))
    }

    async fn heard(&self, partition: Partition) -> Result<Option<(HeardRecord, u64)>, Failure> {
        let rows = self.get(partition, Stored::HEARD, &[Stored::ONLY]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some((decode(&self.open_own(row).await?, "heard")?, row.version)))
    }

    /// Notes that a source was heard from now.
    pub(super) async fn note_heard(&self, source: &SourceId) -> Result<(), Failure> {
        let (partition, now) = (self.source_partition(source), self.now());
        let known = self.heard(partition).await?;
        if known.is_some_and(|(record, _)| now - record.last < WORTH_NOTING) {
            return Ok(());
        }
        let version = known.map_or(0, |(_, version)| version) + 1;
        let body = encode(&HeardRecord { last: now })?;
        let put = Draft { version, ..Draft::first(Stored::HEARD, Stored::ONLY, 0, body) };
        match self.housekeep(Change::puts(partition, vec![put])).await {
            // Somebody else noted it.
            Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict => Ok(()),
            outcome => outcome,
        }
    }
}
