//! A storage that was filled and read back, and is not served yet.

use core::fmt;

use mychartum_core::port::custody::{BucketState, BucketStatus, Turn};
use mychartum_core::port::storage::{Bucket, StorageErrorKind};
use mychartum_core::port::{Custody, Snapshot};

use super::again::again;
use super::error::TransferError;
use super::progress::Counts;
use super::walk::PAGE;

/// The proof that a copy was written and read back whole. Its buckets are arriving: no portal can open it before
/// [`serve`](Self::serve), and when the process ends without it, the copy can only be begun anew.
#[must_use = "nothing is served before `serve`"]
pub struct Filled<'a> {
    into: &'a dyn Custody,
    becomes: Vec<BucketStatus>,
    counts: Counts,
}

impl<'a> Filled<'a> {
    pub(super) fn new(into: &'a dyn Custody, becomes: Vec<BucketStatus>, counts: Counts) -> Self {
        Self { into, becomes, counts }
    }

    /// How much was copied.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// A view of the copy, to inspect before it is served.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn snapshot(&self) -> Result<Box<dyn Snapshot>, TransferError> {
        Ok(self.into.snapshot().await?)
    }

    /// How many partitions of a storage are ahead of the copy or not in it: what was written there since the copy was begun.
    ///
    /// # Errors
    /// `Storage`.
    pub async fn behind(&self, from: &dyn Custody) -> Result<u64, TransferError> {
        let mut ours = self.snapshot().await?;
        let mut theirs = from.snapshot().await?;
        let kept = self.becomes.iter().filter(|status| status.state == BucketState::Serving);
        let mut behind = 0;
        for bucket in kept.map(|status| status.bucket) {
            behind += ahead(&mut *theirs, &mut *ours, bucket).await?;
        }
        Ok(behind)
    }

    /// Serves the copy from now on, all of its buckets at once. A bucket that the source kept elsewhere is elsewhere for the
    /// copy too.
    ///
    /// # Errors
    /// `Overtaken` where another copy was begun meanwhile; `Storage`.
    pub async fn serve(self) -> Result<Counts, TransferError> {
        let turn = |status: &BucketStatus| Turn {
            bucket: status.bucket,
            from: BucketState::Arriving,
            to: status.state,
            epoch: status.epoch,
        };
        let turns: Vec<Turn> = self.becomes.iter().map(turn).collect();
        match again(|| self.into.turn(&turns)).await {
            Ok(()) => Ok(self.counts),
            // The epoch of a later copy is above this one's.
            Err(error) if matches!(error.kind(), StorageErrorKind::Conflict | StorageErrorKind::Invalid) => {
                Err(TransferError::Overtaken)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl fmt::Debug for Filled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filled").field("counts", &self.counts).finish_non_exhaustive()
    }
}

/// How many partitions of a bucket have another revision in the first view than in the second.
async fn ahead(one: &mut dyn Snapshot, other: &mut dyn Snapshot, bucket: Bucket) -> Result<u64, TransferError> {
    let (mut ahead, mut after) = (0, None);
    loop {
        let page = one.heads(bucket, after, PAGE).await?;
        let mut there = other.heads(bucket, after, PAGE).await?.into_iter().peekable();
        for (partition, head) in &page {
            while there.next_if(|(other, _)| other < partition).is_some() {}
            let same = there.next_if(|(other, _)| other == partition);
            if same.is_none_or(|(_, same)| same.revision != head.revision) {
                ahead += 1;
            }
        }
        match page.last() {
            Some((last, _)) if page.len() >= PAGE as usize => after = Some(*last),
            _ => return Ok(ahead),
        }
    }
}
