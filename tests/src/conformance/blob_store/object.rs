//! Objects under test.

use core::sync::atomic::{AtomicU64, Ordering};
use std::hash::{BuildHasher, Hasher, RandomState};

use mychartum_core::port::BlobStore;
use mychartum_core::port::blob_store::{BlobError, BlobErrorKind, BlobName, BlobObject};

use crate::conformance::Breach;
use crate::conformance::case::ensure;

static NAMES: AtomicU64 = AtomicU64::new(0);

/// A name that no other case has, also in another process.
pub(super) fn name() -> BlobName {
    let number = NAMES.fetch_add(1, Ordering::Relaxed);
    // Seeded anew by the standard library in each process.
    let state = RandomState::new();
    let mut bytes = [0; BlobName::BYTES];
    for (part, chunk) in (0u64..).zip(bytes.chunks_mut(8)) {
        let mut hasher = state.build_hasher();
        hasher.write_u64(number);
        hasher.write_u64(part);
        chunk.iter_mut().zip(hasher.finish().to_be_bytes()).for_each(|(to, from)| *to = from);
    }
    BlobName::from_bytes(bytes)
}

/// Bytes in which every part can be told from its neighbours and from the same part elsewhere: a page that is repeated,
/// each time with its number and a seed in it.
pub(super) fn bytes(length: usize, seed: u64) -> Vec<u8> {
    const PAGE: usize = 1_021;
    let mut page: Vec<u8> = (0..=250).cycle().take(PAGE).collect();
    let mut bytes = Vec::with_capacity(length);
    for number in 0u64.. {
        let stamp = number.to_le_bytes().into_iter().chain(seed.to_le_bytes());
        page.iter_mut().zip(stamp).for_each(|(to, from)| *to = from);
        let rest = length - bytes.len();
        bytes.extend_from_slice(page.get(..rest).unwrap_or(&page));
        if bytes.len() == length {
            break;
        }
    }
    bytes
}

/// Writes an object in pieces of a length.
pub(super) async fn put(store: &dyn BlobStore, name: BlobName, bytes: &[u8], piece: usize) -> Result<(), BlobError> {
    let mut upload = store.begin(name).await?;
    for piece in bytes.chunks(piece.max(1)) {
        upload.write(piece.to_vec()).await?;
    }
    upload.complete().await
}

/// Writes an object of a length that nobody else writes, and gives its name and bytes.
pub(super) async fn some(store: &dyn BlobStore, length: usize) -> Result<(BlobName, Vec<u8>), BlobError> {
    let (name, bytes) = (name(), bytes(length, NAMES.load(Ordering::Relaxed)));
    put(store, name, &bytes, 1 << 16).await?;
    Ok((name, bytes))
}

/// All bytes of an object, read in pieces of some megabytes.
pub(super) async fn read(store: &dyn BlobStore, name: BlobName) -> Result<Vec<u8>, BlobError> {
    const PIECE: u64 = 3 << 20;
    let mut bytes = Vec::new();
    loop {
        let start = bytes.len() as u64;
        let piece = store.read(name, start..start + PIECE).await?;
        let last = (piece.len() as u64) < PIECE;
        bytes.extend(piece);
        if last {
            return Ok(bytes);
        }
    }
}

/// The line of an object in the list, if it has one.
pub(super) async fn listed(store: &dyn BlobStore, name: BlobName) -> Result<Option<BlobObject>, BlobError> {
    let mut before = name.to_bytes();
    // The name right before it in order, so that one page is enough. No name of a case is all zeros.
    for byte in before.iter_mut().rev() {
        let borrows = *byte == 0;
        *byte = byte.wrapping_sub(1);
        if !borrows {
            break;
        }
    }
    let page = store.list(Some(BlobName::from_bytes(before)), 1).await?;
    Ok(page.into_iter().find(|object| object.name == name))
}

/// Breaks off unless there is no such object, to read and to list.
pub(super) async fn ensure_absent(store: &dyn BlobStore, name: BlobName, what: &str) -> Result<(), Breach> {
    for range in [0..1, 0..0, 7..7, 5..10] {
        let answer = store.read(name, range).await;
        ensure(answer.err().map(|error| error.kind()) == Some(BlobErrorKind::Missing), what)?;
    }
    ensure(listed(store, name).await?.is_none(), what)
}

/// Breaks off unless the object has these bytes, to read and to list.
pub(super) async fn ensure_whole(
    store: &dyn BlobStore,
    name: BlobName,
    wanted: &[u8],
    what: &str,
) -> Result<(), Breach> {
    ensure(read(store, name).await? == wanted, what)?;
    let object = listed(store, name).await?;
    ensure(object.is_some_and(|object| object.bytes == wanted.len() as u64), what)
}
