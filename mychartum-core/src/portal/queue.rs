//! What waits for staff: a row for each thing, in an entry of the directory for each kind.

use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::kernel::id::PatientId;
use crate::ledger::{Change, Draft, Failure, Stored, encode};
use crate::port::storage::{Delete, Partition, RowId};
use crate::vault::TagDomain;

use super::grant_change::lost_race;
use super::portal::Portal;

/// What kind of thing waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Queue {
    /// Grants to be verified.
    Proxies,
    /// Results that are held back.
    Holds,
    /// Broken glasses to be looked at again.
    Glasses,
}

impl Queue {
    const fn name(self) -> &'static [u8] {
        match self {
            Self::Proxies => b"proxies",
            Self::Holds => b"holds",
            Self::Glasses => b"glasses",
        }
    }
}

impl Portal {
    /// The partition of something that waits for staff.
    pub(super) fn queue(&self, of: Queue) -> Partition {
        Partition::directory(self.ledger.vault.index().tag(TagDomain::Queue, &[of.name()]))
    }

    pub(super) async fn enqueue(&self, of: Queue, patient: PatientId, row: RowId) -> Result<(), Failure> {
        let partition = self.queue(of);
        loop {
            if !self.ledger.get(partition, Stored::RECORD, &[row]).await?.is_empty() {
                return Ok(());
            }
            let now = self.ledger.now();
            let put = Draft::first(Stored::RECORD, row, now.timestamp_micros(), encode(&patient)?);
            let facts = Facts {
                subject: Some(patient),
                ..Facts::new(now, Actor::Host, Action::Change, Purpose::Operations, Outcome::Permitted)
            };
            let written = self.ledger.record(Change::puts(partition, vec![put]), facts).await;
            if !lost_race(&written) {
                return written.map(drop);
            }
        }
    }

    pub(super) async fn dequeue(&self, of: Queue, row: RowId) -> Result<(), Failure> {
        let partition = self.queue(of);
        loop {
            let known = self.ledger.get(partition, Stored::RECORD, &[row]).await?;
            let Some(version) = known.first().map(|row| row.version) else { return Ok(()) };
            let deletes = vec![Delete { collection: Stored::RECORD, row, version }];
            let facts =
                Facts::new(self.ledger.now(), Actor::Host, Action::Change, Purpose::Operations, Outcome::Permitted);
            let written = self.ledger.record(Change { partition, puts: Vec::new(), deletes }, facts).await;
            if !lost_race(&written) {
                return written.map(drop);
            }
        }
    }
}
