//! What waits for staff: a row for each thing, in an entry of the directory for each kind.

use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::kernel::id::{AccountId, PatientId};
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
    /// Grants of an account that was joined with another.
    Merges,
    /// Notices that were given up.
    DeadLetters,
    /// Activations that died of wrong dates of birth.
    Locked,
    /// Changes of profiles that were proposed.
    Profiles,
}

impl Queue {
    const fn name(self) -> &'static [u8] {
        match self {
            Self::Proxies => b"proxies",
            Self::Holds => b"holds",
            Self::Glasses => b"glasses",
            Self::Merges => b"merges",
            Self::DeadLetters => b"dead letters",
            Self::Locked => b"locked",
            Self::Profiles => b"profiles",
        }
    }
}

impl Portal {
    /// The partition of something that waits for staff.
    pub(super) fn queue(&self, of: Queue) -> Partition {
        Partition::directory(self.ledger.vault.index().tag(TagDomain::Queue, &[of.name()]))
    }

    pub(super) async fn enqueue(&self, of: Queue, patient: PatientId, row: RowId) -> Result<(), Failure> {
        self.put_in_queue(of, row, encode(&patient)?, Some(patient), None).await
    }

    /// The same for something about an account.
    pub(super) async fn enqueue_account(&self, of: Queue, account: AccountId, row: RowId) -> Result<(), Failure> {
        self.put_in_queue(of, row, encode(&account)?, None, Some(account)).await
    }

    async fn put_in_queue(
        &self,
        of: Queue,
        row: RowId,
        body: Vec<u8>,
        subject: Option<PatientId>,
        account: Option<AccountId>,
    ) -> Result<(), Failure> {
        let partition = self.queue(of);
        loop {
            if !self.ledger.get(partition, Stored::RECORD, &[row]).await?.is_empty() {
                return Ok(());
            }
            let now = self.ledger.now();
            let put = Draft::first(Stored::RECORD, row, now.timestamp_micros(), body.clone());
            let facts = Facts {
                subject,
                account,
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
