//! A keyring in a file that only its owner may read.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use mychartum_core::kernel::id::TenantId;
use mychartum_core::port::KeyProvider;
use mychartum_core::port::key_provider::KeyError;
use mychartum_core::vault::SecretKey;
use zeroize::Zeroizing;

use super::wrapping;

/// What a key file begins with; 64 hexadecimal digits and a line end follow.
const HEADER: &str = "mychartum-key-1\n";

/// Wraps keys with a key in a file of mode 0600.
///
/// The file is made the first time a key is wrapped, which is when an empty database is founded, and never when one is
/// unwrapped: a lost file is [`KeyError::Missing`], a file of another database [`KeyError::Wrong`], and neither is ever
/// replaced. Back it up apart from the database; without it the database cannot be read by anyone.
#[derive(Debug, Clone)]
pub struct FileKeyring {
    path: PathBuf,
}

impl FileKeyring {
    /// The keyring in this file; nothing is read or made yet.
    #[must_use]
    pub fn at(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().to_owned() }
    }

    fn read(&self) -> Result<SecretKey, KeyError> {
        let mut file = File::open(&self.path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => KeyError::Missing,
            _ => KeyError::Unavailable,
        })?;
        check_mode(&file)?;
        let mut text = Zeroizing::new(String::new());
        Read::by_ref(&mut file).take(4096).read_to_string(&mut text).map_err(|_| KeyError::Wrong)?;
        let digits = text.strip_prefix(HEADER).map(str::trim_end).ok_or(KeyError::Wrong)?;
        let mut bytes = Zeroizing::new([0u8; 32]);
        if digits.len() != 64 {
            return Err(KeyError::Wrong);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            for digit in pair {
                let value = char::from(*digit).to_digit(16).ok_or(KeyError::Wrong)?;
                *byte = (*byte << 4) | u8::try_from(value).map_err(|_| KeyError::Wrong)?;
            }
        }
        Ok(SecretKey::from_bytes(*bytes))
    }

    /// Makes the file with a new key: whole under another name first, then linked, so that no half file is ever read and
    /// none that is there is ever replaced. The other name is random: one that was left behind, or that another thread is
    /// writing, is in nobody's way.
    fn make(&self) -> Result<SecretKey, KeyError> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        getrandom::fill(&mut *bytes).map_err(|_| KeyError::Unavailable)?;
        let digits: Zeroizing<String> = Zeroizing::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
        let mut name = [0u8; 8];
        getrandom::fill(&mut name).map_err(|_| KeyError::Unavailable)?;
        let mut draft = self.path.clone().into_os_string();
        draft.push(format!(".{:016x}.new", u64::from_be_bytes(name)));
        let draft = PathBuf::from(draft);
        let written = write_new(&draft, &digits)
            .and_then(|()| std::fs::hard_link(&draft, &self.path))
            .and_then(|()| sync_folder(&self.path));
        // The draft is only a stepping stone; where it cannot be removed the key file is whole all the same.
        drop(std::fs::remove_file(&draft));
        match written {
            Ok(()) => Ok(SecretKey::from_bytes(*bytes)),
            // Another process was first; its key counts.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => self.read(),
            Err(_) => Err(KeyError::Unavailable),
        }
    }
}

fn write_new(path: &Path, digits: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(HEADER.as_bytes())?;
    file.write_all(digits.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

/// Makes a file's name durable, which its own flush does not: a key must not be lost where what it sealed is kept.
#[cfg(unix)]
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Refuses a key file that others may read or write.
#[cfg(unix)]
fn check_mode(file: &File) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().map_err(|_| KeyError::Unavailable)?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyError::Exposed) }
}

#[cfg(not(unix))]
fn check_mode(_file: &File) -> Result<(), KeyError> {
    Ok(())
}

#[async_trait]
impl KeyProvider for FileKeyring {
    async fn wrap(&self, tenant: TenantId, key: &SecretKey) -> Result<Vec<u8>, KeyError> {
        let wrapping = match self.read() {
            Err(KeyError::Missing) => self.make()?,
            read => read?,
        };
        wrapping::wrap(&wrapping, tenant, key)
    }

    async fn unwrap(&self, tenant: TenantId, wrapped: &[u8]) -> Result<SecretKey, KeyError> {
        wrapping::unwrap(&self.read()?, tenant, wrapped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_that_was_left_behind_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("portal.key");
        // Killed between writing and linking; the next process may have the same number, as the first one of a container.
        std::fs::write(folder.path().join(format!("portal.key.{}.new", std::process::id())), "half").unwrap();
        let keyring = FileKeyring::at(&path);
        let made = keyring.make().unwrap();
        assert_eq!(made.expose(), keyring.read().unwrap().expose());
    }

    #[test]
    fn all_who_make_a_key_at_once_get_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let keyring = FileKeyring::at(folder.path().join("portal.key"));
        let made: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| keyring.make())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let kept = keyring.read().unwrap();
        assert!(made.into_iter().all(|key| key.unwrap().expose() == kept.expose()));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    }
}
