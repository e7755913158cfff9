//! The file of the wrapping key, when a database moves.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::trouble::Trouble;
use crate::words::fill;

/// Puts a copy of a key file where a copied database looks for it, for its owner only. A file that is there stays as it is, and
/// must be the same key.
///
/// # Errors
/// [`Trouble`] says what to do.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Trouble> {
    let key = std::fs::read(from).map_err(|error| Trouble::file(from, &error))?;
    let fail = |error: &std::io::Error| Trouble::file(to, error);
    if let Some(folder) = to.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| Trouble::file(folder, &error))?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(to) {
        Ok(mut file) => {
            let written = file.write_all(&key).and_then(|()| file.sync_all());
            written.map_err(|error| fail(&error))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let there = std::fs::read(to).map_err(|error| fail(&error))?;
            let shown = to.display().to_string();
            if there == key { Ok(()) } else { Err(Trouble::new(fill("trouble.other-key", &[("key", &shown)]))) }
        }
        Err(error) => Err(fail(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_copied_once_and_never_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two, other] = ["one", "deep/two", "other"].map(|name| folder.path().join(name));
        std::fs::write(&one, "key").unwrap();
        std::fs::write(&other, "another").unwrap();
        copy(&one, &two).unwrap();
        copy(&one, &two).unwrap();
        assert_eq!(std::fs::read(&two).unwrap(), b"key");
        copy(&one, &other).unwrap_err();
        assert_eq!(std::fs::read(&other).unwrap(), b"another");
        copy(&folder.path().join("none"), &two).unwrap_err();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&two).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
