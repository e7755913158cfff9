//! Clearing a bucket: some partitions a transaction, so that none becomes very long.

use async_trait::async_trait;
use mychartum_core::port::custody::BucketStatus;
use mychartum_core::port::storage::StorageErrorKind as Kind;

use super::columns::Id;
use super::custody::{Change, Keeper, Stop, ask, status};
use super::session::Session;

/// How many partitions are removed in one transaction.
const PARTITIONS: i64 = 64;

/// A bucket of which some partitions are to be removed, if it stands like this.
pub(super) struct Clearing {
    pub(super) expected: BucketStatus,
}

/// Whether the bucket is empty now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    More,
    Nothing,
}

impl Left {
    pub(super) const fn is_more(self) -> bool {
        matches!(self, Self::More)
    }
}

#[async_trait]
impl Change for Clearing {
    type Done = Left;

    async fn make(&self, keeper: &Keeper, session: &Session) -> Result<Left, Stop> {
        let sql = &keeper.sql;
        let bucket = self.expected.bucket.number().cast_signed();
        let rows = ask(session, &sql.lock_buckets, &[&vec![bucket]]).await?;
        let status = status(rows.first().ok_or(Stop::Refused(Kind::Corrupt))?)?;
        status.may_be_cleared(self.expected).map_err(|error| Stop::Refused(error.kind()))?;
        let partitions = ask(session, &sql.some_partitions, &[&bucket, &PARTITIONS]).await?;
        for partition in &partitions {
            let (kind, id): (i16, Id) = (partition.try_get(0)?, partition.try_get(1)?);
            for remove in &sql.remove {
                ask(session, remove, &[&bucket, &kind, &id]).await?;
            }
        }
        if !partitions.is_empty() {
            return Ok(Left::More);
        }
        for sweep in &sql.sweep {
            ask(session, sweep, &[&bucket]).await?;
        }
        Ok(Left::Nothing)
    }
}
