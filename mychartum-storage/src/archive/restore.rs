//! Reading a backup: through to its end, or into an empty storage.

use std::io::Read;

use mychartum_core::port::Custody;

use super::contents::Contents;
use super::error::ArchiveError;
use super::pieces::Pieces;
use crate::transfer::{Arrival, Filled, Progress, Report, Stage};

/// Reads a backup through and compares its digests, so that a damaged one is refused before anything is written.
///
/// It needs no key and opens no seal: that is `mychartum_core::portal::inspect`, once the backup is restored.
///
/// # Errors
/// [`ArchiveError`].
pub fn check(
    data: &mut (dyn Read + Send),
    keys: &mut (dyn Read + Send),
    report: Report<'_>,
) -> Result<Contents, ArchiveError> {
    let mut pieces = Pieces::open(data, keys)?;
    while pieces.next()?.is_some() {
        let partitions = pieces.survey.partitions;
        report(Progress { stage: Stage::Checking, done: pieces.counts(), partitions });
    }
    Ok(pieces.contents())
}

/// Restores a backup into an empty storage and reads it back, so that it only needs to be inspected and served.
///
/// `at` is the time now in milliseconds since 1970. The restored storage gets an epoch above the one that was backed up and
/// above that time: a change set that was prepared on the storage as it was is a `Conflict`. When it fails, or is interrupted,
/// nothing is served, and the buckets are left arriving; made again, it begins anew.
///
/// Rows that were due when the backup was made are due again, also those that were done since. Whoever does them tells repeated
/// ones by their ids.
///
/// # Errors
/// [`ArchiveError`].
pub async fn restore<'a>(
    data: &mut (dyn Read + Send),
    keys: &mut (dyn Read + Send),
    into: &'a dyn Custody,
    at: u64,
    report: Report<'_>,
) -> Result<Filled<'a>, ArchiveError> {
    let mut pieces = Pieces::open(data, keys)?;
    let partitions = pieces.survey.partitions;
    let mut arrival = Arrival::begin(into, &pieces.survey, at).await?;
    while let Some(piece) = pieces.next()? {
        arrival.push(piece).await?;
        report(Progress { stage: Stage::Copying, done: arrival.counts(), partitions });
    }
    Ok(arrival.verify(report).await?)
}
