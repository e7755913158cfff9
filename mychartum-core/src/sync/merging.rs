//! Merging: a source says that two of its names for patients mean one person, or do so no longer.

use core::cmp::Ordering;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::audit::{Action, Facts};
use crate::chart::{SourceId, SourceRef, SourceVersion};
use crate::kernel::hidden;
use crate::kernel::id::PatientId;
use crate::ledger::{Change, Draft, Failure, Ledger, Patience, Stored};
use crate::port::storage::{RowId, StorageErrorKind};

use super::fate::Fate;
use super::links::LinkRecord;
use super::parcel::{PatientMerge, Tie};
use super::reason::Reason;
use super::record::encode_with_original;

/// How many names are followed that lead to one.
const MOST_NAMES: usize = 256;

/// The head of the row of such a statement; the original follows it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct MergeRecord {
    pub(super) survivor: SourceRef,
    pub(super) merged: SourceRef,
    pub(super) tie: Tie,
    pub(super) version: SourceVersion,
    pub(super) received_at: DateTime<Utc>,
}

hidden!(MergeRecord);

/// A statement that is older than what was said before.
struct Older;

impl Ledger {
    /// Takes a statement of a source: writes it down, then does what it says, then moves what is filed.
    ///
    /// Each step can be done again, so that a statement that was cut off is completed when it is sent again.
    pub(super) async fn merge(
        &self,
        source: &SourceId,
        merge: &PatientMerge,
        original: &[u8],
        facts: Facts,
    ) -> Result<Fate, Failure> {
        let PatientMerge { survivor, merged, tie, version } = merge;
        if survivor == merged {
            return Ok(Fate::SetAside(Reason::Invalid("the same patient twice")));
        }
        let facts = Facts { action: Action::Merge, ..facts };
        let is_new = self.write_down(source, merge, original, facts).await?;
        let before = [self.linked(source, survivor).await?, self.linked(source, merged).await?];
        let outcome = match tie {
            Tie::One => self.tie(source, (merged, survivor), version, facts).await?,
            Tie::Apart => {
                // Which of the two gave way, the statement that takes them apart need not know.
                let one = self.part(source, (merged, survivor), version, facts).await?;
                let other = self.part(source, (survivor, merged), version, facts).await?;
                one.and(other)
            }
        };
        self.settle_names(source, &[survivor, merged], &before, facts).await?;
        Ok(match outcome {
            Err(Older) if is_new => Fate::Superseded,
            Ok(()) if is_new => Fate::Stored,
            _ => Fate::Unchanged,
        })
    }

    /// Lets a name lead to another.
    async fn tie(
        &self,
        source: &SourceId,
        (merged, survivor): (&SourceRef, &SourceRef),
        version: &SourceVersion,
        facts: Facts,
    ) -> Result<Result<(), Older>, Failure> {
        let said = Some(version.clone());
        if self.leads(source, survivor, merged).await? {
            // The one that goes on gave way before: the newer statement turns that round.
            let free = |record: &LinkRecord| {
                after(record, version).map(|()| Some(LinkRecord { into: None, said: said.clone(), ..record.clone() }))
            };
            if let Err(older) = self.change_link(source, survivor, facts, free).await? {
                return Ok(Err(older));
            }
        }
        let give_way = |record: &LinkRecord| {
            after(record, version)?;
            let tied = LinkRecord { into: Some(survivor.clone()), said: said.clone(), ..record.clone() };
            Ok(Some(tied).filter(|tied| tied != record))
        };
        if let Err(older) = self.change_link(source, merged, facts, give_way).await? {
            return Ok(Err(older));
        }
        // Its own chart and not where it led: that stays the same when this was cut off and is done again.
        let own = self.link_record(source, merged).await?.0.patient;
        if own.is_some() && self.linked(source, survivor).await?.is_none() {
            // The one that goes on is new here: it goes on in the chart that there is, with its accounts and all else that is in it.
            let (_, goes_on) = self.survivor(source, survivor).await?;
            let adopt = |record: &LinkRecord| {
                let adopts = || LinkRecord { patient: own, adopted: Some(merged.clone()), ..record.clone() };
                Ok::<_, Older>(record.patient.is_none().then(adopts))
            };
            if let Err(older) = self.change_link(source, &goes_on, facts, adopt).await? {
                return Ok(Err(older));
            }
        }
        let know = |record: &LinkRecord| {
            let mut names = record.names.clone();
            if names.contains(merged) || names.len() >= MOST_NAMES {
                return Ok::<_, Older>(None);
            }
            names.push(merged.clone());
            Ok(Some(LinkRecord { names, ..record.clone() }))
        };
        Ok(self.change_link(source, survivor, facts, know).await?.map(drop))
    }

    /// Lets a name not lead to another any more.
    async fn part(
        &self,
        source: &SourceId,
        (name, other): (&SourceRef, &SourceRef),
        version: &SourceVersion,
        facts: Facts,
    ) -> Result<Result<(), Older>, Failure> {
        let free = |record: &LinkRecord| {
            after(record, version)?;
            let into = record.into.clone().filter(|into| into != other);
            let mut free = LinkRecord { into, said: Some(version.clone()), ..record.clone() };
            if free.adopted.as_ref() == Some(other) {
                free.patient = Some(self.new_patient(source, name));
                free.adopted = None;
            }
            Ok(Some(free).filter(|free| free != record))
        };
        Ok(self.change_link(source, name, facts, free).await?.map(drop))
    }

    /// Whether one name leads to another, by way of whatever names.
    async fn leads(&self, source: &SourceId, from: &SourceRef, to: &SourceRef) -> Result<bool, Failure> {
        let mut name = from.clone();
        for _ in 0..MOST_NAMES {
            match self.link_record(source, &name).await?.0.into {
                Some(into) if into == *to => return Ok(true),
                Some(into) => name = into,
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// After names changed: shuts the charts that gave way, moves what is filed, and files what waited for one of the names.
    pub(super) async fn settle_names(
        &self,
        source: &SourceId,
        names: &[&SourceRef],
        before: &[Option<PatientId>],
        facts: Facts,
    ) -> Result<u64, Failure> {
        let mut charts: Vec<PatientId> = before.iter().copied().flatten().collect();
        for name in names {
            let own = self.link_record(source, name).await?.0.patient;
            let Some(own) = own else { continue };
            let merged = self.linked(source, name).await? != Some(own);
            self.note_merged(source, name, own, (merged, facts)).await?;
            charts.push(own);
        }
        charts.sort_unstable();
        charts.dedup();
        for chart in charts {
            self.settle(source, chart, facts).await?;
        }
        let mut filed = 0;
        for name in names {
            if let Some(chart) = self.linked(source, name).await? {
                filed += self.let_in_all(source, name, chart, facts).await?;
            }
        }
        Ok(filed)
    }

    /// Files what waits for a patient of a source, under whatever name it came that leads to this one.
    pub(super) async fn let_in_all(
        &self,
        source: &SourceId,
        name: &SourceRef,
        chart: PatientId,
        facts: Facts,
    ) -> Result<u64, Failure> {
        let mut names = vec![name.clone()];
        let mut next = 0;
        let mut filed = 0;
        while let Some(name) = names.get(next).cloned() {
            next += 1;
            if self.linked(source, &name).await? == Some(chart) {
                filed += self.let_in(source, &name, chart, facts).await?;
            }
            for other in self.link_record(source, &name).await?.0.names {
                if !names.contains(&other) && names.len() < MOST_NAMES {
                    names.push(other);
                }
            }
        }
        Ok(filed)
    }

    /// Writes a statement down as received; says whether it is new.
    async fn write_down(
        &self,
        source: &SourceId,
        merge: &PatientMerge,
        original: &[u8],
        facts: Facts,
    ) -> Result<bool, Failure> {
        let partition = self.source_partition(source);
        let row = self.merge_row(source, merge, original);
        let head = MergeRecord {
            survivor: merge.survivor.clone(),
            merged: merge.merged.clone(),
            tie: merge.tie,
            version: merge.version.clone(),
            received_at: facts.at,
        };
        let mut patience = Patience::default();
        loop {
            if !self.get(partition, Stored::MERGES, &[row]).await?.is_empty() {
                return Ok(false);
            }
            let body = encode_with_original(&head, original)?;
            let put = Draft::first(Stored::MERGES, row, facts.at.timestamp_micros(), body);
            match self.record(Change::puts(partition, vec![put]), facts).await {
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                outcome => return outcome.map(|_| true),
            }
        }
    }

    fn merge_row(&self, source: &SourceId, merge: &PatientMerge, original: &[u8]) -> RowId {
        let hash: [u8; 32] = Sha256::digest(original).into();
        let names =
            [&merge.survivor, &merge.merged].map(|name| [name.kind.as_str(), name.id.as_str()].map(str::as_bytes));
        let [[one, survivor], [other, merged]] = names;
        let tie = if merge.tie == Tie::One { b"one".as_slice() } else { b"apart" };
        let parts = [b"merge".as_slice(), source.as_str().as_bytes(), tie, &hash, one, survivor, other, merged];
        self.vault.index().row_id(&parts)
    }
}

/// Whether a statement of a version counts after what was said before. What says nothing of its time counts when it comes.
fn after(record: &LinkRecord, version: &SourceVersion) -> Result<(), Older> {
    match record.said.as_ref().and_then(|said| version.order(said)) {
        Some(Ordering::Less) => Err(Older),
        _ => Ok(()),
    }
}
