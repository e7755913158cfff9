//! Promises 5 to 8: what was written is found, what was deleted is not, and what belongs to others is left alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use mychartum_core::port::BlobStore;
use mychartum_core::port::blob_store::{BlobName, BlobObject};

use super::Factory;
use super::object::{bytes, ensure_absent, ensure_whole, name, put, some};
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// Other tasks see an object as soon as it is complete, and none as soon as it is deleted.
pub(super) async fn others_see_it_at_once(factory: &dyn Factory) -> Result<(), Breach> {
    let store = factory.fresh().await?;
    for _ in 0..10 {
        let (name, wanted) = some(&*store, 70_000).await?;
        let sees = {
            let (store, wanted) = (Arc::clone(&store), wanted);
            tokio::spawn(async move { ensure_whole(&*store, name, &wanted, "a complete object was not seen").await })
        };
        sees.await??;
        store.delete(name).await?;
        let misses = {
            let store = Arc::clone(&store);
            tokio::spawn(async move { ensure_absent(&*store, name, "a deleted object was seen").await })
        };
        misses.await??;
    }
    Ok(())
}

/// Deleting is for one object, may be repeated, and is no error where there is none.
pub(super) async fn deleting(factory: &dyn Factory) -> Result<(), Breach> {
    let store = factory.fresh().await?;
    let (one, _) = some(&*store, 1_000).await?;
    let (other, wanted) = some(&*store, 1_000).await?;
    ensure(store.delete(name()).await.is_ok(), "deleting an absent object was an error")?;
    for _ in 0..2 {
        ensure(store.delete(one).await.is_ok(), "deleting again was an error")?;
        ensure_absent(&*store, one, "a deleted object was still there").await?;
    }
    ensure_whole(&*store, other, &wanted, "deleting one object touched another").await?;
    Ok(store.delete(other).await?)
}

/// Everything, page by page.
async fn pages(store: &dyn BlobStore, limit: u32) -> Result<Vec<BlobObject>, Breach> {
    let mut all: Vec<BlobObject> = Vec::new();
    loop {
        let page = store.list(all.last().map(|object| object.name), limit).await?;
        ensure(page.len() <= limit as usize, "a page has more objects than the limit")?;
        let last = page.len() < limit as usize;
        all.extend(page);
        if last {
            return Ok(all);
        }
        // A list that never ends is a broken one.
        ensure(all.is_sorted_by(|one, two| one.name < two.name), "a list is not in the order of the names")?;
    }
}

/// The list has every object once, in the order of the names, however it is paged, with its size and a time.
pub(super) async fn listing(factory: &dyn Factory) -> Result<(), Breach> {
    let store = factory.fresh().await?;
    let mut own: BTreeMap<BlobName, u64> = BTreeMap::new();
    // Names that differ early and names that differ late, the least and the greatest among them.
    let mut names: Vec<BlobName> = (0..20).map(|_| name()).collect();
    let near = name().to_bytes();
    for last in [0, 1, 0x7f, 0x80, 0xff] {
        let mut bytes = near;
        bytes.iter_mut().rev().take(1).for_each(|byte| *byte = last);
        names.push(BlobName::from_bytes(bytes));
    }
    for first in [0x00, 0xff] {
        let mut bytes = name().to_bytes();
        bytes.iter_mut().take(1).for_each(|byte| *byte = first);
        names.push(BlobName::from_bytes(bytes));
    }
    for (length, name) in names.into_iter().enumerate() {
        put(&*store, name, &bytes(length, 1), 100).await?;
        own.insert(name, length as u64);
    }
    for limit in [1, 2, 7, 1_000] {
        let all = pages(&*store, limit).await?;
        ensure(all.is_sorted_by(|one, two| one.name < two.name), "a list is not in the order of the names")?;
        let found: BTreeMap<BlobName, u64> = all
            .iter()
            .filter(|object| own.contains_key(&object.name))
            .map(|object| (object.name, object.bytes))
            .collect();
        ensure(found == own, "a list does not have every object with its size")?;
    }
    // A name without an object is a place too.
    let between = own.keys().nth(5).copied().ok_or("no objects")?;
    store.delete(between).await?;
    let wanted = own.keys().nth(6).copied();
    let next = pages(&*store, 1_000).await?.into_iter().find(|object| object.name > between).map(|object| object.name);
    let page = store.list(Some(between), 1).await?;
    ensure(page.first().map(|object| object.name) == next && next <= wanted, "a list after an absent name is wrong")?;
    for name in own.keys() {
        store.delete(*name).await?;
    }
    Ok(())
}

/// Of two objects, the one that was written later is not the older one.
pub(super) async fn times_go_forward(factory: &dyn Factory) -> Result<(), Breach> {
    let store = factory.fresh().await?;
    let (one, _) = some(&*store, 10).await?;
    let (two, _) = some(&*store, 10).await?;
    let all = pages(&*store, 1_000).await?;
    let time = |name| all.iter().find(|object| object.name == name).map(|object| object.written_at);
    let (Some(first), Some(second)) = (time(one), time(two)) else { return Err("a list leaves out an object".into()) };
    ensure(first <= second, "an object that was written later is listed as older")?;
    store.delete(one).await?;
    Ok(store.delete(two).await?)
}

/// What others keep in the same place is neither listed nor removed.
pub(super) async fn others_are_left_alone(factory: &dyn Factory) -> Result<(), Breach> {
    let store = factory.fresh().await?;
    let before = pages(&*store, 1_000).await?;
    factory.litter(&*store).await?;
    let after = pages(&*store, 1_000).await?;
    ensure(before == after, "what somebody else put there is listed")?;
    let (name, wanted) = some(&*store, 1_000).await?;
    ensure_whole(&*store, name, &wanted, "what somebody else put there was in the way").await?;
    store.tidy(chrono::DateTime::<chrono::Utc>::MAX_UTC).await?;
    store.delete(name).await?;
    ensure(factory.litter_is_left(&*store).await?, "what somebody else put there was removed")
}
