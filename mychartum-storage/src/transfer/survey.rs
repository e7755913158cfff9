//! What there is to copy, before it is copied.

use mychartum_core::port::Snapshot;
use mychartum_core::port::custody::{BucketState, BucketStatus};
use mychartum_core::port::storage::Bucket;

use super::error::TransferError;

/// How many heads are read at once.
const PAGE: u32 = 1000;

/// The buckets of a snapshot, and how many partitions they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Survey {
    /// Every bucket, in order.
    pub(crate) buckets: Vec<BucketStatus>,
    /// The partitions in the buckets that are kept there.
    pub(crate) partitions: u64,
}

impl Survey {
    /// Counts what a snapshot holds. It looks at heads only.
    ///
    /// # Errors
    /// `Incomplete` for a storage that is itself being restored, `Storage`.
    pub(crate) async fn of(snapshot: &mut dyn Snapshot) -> Result<Self, TransferError> {
        let buckets = snapshot.buckets().await?;
        if buckets.iter().any(|status| status.state == BucketState::Arriving) {
            return Err(TransferError::Incomplete);
        }
        let mut survey = Self { buckets, partitions: 0 };
        for bucket in survey.kept() {
            let mut after = None;
            loop {
                let page = snapshot.heads(bucket, after, PAGE).await?;
                survey.partitions += page.len() as u64;
                match page.last() {
                    Some((last, _)) if page.len() >= PAGE as usize => after = Some(*last),
                    _ => break,
                }
            }
        }
        Ok(survey)
    }

    /// The buckets that are kept there, in order. One that is kept elsewhere may hold leavings, which nobody wants.
    pub(crate) fn kept(&self) -> Vec<Bucket> {
        let kept = |status: &&BucketStatus| matches!(status.state, BucketState::Serving | BucketState::Leaving);
        self.buckets.iter().filter(kept).map(|status| status.bucket).collect()
    }

    /// The highest epoch of all buckets, which no head is above.
    pub(crate) fn epoch(&self) -> u64 {
        self.buckets.iter().map(|status| status.epoch).max().unwrap_or(0)
    }
}
