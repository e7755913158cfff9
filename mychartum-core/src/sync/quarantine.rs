//! Quarantine: what could not be filed, kept whole.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::audit::{Action, Facts};
use crate::chart::SourceId;
use crate::kernel::hidden;
use crate::kernel::id::DeliveryId;
use crate::ledger::{Change, Draft, Failure, Ledger, Stored};
use crate::port::storage::RowId;

use super::reason::Reason;
use super::record::encode_with_original;

/// The head of a quarantined parcel's row; the original follows it.
#[derive(Serialize, Deserialize)]
struct QuarantineRecord {
    reason: String,
    resource: Box<str>,
    received_at: DateTime<Utc>,
    delivery: DeliveryId,
}

hidden!(QuarantineRecord);

/// A parcel on its way to quarantine.
pub(super) struct Doubtful {
    pub(super) resource: Box<str>,
    pub(super) reason: Reason,
    pub(super) original: Vec<u8>,
}

impl Ledger {
    pub(super) fn quarantine_row(&self, source: &SourceId, original: &[u8]) -> RowId {
        let hash: [u8; 32] = Sha256::digest(original).into();
        self.vault.index().row_id(&[b"quarantine", source.as_str().as_bytes(), &hash])
    }

    /// Whether these very bytes are in quarantine already.
    pub(super) async fn is_quarantined(&self, source: &SourceId, original: &[u8]) -> Result<bool, Failure> {
        let row = self.quarantine_row(source, original);
        Ok(!self.get(self.source_partition(source), Stored::QUARANTINE, &[row]).await?.is_empty())
    }

    /// Keeps parcels in quarantine, each once however often it is sent.
    pub(super) async fn quarantine(
        &self,
        source: &SourceId,
        parcels: &[Doubtful],
        facts: Facts,
    ) -> Result<(), Failure> {
        let partition = self.source_partition(source);
        let delivery = facts.delivery.ok_or(Failure::Damaged("quarantine: no delivery"))?;
        let ids: Vec<RowId> = parcels.iter().map(|parcel| self.quarantine_row(source, &parcel.original)).collect();
        let mut unique = ids.clone();
        unique.sort_unstable();
        unique.dedup();
        let mut known: HashSet<RowId> =
            self.get(partition, Stored::QUARANTINE, &unique).await?.into_iter().map(|row| row.row).collect();
        let mut drafts = Vec::new();
        for (parcel, row) in parcels.iter().zip(ids) {
            if known.insert(row) {
                let head = QuarantineRecord {
                    reason: parcel.reason.to_string(),
                    resource: parcel.resource.clone(),
                    received_at: facts.at,
                    delivery,
                };
                let body = encode_with_original(&head, &parcel.original)?;
                drafts.push(Draft::first(Stored::QUARANTINE, row, facts.at.timestamp_micros(), body));
            }
        }
        if drafts.is_empty() {
            return Ok(());
        }
        let count = u32::try_from(drafts.len()).unwrap_or(u32::MAX);
        self.record(Change::puts(partition, drafts), Facts { action: Action::Quarantine, count, ..facts }).await?;
        Ok(())
    }
}
