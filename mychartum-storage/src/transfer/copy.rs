//! Copying a snapshot of one storage into another.

use mychartum_core::port::{Custody, Snapshot};

use super::arrival::Arrival;
use super::error::TransferError;
use super::filled::Filled;
use super::progress::{Counts, Progress, Report, Stage};
use super::survey::Survey;
use super::walk::Walk;

/// Copies everything into an empty storage and serves it there. The source stays as it is.
///
/// `at` is the time now in milliseconds since 1970. The copy gets an epoch above the source's and above that time, so a
/// change set that was prepared against the source is a `Conflict` there.
///
/// What is committed to the source meanwhile or later is not in the copy: stop the portal first, or look at
/// [`Filled::behind`]. An interrupted copy leaves buckets that nobody serves (`Busy`); made again, it begins anew.
///
/// # Errors
/// [`TransferError`]; nothing of the copy is served.
pub async fn copy(
    from: &dyn Custody,
    into: &dyn Custody,
    at: u64,
    report: Report<'_>,
) -> Result<Counts, TransferError> {
    let mut snapshot = from.snapshot().await?;
    fill(&mut *snapshot, into, at, report).await?.serve().await
}

/// Copies a snapshot into an empty storage and reads it back, so that it only needs to be served. See [`copy`].
///
/// Memory is bounded: some batches of at most 2,000 rows and 8 MiB of bodies, or one body of up to 32 MiB.
///
/// # Errors
/// [`TransferError`].
pub async fn fill<'a>(
    from: &mut dyn Snapshot,
    into: &'a dyn Custody,
    at: u64,
    report: Report<'_>,
) -> Result<Filled<'a>, TransferError> {
    let survey = Survey::of(from).await?;
    let mut arrival = Arrival::begin(into, &survey, at).await?;
    let mut walk = Walk::new(from, survey.kept());
    while let Some(piece) = walk.next().await? {
        arrival.push(piece).await?;
        report(Progress { stage: Stage::Copying, done: arrival.counts(), partitions: survey.partitions });
    }
    arrival.verify(report).await
}
