//! Where the data are: in a file with its key beside it, or in memory.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use mychartum_adapters::keys::{FileKeyring, SecretKeyring};
use mychartum_adapters::system::{SystemClock, SystemEntropy};
use mychartum_core::portal::Portal;
use mychartum_core::vault::SecretKey;
use mychartum_storage::{MemoryStorage, SqliteStorage};

use super::args::Options;
use super::trouble::Trouble;
use crate::web::forms::random_bytes;
use crate::words::{fill, say};

/// Where the data are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Database {
    /// In memory, until the program ends.
    Memory,
    /// In a file.
    File {
        /// The database.
        path: PathBuf,
        /// Whether the person named it, rather than us.
        is_named: bool,
        /// Whether it was there before.
        was_there: bool,
    },
}

impl Database {
    /// The one that the options ask for.
    pub(crate) fn asked(options: &Options) -> Self {
        if options.memory {
            return Self::Memory;
        }
        let name = if options.import.is_empty() { "portal.db" } else { "own.db" };
        let (path, is_named) = match &options.database {
            Some(path) => (path.clone(), true),
            None => (Path::new("target").join("portal").join(name), false),
        };
        let was_there = path.exists() && !options.reset;
        Self::File { path, is_named, was_there }
    }

    /// Opens a portal on it.
    ///
    /// # Errors
    /// [`Trouble`] says what to do.
    pub(crate) async fn open(&self, reset: bool) -> Result<Portal, Trouble> {
        let builder = Portal::builder().clock(SystemClock).entropy(SystemEntropy);
        match self {
            Self::Memory => {
                let key = random_bytes().ok_or_else(|| Trouble::new(say("trouble.random")))?;
                let keys = SecretKeyring::new(SecretKey::from_bytes(key));
                Ok(builder.storage(MemoryStorage::new()).keys(keys).open().await?)
            }
            Self::File { path, .. } => {
                if path.is_dir() {
                    return Err(Trouble::new(fill("trouble.folder", &[("path", &path.display().to_string())])));
                }
                if reset {
                    remove(path)?;
                }
                if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                    std::fs::create_dir_all(folder).map_err(|error| Trouble::file(folder, &error))?;
                }
                let storage = SqliteStorage::open(path).await?;
                Ok(builder.storage(storage).keys(FileKeyring::at(key_of(path))).open().await?)
            }
        }
    }

    /// Where it is, for the person at the keyboard.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Memory => say("start.memory").to_owned(),
            Self::File { path, .. } => fill(
                "start.file",
                &[("path", &path.display().to_string()), ("key", &key_of(path).display().to_string())],
            ),
        }
    }
}

/// The key file beside a database: `portal.key` for `portal.db`, and the whole name with `.key` behind it for any other, so
/// that two databases of one folder do not share a key, which a reset of either would delete.
fn key_of(path: &Path) -> PathBuf {
    if path.extension().is_some_and(|extension| extension == "db") {
        return path.with_extension("key");
    }
    let mut name = OsString::from(path);
    name.push(".key");
    PathBuf::from(name)
}

/// Deletes a database with all that belongs to it; what is not there is no trouble.
fn remove(path: &Path) -> Result<(), Trouble> {
    let with = |suffix: &str| {
        let mut name = OsString::from(path);
        name.push(suffix);
        PathBuf::from(name)
    };
    for file in [path.to_owned(), with("-wal"), with("-shm"), key_of(path)] {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Trouble::file(&file, &error)),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginning_anew_leaves_the_key_of_a_neighbour() {
        let folder = tempfile::tempdir().unwrap();
        let (ours, theirs) = (folder.path().join("p.sqlite"), folder.path().join("p.db"));
        for path in [&ours, &theirs] {
            std::fs::write(path, "data").unwrap();
            std::fs::write(key_of(path), "key").unwrap();
        }
        remove(&ours).unwrap();
        assert!(!ours.exists() && !key_of(&ours).exists());
        assert!(theirs.exists() && key_of(&theirs).exists());
        assert_eq!(key_of(&theirs), folder.path().join("p.key"));
    }

    #[test]
    fn no_database_is_its_own_key() {
        for name in ["p.db", "p.key", "p", "p.sqlite"] {
            assert_ne!(key_of(Path::new(name)), Path::new(name), "{name}");
        }
    }
}
