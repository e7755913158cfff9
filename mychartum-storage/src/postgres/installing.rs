//! Installing pieces of partitions into buckets that are arriving, verbatim.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use mychartum_core::port::custody::{Applied, BucketState, Piece};
use mychartum_core::port::storage::{Bucket, Head, Partition, Row, StorageErrorKind as Kind};

use super::changes::Changes;
use super::columns::Key;
use super::custody::{Change, Keeper, Stop, ask, status};
use super::lookup::{heads_of, stored_at};
use super::session::Session;

/// Pieces that are within their limits.
pub(super) struct Installing<'a> {
    pub(super) pieces: &'a [Piece],
}

/// What is to be written of one partition.
#[derive(Default)]
struct Plan<'a> {
    /// Replaces whatever is there.
    first: Option<(Head, &'a [Applied])>,
    rows: Vec<&'a Row>,
    /// Whether some of it may only be added to what is there already.
    adds: bool,
}

impl<'a> Installing<'a> {
    /// What the pieces come to, partition by partition: a first piece replaces also what came before it.
    fn plans(&self) -> BTreeMap<Partition, Plan<'a>> {
        let mut plans: BTreeMap<Partition, Plan<'a>> = BTreeMap::new();
        for piece in self.pieces {
            let plan = plans.entry(piece.partition).or_default();
            match &piece.first {
                Some((head, applied)) => {
                    plan.first = Some((*head, applied));
                    plan.rows.clear();
                }
                None => plan.adds |= plan.first.is_none(),
            }
            plan.rows.extend(&piece.rows);
        }
        plans
    }
}

#[async_trait]
impl Change for Installing<'_> {
    type Done = ();

    async fn make(&self, keeper: &Keeper, session: &Session) -> Result<(), Stop> {
        let buckets: BTreeSet<i16> = self.pieces.iter().map(|piece| Key::of(piece.partition).bucket).collect();
        let buckets: Vec<i16> = buckets.into_iter().collect();
        let rows = ask(session, &keeper.sql.hold_buckets, &[&buckets]).await?;
        let mut arriving: BTreeMap<Bucket, u64> = BTreeMap::new();
        for row in &rows {
            let status = status(row)?;
            if status.state == BucketState::Arriving {
                arriving.insert(status.bucket, status.epoch);
            }
        }
        let fits = |piece: &Piece| arriving.get(&piece.partition.bucket()) == Some(&piece.epoch);
        if !self.pieces.iter().all(fits) {
            return Err(Stop::Refused(Kind::Invalid));
        }
        let plans = self.plans();
        let known = heads_of(session, &keeper.writing.sql, plans.keys().copied()).await?;
        if plans.iter().any(|(partition, plan)| plan.adds && !known.contains(&Key::of(*partition))) {
            return Err(Stop::Refused(Kind::Invalid));
        }
        for partition in plans.iter().filter(|(_, plan)| plan.first.is_some()).map(|(partition, _)| partition) {
            let key = Key::of(*partition);
            for remove in &keeper.sql.remove {
                ask(session, remove, &[&key.bucket, &key.kind, &key.id]).await?;
            }
        }
        let rows: Vec<&Row> = plans.values().flat_map(|plan| plan.rows.iter().copied()).collect();
        // Read after the removals: only rows of added pieces can still be there.
        let stored = stored_at(session, &keeper.writing.sql, &rows).await?;
        let mut changes = Changes::new();
        for (partition, plan) in &plans {
            if let Some((head, applied)) = &plan.first {
                changes.install(*partition, head, applied);
            }
        }
        for (n, row) in (0..).zip(&rows) {
            changes.put_row(row, stored.get(&n));
        }
        changes.write_within(session, &keeper.writing.sql).await
    }
}
