//! `--restore FILE`.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use chrono::{DateTime, Local};
use mychartum_storage::archive::{self, Contents};
use mychartum_storage::transfer::Progress;

use super::super::cover::Cover;
use super::super::database::Kept;
use super::super::place::with_ending;
use super::super::trouble::Trouble;
use super::check::{check, show, told};
use super::now;
use crate::words::{fill, say};

/// Restores a backup into an empty database: reads it through first, and serves it only when every seal and chain held.
///
/// # Errors
/// [`Trouble`] says what to do; then nothing of the backup is served.
pub(super) async fn restore(into: &Kept, file: &Path) -> Result<String, Trouble> {
    let keys_file = with_ending(file, ".keys");
    let open = |path: &Path| {
        let file = File::open(path).map_err(|error| Trouble::file(path, &error))?;
        Ok::<_, Trouble>(BufReader::with_capacity(1 << 20, file))
    };
    let (mut data, mut keys) = (open(file)?, open(&keys_file)?);
    if !into.key.exists() {
        return Err(Trouble::new(fill("trouble.restore-key", &[("key", &into.key.display().to_string())])));
    }
    let cover = Cover::over(say("errand.reading"));
    let mut report = |progress: Progress| cover.show(progress.done.partitions, progress.partitions);
    let contents = archive::check(&mut data, &mut keys, &mut report)?;
    let (mut data, mut keys) = (open(file)?, open(&keys_file)?);
    let storage = into.place.open_unfinished().await?;
    let mut report = |progress: Progress| show(&cover, say("errand.restoring"), progress);
    let filled = archive::restore(&mut data, &mut keys, &*storage, now(), &mut report).await?;
    let found = check(&filled, &into.key, &cover).await?;
    filled.serve().await?;
    cover.lift();
    let place = into.place.shown();
    let words = fill("errand.restored", &[("path", &place), ("time", &time_of(&contents)), ("sound", &told(&found))]);
    Ok(words)
}

fn time_of(contents: &Contents) -> String {
    let at = i64::try_from(contents.at).ok().and_then(DateTime::from_timestamp_millis);
    at.map_or_else(String::new, |at| at.with_timezone(&Local).format("%Y-%m-%d %H:%M").to_string())
}
