//! Filing: the items of one patient, reconciled with what is there, in one change set.

use std::collections::HashMap;

use crate::audit::{Facts, SectionBits};
use crate::chart::{Provenance, SectionSet, SourceId, SourceRef, SourceVersion, View};
use crate::kernel::id::{ItemId, PatientId};
use crate::ledger::{Change, Draft, Failure, Ledger, Stored, encode, section_collection};
use crate::port::storage::{ChangeSet, Delete, Partition, Row, RowId, Tag};
use crate::vault::TagDomain;

use super::fate::Fate;
use super::reason::Reason;
use super::reconcile::{Arrival, Verdict, reconcile, same_content};
use super::record::{ItemRecord, OriginalRecord, PersonRecord, decode_with_original, encode_with_original};

/// An item on its way into a chart.
#[derive(Clone)]
pub(super) struct Arriving {
    /// Where it comes from; what its source calls it is in it.
    pub(super) provenance: Provenance,
    /// Whose it is, in its source's words.
    pub(super) subject: SourceRef,
    pub(super) view: View,
    pub(super) original: Vec<u8>,
}

impl Arriving {
    /// What its source calls it.
    pub(super) fn identity(&self) -> SourceRef {
        SourceRef { kind: self.provenance.source_type.clone(), id: self.provenance.source_id.clone() }
    }
}

/// What decides where nothing tells which of two versions is newer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It is set aside; what was set aside so does not win by being sent again.
    SetAside,
    /// It is set aside; it waited for its patient, so that being there already says nothing.
    Parked,
    /// Staff said that it counts.
    Counts,
}

/// What is stored of an item: the head of its original with the row's version, and the row itself for its bytes.
pub(super) struct Known {
    pub(super) head: OriginalRecord,
    pub(super) version: u64,
    pub(super) original: Vec<u8>,
}

/// Where a change set is going: whose items, from where.
pub(super) struct Filing<'f> {
    pub(super) source: &'f SourceId,
    pub(super) patient: PatientId,
    pub(super) facts: Facts,
    pub(super) doubt: Doubt,
    pub(super) change: Change,
}

impl Ledger {
    /// The item id of what a source calls something.
    pub(crate) fn item_id(&self, source: &SourceId, at: &SourceRef) -> ItemId {
        self.vault.index().item_id(source.as_str().as_bytes(), at.kind.as_str().as_bytes(), at.id.as_str().as_bytes())
    }

    /// The tag under which a chart's observations of an analyte are found.
    pub(crate) fn analyte_tag(&self, patient: PatientId, code: &str) -> Tag {
        self.vault.index().tag(TagDomain::Analyte, &[&patient.to_bytes(), code.as_bytes()])
    }

    /// The tag under which what belongs to a visit is found.
    pub(crate) fn visit_tag(&self, patient: PatientId, visit: ItemId) -> Tag {
        self.vault.index().tag(TagDomain::Visit, &[&patient.to_bytes(), &visit.to_bytes()])
    }

    /// The tag under which earlier versions of an item are found.
    pub(crate) fn version_tag(&self, item: ItemId) -> Tag {
        self.vault.index().tag(TagDomain::VersionOf, &[&item.to_bytes()])
    }

    /// Files a patient's items from a source. No identity may be in it twice.
    ///
    /// One change set: views, originals, what goes to the history, and one entry, with the action that the facts name, that says
    /// how many.
    pub(super) async fn file(
        &self,
        source: &SourceId,
        patient: PatientId,
        items: &[Arriving],
        (facts, doubt): (Facts, Doubt),
    ) -> Result<Vec<Fate>, Failure> {
        let partition = Partition::patient(patient);
        let ids: Vec<ItemId> = items.iter().map(|item| self.item_id(source, &item.identity())).collect();
        let known = self.known(partition, &ids).await?;
        let change = Change { partition, puts: Vec::new(), deletes: Vec::new() };
        let mut filing = Filing { source, patient, facts, doubt, change };
        let mut sections = SectionSet::NONE;
        let mut fates = Vec::with_capacity(items.len());
        for (item, id) in items.iter().zip(ids) {
            let fate = self.file_one(&mut filing, item, id, known.get(&id)).await?;
            if fate == Fate::Stored {
                sections = sections.with(item.view.section());
            }
            fates.push(fate);
        }
        let Filing { facts, change, .. } = filing;
        if !change.puts.is_empty() {
            let stored = fates.iter().filter(|fate| **fate == Fate::Stored).count();
            let facts = Facts {
                subject: Some(patient),
                sections: SectionBits::from_bits(sections.bits()),
                count: u32::try_from(stored).unwrap_or(u32::MAX),
                ..facts
            };
            self.record(change, facts).await?;
        }
        Ok(fates)
    }

    async fn file_one(
        &self,
        filing: &mut Filing<'_>,
        item: &Arriving,
        id: ItemId,
        known: Option<&Known>,
    ) -> Result<Fate, Failure> {
        let provenance = item.provenance.clone();
        let Some(known) = known else {
            self.put_item(filing, (id, item), provenance, None).await?;
            return Ok(Fate::Stored);
        };
        let verdict = if same_content(&known.original, &item.original) {
            Verdict::Same
        } else {
            reconcile(Some(Arrival::of(&known.head.provenance)), Arrival::of(&provenance))
        };
        let says_no_version = provenance.version == SourceVersion::default();
        match verdict {
            Verdict::Same => {
                // What says the same later counts as of then, or what came between the two could win by coming late.
                let stored = &known.head.provenance;
                let is_later = match provenance.version.order(&stored.version) {
                    Some(order) => order.is_gt(),
                    None => says_no_version && provenance.as_of > stored.as_of,
                };
                if is_later {
                    self.say_later(filing, id, known, &provenance).await?;
                }
                Ok(Fate::Unchanged)
            }
            Verdict::Older => {
                self.keep_older(filing, (id, item), provenance, known).await?;
                Ok(Fate::Superseded)
            }
            Verdict::Ambiguous if filing.doubt != Doubt::Counts => Ok(Fate::SetAside(Reason::DuplicateId)),
            // What is in quarantine already was ambiguous once and does not win by being sent again.
            Verdict::Newer
                if says_no_version
                    && filing.doubt == Doubt::SetAside
                    && self.is_quarantined(filing.source, item).await? =>
            {
                Ok(Fate::SetAside(Reason::DuplicateId))
            }
            Verdict::New | Verdict::Newer | Verdict::Ambiguous => {
                self.put_item(filing, (id, item), provenance, Some(known)).await?;
                Ok(Fate::Stored)
            }
        }
    }

    /// Files an item that is new or newer; what was there goes to the history.
    async fn put_item(
        &self,
        filing: &mut Filing<'_>,
        (id, item): (ItemId, &Arriving),
        provenance: Provenance,
        known: Option<&Known>,
    ) -> Result<(), Failure> {
        let row = RowId::from_bytes(id.to_bytes());
        let section = item.view.section();
        let (versions, replaced) = match known {
            None => (1, None),
            Some(known) => {
                let replaced = self.retire(filing, id, known).await?;
                let returns = self.returns_from_history(filing, id, provenance.original_hash).await?;
                (known.head.versions + u64::from(!returns), Some(replaced))
            }
        };
        let version = match replaced {
            Some((old, version)) if old == section => version + 1,
            Some((old, version)) => {
                filing.change.deletes.push(Delete { collection: section_collection(old), row, version });
                1
            }
            None => 1,
        };
        self.put_view(
            filing,
            id,
            version,
            ItemRecord { versions, view: item.view.clone(), provenance: provenance.clone() },
        )?;
        if let View::Patient(patient) = &item.view {
            let known = self.get(filing.change.partition, Stored::PERSONS, &[row]).await?;
            let version = known.first().map_or(0, |row| row.version) + 1;
            let body = encode(&PersonRecord::of(patient))?;
            filing.change.puts.push(Draft { version, ..Draft::first(Stored::PERSONS, row, 0, body) });
        }
        let subject = Some(item.subject.clone());
        let head = OriginalRecord { section: section.number(), versions, provenance, subject };
        self.put_original(filing, id, known.map_or(0, |known| known.version) + 1, &head, &item.original)
    }

    /// Writes the row of an item in its section.
    pub(super) fn put_view(
        &self,
        filing: &mut Filing<'_>,
        id: ItemId,
        version: u64,
        record: ItemRecord,
    ) -> Result<(), Failure> {
        let received = record.provenance.received_at.timestamp_micros();
        filing.change.puts.push(Draft {
            collection: section_collection(record.view.section()),
            row: RowId::from_bytes(id.to_bytes()),
            version,
            order: record.view.at().map_or(received, |at| at.order()),
            tags: self.tags(filing.source, filing.patient, &record.view),
            body: encode(&record)?.into(),
        });
        Ok(())
    }

    /// Writes the row of an item's original.
    #[allow(clippy::unused_self, reason = "beside the row of its view")]
    pub(super) fn put_original(
        &self,
        filing: &mut Filing<'_>,
        id: ItemId,
        version: u64,
        head: &OriginalRecord,
        original: &[u8],
    ) -> Result<(), Failure> {
        let body = encode_with_original(head, original)?;
        let row = RowId::from_bytes(id.to_bytes());
        filing.change.puts.push(Draft { version, ..Draft::first(Stored::ORIGINALS, row, 0, body) });
        Ok(())
    }

    /// What is stored of these items.
    pub(super) async fn known(&self, partition: Partition, ids: &[ItemId]) -> Result<HashMap<ItemId, Known>, Failure> {
        let rows: Vec<RowId> = ids.iter().map(|id| RowId::from_bytes(id.to_bytes())).collect();
        let rows: Vec<Row> = self.get(partition, Stored::ORIGINALS, &rows).await?;
        let mut known = HashMap::with_capacity(rows.len());
        for row in &rows {
            let opened = self.open_own(row).await?;
            let (head, original) = decode_with_original::<OriginalRecord>(&opened, "original")?;
            let id = ItemId::from_bytes(row.row.to_bytes());
            known.insert(id, Known { head, version: row.version, original: original.to_vec() });
        }
        Ok(known)
    }

    /// The tags of an item: what was measured, and at which visit.
    fn tags(&self, source: &SourceId, patient: PatientId, view: &View) -> Vec<Tag> {
        let visit = view.encounter().map(|at| self.visit_tag(patient, self.item_id(source, at)));
        let mut tags: Vec<Tag> = visit.into_iter().collect();
        if let View::Observation(observation) = view {
            // In their order, so that of too many the last are left out, and never the visit or the observation itself.
            for tag in observation.analytes().map(|code| self.analyte_tag(patient, code)) {
                if tags.len() < ChangeSet::MAX_TAGS && !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
        }
        tags
    }
}

impl<'a> Arrival<'a> {
    /// A version as its provenance says.
    const fn of(provenance: &'a Provenance) -> Self {
        Self {
            version: &provenance.version,
            hash: provenance.original_hash,
            as_of: provenance.as_of,
            delivery: provenance.delivery,
        }
    }
}
