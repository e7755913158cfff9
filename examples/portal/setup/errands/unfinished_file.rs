//! A file that appears under its name only when it is whole.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, ErrorKind};
use std::path::{Path, PathBuf};

use super::super::place::with_ending;
use super::super::trouble::Trouble;
use crate::words::fill;

/// A file for its owner only, with `.unfinished` behind its name until it is whole and on the disk. Dropped before, it is gone.
pub(super) struct UnfinishedFile {
    /// What is written goes here.
    pub(super) writer: BufWriter<File>,
    path: PathBuf,
    unfinished: PathBuf,
}

impl UnfinishedFile {
    /// Begins a file; one that is there already is never replaced.
    pub(super) fn begin(path: &Path) -> Result<Self, Trouble> {
        refuse_existing(path)?;
        let unfinished = with_ending(path, ".unfinished");
        match std::fs::remove_file(&unfinished) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(Trouble::file(&unfinished, &error)),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&unfinished).map_err(|error| Trouble::file(path, &error))?;
        Ok(Self { writer: BufWriter::with_capacity(1 << 20, file), path: path.to_owned(), unfinished })
    }

    /// What was written so far, to be read back.
    pub(super) fn reader(&self) -> Result<BufReader<File>, Trouble> {
        let file = File::open(&self.unfinished).map_err(|error| Trouble::file(&self.path, &error))?;
        Ok(BufReader::with_capacity(1 << 20, file))
    }

    /// Puts it under its name, with all of it on the disk.
    pub(super) fn finish(self) -> Result<(), Trouble> {
        refuse_existing(&self.path)?;
        let synced = self.writer.get_ref().sync_all();
        let named = synced.and_then(|()| std::fs::rename(&self.unfinished, &self.path));
        named.and_then(|()| sync_folder(&self.path)).map_err(|error| Trouble::file(&self.path, &error))
    }
}

impl Drop for UnfinishedFile {
    fn drop(&mut self) {
        // After `finish` there is nothing of this name any more.
        drop(std::fs::remove_file(&self.unfinished));
    }
}

fn refuse_existing(path: &Path) -> Result<(), Trouble> {
    if path.exists() {
        return Err(Trouble::new(fill("trouble.exists", &[("path", &path.display().to_string())])));
    }
    Ok(())
}

/// The name of a new file is durable only when its folder is synced too.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
