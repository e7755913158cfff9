//! Reading and checking a partition's audit trail.

use crate::audit::{Entry, Fault, Unreadable, Verifier};
use crate::port::storage::{AuditHead, Direction, Partition, Position, Scan};

use super::collection::Stored;
use super::failure::Failure;
use super::ledger::Ledger;

/// How many entries are read at once.
const PAGE: u32 = 512;

/// What a check of an audit trail found: the chain holds, and how many entries it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrailCheck {
    /// The number of entries, every one verified.
    pub entries: u64,
}

impl Ledger {
    /// Checks every entry of a partition's trail against its links and its head.
    ///
    /// # Errors
    /// [`Failure::Trail`] names the first bad entry.
    pub(crate) async fn verify_trail(&self, partition: Partition) -> Result<TrailCheck, Failure> {
        loop {
            let head = self.storage.head(partition).await?;
            match self.verify_against(partition, head.audit).await {
                // A writer may have added entries after the head was read; then the newer head decides.
                Err(Failure::Trail(broken))
                    if broken.fault == Fault::Beyond && self.storage.head(partition).await?.audit != head.audit => {}
                outcome => return outcome,
            }
        }
    }

    async fn verify_against(&self, partition: Partition, head: AuditHead) -> Result<TrailCheck, Failure> {
        let key = self.vault.audit_key(partition);
        let mut verifier = Verifier::new(self.vault.tenant(), partition, head);
        let mut scan = Scan::new(partition, Stored::AUDIT, PAGE);
        loop {
            // Not `self.scan`: a row that does not belong here is a fault of the trail, at a position that can be named.
            let rows = self.storage.scan(&scan).await?;
            for row in &rows {
                let opened = self.open(&key, row);
                let body = opened.as_ref().map(|opened| &**opened).map_err(|_| Unreadable);
                verifier.push(row.position(), body)?;
            }
            match rows.last() {
                Some(last) if rows.len() >= PAGE as usize => scan.after = Some(last.position()),
                _ => break,
            }
        }
        Ok(TrailCheck { entries: verifier.finish()?.count })
    }

    /// Entries of a partition's trail, newest first, before a position.
    pub(crate) async fn trail(
        &self,
        partition: Partition,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Entry>, Failure> {
        let key = self.vault.audit_key(partition);
        let after: Option<Position> = before.and_then(Entry::place);
        let direction = Direction::Descending;
        let scan = Scan { direction, after, ..Scan::new(partition, Stored::AUDIT, limit) };
        let rows = self.scan(&scan).await?;
        rows.iter()
            .map(|row| {
                let opened = self.open(&key, row)?;
                Entry::read(&opened).map(|(entry, _)| entry).map_err(|_| Failure::Damaged("audit entry"))
            })
            .collect()
    }
}
