//! The judge: compares a storage after a crash with what was said before it.

use std::collections::{BTreeMap, BTreeSet};

use mychartum_core::port::Storage;
use mychartum_core::port::storage::{
    AuditHead, Bucket, ChangeSet, Due, Head, Outcome, Partition, Row, Scan, StorageError, StorageErrorKind,
};

use super::step::{self, CHART, ENTRIES, Link, TASKS};
use super::writer::retrying;
use super::{Event, Loss, Record, Step, Verdict, Workload};

/// How many rows of a chain are read at once.
const PAGE: u32 = 500;

/// Reads everything that a workload wrote and says what is missing, half, or not what was written.
///
/// It changes nothing; [`repeat`] does.
pub async fn judge(storage: &dyn Storage, workload: Workload, record: &Record) -> Verdict {
    let mut court = Court::new(storage, workload, record);
    for number in 0..workload.partition_count() {
        if let Err(error) = court.partition(number).await {
            court.verdict.losses.push(Loss::Unreadable(error));
        }
    }
    if let Err(error) = court.buckets().await {
        court.verdict.losses.push(Loss::Unreadable(error));
    }
    court.verdict
}

/// Commits again what nobody heard the outcome of, and the last steps that were acknowledged: neither may do any harm.
///
/// A step that is there must be `Repeated`, one that is not must be `Applied` or a `Conflict`. What is applied now goes into
/// the record, so that the next judgement looks for it.
pub async fn repeat(storage: &dyn Storage, workload: Workload, record: &mut Record) -> Verdict {
    let known = record.clone();
    let mut court = Court::new(storage, workload, &known);
    for number in 0..workload.partition_count() {
        match court.repeat(number).await {
            Ok(events) => record.extend(events),
            Err(error) => court.verdict.losses.push(Loss::Unreadable(error)),
        }
    }
    court.verdict
}

struct Court<'a> {
    storage: &'a dyn Storage,
    workload: Workload,
    record: &'a Record,
    verdict: Verdict,
    /// What each bucket must list.
    buckets: BTreeMap<Bucket, Expected>,
}

/// What a bucket must list.
#[derive(Default)]
struct Expected {
    due: Vec<Row>,
    heads: Vec<(Partition, Head)>,
}

/// A chain as it was read: its steps, and its links from the empty one on.
struct Chain {
    steps: Vec<Step>,
    links: Vec<Link>,
}

impl<'a> Court<'a> {
    fn new(storage: &'a dyn Storage, workload: Workload, record: &'a Record) -> Self {
        Self { storage, workload, record, verdict: Verdict::default(), buckets: BTreeMap::new() }
    }

    fn lose(&mut self, loss: Loss) {
        self.verdict.losses.push(loss);
    }

    async fn partition(&mut self, number: u32) -> Result<(), StorageError> {
        let partition = self.workload.partition(number);
        let head = retrying(|| self.storage.head(partition)).await?;
        let chain = self.chain(number).await?;
        let (entries, revision) = (chain.count(), head.revision);
        let audit = AuditHead { count: entries, link: chain.last() };
        let epoch = chain.steps.last().map_or(0, |step| step.epoch);
        if (head.revision, head.audit) != (entries, audit) || head.epoch < epoch {
            self.lose(Loss::Head { partition, entries, revision });
        }
        let mut due = Vec::new();
        for (collection, rows) in step::rows(partition, &chain.links) {
            if self.scan(Scan::new(partition, collection, PAGE)).await? != rows {
                self.lose(Loss::Half { partition, collection, revision });
            }
            if collection == CHART {
                self.tags(partition, &rows).await?;
            }
            if collection == TASKS {
                due = rows;
            }
        }
        let expected = self.buckets.entry(partition.bucket()).or_default();
        expected.due.extend(due);
        expected.heads.extend((head != Head::EMPTY).then_some((partition, head)));
        self.compare(number, &chain);
        Ok(())
    }

    /// Reads a chain from its beginning, to its end or to the first entry that does not follow.
    async fn chain(&mut self, number: u32) -> Result<Chain, StorageError> {
        let partition = self.workload.partition(number);
        let mut chain = Chain { steps: Vec::new(), links: vec![[0; 32]] };
        let mut scan = Scan::new(partition, ENTRIES, PAGE);
        loop {
            let rows = self.scan(scan.clone()).await?;
            for row in &rows {
                let revision = chain.count() + 1;
                let step = Step::read(number, row).filter(|step| step.entry_row(partition, chain.last()) == *row);
                let Some(step) = step.filter(|step| step.revision == revision) else {
                    self.lose(Loss::Gap { partition, revision });
                    return Ok(chain);
                };
                chain.links.push(step.link(partition, chain.last()));
                chain.steps.push(step);
            }
            match rows.last() {
                Some(last) if rows.len() == PAGE as usize => scan.after = Some(last.position()),
                _ => return Ok(chain),
            }
        }
    }

    async fn tags(&mut self, partition: Partition, rows: &[Row]) -> Result<(), StorageError> {
        for third in 0..3 {
            let tag = step::tag(third);
            let tagged: Vec<Row> = rows.iter().filter(|row| row.tags.contains(&tag)).cloned().collect();
            if self.scan(Scan { tag: Some(tag), ..Scan::new(partition, CHART, PAGE) }).await? != tagged {
                self.lose(Loss::Tag { partition });
            }
        }
        Ok(())
    }

    /// Holds what is there against what was said.
    fn compare(&mut self, number: u32, chain: &Chain) {
        let record = self.record;
        self.verdict.kept += chain.count();
        let lost = record.acknowledged_on(number).filter(|step| chain.step(step.revision) != Some(*step));
        self.verdict.losses.extend(lost.map(Loss::Acknowledged));
        let there: BTreeSet<Step> = chain.steps.iter().copied().collect();
        let refused = there.iter().filter(|step| record.was_refused(**step));
        self.verdict.losses.extend(refused.map(|step| Loss::Refused(*step)));
        let nobody = there.iter().filter(|step| !record.was_tried(**step));
        self.verdict.losses.extend(nobody.map(|step| Loss::Nobody(*step)));
        for step in record.unknown().iter().filter(|step| step.partition == number) {
            let count =
                if there.contains(step) { &mut self.verdict.unknown_there } else { &mut self.verdict.unknown_gone };
            *count += 1;
        }
    }

    async fn buckets(&mut self) -> Result<(), StorageError> {
        let ours: BTreeSet<Partition> =
            (0..self.workload.partition_count()).map(|number| self.workload.partition(number)).collect();
        for (bucket, Expected { due: mut rows, heads }) in core::mem::take(&mut self.buckets) {
            rows.sort_by_key(|row| (row.order, row.partition, row.row));
            let due = Due { bucket, collection: TASKS, before: i64::MAX, limit: u32::MAX };
            let mut listed = retrying(|| self.storage.due(&due)).await?;
            // Others may have work in the same bucket: other generations, and whoever shares the storage.
            listed.retain(|row| ours.contains(&row.partition));
            if listed != rows {
                let wrong = listed.iter().chain(&rows).find(|row| !(listed.contains(row) && rows.contains(row)));
                let partition = wrong.or_else(|| rows.first()).map_or(Partition::SYSTEM, |row| row.partition);
                self.lose(Loss::Due { partition });
            }
            let all = retrying(|| self.storage.heads(bucket, None, u32::MAX)).await?;
            for (partition, _) in heads.iter().filter(|head| !all.contains(head)) {
                self.lose(Loss::Listed { partition: *partition });
            }
        }
        Ok(())
    }

    async fn repeat(&mut self, number: u32) -> Result<Vec<Event>, StorageError> {
        let partition = self.workload.partition(number);
        let mut events = Vec::new();
        let mut chain = self.chain(number).await?;
        let recent = self.record.acknowledged_on(number).rev().take(2);
        let unknown = self.record.unknown().into_iter().filter(|step| step.partition == number);
        for step in unknown.chain(recent).collect::<Vec<_>>() {
            // The step that it followed may be gone with the crash; then nobody can compute it any more.
            let Some(before) = chain.link(step.revision.saturating_sub(1)) else { continue };
            let forgotten = chain.count() >= step.revision + step::REMEMBERED;
            let is_there = chain.step(step.revision) == Some(step);
            let set: ChangeSet = step.set(partition, before);
            let answer = retrying(|| self.storage.commit(&set)).await;
            let revision = answer.as_ref().ok().map(|receipt| receipt.revision);
            match (is_there, answer.map(|receipt| receipt.outcome)) {
                (true, Ok(Outcome::Repeated)) if revision == Some(step.revision) => {
                    events.push(Event::Acknowledged(step))
                }
                (true, Err(error)) if forgotten && error.kind() == StorageErrorKind::Conflict => {}
                (false, Ok(Outcome::Applied)) if revision == Some(chain.count() + 1) => {
                    events.push(Event::Acknowledged(step));
                    chain.links.push(step.link(partition, before));
                    chain.steps.push(step);
                }
                (false, Err(error)) if error.kind() == StorageErrorKind::Conflict && chain.count() >= step.revision => {
                    events.push(Event::Refused(step));
                }
                (_, answer) => {
                    let answer = format!("{answer:?} at revision {revision:?} of {}", chain.count());
                    self.lose(Loss::Repeated { step, answer });
                }
            }
        }
        Ok(events)
    }

    async fn scan(&self, scan: Scan) -> Result<Vec<Row>, StorageError> {
        retrying(|| self.storage.scan(&scan)).await
    }
}

impl Chain {
    fn count(&self) -> u64 {
        u64::try_from(self.steps.len()).unwrap_or(u64::MAX)
    }

    fn last(&self) -> Link {
        self.links.last().copied().unwrap_or_default()
    }

    /// The link after a revision.
    fn link(&self, revision: u64) -> Option<Link> {
        self.links.get(usize::try_from(revision).ok()?).copied()
    }

    fn step(&self, revision: u64) -> Option<Step> {
        self.steps.get(usize::try_from(revision.checked_sub(1)?).ok()?).copied()
    }
}
