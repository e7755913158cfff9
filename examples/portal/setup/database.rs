//! Where the data are: in a database with its key beside it, or in memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mychartum_adapters::keys::{FileKeyring, SecretKeyring};
use mychartum_adapters::notify::file::Kept as Messages;
use mychartum_adapters::system::SystemEntropy;
use mychartum_core::access::pack::{EXAMPLE_PACK, OWN_RECORDS_PACK, PolicyPack};
use mychartum_core::port::Storage as _;
use mychartum_core::port::storage::Partition;
use mychartum_core::portal::Portal;
use mychartum_core::vault::SecretKey;
use mychartum_storage::MemoryStorage;

use super::args::Options;
use super::household::Tenants;
use super::place::{Place, with_ending};
use super::trouble::Trouble;
use crate::web::clock::HouseClock;
use crate::web::forms::random_bytes;
use crate::words::{fill, say};

/// Where the data are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Database {
    /// In memory, until the program ends.
    Memory,
    /// In a place that stays.
    Kept(Kept),
}

/// By which policy it is decided who sees what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    /// A clinic's: parents, teenagers, proxies.
    Clinic,
    /// For one's own files: every account opens its own chart, at any age.
    OwnRecords,
}

impl Rules {
    const fn pack(self) -> &'static str {
        match self {
            Self::Clinic => EXAMPLE_PACK,
            Self::OwnRecords => OWN_RECORDS_PACK,
        }
    }
}

/// A database that stays, and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Where it is.
    pub(crate) place: Place,
    /// The file of its wrapping key.
    pub(crate) key: PathBuf,
    /// Whether the person named it, rather than us.
    is_named: bool,
}

impl Kept {
    /// The one that the options ask for.
    pub(crate) fn asked(options: &Options) -> Self {
        let own = if options.import.is_empty() && options.fhir.is_none() { "portal.db" } else { "own.db" };
        let place = match &options.database {
            Some(name) => Place::named(name, options.roots.as_deref()),
            None => Place::File(Path::new("target").join("portal").join(own)),
        };
        let key = options.key.clone().unwrap_or_else(|| place.key());
        Self { place, key, is_named: options.database.is_some() }
    }
}

impl Database {
    /// The one that the options ask for.
    pub(crate) fn asked(options: &Options) -> Self {
        if options.memory { Self::Memory } else { Self::Kept(Kept::asked(options)) }
    }

    /// Opens a portal on it; tells also who may live there.
    ///
    /// # Errors
    /// [`Trouble`] says what to do.
    pub(crate) async fn open(
        &self,
        reset: bool,
        rules: Rules,
        clock: HouseClock,
        messages: Option<Arc<Messages>>,
    ) -> Result<(Portal, Tenants), Trouble> {
        let pack = PolicyPack::parse(rules.pack()).map_err(|error| Trouble::new(error.to_string()))?;
        let mut builder = Portal::builder().clock(clock).entropy(SystemEntropy).policy(pack);
        if let Some(messages) = messages {
            builder = builder.notifier(messages);
        }
        match self {
            Self::Memory => {
                let key = random_bytes().ok_or_else(|| Trouble::new(say("trouble.random")))?;
                let keys = SecretKeyring::new(SecretKey::from_bytes(key));
                let portal = builder.storage(MemoryStorage::new()).keys(keys).open().await?;
                Ok((portal, Tenants::Household))
            }
            Self::Kept(kept) => {
                if reset {
                    remove(kept)?;
                }
                let storage = kept.place.open().await?;
                let is_new = storage.head(Partition::SYSTEM).await?.revision == 0;
                let tenants = if kept.is_named && !is_new { Tenants::Unknown } else { Tenants::Household };
                let portal = builder.storage(storage).keys(FileKeyring::at(&kept.key)).open().await?;
                Ok((portal, tenants))
            }
        }
    }

    /// Whether one may play with it: what is on a server is not played with.
    pub(crate) const fn may_be_played_with(&self) -> bool {
        !matches!(self, Self::Kept(Kept { place: Place::Server { .. }, .. }))
    }

    /// Where it is, for the person at the keyboard.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Memory => say("start.memory").to_owned(),
            Self::Kept(kept) => {
                let key = kept.key.display().to_string();
                fill("start.file", &[("path", &kept.place.shown()), ("key", &key)])
            }
        }
    }
}

/// Deletes a database with all that belongs to it; what is not there is no trouble.
fn remove(kept: &Kept) -> Result<(), Trouble> {
    let Place::File(path) = &kept.place else { return Err(Trouble::new(say("trouble.reset-server"))) };
    if path.is_dir() {
        return Err(Trouble::new(fill("trouble.folder", &[("path", &kept.place.shown())])));
    }
    for file in [path.clone(), with_ending(path, "-wal"), with_ending(path, "-shm"), kept.key.clone()] {
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
        let [ours, theirs] = ["p.sqlite", "p.db"].map(|name| {
            let path = folder.path().join(name);
            let place = Place::File(path.clone());
            let key = place.key();
            std::fs::write(&path, "data").unwrap();
            std::fs::write(&key, "key").unwrap();
            (path, Kept { place, key, is_named: true })
        });
        remove(&ours.1).unwrap();
        assert!(!ours.0.exists() && !ours.1.key.exists());
        assert!(theirs.0.exists() && theirs.1.key.exists());
        assert_eq!(theirs.1.key, folder.path().join("p.key"));
    }
}
