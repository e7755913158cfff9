//! `--backup FILE`.

use std::path::Path;

use mychartum_core::port::Custody as _;
use mychartum_storage::archive::{self, ArchiveId};
use mychartum_storage::transfer::Progress;

use super::super::cover::Cover;
use super::super::database::Kept;
use super::super::place::with_ending;
use super::super::trouble::Trouble;
use super::now;
use super::unfinished_file::UnfinishedFile;
use crate::web::forms::random_bytes;
use crate::words::{fill, say};

/// Backs a database up, also one that a portal is working with, and reads the backup back.
///
/// # Errors
/// [`Trouble`] says what to do; then there is no file of this name.
pub(super) async fn back_up(from: &Kept, file: &Path) -> Result<String, Trouble> {
    if !from.place.is_there() {
        return Err(Trouble::new(fill("trouble.no-database", &[("path", &from.place.shown())])));
    }
    let keys_file = with_ending(file, ".keys");
    let (mut data, mut keys) = (UnfinishedFile::begin(file)?, UnfinishedFile::begin(&keys_file)?);
    let storage = from.place.open().await?;
    let random = random_bytes().ok_or_else(|| Trouble::new(say("trouble.random")))?;
    let (id, _) = random.split_first_chunk().ok_or_else(|| Trouble::new(say("trouble.random")))?;
    let cover = Cover::over(say("errand.backing-up"));
    let mut snapshot = storage.snapshot().await?;
    let mut report = |progress: Progress| cover.show(progress.done.partitions, progress.partitions);
    let id = ArchiveId::from_bytes(*id);
    archive::write(&mut *snapshot, id, now(), &mut data.writer, &mut keys.writer, &mut report).await?;
    drop(snapshot);
    cover.now(say("errand.reading-back"));
    let contents = archive::check(&mut data.reader()?, &mut keys.reader()?, &mut report)?;
    // Where there are data, there are the keys.
    keys.finish()?;
    data.finish()?;
    cover.lift();
    Ok(fill(
        "errand.backed-up",
        &[
            ("partitions", &contents.data.partitions.to_string()),
            ("rows", &(contents.data.rows + contents.keys.rows).to_string()),
            ("file", &file.display().to_string()),
            ("keys", &keys_file.display().to_string()),
            ("key", &from.key.display().to_string()),
        ],
    ))
}
