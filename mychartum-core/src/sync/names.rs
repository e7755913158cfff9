//! Names of clinicians, organizations, places and medications that items refer to.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::{Action, Facts};
use crate::chart::{SourceId, SourceRef, SourceVersion, View};
use crate::kernel::hidden;
use crate::kernel::text::Label;
use crate::ledger::{Change, Draft, Failure, Ledger, Stored, decode, encode};
use crate::port::storage::{Partition, Row, RowId};
use crate::vault::TagDomain;

use super::fate::Fate;
use super::parcel::Directory;
use super::reconcile::{Arrival, Verdict, reconcile};

/// A name in a source's directory.
#[derive(Clone, Serialize, Deserialize)]
struct NameRecord {
    name: Label,
    #[serde(default)]
    version: SourceVersion,
    hash: [u8; 32],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    as_of: Option<DateTime<Utc>>,
    delivery: crate::kernel::id::DeliveryId,
    /// The names that came in the same delivery and lost: sending them again changes nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lost: Vec<Label>,
}

/// How many names that lost are remembered.
const LOST_KEPT: usize = 16;

hidden!(NameRecord);

impl Ledger {
    /// The partition of a source: its names and its quarantine.
    pub(super) fn source_partition(&self, source: &SourceId) -> Partition {
        Partition::source(self.vault.index().tag(TagDomain::Source, &[source.as_str().as_bytes()]))
    }

    fn name_row(&self, source: &SourceId, at: &SourceRef) -> RowId {
        let parts =
            [b"name".as_slice(), source.as_str().as_bytes(), at.kind.as_str().as_bytes(), at.id.as_str().as_bytes()];
        self.vault.index().row_id(&parts)
    }

    /// Files names in a source's directory, each under what the source calls it and under its aliases.
    pub(super) async fn file_names(
        &self,
        source: &SourceId,
        names: &[(Directory, [u8; 32])],
        as_of: Option<DateTime<Utc>>,
        facts: Facts,
    ) -> Result<Vec<Fate>, Failure> {
        let partition = self.source_partition(source);
        let delivery = facts.delivery.ok_or(Failure::Damaged("names: no delivery"))?;
        let all: Vec<Vec<RowId>> = names
            .iter()
            .map(|(entry, _)| {
                let aliases = entry
                    .aliases
                    .iter()
                    .map(|alias| SourceRef { kind: entry.identity.kind.clone(), id: alias.clone() });
                core::iter::once(entry.identity.clone()).chain(aliases).map(|at| self.name_row(source, &at)).collect()
            })
            .collect();
        let mut ids: Vec<RowId> = all.iter().flatten().copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut known: HashMap<RowId, (NameRecord, u64)> = HashMap::new();
        for row in self.get(partition, Stored::NAMES, &ids).await? {
            let record = decode(&self.open_own(&row).await?, "name")?;
            known.insert(row.row, (record, row.version));
        }
        let mut puts: HashMap<RowId, (NameRecord, u64)> = HashMap::new();
        let mut fates = Vec::with_capacity(names.len());
        for ((entry, hash), rows) in names.iter().zip(&all) {
            let arriving = Arrival { version: &entry.version, hash: *hash, as_of, delivery };
            let first = rows.first().and_then(|row| puts.get(row).or_else(|| known.get(row)));
            let stored = first.map(|(record, _)| Arrival {
                version: &record.version,
                hash: record.hash,
                as_of: record.as_of,
                delivery: record.delivery,
            });
            let says_nothing_new = first.is_some_and(|(record, _)| {
                let undecided = record.version.order(&entry.version).is_none();
                undecided && (record.name == entry.name || record.lost.contains(&entry.name))
            });
            // A later delivery that says the same makes it as of then.
            let says_it_later =
                first.is_some_and(|(record, _)| as_of > record.as_of) && entry.version == SourceVersion::default();
            let complete = rows.iter().all(|row| puts.contains_key(row) || known.contains_key(row));
            match reconcile(stored, arriving) {
                // Only the name is kept: what differs elsewhere, such as how busy a clinic is, is no news.
                verdict if complete && (says_nothing_new || verdict == Verdict::Same) => {
                    if let (true, Some((record, _))) = (says_it_later, first.cloned())
                        && record.name == entry.name
                    {
                        for row in rows {
                            let version = known.get(row).map_or(0, |(_, version)| *version);
                            puts.insert(*row, (NameRecord { as_of, ..record.clone() }, version + 1));
                        }
                    }
                    fates.push(Fate::Unchanged);
                }
                Verdict::Same => fates.push(Fate::Unchanged),
                Verdict::Older => fates.push(Fate::Superseded),
                // A name says nothing about a patient: of two in one delivery the later one stands.
                verdict @ (Verdict::New | Verdict::Newer | Verdict::Ambiguous) => {
                    let rival = first.map(|(record, _)| record).filter(|_| verdict == Verdict::Ambiguous);
                    let lost = rival.into_iter().flat_map(|rival| core::iter::once(&rival.name).chain(&rival.lost));
                    let record = NameRecord {
                        name: entry.name.clone(),
                        version: entry.version.clone(),
                        hash: *hash,
                        as_of,
                        delivery,
                        lost: lost.filter(|name| **name != entry.name).take(LOST_KEPT).cloned().collect(),
                    };
                    for row in rows {
                        let version = known.get(row).map_or(0, |(_, version)| *version);
                        puts.insert(*row, (record.clone(), version + 1));
                    }
                    fates.push(Fate::Stored);
                }
            }
        }
        if !puts.is_empty() {
            let mut drafts = Vec::with_capacity(puts.len());
            for (row, (record, version)) in puts {
                drafts.push(Draft { version, ..Draft::first(Stored::NAMES, row, 0, encode(&record)?) });
            }
            let count = u32::try_from(drafts.len()).unwrap_or(u32::MAX);
            self.record(Change::puts(partition, drafts), Facts { action: Action::Import, count, ..facts }).await?;
        }
        Ok(fates)
    }

    /// Fills in the names that a source's items refer to and did not bring with them.
    pub(crate) async fn fill_names(&self, views: &mut [(&SourceId, &mut View)]) -> Result<(), Failure> {
        // By source, then by what the source calls it: a page names few, and each keyed hash is made once.
        let mut wanted: HashMap<&SourceId, HashMap<SourceRef, RowId>> = HashMap::new();
        for (source, view) in views.iter_mut() {
            for party in view.parties_mut().into_iter().filter(|party| party.name.is_none()) {
                if let Some(at) = &party.at {
                    let rows = wanted.entry(source).or_default();
                    if !rows.contains_key(at) {
                        rows.insert(at.clone(), self.name_row(source, at));
                    }
                }
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let mut names: HashMap<RowId, Label> = HashMap::new();
        for (source, rows) in &wanted {
            let partition = self.source_partition(source);
            let mut ids: Vec<RowId> = rows.values().copied().collect();
            ids.sort_unstable();
            let rows: Vec<Row> = self.get(partition, Stored::NAMES, &ids).await?;
            for row in rows {
                let record: NameRecord = decode(&self.open_own(&row).await?, "name")?;
                names.insert(row.row, record.name);
            }
        }
        for (source, view) in views.iter_mut() {
            let Some(rows) = wanted.get(source) else { continue };
            for party in view.parties_mut().into_iter().filter(|party| party.name.is_none()) {
                let row = party.at.as_ref().and_then(|at| rows.get(at));
                party.name = row.and_then(|row| names.get(row).cloned());
            }
        }
        Ok(())
    }
}
