//! Where a database is.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mychartum_core::port::Custody;
use mychartum_core::port::custody::BucketState;
use mychartum_core::port::storage::{StorageError, StorageErrorKind};
use mychartum_storage::{PostgresStorage, PostgresTls, SqliteStorage};

use super::trouble::Trouble;
use crate::words::{fill, say};

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a file.
    File(PathBuf),
    /// On a PostgreSQL server.
    Server {
        /// Its address, with whatever secrets are in it.
        url: String,
        /// The file of the root certificates that it is believed by, where it is on another machine.
        roots: Option<PathBuf>,
    },
}

impl Place {
    /// The place of this name. Root certificates matter for a server only.
    pub(crate) fn named(name: &OsStr, roots: Option<&Path>) -> Self {
        match name.to_str() {
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Self::Server { url: url.to_owned(), roots: roots.map(Path::to_owned) }
            }
            _ => Self::File(name.into()),
        }
    }

    /// Whether there may be a database; nothing is made.
    pub(crate) fn is_there(&self) -> bool {
        match self {
            Self::File(path) => path.exists(),
            Self::Server { .. } => true,
        }
    }

    /// Opens the storage there, making an empty one where there is none.
    ///
    /// # Errors
    /// [`Trouble`] says what to do, also where a restore or a copy into it was broken off.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Custody>, Trouble> {
        let storage = self.open_unfinished().await?;
        let buckets = storage.buckets().await?;
        if buckets.iter().any(|bucket| matches!(bucket.state, BucketState::Arriving | BucketState::Elsewhere)) {
            return Err(Trouble::new(say("trouble.unfinished")));
        }
        Ok(storage)
    }

    /// Opens the storage there to restore or copy into it, which may have been broken off before.
    ///
    /// # Errors
    /// [`Trouble`] says what to do.
    pub(crate) async fn open_unfinished(&self) -> Result<Arc<dyn Custody>, Trouble> {
        match self {
            Self::File(path) => {
                if path.is_dir() {
                    return Err(Trouble::new(fill("trouble.folder", &[("path", &self.shown())])));
                }
                if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                    std::fs::create_dir_all(folder).map_err(|error| Trouble::file(folder, &error))?;
                }
                Ok(Arc::new(SqliteStorage::open(path).await?))
            }
            Self::Server { url, roots } => {
                let trouble = |error: StorageError| match error.kind() {
                    StorageErrorKind::Invalid | StorageErrorKind::Unavailable => {
                        let words = [("place", &*self.shown()), ("why", &*error.to_string())];
                        Trouble::new(fill("trouble.server", &words))
                    }
                    _ => error.into(),
                };
                let mut options = PostgresStorage::options(url).map_err(trouble)?;
                if let Some(roots) = roots {
                    let pem = std::fs::read(roots).map_err(|error| Trouble::file(roots, &error))?;
                    options = options.tls(PostgresTls::new(&pem).map_err(trouble)?);
                }
                Ok(Arc::new(options.open().await.map_err(trouble)?))
            }
        }
    }

    /// Its name for the person at the keyboard: of a server without the user, the password and the parameters.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Server { url, .. } => format!("postgres://{}", public_part(url)),
        }
    }

    /// Where its key is unless told: beside a file, `portal.key` for `portal.db` and the whole name with `.key` behind it for
    /// any other, so that two databases of one folder do not share a key, which a reset of either would delete; and for a
    /// server in the folder of the program's own databases.
    pub(crate) fn key(&self) -> PathBuf {
        match self {
            Self::File(path) if path.extension().is_some_and(|extension| extension == "db") => {
                path.with_extension("key")
            }
            Self::File(path) => with_ending(path, ".key"),
            Self::Server { url, .. } => {
                let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
                let name: String = public_part(url).chars().map(plain).collect();
                Path::new("target").join("portal").join(format!("{name}.key"))
            }
        }
    }
}

/// The name of a file with an ending behind it.
pub(crate) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// What of a server's address is no secret: host, port and database.
fn public_part(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split_once('?').map_or(rest, |(before, _)| before);
    rest.rsplit_once('@').map_or(rest, |(_, after)| after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_shown_without_its_secrets() {
        let place = Place::named(OsStr::new("postgres://me:s@cret@db.example:5432/portal?sslmode=disable"), None);
        assert_eq!(place.shown(), "postgres://db.example:5432/portal");
        assert_eq!(place.key(), Path::new("target/portal/db-example-5432-portal.key"));
        assert_ne!(place.key(), Place::named(OsStr::new("postgres://db.example/other"), None).key());
        assert_eq!(Place::named(OsStr::new("postgres.db"), None), Place::File("postgres.db".into()));
    }

    #[test]
    fn no_database_is_its_own_key() {
        for name in ["p.db", "p.key", "p", "p.sqlite"] {
            assert_ne!(Place::named(OsStr::new(name), None).key(), Path::new(name), "{name}");
        }
        assert_eq!(Place::named(OsStr::new("a/p.db"), None).key(), Path::new("a/p.key"));
    }
}
