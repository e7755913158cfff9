//! The folder itself: making it, and removing what killed uploads left in it.
//!
//! `LocalFileSystem` writes an object into a draft beside its place, `<name>#<number>`, and renames it when it is
//! whole. It removes the draft of an upload that is dropped, but nobody removes the one of a process that was killed.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use mychartum_core::port::blob_store::{BlobError, BlobErrorKind, BlobName};

use super::error::io_error;
use super::layout::shards;

/// Makes the folder with all folders above it, if it is not there; what it makes is for its owner only.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Removes drafts that were last written to before a time; says how many.
pub(super) async fn remove_drafts(folder: PathBuf, before: DateTime<Utc>) -> Result<u64, BlobError> {
    let work = move || remove_all(&folder, before.into()).map_err(|error| io_error(&error, "tidy"));
    match tokio::runtime::Handle::try_current() {
        Err(_) => work(),
        Ok(runtime) => {
            let done = runtime.spawn_blocking(work).await;
            done.unwrap_or(Err(BlobError::new(BlobErrorKind::Unavailable, "tidy")))
        }
    }
}

fn remove_all(folder: &Path, before: SystemTime) -> io::Result<u64> {
    let mut removed = 0;
    for shard in shards(0) {
        let name = format!("{shard:02x}");
        let Some(entries) = if_there(std::fs::read_dir(folder.join(&name)))? else { continue };
        for entry in entries {
            let entry = entry?;
            if !is_draft(&name, &entry.file_name().to_string_lossy()) {
                continue;
            }
            // What goes away in between was somebody else's to remove.
            let Some(meta) = if_there(entry.metadata())? else { continue };
            if meta.is_file() && meta.modified()? < before && if_there(std::fs::remove_file(entry.path()))?.is_some() {
                removed += 1;
            }
        }
    }
    Ok(removed)
}

fn if_there<T>(outcome: io::Result<T>) -> io::Result<Option<T>> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        outcome => outcome.map(Some),
    }
}

/// Whether a file of a shard is the draft of an object of ours.
fn is_draft(shard: &str, file: &str) -> bool {
    let Some((others, number)) = file.split_once('#') else { return false };
    let digits = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    digits && [shard, others].concat().parse::<BlobName>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_drafts_of_our_objects_are_drafts() {
        let others = "0".repeat(128);
        assert!(is_draft("ab", &format!("{others}#1")) && is_draft("ab", &format!("{others}#27")));
        let foreign =
            [others.clone(), format!("{others}#"), format!("{others}#x"), format!("x{others}#1"), "#1".into()];
        for file in foreign {
            assert!(!is_draft("ab", &file), "{file}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_enter_the_folder() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/files");
        make_folder(&path).unwrap();
        make_folder(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
