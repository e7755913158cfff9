//! Turning buckets: a compare-and-set that fences the heads of each bucket.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use mychartum_core::port::custody::{BucketState, BucketStatus, Turn};
use mychartum_core::port::storage::{Bucket, StorageErrorKind as Kind};

use super::custody::{Change, Keeper, Stop, ask, status};
use super::session::Session;

/// Turns to be made, all or none.
pub(super) struct Turning<'a> {
    pub(super) turns: &'a [Turn],
}

#[async_trait]
impl Change for Turning<'_> {
    type Done = ();

    /// Locks the buckets, so that no partition is made meanwhile, and then their heads, so that each commit is either done
    /// before or finds the new state: commits read the state after they locked their head.
    async fn make(&self, keeper: &Keeper, session: &Session) -> Result<(), Stop> {
        let buckets: BTreeSet<Bucket> = self.turns.iter().map(|turn| turn.bucket).collect();
        let numbers: Vec<i16> = buckets.iter().map(|bucket| bucket.number().cast_signed()).collect();
        let rows = ask(session, &keeper.sql.lock_buckets, &[&numbers]).await?;
        let mut now: BTreeMap<Bucket, BucketStatus> = BTreeMap::new();
        for row in &rows {
            let status = status(row)?;
            now.insert(status.bucket, status);
        }
        let before = now.clone();
        let rows = ask(session, &keeper.sql.lock_heads, &[&numbers]).await?;
        let held: BTreeSet<i16> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        for turn in self.turns {
            let status = now.get_mut(&turn.bucket).ok_or(Stop::Refused(Kind::Corrupt))?;
            let holds = held.contains(&turn.bucket.number().cast_signed());
            match turn.applied_to(*status, holds) {
                Ok(Some(then)) => *status = then,
                Ok(None) => {}
                Err(error) => return Err(Stop::Refused(error.kind())),
            }
        }
        let changed: Vec<&BucketStatus> = now.values().filter(|then| before.get(&then.bucket) != Some(then)).collect();
        for then in &changed {
            let (bucket, epoch) = (then.bucket.number().cast_signed(), then.epoch.cast_signed());
            ask(session, &keeper.sql.turn, &[&bucket, &code(then.state), &epoch]).await?;
        }
        if !changed.is_empty() {
            let numbers: Vec<i16> = changed.iter().map(|then| then.bucket.number().cast_signed()).collect();
            ask(session, &keeper.sql.raise, &[&numbers]).await?;
        }
        Ok(())
    }
}

fn code(state: BucketState) -> i16 {
    state.code().into()
}
