//! Filing: the items of one patient, reconciled with what is there, in one change set.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::audit::{Action, Facts, SectionBits};
use crate::chart::{Provenance, SectionSet, SourceId, SourceRef, SourceVersion, View};
use crate::kernel::SensitivitySet;
use crate::kernel::id::{ItemId, PatientId};
use crate::ledger::{Change, Draft, Failure, Ledger, Stored, decode, encode, section_collection};
use crate::port::storage::{ChangeSet, Delete, Partition, Row, RowId, Tag};
use crate::vault::TagDomain;

use super::fate::Fate;
use super::reason::Reason;
use super::reconcile::{Arrival, Verdict, reconcile, same_content};
use super::record::{
    ItemRecord, OriginalRecord, PersonRecord, VersionRecord, decode_with_original, encode_with_original,
};

/// An item on its way into a chart.
pub(super) struct Arriving {
    pub(super) identity: SourceRef,
    pub(super) version: SourceVersion,
    pub(super) view: View,
    pub(super) mapping: u16,
    pub(super) labels: SensitivitySet,
    pub(super) original: Vec<u8>,
}

/// What is stored of an item: the head of its original with the row's version, and the row itself for its bytes.
struct Known {
    head: OriginalRecord,
    version: u64,
    original: Vec<u8>,
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

    /// Files a patient's items. No identity may be in it twice.
    ///
    /// One change set: views, originals, what goes to the history, and one entry that says how many.
    pub(super) async fn file(
        &self,
        source: &SourceId,
        patient: PatientId,
        items: &[Arriving],
        facts: Facts,
    ) -> Result<Vec<Fate>, Failure> {
        let partition = Partition::patient(patient);
        let ids: Vec<ItemId> = items.iter().map(|item| self.item_id(source, &item.identity)).collect();
        let known = self.known(partition, &ids).await?;
        let mut change = Change { partition, puts: Vec::new(), deletes: Vec::new() };
        let mut sections = SectionSet::NONE;
        let mut fates = Vec::with_capacity(items.len());
        for (item, id) in items.iter().zip(ids) {
            let fate = self.file_one(source, patient, item, id, known.get(&id), &facts, &mut change).await?;
            if fate == Fate::Stored {
                sections = sections.with(item.view.section());
            }
            fates.push(fate);
        }
        let stored = fates.iter().filter(|fate| **fate == Fate::Stored).count();
        if stored > 0 {
            let facts = Facts {
                action: Action::Import,
                subject: Some(patient),
                sections: SectionBits::from_bits(sections.bits()),
                count: u32::try_from(stored).unwrap_or(u32::MAX),
                ..facts
            };
            self.record(change, facts).await?;
        }
        Ok(fates)
    }

    #[allow(clippy::too_many_arguments, reason = "one step of `file`, which has all of these at hand")]
    async fn file_one(
        &self,
        source: &SourceId,
        patient: PatientId,
        item: &Arriving,
        id: ItemId,
        known: Option<&Known>,
        facts: &Facts,
        change: &mut Change,
    ) -> Result<Fate, Failure> {
        let delivery = facts.delivery.ok_or(Failure::Damaged("filing: no delivery"))?;
        let hash: [u8; 32] = Sha256::digest(&item.original).into();
        if known.is_some_and(|known| same_content(&known.original, &item.original)) {
            return Ok(Fate::Unchanged);
        }
        let arriving = Arrival { version: &item.version, hash, delivery };
        let stored = known.map(|known| &known.head.provenance);
        let stored = stored.map(|known| Arrival {
            version: &known.version,
            hash: known.original_hash,
            delivery: known.delivery,
        });
        match reconcile(stored, arriving) {
            Verdict::Same => return Ok(Fate::Unchanged),
            Verdict::Older => return Ok(Fate::Superseded),
            Verdict::Ambiguous => return Ok(Fate::SetAside(Reason::DuplicateId)),
            // What is in quarantine already was ambiguous once and does not win by being sent again.
            Verdict::Newer
                if item.version == SourceVersion::default() && self.is_quarantined(source, &item.original).await? =>
            {
                return Ok(Fate::SetAside(Reason::DuplicateId));
            }
            Verdict::New | Verdict::Newer => {}
        }
        let row = RowId::from_bytes(id.to_bytes());
        let section = item.view.section();
        let collection = section_collection(section);
        let (versions, replaced) = match known {
            None => (1, None),
            Some(known) => {
                let replaced = self.retire(change.partition, id, known, facts, change).await?;
                (known.head.versions + 1, Some(replaced))
            }
        };
        let version = match replaced {
            Some((old, version)) if old == section => version + 1,
            Some((old, version)) => {
                change.deletes.push(Delete { collection: section_collection(old), row, version });
                1
            }
            None => 1,
        };
        let provenance = Provenance {
            source: source.clone(),
            source_type: item.identity.kind.clone(),
            source_id: item.identity.id.clone(),
            version: item.version.clone(),
            received_at: facts.at,
            delivery,
            original_hash: hash,
            mapping: item.mapping,
            labels: item.labels,
        };
        let head = OriginalRecord { section: section.number(), versions, provenance: provenance.clone() };
        change.puts.push(Draft {
            collection,
            row,
            version,
            order: item.view.at().map_or(facts.at.timestamp_micros(), |at| at.order()),
            tags: self.tags(source, patient, &item.view),
            body: encode(&ItemRecord { versions, view: item.view.clone(), provenance })?.into(),
        });
        if let View::Patient(patient) = &item.view {
            let known = self.get(change.partition, Stored::PERSONS, &[row]).await?;
            let version = known.first().map_or(0, |row| row.version) + 1;
            let body = encode(&PersonRecord::of(patient))?;
            change.puts.push(Draft { version, ..Draft::first(Stored::PERSONS, row, 0, body) });
        }
        change.puts.push(Draft {
            version: known.map_or(0, |known| known.version) + 1,
            ..Draft::first(Stored::ORIGINALS, row, 0, encode_with_original(&head, &item.original)?)
        });
        Ok(Fate::Stored)
    }

    /// Puts what is there into the history; returns the section and version of its row.
    async fn retire(
        &self,
        partition: Partition,
        id: ItemId,
        known: &Known,
        facts: &Facts,
        change: &mut Change,
    ) -> Result<(crate::chart::Section, u64), Failure> {
        let section = known.head.section()?;
        let rows = self.get(partition, section_collection(section), &[RowId::from_bytes(id.to_bytes())]).await?;
        let row = rows.first().ok_or(Failure::Damaged("item: original without view"))?;
        let item: ItemRecord = decode(&self.open_own(row).await?, "item")?;
        let number = known.head.versions.to_be_bytes();
        let history = self.vault.index().row_id(&[b"version", &id.to_bytes(), &number]);
        let body = encode_with_original(&VersionRecord { item }, &known.original)?;
        change.puts.push(Draft {
            tags: vec![self.version_tag(id)],
            ..Draft::first(Stored::HISTORY, history, facts.at.timestamp_micros(), body)
        });
        Ok((section, row.version))
    }

    /// What is stored of these items.
    async fn known(&self, partition: Partition, ids: &[ItemId]) -> Result<HashMap<ItemId, Known>, Failure> {
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
