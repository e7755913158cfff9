//! What the records team looks at: quarantine, and what sources said of their names for patients.

use chrono::{DateTime, Utc};

use crate::audit::{Action, Facts, Outcome, Purpose};
use crate::chart::{SourceId, SourceRef, SourceVersion, View};
use crate::kernel::hidden;
use crate::kernel::id::{AccountId, DeliveryId, ItemId, PatientId, QuarantineId};
use crate::ledger::{Change, Failure, Ledger, Stored};
use crate::port::storage::{Position, Row, RowId, Scan, StorageErrorKind};

use super::fate::Fate;
use super::filing::Doubt;
use super::links::LinkError;
use super::merging::MergeRecord;
use super::parcel::{PatientMerge, Tie};
use super::quarantine::{Dismissal, QuarantineRecord, Waiter};
use super::reason::Reason;
use super::record::decode_with_original;

/// A parcel in quarantine, as the work list shows it: nothing of what it says.
#[derive(Clone, PartialEq, Eq)]
pub struct QuarantineCase {
    /// Which one.
    pub id: QuarantineId,
    /// Its type as far as it could be read: the sender's own text.
    pub resource: Box<str>,
    /// Why it is there, in words.
    pub reason: String,
    /// Why, as [`Reason::code`].
    pub code: String,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// With which delivery.
    pub delivery: DeliveryId,
    /// Whose the source says it is, where it could be read and only that is the question.
    pub subject: Option<SourceRef>,
    /// Staff said that it is to stay.
    pub dismissed: Option<Dismissal>,
}

/// Some of a source's quarantine, the oldest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QuarantinePage {
    /// The cases.
    pub cases: Vec<QuarantineCase>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Position>,
}

/// A parcel in quarantine, opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The case.
    pub case: QuarantineCase,
    /// What it says, where it could be read.
    pub view: Option<View>,
    /// The bytes as received.
    pub original: Vec<u8>,
}

/// What a source said of two of its names for patients.
#[derive(Clone, PartialEq, Eq)]
pub struct MergeCase {
    /// What it said.
    pub said: PatientMerge,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The chart of the name that goes on, now.
    pub survivor: Option<PatientId>,
    /// The chart that is the merged name's own, where it has one.
    pub own: Option<PatientId>,
    /// Whether the merged name leads to the other now.
    pub stands: bool,
}

hidden!(QuarantineCase, Quarantined, MergeCase);

/// Nothing was changed in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuarantineError {
    /// There is no such parcel any more.
    #[error("quarantine: no such parcel")]
    NotFound,
    /// It cannot be filed by saying whose it is: it could not be read.
    #[error("quarantine: the parcel could not be read")]
    Unreadable,
    /// The link to the chart cannot be made.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The machinery below failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl Waiter {
    fn case(&self) -> QuarantineCase {
        let QuarantineRecord { reason, code, resource, received_at, delivery, dismissed, .. } = self.head.clone();
        QuarantineCase {
            id: QuarantineId::from_bytes(self.row.row.to_bytes()),
            resource,
            reason,
            code,
            received_at,
            delivery,
            subject: self.subject().cloned(),
            dismissed,
        }
    }
}

impl Ledger {
    /// A page of a source's quarantine.
    pub(crate) async fn quarantine_page(
        &self,
        source: &SourceId,
        after: Option<Position>,
        limit: u32,
    ) -> Result<QuarantinePage, Failure> {
        let partition = self.source_partition(source);
        let rows = self.scan(&Scan { after, ..Scan::new(partition, Stored::QUARANTINE, limit.max(1)) }).await?;
        let more = u32::try_from(rows.len()).is_ok_and(|count| count >= limit);
        let next = rows.last().map(Row::position).filter(|_| more);
        let cases = self.open_quarantined(rows).await?.iter().map(Waiter::case).collect();
        Ok(QuarantinePage { cases, next })
    }

    async fn waiter(&self, source: &SourceId, id: QuarantineId) -> Result<Waiter, QuarantineError> {
        let row = RowId::from_bytes(id.to_bytes());
        let rows = self.get(self.source_partition(source), Stored::QUARANTINE, &[row]).await?;
        self.open_quarantined(rows).await?.pop().ok_or(QuarantineError::NotFound)
    }

    /// Opens a parcel in quarantine. The entry that says so is durable first.
    pub(crate) async fn look_at_quarantined(
        &self,
        source: &SourceId,
        id: QuarantineId,
        facts: Facts,
    ) -> Result<Quarantined, QuarantineError> {
        self.waiter(source, id).await?;
        let record = Some(ItemId::from_bytes(id.to_bytes()));
        let facts = Facts { action: Action::Disclose, record, ..facts };
        self.record(Change::none(self.source_partition(source)), facts).await?;
        let waiter = self.waiter(source, id).await?;
        Ok(Quarantined { case: waiter.case(), view: waiter.view().cloned(), original: waiter.original })
    }

    /// Says that a parcel is to stay in quarantine, or that it waits again.
    pub(crate) async fn dismiss(
        &self,
        source: &SourceId,
        id: QuarantineId,
        dismissed: Option<Dismissal>,
        facts: Facts,
    ) -> Result<(), QuarantineError> {
        let record = Some(ItemId::from_bytes(id.to_bytes()));
        let facts = Facts { action: Action::Change, record, ..facts };
        loop {
            let waiter = self.waiter(source, id).await?;
            if waiter.head.dismissed.is_some() == dismissed.is_some() {
                return Ok(());
            }
            let head = QuarantineRecord { dismissed, ..waiter.head.clone() };
            match self.put_quarantined(source, &waiter, &head, facts).await {
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict => {}
                outcome => return Ok(outcome?),
            }
        }
    }

    /// Files a parcel of quarantine in a chart: its patient is tied to that chart, and all that waits for that patient is filed with
    /// it. Of two versions between which nothing decides, staff say that this one counts.
    pub(crate) async fn file_quarantined(
        &self,
        source: &SourceId,
        id: QuarantineId,
        patient: PatientId,
        facts: Facts,
    ) -> Result<u64, QuarantineError> {
        let waiter = self.waiter(source, id).await?;
        let subject = waiter.subject().cloned().ok_or(QuarantineError::Unreadable)?;
        if waiter.head.code == Reason::UnknownPatient.code() {
            self.dismiss(source, id, None, facts).await?;
            return Ok(self.relink(source, &subject, Some(patient), facts).await?);
        }
        if self.linked(source, &subject).await? != Some(patient) {
            return Err(LinkError::LinkedElsewhere.into());
        }
        Ok(self.file_waiting(source, patient, vec![waiter], (facts, Doubt::Counts)).await?)
    }

    /// What a source said of its names for patients, the newest first.
    pub(crate) async fn merge_cases(&self, source: &SourceId, limit: u32) -> Result<Vec<MergeCase>, Failure> {
        let scan = Scan::new(self.source_partition(source), Stored::MERGES, limit.max(1));
        let mut cases = Vec::new();
        for row in self.scan(&Scan { direction: crate::port::storage::Direction::Descending, ..scan }).await? {
            let opened = self.open_own(&row).await?;
            let (head, _) = decode_with_original::<MergeRecord>(&opened, "merge")?;
            let MergeRecord { survivor, merged, tie, version, received_at } = head;
            let (record, _) = self.link_record(source, &merged).await?;
            cases.push(MergeCase {
                survivor: self.linked(source, &survivor).await?,
                own: record.patient,
                stands: record.into.as_ref() == Some(&survivor),
                said: PatientMerge { survivor, merged, tie, version },
                received_at,
            });
        }
        Ok(cases)
    }

    /// Takes two of a source's names apart, or ties them, on staff's word, which counts from now on.
    pub(crate) async fn say_of_names(
        &self,
        source: &SourceId,
        (survivor, merged): (&SourceRef, &SourceRef),
        tie: Tie,
        facts: Facts,
    ) -> Result<Fate, Failure> {
        let now = chrono::SubsecRound::trunc_subsecs(facts.at, 6).to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let version = SourceVersion { last_updated: now.parse().ok(), ..SourceVersion::default() };
        let merge = PatientMerge { survivor: survivor.clone(), merged: merged.clone(), tie, version };
        self.merge(source, &merge, now.as_bytes(), facts).await
    }
}

/// The facts of what staff do with what arrived.
pub(crate) fn by_staff(staff: AccountId, delivery: DeliveryId, at: DateTime<Utc>) -> Facts {
    Facts {
        delivery: Some(delivery),
        ..Facts::new(at, crate::audit::Actor::Account(staff), Action::Change, Purpose::Operations, Outcome::Permitted)
    }
}
