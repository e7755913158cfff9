//! Putting a restore on record: the first portal that opens a storage with a higher epoch writes it down.

use serde::{Deserialize, Serialize};

use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::ledger::{Change, Draft, Failure, Ledger, Stored, encode};
use crate::port::storage::{Partition, StorageErrorKind};

/// The record of the system partition: the epoch that the last entry about it told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Noted {
    epoch: u64,
}

impl Ledger {
    /// Writes an entry if the installation's epoch is above the one noted before: it was restored, copied or moved since.
    ///
    /// Of several portals that open at once, one writes it.
    pub(super) async fn note_homecoming(&self) -> Result<(), Failure> {
        loop {
            let epoch = self.head(Partition::SYSTEM).await?.epoch;
            let noted = self.only_record::<Noted>(Partition::SYSTEM).await?;
            let (before, version) = noted.map_or((0, 0), |(noted, version)| (noted.epoch, version));
            if epoch <= before {
                return Ok(());
            }
            let draft = Draft { version: version + 1, ..noted_row(epoch)? };
            let facts = Facts::new(self.now(), Actor::Host, Action::Restored, Purpose::Operations, Outcome::Permitted);
            match self.record(Change::puts(Partition::SYSTEM, vec![draft]), facts).await {
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict => {}
                outcome => return outcome.map(drop),
            }
        }
    }

    /// The first entry of the installation's own trail.
    pub(super) async fn note_founding(&self) -> Result<(), Failure> {
        // Founded in a bucket that was moved before: that it has an epoch is no news.
        let epoch = self.head(Partition::SYSTEM).await?.epoch;
        let puts = if epoch > 0 { vec![noted_row(epoch)?] } else { Vec::new() };
        let facts = Facts::new(self.now(), Actor::Host, Action::Found, Purpose::Operations, Outcome::Permitted);
        self.record(Change::puts(Partition::SYSTEM, puts), facts).await.map(drop)
    }
}

fn noted_row(epoch: u64) -> Result<Draft, Failure> {
    Ok(Draft::first(Stored::RECORD, Stored::ONLY, 0, encode(&Noted { epoch })?))
}
