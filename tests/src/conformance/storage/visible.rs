//! Promise 3: once `commit` returned, every later read sees it.

use std::sync::Arc;

use mychartum_core::port::Storage;
use mychartum_core::port::storage::{Due, Put, Scan};

use super::Factory;
use super::patient::{NOTES, Patient, next, note, row};
use super::view::{listed, stored};
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// Each question sees each commit at once.
pub(super) async fn reads_see_the_commit(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let (mut on_list, mut task) = (note(row(), 1), note(row(), 1));
    on_list.tags = vec![patient.tag];
    task.collection = patient.tasks;
    for _ in 0..20 {
        patient.put(&*storage, [on_list.clone(), task.clone()]).await?;
        sees(&*storage, &patient, &on_list, &task).await?;
        (on_list, task) = (next(&on_list), next(&task));
    }
    Ok(())
}

/// So does each question that another task asks after the receipt.
pub(super) async fn other_tasks_see_the_commit(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let (mut on_list, mut task) = (note(row(), 1), note(row(), 1));
    on_list.tags = vec![patient.tag];
    task.collection = patient.tasks;
    for _ in 0..20 {
        patient.put(&*storage, [on_list.clone(), task.clone()]).await?;
        let readers: Vec<_> = (0..4)
            .map(|_| {
                let (storage, patient) = (Arc::clone(&storage), patient.clone());
                let (on_list, task) = (on_list.clone(), task.clone());
                tokio::spawn(async move { sees(&*storage, &patient, &on_list, &task).await })
            })
            .collect();
        for reader in readers {
            reader.await??;
        }
        (on_list, task) = (next(&on_list), next(&task));
    }
    Ok(())
}

async fn sees(storage: &dyn Storage, patient: &Patient, on_list: &Put, task: &Put) -> Result<(), Breach> {
    let partition = patient.partition;
    let wanted = vec![stored(patient, on_list)];
    let head = storage.head(partition).await?;
    ensure(head.revision == patient.revision, "`head` answered an earlier revision")?;
    ensure(storage.get(partition, NOTES, &[on_list.row]).await? == wanted, "`get` did not see a commit")?;
    let scan = Scan::new(partition, NOTES, 10);
    ensure(storage.scan(&scan).await? == wanted, "`scan` did not see a commit")?;
    let tagged = Scan { tag: Some(patient.tag), ..scan };
    ensure(storage.scan(&tagged).await? == wanted, "`scan` with a tag did not see a commit")?;
    let due = Due { bucket: patient.bucket(), collection: patient.tasks, before: i64::MAX, limit: 10 };
    ensure(storage.due(&due).await?.contains(&stored(patient, task)), "`due` did not see a commit")?;
    ensure(listed(storage, partition).await? == Some((partition, head)), "`heads` did not see a commit")
}
