//! Moving: what is filed under a source's name for a patient goes where that name leads.

use std::collections::HashMap;

use crate::audit::{Action, Facts, SectionBits};
use crate::chart::{SectionSet, SourceId, SourceRef};
use crate::kernel::id::{ItemId, PatientId};
use crate::ledger::{Change, Draft, Failure, Ledger, Patience, Stored, section_collection};
use crate::port::storage::{Delete, Partition, Row, RowId, Scan, StorageErrorKind};

use super::fate::Fate;
use super::filing::{Arriving, Doubt};
use super::quarantine::{Content, Doubtful, Waiter};
use super::reason::Reason;
use super::record::{OriginalRecord, VersionRecord, decode_with_original};

/// How many items are moved, or let out, at once.
const PAGE: u32 = 64;

/// An item on its way out of a chart: all its versions, the oldest first, and the rows that hold it.
struct Leaving {
    item: ItemId,
    versions: Vec<Arriving>,
    rows: Vec<Delete>,
    sections: SectionSet,
}

impl Ledger {
    /// Moves the items of a source out of a chart that their subjects do not lead to any more: into the chart that they lead to, else
    /// into quarantine. What is moved is in its new place before it leaves the old one; cut off and done again it ends the same.
    pub(super) async fn settle(&self, source: &SourceId, chart: PatientId, facts: Facts) -> Result<(), Failure> {
        let partition = Partition::patient(chart);
        let mut leads: HashMap<SourceRef, Option<PatientId>> = HashMap::new();
        let mut scan = Scan::new(partition, Stored::ORIGINALS, PAGE);
        loop {
            let rows = self.scan(&scan).await?;
            let whole = rows.len() < PAGE as usize;
            scan.after = rows.last().map(Row::position);
            let mut leaving: HashMap<Option<PatientId>, Vec<Leaving>> = HashMap::new();
            for row in &rows {
                let opened = self.open_own(row).await?;
                let (head, original) = decode_with_original::<OriginalRecord>(&opened, "original")?;
                let Some(subject) = head.subject.clone().filter(|_| head.provenance.source == *source) else {
                    continue;
                };
                let lead = match leads.get(&subject) {
                    Some(lead) => *lead,
                    None => {
                        let lead = self.linked(source, &subject).await?;
                        leads.insert(subject.clone(), lead);
                        lead
                    }
                };
                if lead != Some(chart) {
                    let item = self.leaving(row, head, original.to_vec(), subject).await?;
                    leaving.entry(lead).or_default().push(item);
                }
            }
            for (lead, items) in leaving {
                // A hold or a label is there before what it keeps back.
                if let Some(lead) = lead {
                    self.carry_marks(chart, lead, &items, facts).await?;
                }
                self.put_elsewhere(source, lead, &items, facts).await?;
                self.take_away(chart, &items, facts).await?;
            }
            if whole {
                return Ok(());
            }
        }
    }

    /// Files what waits for a patient of a source; returns how many it was.
    pub(super) async fn let_in(
        &self,
        source: &SourceId,
        subject: &SourceRef,
        chart: PatientId,
        facts: Facts,
    ) -> Result<u64, Failure> {
        let mut filed = 0;
        loop {
            let waiting = self.waiting_for(source, subject, PAGE).await?;
            let whole = waiting.len() < PAGE as usize;
            filed += self.file_waiting(source, chart, waiting, (facts, Doubt::Parked)).await?;
            if whole {
                return Ok(filed);
            }
        }
    }

    /// Files what waited, and takes it out of quarantine; what turns out to be doubtful stays there for that reason.
    pub(super) async fn file_waiting(
        &self,
        source: &SourceId,
        chart: PatientId,
        mut waiting: Vec<Waiter>,
        (facts, doubt): (Facts, Doubt),
    ) -> Result<u64, Failure> {
        waiting.sort_by_cached_key(|one| one.item().map(|item| item.provenance.age()));
        let (rows, items): (Vec<Waiter>, Vec<Arriving>) =
            waiting.into_iter().filter_map(|one| one.item().map(|item| (one, item))).unzip();
        if rows.is_empty() {
            return Ok(0);
        }
        let import = Facts { action: Action::Import, ..facts };
        let fates = self.file_in_rounds(source, chart, items, (import, doubt)).await?;
        let mut out = Vec::new();
        for (one, fate) in rows.into_iter().zip(fates) {
            match fate {
                Fate::SetAside(reason) => self.keep_for(source, one, reason, facts).await?,
                Fate::Stored | Fate::Unchanged | Fate::Superseded => out.push(one.row),
            }
        }
        if !out.is_empty() {
            self.let_out(source, &out, Facts { subject: Some(chart), ..facts }).await?;
        }
        Ok(u64::try_from(out.len()).unwrap_or(u64::MAX))
    }

    /// Files items among which there may be several versions of one, in their order; their fates come in their order.
    async fn file_in_rounds(
        &self,
        source: &SourceId,
        chart: PatientId,
        items: Vec<Arriving>,
        how: (Facts, Doubt),
    ) -> Result<Vec<Fate>, Failure> {
        let mut fates: Vec<Option<Fate>> = vec![None; items.len()];
        let mut rounds: Vec<Vec<(usize, Arriving)>> = Vec::new();
        let mut seen: HashMap<SourceRef, usize> = HashMap::new();
        for (place, item) in items.into_iter().enumerate() {
            let round = seen.entry(item.identity()).and_modify(|round| *round += 1).or_insert(0);
            if rounds.len() <= *round {
                rounds.push(Vec::new());
            }
            if let Some(round) = rounds.get_mut(*round) {
                round.push((place, item));
            }
        }
        for round in rounds {
            let (places, items): (Vec<usize>, Vec<Arriving>) = round.into_iter().unzip();
            for (place, fate) in places.into_iter().zip(self.file(source, chart, &items, how).await?) {
                if let Some(slot) = fates.get_mut(place) {
                    *slot = Some(fate);
                }
            }
        }
        fates.into_iter().map(|fate| fate.ok_or(Failure::Damaged("filing: no fate"))).collect()
    }

    /// All versions of an item and the rows that hold them.
    async fn leaving(
        &self,
        row: &Row,
        head: OriginalRecord,
        original: Vec<u8>,
        subject: SourceRef,
    ) -> Result<Leaving, Failure> {
        let partition = row.partition;
        let item = ItemId::from_bytes(row.row.to_bytes());
        let delete = |row: &Row| Delete { collection: row.collection, row: row.row, version: row.version };
        let (current, version) = self.current_item(partition, item, &head).await?;
        let section = head.section()?;
        let mut rows = vec![delete(row), Delete { collection: section_collection(section), row: row.row, version }];
        let mut versions = Vec::new();
        let mut scan = Scan { tag: Some(self.version_tag(item)), ..Scan::new(partition, Stored::HISTORY, PAGE) };
        loop {
            let earlier = self.scan(&scan).await?;
            scan.after = earlier.last().map(Row::position);
            for row in &earlier {
                let opened = self.open_own(row).await?;
                let (VersionRecord { item }, original) = decode_with_original(&opened, "version")?;
                let (view, provenance, original) = (item.view, item.provenance, original.to_vec());
                versions.push(Arriving { provenance, subject: subject.clone(), view, original });
                rows.push(delete(row));
            }
            if earlier.len() < PAGE as usize {
                break;
            }
        }
        versions.sort_by_cached_key(|version| version.provenance.age());
        versions.push(Arriving { provenance: current.provenance, subject, view: current.view, original });
        rows.extend(self.get(partition, Stored::PERSONS, &[row.row]).await?.iter().map(delete));
        let sections = versions.iter().fold(SectionSet::NONE, |all, version| all.with(version.view.section()));
        Ok(Leaving { item, versions, rows, sections })
    }

    async fn put_elsewhere(
        &self,
        source: &SourceId,
        lead: Option<PatientId>,
        items: &[Leaving],
        facts: Facts,
    ) -> Result<(), Failure> {
        let all: Vec<Arriving> = items.iter().flat_map(|item| item.versions.iter().cloned()).collect();
        if let Some(chart) = lead {
            // What is taken out of one chart comes into the other: its trail says that.
            let action = if facts.action == Action::Retract { Action::Import } else { facts.action };
            return self.file_in_rounds(source, chart, all, (Facts { action, ..facts }, Doubt::Counts)).await.map(drop);
        }
        let doubtful: Vec<Doubtful> = all
            .into_iter()
            .map(|item| Doubtful {
                resource: item.provenance.source_type.as_str().into(),
                reason: Reason::UnknownPatient,
                content: Content::Item(Box::new(item)),
            })
            .collect();
        self.quarantine(source, &doubtful, Facts { action: Action::Quarantine, ..facts }).await
    }

    /// Takes along what was said of items: a hold or a label must not be lost on the way.
    async fn carry_marks(
        &self,
        from: PatientId,
        to: PatientId,
        items: &[Leaving],
        facts: Facts,
    ) -> Result<(), Failure> {
        let ids: Vec<RowId> = items.iter().map(|item| RowId::from_bytes(item.item.to_bytes())).collect();
        let (here, there) = (Partition::patient(from), Partition::patient(to));
        let marks = self.get(here, Stored::MARKS, &ids).await?;
        let known = self.get(there, Stored::MARKS, &ids).await?;
        let mut puts = Vec::new();
        for mark in marks.iter().filter(|mark| !known.iter().any(|known| known.row == mark.row)) {
            puts.push(Draft::first(Stored::MARKS, mark.row, mark.order, self.open_own(mark).await?.to_vec()));
        }
        if puts.is_empty() {
            return Ok(());
        }
        self.record(Change::puts(there, puts), Facts { subject: Some(to), ..facts }).await.map(drop)
    }

    async fn take_away(&self, chart: PatientId, items: &[Leaving], facts: Facts) -> Result<(), Failure> {
        let sections = items.iter().fold(0, |bits, item| bits | item.sections.bits());
        let facts = Facts {
            subject: Some(chart),
            sections: SectionBits::from_bits(sections),
            count: u32::try_from(items.len()).unwrap_or(u32::MAX),
            ..facts
        };
        let deletes = items.iter().flat_map(|item| item.rows.iter().copied()).collect();
        let change = Change { partition: Partition::patient(chart), puts: Vec::new(), deletes };
        self.record(change, facts).await.map(drop)
    }

    /// Notes in a chart whether a source merged its patient into another: then nobody sees it until staff have looked.
    pub(super) async fn note_merged(
        &self,
        source: &SourceId,
        name: &SourceRef,
        chart: PatientId,
        (merged, facts): (bool, Facts),
    ) -> Result<(), Failure> {
        let partition = Partition::patient(chart);
        let parts = [source.as_str(), name.kind.as_str(), name.id.as_str()].map(str::as_bytes);
        let [source, kind, id] = parts;
        let row = self.vault.index().row_id(&[b"merged", source, kind, id]);
        let mut patience = Patience::default();
        loop {
            let known = self.get(partition, Stored::PERSONS, &[row]).await?;
            let change = match (known.first(), merged) {
                (None, true) => {
                    let record = super::record::PersonRecord { merged: true, ..Default::default() };
                    let body = crate::ledger::encode(&record)?;
                    Change::puts(partition, vec![Draft::first(Stored::PERSONS, row, 0, body)])
                }
                (Some(known), false) => {
                    let deletes = vec![Delete { collection: Stored::PERSONS, row, version: known.version }];
                    Change { partition, puts: Vec::new(), deletes }
                }
                _ => return Ok(()),
            };
            match self.record(change, Facts { subject: Some(chart), ..facts }).await {
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                outcome => return outcome.map(drop),
            }
        }
    }
}
