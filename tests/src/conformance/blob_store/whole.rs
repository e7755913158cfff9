//! Promises 2 and 11: an object is there when it is complete, and what broke off is tidied away.

use core::future::poll_fn;
use core::task::Poll;

use chrono::{DateTime, Utc};

use super::Factory;
use super::object::{bytes, ensure_absent, ensure_whole, name, some};
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// Longer than what a store gathers before it sends.
const LONG: usize = 12 << 20;

/// Until it is complete nothing can be read or is listed, however much was written.
pub(super) async fn nothing_before_it_is_complete(factory: &dyn Factory) -> Result<(), Breach> {
    let store = factory.fresh().await?;
    let what = "a part of an object was there before it was complete";
    for length in [0, 10, LONG] {
        let (name, wanted) = (name(), bytes(length, 1));
        let mut upload = store.begin(name).await?;
        ensure_absent(&*store, name, what).await?;
        for piece in wanted.chunks(3 << 20) {
            upload.write(piece.to_vec()).await?;
            ensure_absent(&*store, name, what).await?;
        }
        upload.complete().await?;
        ensure_whole(&*store, name, &wanted, "a completed object was not whole").await?;
        store.delete(name).await?;
    }
    Ok(())
}

/// An upload that is dropped, at once or in the midst of a write, leaves nothing, and its name can be begun again.
pub(super) async fn nothing_of_what_was_dropped(factory: &dyn Factory) -> Result<(), Breach> {
    let mut store = factory.fresh().await?;
    let what = "something of a dropped upload was there";
    for length in [0, 10, LONG] {
        for polls in [0usize, 1, 3] {
            let name = name();
            let mut upload = store.begin(name).await?;
            upload.write(bytes(length, 2)).await?;
            let mut write = upload.write(bytes(LONG, 3));
            for _ in 0..polls {
                if poll_fn(|context| Poll::Ready(write.as_mut().poll(context).is_ready())).await {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(write);
            drop(upload);
            ensure_absent(&*store, name, what).await?;
            store = factory.reopen(store).await?;
            ensure_absent(&*store, name, what).await?;
            let mut upload = store.begin(name).await?;
            upload.write(b"again".to_vec()).await?;
            upload.complete().await?;
            ensure_whole(&*store, name, b"again", "a name could not be begun again after a dropped upload").await?;
            store.delete(name).await?;
        }
    }
    Ok(())
}

/// Dropping `complete` leaves the object whole or not at all.
pub(super) async fn completing_is_all_or_nothing(factory: &dyn Factory) -> Result<(), Breach> {
    let store = factory.fresh().await?;
    for length in [10, LONG] {
        for polls in 0..4 {
            let (name, wanted) = (name(), bytes(length, 4));
            let mut upload = store.begin(name).await?;
            upload.write(wanted.clone()).await?;
            let mut complete = upload.complete();
            for _ in 0..polls {
                if poll_fn(|context| Poll::Ready(complete.as_mut().poll(context).is_ready())).await {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(complete);
            let read = store.read(name, 0..2 * LONG as u64).await;
            ensure(read.is_err() || read == Ok(wanted), "a dropped completion left a part of an object")?;
            store.delete(name).await?;
        }
    }
    Ok(())
}

/// `tidy` removes what a killed process left behind, once; complete objects stay, and so do uploads that were written
/// to since.
pub(super) async fn only_remnants_are_tidied(factory: &dyn Factory) -> Result<(), Breach> {
    let store = factory.fresh().await?;
    let (kept, wanted) = some(&*store, 100_000).await?;
    let lost = name();
    let mut upload = store.begin(lost).await?;
    upload.write(bytes(LONG, 5)).await?;
    // What a process does that is killed: it neither completes its upload nor drops it.
    core::mem::forget(upload);
    let store = factory.reopen(store).await?;

    let mut running = store.begin(name()).await?;
    running.write(bytes(LONG, 6)).await?;
    ensure(store.tidy(DateTime::UNIX_EPOCH).await? == 0, "`tidy` removed what was written after the given time")?;
    running.write(bytes(10, 7)).await?;
    running.complete().await?;

    store.tidy(DateTime::<Utc>::MAX_UTC).await?;
    ensure_whole(&*store, kept, &wanted, "`tidy` touched a complete object").await?;
    ensure_absent(&*store, lost, "`tidy` completed an object").await?;
    ensure(store.tidy(DateTime::<Utc>::MAX_UTC).await? == 0, "`tidy` found the same remnants again")?;
    Ok(store.delete(kept).await?)
}
