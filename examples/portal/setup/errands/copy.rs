//! `--copy-to PLACE`.

use mychartum_core::port::Custody as _;
use mychartum_storage::transfer::{self, Progress};

use super::super::cover::Cover;
use super::super::database::Kept;
use super::super::key_file;
use super::super::place::Place;
use super::super::trouble::Trouble;
use super::check::{check, show, told};
use super::now;
use crate::words::{count, fill, say};

/// Copies a database into another, empty one, with its key file beside it, and serves it there only when every seal and chain
/// held and nothing was written to the first one meanwhile.
///
/// # Errors
/// [`Trouble`] says what to do; then nothing of the copy is served.
pub(super) async fn copy_to(from: &Kept, into: &Place) -> Result<String, Trouble> {
    if !from.place.is_there() {
        return Err(Trouble::new(fill("trouble.no-database", &[("path", &from.place.shown())])));
    }
    let source = from.place.open().await?;
    let target = into.open_unfinished().await?;
    let cover = Cover::over(say("errand.copying"));
    let mut snapshot = source.snapshot().await?;
    let mut report = |progress: Progress| show(&cover, say("errand.copying"), progress);
    let filled = transfer::fill(&mut *snapshot, &*target, now(), &mut report).await?;
    drop(snapshot);
    let found = check(&filled, &from.key, &cover).await?;
    let behind = filled.behind(&*source).await?;
    if behind > 0 {
        let partitions = count("count.partitions", usize::try_from(behind).unwrap_or(usize::MAX));
        return Err(Trouble::new(fill("trouble.behind", &[("partitions", &partitions)])));
    }
    let key = into.key();
    key_file::copy(&from.key, &key)?;
    filled.serve().await?;
    cover.lift();
    let (path, key) = (into.shown(), key.display().to_string());
    Ok(fill("errand.copied", &[("path", &path), ("key", &key), ("sound", &told(&found))]))
}
