//! PostgreSQL's own programs on this machine.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where distributions put the programs, apart from `PATH`; `*` stands for one folder's name.
const USUAL: [(&str, &str); 4] = [
    ("/usr/lib/postgresql", "bin"),
    ("/usr/local/pgsql", "bin"),
    ("/opt/homebrew/opt/postgresql", "bin"),
    ("/usr/local/opt/postgresql", "bin"),
];

/// The folder of one version's programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries(PathBuf);

impl Binaries {
    /// The newest version that is here with all that a private server needs.
    pub(super) fn newest() -> Option<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        let mut folders: Vec<PathBuf> = env::split_paths(&path).filter_map(|folder| real(&folder)).collect();
        for (parent, inside) in USUAL {
            let parent = Path::new(parent);
            let versions = parent.read_dir().into_iter().flatten().flatten().map(|entry| entry.path().join(inside));
            folders.extend(versions.chain([parent.join(inside)]).filter_map(|folder| real(&folder)));
        }
        folders.sort();
        folders.dedup();
        folders.into_iter().filter_map(|folder| Some((version(&folder)?, folder))).max().map(|(_, folder)| Self(folder))
    }

    /// One of the programs.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

/// The folder that `initdb` really lies in, where the other programs are beside it.
fn real(folder: &Path) -> Option<PathBuf> {
    let folder = folder.join("initdb").canonicalize().ok()?.parent()?.to_owned();
    ["postgres", "pg_ctl"].iter().all(|program| folder.join(program).is_file()).then_some(folder)
}

/// What `initdb --version` prints, as numbers: `initdb (PostgreSQL) 15.20 (Debian 15.20-1)` is 15 and 20.
fn version(folder: &Path) -> Option<Vec<u32>> {
    let output = Command::new(folder.join("initdb")).arg("--version").output().ok()?;
    read_version(core::str::from_utf8(&output.stdout).ok()?)
}

fn read_version(line: &str) -> Option<Vec<u32>> {
    let number = line.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    let parts = number.split(|c: char| !c.is_ascii_digit()).map_while(|part| part.parse().ok());
    Some(parts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared_as_numbers() {
        let debian = read_version("initdb (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n").unwrap();
        assert_eq!(debian, [15, 20]);
        assert_eq!(read_version("initdb (PostgreSQL) 18beta2").unwrap(), [18]);
        assert!(read_version("initdb (PostgreSQL) 9.6.24").unwrap() < debian);
        assert!(read_version("command not found").is_none());
    }
}
