//! A pass from a cursor to the end, as a careful host does it.

use std::collections::BTreeSet;

use mychartum_core::chart::SourceRef;
use mychartum_core::port::RecordSource;
use mychartum_core::port::record_source::{Category, Completeness, Cursor, Next, SourceError, SourceErrorKind};
use mychartum_core::sync::Reading;

use crate::conformance::Breach;

/// After so many calls a pass does not end.
const MOST_CALLS: u32 = 2_000;

/// How often a passing failure is met with one more try.
const MOST_TRIES: u32 = 5;

/// What a pass gave.
pub(super) struct Pass {
    /// The ids of what is the patient's.
    pub(super) ids: BTreeSet<String>,
    /// The items that are said to be somebody else's.
    pub(super) strangers: u32,
    /// What was set aside.
    pub(super) aside: u32,
    pub(super) completeness: Completeness,
    pub(super) end: Cursor,
}

/// Asks until the source is up to date; asks again where a failure may pass.
pub(super) async fn pass(
    source: &dyn RecordSource,
    patient: &SourceRef,
    category: Category,
    since: Option<&Cursor>,
) -> Result<Pass, Breach> {
    let (mut ids, mut strangers, mut aside, mut tries) = (BTreeSet::new(), 0, 0, 0);
    let mut cursor = since.cloned();
    for _ in 0..MOST_CALLS {
        let changes = match source.changes(patient, category, cursor.as_ref()).await {
            Ok(changes) => changes,
            Err(error) if matches!(error.kind(), SourceErrorKind::Passing { .. }) && tries < MOST_TRIES => {
                tries += 1;
                continue;
            }
            Err(error) => return Err(unexpected(error)),
        };
        for parcel in &changes.parcels {
            match &parcel.reading {
                Reading::Item { subject, identity, .. } if subject == patient => {
                    ids.insert(identity.id.as_str().to_owned());
                }
                Reading::Item { .. } => strangers += 1,
                Reading::Unusable(_) => aside += 1,
                // Which names mean one person is no part of a patient's record.
                Reading::Merge(_) => strangers += 1,
                Reading::Directory(_) => {}
            }
        }
        match changes.next {
            Next::More(more) => cursor = Some(more),
            Next::UpToDate(end) => {
                return Ok(Pass { ids, strangers, aside, completeness: changes.completeness, end });
            }
        }
    }
    Err("a pass does not end".into())
}

pub(super) fn unexpected(error: SourceError) -> Breach {
    Breach(format!("unexpected error: {error}"))
}
