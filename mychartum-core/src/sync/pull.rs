//! Pulling: a patient's record from a source that waits to be asked, category by category.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::chart::{SourceId, SourceRef};
use crate::ledger::{Change, Draft, Failure, Ledger, Stored, decode, encode};
use crate::port::RecordSource;
use crate::port::record_source::{Category, Completeness, Cursor, Next, SourceError, SourceErrorKind};
use crate::port::storage::RowId;

use super::fate::IntakeReport;
use super::intake::Intake;

/// How many calls one category may take in one pull; the next pull goes on.
const MOST_CALLS: u32 = 1_000;

/// What is stored of a category: where to go on, and how it went.
#[derive(Clone, Default, Serialize, Deserialize)]
struct PullRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursor: Option<Cursor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    succeeded_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing: Option<Failing>,
}

/// How a category fails now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Failing {
    since: DateTime<Utc>,
    needs_reauth: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_at: Option<DateTime<Utc>>,
}

/// How a category of a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CategoryHealth {
    /// Which one.
    pub category: Category,
    /// When all that the source has of it was last here.
    pub succeeded_at: Option<DateTime<Utc>>,
    /// Since when it fails; `None` while it does not.
    pub failing_since: Option<DateTime<Utc>>,
}

/// How a link is as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// Nothing was pulled yet.
    New,
    /// Every category came.
    Active,
    /// Some category fails; the others come.
    Degraded,
    /// The source does not accept our credentials any more. What came before, and where to go on, are kept.
    NeedsReauth,
}

/// The health of a link: what came when, and what does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkHealth {
    /// Each category that was asked for so far.
    pub categories: Vec<CategoryHealth>,
    /// How it is as a whole.
    pub state: LinkState,
    /// Not before then the source is to be asked again.
    pub retry_at: Option<DateTime<Utc>>,
}

/// What a pull came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullReport {
    /// What became of what came.
    pub intake: IntakeReport,
    /// How many items were withdrawn, since the source has them no more.
    pub withdrawn: u64,
    /// The categories that failed, and why.
    pub failed: Vec<(Category, SourceError)>,
}

impl Ledger {
    pub(crate) async fn pull(
        &self,
        mut intake: Intake,
        (source, patient): (&SourceId, &SourceRef),
        from: &dyn RecordSource,
    ) -> Result<PullReport, Failure> {
        let mut failed = Vec::new();
        let mut withdrawn = 0;
        for category in from.categories() {
            let (mut record, version) = self.pull_record(source, patient, category).await?;
            let outcome =
                self.pull_category(&mut intake, (source, patient, category), from, (&mut record, version)).await?;
            withdrawn += outcome.withdrawn;
            if let Some(error) = outcome.error {
                failed.push((category, error));
                if error.kind() == SourceErrorKind::NeedsReauth {
                    break;
                }
            }
        }
        Ok(PullReport { intake: intake.finish(), withdrawn, failed })
    }

    async fn pull_category(
        &self,
        intake: &mut Intake,
        (source, patient, category): (&SourceId, &SourceRef, Category),
        from: &dyn RecordSource,
        (record, mut version): (&mut PullRecord, u64),
    ) -> Result<Pulled, Failure> {
        let mut pulled = Pulled::default();
        let mut begun_anew = false;
        for _ in 0..MOST_CALLS {
            let asked_at = self.now();
            let changes = match from.changes(patient, category, record.cursor.as_ref()).await {
                Ok(changes) => changes,
                Err(error) if error.kind() == SourceErrorKind::Gone && record.cursor.is_some() && !begun_anew => {
                    begun_anew = true;
                    record.cursor = None;
                    continue;
                }
                Err(error) => {
                    let wait = error.retry_after().and_then(|wait| Duration::from_std(wait).ok());
                    record.failing = Some(Failing {
                        since: record.failing.map_or(asked_at, |failing| failing.since),
                        needs_reauth: error.kind() == SourceErrorKind::NeedsReauth,
                        retry_at: wait.and_then(|wait| asked_at.checked_add_signed(wait)),
                    });
                    self.put_pull_record(source, patient, category, (record, version)).await?;
                    pulled.error = Some(error);
                    return Ok(pulled);
                }
            };
            intake.offer(changes.parcels).await?;
            pulled.withdrawn += intake.withdraw(patient, &changes.withdrawn, asked_at).await?;
            // What came is durable: only now the cursor moves on.
            let is_done = matches!(changes.next, Next::UpToDate(_));
            record.cursor = Some(changes.next.cursor().clone());
            if is_done {
                let complete = changes.completeness == Completeness::Complete;
                record.failing = if complete { None } else { record.failing.or(Some(Failing::incomplete(asked_at))) };
                if complete {
                    record.succeeded_at = Some(asked_at);
                }
            }
            self.put_pull_record(source, patient, category, (record, version)).await?;
            version += 1;
            if is_done {
                return Ok(pulled);
            }
        }
        Ok(pulled)
    }

    pub(crate) async fn link_health(&self, source: &SourceId, patient: &SourceRef) -> Result<LinkHealth, Failure> {
        let mut categories = Vec::new();
        let (mut needs_reauth, mut retry_at) = (false, None);
        for category in Category::ALL {
            let (record, version) = self.pull_record(source, patient, category).await?;
            if version > 0 {
                needs_reauth |= record.failing.is_some_and(|failing| failing.needs_reauth);
                retry_at = retry_at.max(record.failing.and_then(|failing| failing.retry_at));
                let (succeeded_at, failing_since) = (record.succeeded_at, record.failing.map(|failing| failing.since));
                categories.push(CategoryHealth { category, succeeded_at, failing_since });
            }
        }
        let state = match categories.as_slice() {
            _ if needs_reauth => LinkState::NeedsReauth,
            [] => LinkState::New,
            all if all.iter().any(|one| one.failing_since.is_some()) => LinkState::Degraded,
            _ => LinkState::Active,
        };
        Ok(LinkHealth { categories, state, retry_at })
    }

    fn pull_row(&self, source: &SourceId, patient: &SourceRef, category: Category) -> Result<RowId, Failure> {
        let category = encode(&category)?;
        let parts = [source.as_str(), patient.kind.as_str(), patient.id.as_str()].map(str::as_bytes);
        let [source, kind, id] = parts;
        Ok(self.vault.index().row_id(&[b"pull", source, kind, id, &category]))
    }

    async fn pull_record(
        &self,
        source: &SourceId,
        patient: &SourceRef,
        category: Category,
    ) -> Result<(PullRecord, u64), Failure> {
        let row = self.pull_row(source, patient, category)?;
        let rows = self.get(self.source_partition(source), Stored::PULLS, &[row]).await?;
        let Some(row) = rows.first() else { return Ok((PullRecord::default(), 0)) };
        Ok((decode(&self.open_own(row).await?, "pull")?, row.version))
    }

    async fn put_pull_record(
        &self,
        source: &SourceId,
        patient: &SourceRef,
        category: Category,
        (record, version): (&PullRecord, u64),
    ) -> Result<(), Failure> {
        let row = self.pull_row(source, patient, category)?;
        let put = Draft { version: version + 1, ..Draft::first(Stored::PULLS, row, 0, encode(record)?) };
        self.housekeep(Change::puts(self.source_partition(source), vec![put])).await
    }
}

/// What became of a category.
#[derive(Default)]
struct Pulled {
    withdrawn: u64,
    error: Option<SourceError>,
}

impl Failing {
    /// The source could not give everything.
    const fn incomplete(since: DateTime<Utc>) -> Self {
        Self { since, needs_reauth: false, retry_at: None }
    }
}
