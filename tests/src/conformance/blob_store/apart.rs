//! Promise 9: what happens to different names at the same time does not mix.

use std::sync::Arc;

use super::Factory;
use super::object::{bytes, ensure_absent, ensure_whole, name};
use crate::conformance::Breach;
use mychartum_core::port::BlobStore;

/// Two uploads that are open at once, piece by piece in turn: whatever tasks the runtime lets run together, these two are.
async fn in_turn(store: &dyn BlobStore) -> Result<(), Breach> {
    let [one, other] = [1, 2].map(|seed| (name(), bytes(300_000, seed)));
    let (mut first, mut second) = (store.begin(one.0).await?, store.begin(other.0).await?);
    for (left, right) in one.1.chunks(65_552).zip(other.1.chunks(65_552)) {
        first.write(left.to_vec()).await?;
        second.write(right.to_vec()).await?;
    }
    first.complete().await?;
    second.complete().await?;
    for (name, wanted) in [one, other] {
        ensure_whole(store, name, &wanted, "objects that were written in turn were mixed up").await?;
        store.delete(name).await?;
    }
    Ok(())
}

/// Many uploads step by step in turn, each read and deleted while the others go on.
pub(super) async fn names_do_not_mix(factory: &dyn Factory) -> Result<(), Breach> {
    let store = factory.fresh().await?;
    in_turn(&*store).await?;
    let tasks: Vec<_> = (0..6u64)
        .map(|seed| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let what = "objects that were written at the same time were mixed up";
                for round in 0..2 {
                    let (name, wanted) = (name(), bytes(700_000 + 100_000 * round, seed));
                    let mut upload = store.begin(name).await?;
                    for piece in wanted.chunks(65_552) {
                        upload.write(piece.to_vec()).await?;
                        tokio::task::yield_now().await;
                    }
                    ensure_absent(&*store, name, what).await?;
                    upload.complete().await?;
                    ensure_whole(&*store, name, &wanted, what).await?;
                    store.delete(name).await?;
                    ensure_absent(&*store, name, what).await?;
                }
                Ok::<(), Breach>(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(())
}
