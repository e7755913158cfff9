//! Promise 14: `heads` lists every partition of a bucket that was ever committed to.

use mychartum_core::port::Storage;
use mychartum_core::port::storage::{Head, Partition, PartitionKind, StorageErrorKind};

use super::Factory;
use super::patient::{Patient, delete, note, refused, row};
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// All heads of the patient's bucket, in pages of this size.
async fn bucket(storage: &dyn Storage, patient: &Patient, limit: u32) -> Result<Vec<(Partition, Head)>, Breach> {
    let (mut all, mut after) = (Vec::new(), None);
    for _ in 0..100_000 {
        let page = storage.heads(patient.bucket(), after, limit).await?;
        ensure(page.len() <= limit as usize, "`heads` gave more than its limit")?;
        let full = page.len() == limit as usize;
        after = page.last().map(|(partition, _)| *partition);
        all.extend(page);
        if !full {
            return Ok(all);
        }
    }
    Err("the pages of `heads` never end".into())
}

/// Partitions of all kinds, one of them without rows by now, are listed once, in order, with their heads.
pub(super) async fn all_are_listed(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let own = Patient::new();
    let mut all = vec![own.clone(), own.neighbour(), own.neighbour()];
    let kinds = [PartitionKind::Account, PartitionKind::Source, PartitionKind::Directory];
    all.extend(kinds.map(|kind| own.namesake(kind)));
    for patient in &mut all {
        let put = note(row(), 1);
        patient.put(&*storage, [put.clone()]).await?;
        let set = patient.set_deleting([delete(&put)]);
        patient.commit(&*storage, &set).await?;
    }
    let mut wanted = Vec::new();
    for patient in &all {
        wanted.push((patient.partition, storage.head(patient.partition).await?));
    }
    wanted.sort_by_key(|(partition, _)| *partition);
    for limit in [1, 2, 5, 1000] {
        let listed = bucket(&*storage, &own, limit).await?;
        let sorted = listed.is_sorted_by(|(one, _), (two, _)| one < two);
        ensure(sorted, "`heads` is not ordered by partition, or repeats one")?;
        let stranger = listed.iter().any(|(partition, _)| partition.bucket() != own.bucket());
        ensure(!stranger, "`heads` gave a partition of another bucket")?;
        let mine = |line: &&(Partition, Head)| wanted.iter().any(|(partition, _)| *partition == line.0);
        let found: Vec<_> = listed.iter().filter(mine).copied().collect();
        ensure(found == wanted, "`heads` misses a partition or gives it another head")?;
    }
    Ok(())
}

/// A partition whose only change sets were refused was never committed to.
pub(super) async fn refused_are_not(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let patient = Patient::new();
    let mut set = patient.set([note(row(), 1)]);
    set.expect.revision = 3;
    refused(&*storage, &set, StorageErrorKind::Conflict).await?;
    let listed = bucket(&*storage, &patient, 1000).await?;
    ensure(listed.iter().all(|(partition, _)| *partition != patient.partition), "`heads` lists a refused partition")
}
