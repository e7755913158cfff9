//! Promises 1, 3, 4 and 10: objects last, and their bytes and ranges are exact.

use core::ops::Range;

use mychartum_core::port::blob_store::BlobErrorKind;

use super::Factory;
use super::object::{bytes, ensure_absent, ensure_whole, name, put, some};
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// Lengths around those at which stores change what they do: nothing, a page, a chunk, a part of some megabytes,
/// several parts.
const LENGTHS: [usize; 9] = [0, 1, 4_095, 65_536, 65_619, (5 << 20) - 1, 8 << 20, (8 << 20) + 1, 17 << 20];

/// Objects of many lengths, and that one was deleted, are as before after reopening.
pub(super) async fn outlive_reopening(factory: &dyn Factory) -> Result<(), Breach> {
    let mut store = factory.fresh().await?;
    let mut kept = Vec::new();
    for length in LENGTHS {
        kept.push(some(&*store, length).await?);
        // Also the very last one before closing.
        store = factory.reopen(store).await?;
        for (name, wanted) in &kept {
            ensure_whole(&*store, *name, wanted, "after reopening, a complete object was not as before").await?;
        }
        if kept.len() > 2 {
            let (name, _) = kept.remove(0);
            store.delete(name).await?;
            store = factory.reopen(store).await?;
            ensure_absent(&*store, name, "after reopening, a deleted object was back").await?;
        }
    }
    for (name, _) in kept {
        store.delete(name).await?;
    }
    Ok(())
}

/// However the writes are cut, the bytes are the same.
pub(super) async fn however_they_are_cut(factory: &dyn Factory) -> Result<(), Breach> {
    let store = factory.fresh().await?;
    for (length, piece) in
        [(0, 1), (1, 1), (300, 1), (70_000, 999), (200_000, 65_552), (9 << 20, 65_552), (9 << 20, 5 << 20)]
    {
        let (name, wanted) = (name(), bytes(length, 3));
        put(&*store, name, &wanted, piece).await?;
        ensure_whole(&*store, name, &wanted, "an object does not have the bytes that were written").await?;
        store.delete(name).await?;
    }
    // Empty writes between others count for nothing.
    let name = name();
    let mut upload = store.begin(name).await?;
    for piece in [&b""[..], b"a", b"", b"bc", b""] {
        upload.write(piece.to_vec()).await?;
    }
    upload.complete().await?;
    ensure_whole(&*store, name, b"abc", "an empty write changed an object").await?;
    Ok(store.delete(name).await?)
}

/// Any range gives its bytes, as far as the object has them.
pub(super) async fn ranges(factory: &dyn Factory) -> Result<(), Breach> {
    let store = factory.fresh().await?;
    for length in [0usize, 1, 1_000, 200_000] {
        let (name, all) = some(&*store, length).await?;
        let end = length as u64;
        let ranges: Vec<Range<u64>> = vec![
            0..0,
            0..1,
            0..end,
            0..end + 1,
            0..u64::MAX,
            end / 3..end / 2,
            end / 2..end / 2,
            end.saturating_sub(1)..end,
            end.saturating_sub(1)..end + 70_000,
            end..end,
            end..end + 1,
            end + 1..end + 2,
            end + 70_000..end + 70_001,
            u64::MAX - 1..u64::MAX,
        ];
        for range in ranges {
            let place = |at: u64| usize::try_from(at).map_or(length, |at| at.min(length));
            let wanted = all.get(place(range.start)..place(range.end)).unwrap_or_default();
            let what = format!("the range {range:?} of {length} bytes did not give its bytes");
            ensure(store.read(name, range).await.is_ok_and(|read| read == wanted), &what)?;
        }
        store.delete(name).await?;
    }
    ensure_absent(&*store, name(), "an absent name was not missing").await
}

/// What makes no sense is refused.
pub(super) async fn nonsense_is_invalid(factory: &dyn Factory) -> Result<(), Breach> {
    let store = factory.fresh().await?;
    let (name, _) = some(&*store, 10).await?;
    let kind = store.list(None, 0).await.err().map(|error| error.kind());
    ensure(kind == Some(BlobErrorKind::Invalid), "a limit of 0 was not refused")?;
    let kind = store.list(Some(name), 0).await.err().map(|error| error.kind());
    ensure(kind == Some(BlobErrorKind::Invalid), "a limit of 0 was not refused")?;
    #[allow(clippy::reversed_empty_ranges, reason = "a range that goes backwards is what is tested")]
    for range in [5..3, 1..0, 90..20] {
        let kind = store.read(name, range).await.err().map(|error| error.kind());
        ensure(kind == Some(BlobErrorKind::Invalid), "a range that goes backwards was not refused")?;
    }
    Ok(store.delete(name).await?)
}
