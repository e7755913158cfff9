//! Quarantine: what could not be filed, kept whole, so that it can be filed once somebody knows whose it is.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::audit::{Action, Facts};
use crate::chart::{Provenance, SourceId, SourceRef, View};
use crate::kernel::hidden;
use crate::kernel::id::{AccountId, DeliveryId};
use crate::ledger::{Change, Draft, Failure, Ledger, Stored};
use crate::port::storage::{Delete, Row, RowId, Scan, Tag};
use crate::vault::TagDomain;

use super::filing::Arriving;
use super::reason::Reason;
use super::record::{decode_with_original, encode_with_original};

/// The head of a quarantined parcel's row; the original follows it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct QuarantineRecord {
    /// [`Reason`]'s text.
    pub(super) reason: String,
    /// [`Reason::code`]; empty in rows of before it was kept.
    #[serde(default)]
    pub(super) code: String,
    pub(super) resource: Box<str>,
    pub(super) received_at: DateTime<Utc>,
    pub(super) delivery: DeliveryId,
    /// What an adapter made of it, where the only question is whose it is or which of two counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) item: Option<HeldItem>,
    /// Staff looked at it and said that it is to stay here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) dismissed: Option<Dismissal>,
}

/// An item that waits.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct HeldItem {
    provenance: Provenance,
    subject: SourceRef,
    view: View,
}

/// Who said that it is to stay, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dismissal {
    /// Who.
    pub by: AccountId,
    /// When.
    pub at: DateTime<Utc>,
}

hidden!(QuarantineRecord, HeldItem);

/// A parcel on its way to quarantine.
pub(super) struct Doubtful {
    pub(super) resource: Box<str>,
    pub(super) reason: Reason,
    pub(super) content: Content,
}

/// What is kept of it.
pub(super) enum Content {
    /// Its bytes alone.
    Bytes(Vec<u8>),
    /// What it says too.
    Item(Box<Arriving>),
}

impl Content {
    fn original(&self) -> &[u8] {
        match self {
            Self::Bytes(original) => original,
            Self::Item(item) => &item.original,
        }
    }
}

/// A row of quarantine, opened.
pub(super) struct Waiter {
    pub(super) row: Row,
    pub(super) head: QuarantineRecord,
    pub(super) original: Vec<u8>,
}

impl Waiter {
    /// Whose it is in its source's words, where it says that.
    pub(super) fn subject(&self) -> Option<&SourceRef> {
        self.head.item.as_ref().map(|item| &item.subject)
    }

    /// What it says, where an adapter could read it.
    pub(super) fn view(&self) -> Option<&View> {
        self.head.item.as_ref().map(|item| &item.view)
    }

    /// The item that waits, ready to be filed.
    pub(super) fn item(&self) -> Option<Arriving> {
        let HeldItem { provenance, subject, view } = self.head.item.clone()?;
        Some(Arriving { provenance, subject, view, original: self.original.clone() })
    }
}

impl Ledger {
    /// The row of a parcel: by its content and, where it says more, by what it is and whose. Two patients can have the very same line of a
    /// result, and neither may be taken for the other's.
    fn quarantine_row(&self, source: &SourceId, content: &Content) -> RowId {
        let hash: [u8; 32] = Sha256::digest(content.original()).into();
        match content {
            Content::Bytes(_) => self.vault.index().row_id(&[b"quarantine", source.as_str().as_bytes(), &hash]),
            Content::Item(item) => self.quarantined_item_row(source, item),
        }
    }

    fn quarantined_item_row(&self, source: &SourceId, item: &Arriving) -> RowId {
        let hash: [u8; 32] = Sha256::digest(&item.original).into();
        let identity = item.identity();
        let names =
            [&identity.kind, &identity.id, &item.subject.kind, &item.subject.id].map(|name| name.as_str().as_bytes());
        let [kind, id, whose, subject] = names;
        let parts = [b"quarantined".as_slice(), source.as_str().as_bytes(), &hash, kind, id, whose, subject];
        self.vault.index().row_id(&parts)
    }

    /// The tag of what waits for a patient of a source.
    fn waiting_tag(&self, source: &SourceId, subject: &SourceRef) -> Tag {
        let parts = [source.as_str(), subject.kind.as_str(), subject.id.as_str()].map(str::as_bytes);
        self.vault.index().tag(TagDomain::WaitingFor, &parts)
    }

    /// Whether this very item is in quarantine already because nothing tells which of two counts.
    pub(super) async fn is_quarantined(&self, source: &SourceId, item: &Arriving) -> Result<bool, Failure> {
        let row = self.quarantined_item_row(source, item);
        let rows = self.get(self.source_partition(source), Stored::QUARANTINE, &[row]).await?;
        let known = self.open_quarantined(rows).await?;
        Ok(known.first().is_some_and(|known| known.head.code == Reason::DuplicateId.code()))
    }

    /// Lets a row stay for another reason than before.
    pub(super) async fn keep_for(
        &self,
        source: &SourceId,
        one: Waiter,
        reason: Reason,
        facts: Facts,
    ) -> Result<(), Failure> {
        let head = QuarantineRecord { reason: reason.to_string(), code: reason.code().to_owned(), ..one.head.clone() };
        self.put_quarantined(source, &one, &head, Facts { action: Action::Quarantine, ..facts }).await
    }

    /// Writes a row anew with another head.
    pub(super) async fn put_quarantined(
        &self,
        source: &SourceId,
        one: &Waiter,
        head: &QuarantineRecord,
        facts: Facts,
    ) -> Result<(), Failure> {
        let waits = head.dismissed.is_none() && head.code == Reason::UnknownPatient.code();
        let subject = head.item.as_ref().filter(|_| waits).map(|item| &item.subject);
        let draft = Draft {
            version: one.row.version + 1,
            tags: subject.map(|subject| self.waiting_tag(source, subject)).into_iter().collect(),
            ..Draft::first(Stored::QUARANTINE, one.row.row, one.row.order, encode_with_original(head, &one.original)?)
        };
        self.record(Change::puts(self.source_partition(source), vec![draft]), facts).await.map(drop)
    }

    /// Keeps parcels in quarantine, each once however often it is sent.
    pub(super) async fn quarantine(
        &self,
        source: &SourceId,
        parcels: &[Doubtful],
        facts: Facts,
    ) -> Result<(), Failure> {
        let partition = self.source_partition(source);
        let ids: Vec<RowId> = parcels.iter().map(|parcel| self.quarantine_row(source, &parcel.content)).collect();
        let mut unique = ids.clone();
        unique.sort_unstable();
        unique.dedup();
        let mut known: HashSet<RowId> =
            self.get(partition, Stored::QUARANTINE, &unique).await?.into_iter().map(|row| row.row).collect();
        let mut drafts = Vec::new();
        for (parcel, row) in parcels.iter().zip(ids) {
            if !known.insert(row) {
                continue;
            }
            let (tags, item) = match &parcel.content {
                Content::Bytes(_) => (Vec::new(), None),
                Content::Item(item) => {
                    let Arriving { provenance, subject, view, .. } = &**item;
                    let held =
                        HeldItem { provenance: provenance.clone(), subject: subject.clone(), view: view.clone() };
                    let waits = parcel.reason == Reason::UnknownPatient;
                    (waits.then(|| self.waiting_tag(source, subject)).into_iter().collect(), Some(held))
                }
            };
            let head = QuarantineRecord {
                reason: parcel.reason.to_string(),
                code: parcel.reason.code().to_owned(),
                resource: parcel.resource.clone(),
                received_at: item.as_ref().map_or(facts.at, |item| item.provenance.received_at),
                delivery: item
                    .as_ref()
                    .map(|item| item.provenance.delivery)
                    .or(facts.delivery)
                    .ok_or(Failure::Damaged("quarantine: no delivery"))?,
                item,
                dismissed: None,
            };
            let body = encode_with_original(&head, parcel.content.original())?;
            drafts.push(Draft { tags, ..Draft::first(Stored::QUARANTINE, row, facts.at.timestamp_micros(), body) });
        }
        if drafts.is_empty() {
            return Ok(());
        }
        let count = u32::try_from(drafts.len()).unwrap_or(u32::MAX);
        self.record(Change::puts(partition, drafts), Facts { count, ..facts }).await?;
        Ok(())
    }

    /// What waits for a patient of a source, at most `limit` rows.
    pub(super) async fn waiting_for(
        &self,
        source: &SourceId,
        subject: &SourceRef,
        limit: u32,
    ) -> Result<Vec<Waiter>, Failure> {
        let scan = Scan {
            tag: Some(self.waiting_tag(source, subject)),
            ..Scan::new(self.source_partition(source), Stored::QUARANTINE, limit)
        };
        self.open_quarantined(self.scan(&scan).await?).await
    }

    /// Opens rows of quarantine.
    pub(super) async fn open_quarantined(&self, rows: Vec<Row>) -> Result<Vec<Waiter>, Failure> {
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            let opened = self.open_own(&row).await?;
            let (head, original) = decode_with_original::<QuarantineRecord>(&opened, "quarantine")?;
            let original = original.to_vec();
            all.push(Waiter { row, head, original });
        }
        Ok(all)
    }

    /// Takes rows out of quarantine that are filed now.
    pub(super) async fn let_out(&self, source: &SourceId, rows: &[Row], facts: Facts) -> Result<(), Failure> {
        let delete = |row: &Row| Delete { collection: Stored::QUARANTINE, row: row.row, version: row.version };
        let deletes: Vec<Delete> = rows.iter().map(delete).collect();
        let count = u32::try_from(deletes.len()).unwrap_or(u32::MAX);
        let change = Change { partition: self.source_partition(source), puts: Vec::new(), deletes };
        self.record(change, Facts { action: Action::Release, count, ..facts }).await.map(drop)
    }
}
