//! Checking a copy before it is served: every seal, every chain.

use std::path::Path;

use mychartum_adapters::keys::FileKeyring;
use mychartum_core::portal::{Inspection, InspectionProgress, inspect};
use mychartum_storage::transfer::{Filled, Progress, Stage};

use super::super::cover::Cover;
use super::super::trouble::Trouble;
use crate::words::{count, fill, say};

/// Shows how far a copy got.
pub(super) fn show(cover: &Cover, words: &'static str, progress: Progress) {
    cover.now(match progress.stage {
        Stage::Copying => words,
        Stage::Checking => say("errand.comparing"),
    });
    cover.show(progress.done.partitions, progress.partitions);
}

/// Opens every seal of a copy and follows every chain.
///
/// # Errors
/// [`Trouble`] where one does not hold.
pub(super) async fn check(filled: &Filled<'_>, key: &Path, cover: &Cover) -> Result<Inspection, Trouble> {
    cover.now(say("errand.checking"));
    let mut snapshot = filled.snapshot().await?;
    let keys = FileKeyring::at(key);
    let mut report = |progress: InspectionProgress| cover.show(progress.partitions, progress.of_partitions);
    let found = inspect(&mut *snapshot, &keys, &mut report).await?;
    match found.faults.first() {
        None => Ok(found),
        Some(first) => {
            let faults = count("count.faults", usize::try_from(found.fault_count).unwrap_or(usize::MAX));
            Err(Trouble::new(fill("trouble.unsound", &[("faults", &faults), ("why", &first.kind.to_string())])))
        }
    }
}

/// What was found sound, as a line.
pub(super) fn told(found: &Inspection) -> String {
    let number = |number: u64| number.to_string();
    let (partitions, rows, entries) = (number(found.partitions), number(found.rows), number(found.entries));
    fill("errand.sound", &[("partitions", &partitions), ("rows", &rows), ("entries", &entries)])
}
