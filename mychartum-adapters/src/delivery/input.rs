//! What a delivery is made of: files, or bytes with a name.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::error::DeliveryError;

/// One document of a delivery. It is read twice, so it must be a file or lie in memory.
#[derive(Clone)]
pub struct Input {
    name: Box<str>,
    content: Content,
}

#[derive(Clone)]
enum Content {
    Path(PathBuf),
    Bytes(Arc<[u8]>),
}

impl core::fmt::Debug for Input {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Input([hidden])")
    }
}

/// What tells whether a file is still the one that was read before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) length: u64,
    modified: Option<SystemTime>,
}

/// Something to read from, at any place.
pub(crate) trait Document: Read + Seek + Send {}

impl<T: Read + Seek + Send> Document for T {}

/// A document that is open.
pub(crate) type Opened = BufReader<Box<dyn Document>>;

impl Input {
    /// A file.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self { name: path.to_string_lossy().into(), content: Content::Path(path) }
    }

    /// Bytes in memory; the name is what errors call them.
    #[must_use]
    pub fn bytes(name: &str, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self { name: name.into(), content: Content::Bytes(bytes.into()) }
    }

    /// Files as given, and of folders all files below them named `*.json`, `*.ndjson` or `*.fhir`, in sorted order.
    ///
    /// Links are followed; a folder or a file in a folder that is reached twice is taken once, so links in a circle end.
    ///
    /// # Errors
    /// [`DeliveryError`] for a path that is missing, may not be read, or is neither file nor folder. Nothing is skipped.
    #[cfg(feature = "fhir")]
    pub fn from_paths(paths: &[PathBuf]) -> Result<Vec<Self>, DeliveryError> {
        Self::below(paths, &["json", "ndjson", "fhir"])
    }

    /// Files as given, and of folders all files below them named `*.xml`, `*.ccda`, `*.ccd` or `*.cda`, in sorted order.
    ///
    /// Links are followed as in a folder of FHIR documents: what is reached twice is taken once.
    ///
    /// # Errors
    /// [`DeliveryError`] for a path that is missing, may not be read, or is neither file nor folder. Nothing is skipped.
    #[cfg(feature = "ccda")]
    pub fn clinical_documents(paths: &[PathBuf]) -> Result<Vec<Self>, DeliveryError> {
        Self::below(paths, &["xml", "ccda", "ccd", "cda"])
    }

    /// Files as given, and of folders all files below them named `*.hl7` or `*.hl7v2`, in sorted order.
    ///
    /// Links are followed as in a folder of FHIR documents: what is reached twice is taken once.
    ///
    /// # Errors
    /// [`DeliveryError`] for a path that is missing, may not be read, or is neither file nor folder. Nothing is skipped.
    #[cfg(feature = "hl7v2")]
    pub fn message_files(paths: &[PathBuf]) -> Result<Vec<Self>, DeliveryError> {
        Self::below(paths, &["hl7", "hl7v2"])
    }

    fn below(paths: &[PathBuf], extensions: &'static [&'static str]) -> Result<Vec<Self>, DeliveryError> {
        let mut walk = Walk { extensions, found: Vec::new(), seen: HashSet::new() };
        for path in paths {
            let metadata = fs::metadata(path).map_err(|error| DeliveryError::unreadable(path, &error))?;
            if metadata.is_dir() { walk.folder(path)? } else { walk.file(path, &metadata)? }
        }
        Ok(walk.found)
    }

    /// Its name: the path of a file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[cfg(feature = "fhir")]
    /// Whether its name says that it is NDJSON; asked only where the content cannot tell.
    pub(crate) fn is_named_lines(&self) -> bool {
        let lower = self.name.to_ascii_lowercase();
        lower.ends_with(".ndjson") || lower.ends_with(".jsonl")
    }

    pub(crate) fn stamp(&self) -> io::Result<Stamp> {
        match &self.content {
            Content::Path(path) => {
                let metadata = fs::metadata(path)?;
                if !metadata.is_file() {
                    return Err(io::ErrorKind::Unsupported.into());
                }
                Ok(Stamp { length: metadata.len(), modified: metadata.modified().ok() })
            }
            Content::Bytes(bytes) => Ok(Stamp { length: bytes.len() as u64, modified: None }),
        }
    }

    pub(crate) fn open(&self) -> io::Result<Opened> {
        let document: Box<dyn Document> = match &self.content {
            Content::Path(path) => Box::new(File::open(path)?),
            Content::Bytes(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
        };
        Ok(BufReader::with_capacity(128 << 10, document))
    }
}

struct Walk {
    /// How the names end of what is taken from folders.
    extensions: &'static [&'static str],
    found: Vec<Input>,
    seen: HashSet<PathBuf>,
}

impl Walk {
    fn file(&mut self, path: &Path, metadata: &fs::Metadata) -> Result<(), DeliveryError> {
        if !metadata.is_file() {
            return Err(DeliveryError::NotAFile { path: path.to_owned() });
        }
        // Opened now, so that a file without permission is named before anything is read.
        File::open(path).map_err(|error| DeliveryError::unreadable(path, &error))?;
        self.found.push(Input::file(path));
        Ok(())
    }

    /// Takes a folder; an explicit stack, since folders may be nested deeper than the call stack.
    fn folder(&mut self, root: &Path) -> Result<(), DeliveryError> {
        let mut waiting = vec![root.to_owned()];
        while let Some(path) = waiting.pop() {
            let unreadable = |error: &io::Error| DeliveryError::unreadable(&path, error);
            let metadata = fs::metadata(&path).map_err(|error| unreadable(&error))?;
            if metadata.is_dir() {
                if !self.seen.insert(fs::canonicalize(&path).map_err(|error| unreadable(&error))?) {
                    continue;
                }
                let entries = fs::read_dir(&path).map_err(|error| unreadable(&error))?;
                let mut inside = Vec::new();
                for entry in entries {
                    let entry = entry.map_err(|error| unreadable(&error))?;
                    if is_wanted(&entry, self.extensions).map_err(|error| unreadable(&error))? {
                        inside.push(entry.path());
                    }
                }
                inside.sort_unstable_by(|a, b| b.cmp(a));
                waiting.append(&mut inside);
            } else if metadata.is_file()
                && is_named(&path, self.extensions)
                && self.seen.insert(fs::canonicalize(&path).map_err(|error| unreadable(&error))?)
            {
                self.file(&path, &metadata)?;
            }
        }
        Ok(())
    }
}

/// Whether an entry of a folder may lead to a document: folders, links to anything, and files by their names.
fn is_wanted(entry: &fs::DirEntry, extensions: &[&str]) -> io::Result<bool> {
    let kind = entry.file_type()?;
    let path = entry.path();
    if kind.is_symlink() {
        // A dead link counts only where its name says that a document is missing.
        return Ok(is_named(&path, extensions) || fs::metadata(&path).is_ok_and(|target| target.is_dir()));
    }
    Ok(kind.is_dir() || (kind.is_file() && is_named(&path, extensions)))
}

fn is_named(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|extension| extensions.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

#[cfg(all(test, feature = "fhir"))]
mod tests {
    use super::*;

    fn names(inputs: &[Input], root: &Path) -> Vec<String> {
        let prefix = root.to_string_lossy().into_owned();
        inputs.iter().map(|input| input.name().replace(&prefix, "").replace('\\', "/")).collect()
    }

    #[test]
    fn folders_are_walked_in_order() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        fs::create_dir_all(at("b/c")).unwrap();
        for name in ["z.json", "a.NDJSON", "b/x.fhir", "b/c/y.json", "b/é ü.json", "notes.txt", "json"] {
            fs::write(at(name), "{}").unwrap();
        }
        let found = Input::from_paths(&[root.path().to_owned(), at("notes.txt")]).unwrap();
        let expected = ["/a.NDJSON", "/b/c/y.json", "/b/x.fhir", "/b/é ü.json", "/z.json", "/notes.txt"];
        assert_eq!(names(&found, root.path()), expected);
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_circle_end_and_odd_names_work() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        fs::create_dir(at("in")).unwrap();
        fs::write(at("in/a.json"), "{}").unwrap();
        fs::write(root.path().join(OsStr::from_bytes(b"\xff.json")), "{}").unwrap();
        std::os::unix::fs::symlink(root.path(), at("in/back")).unwrap();
        std::os::unix::fs::symlink(at("in/a.json"), at("same.json")).unwrap();
        std::os::unix::fs::symlink(at("nowhere"), at("dead.txt")).unwrap();
        let found = Input::from_paths(&[root.path().to_owned()]).unwrap();
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|input| input.open().is_ok()));
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_read_is_named() {
        let root = tempfile::tempdir().unwrap();
        let missing = root.path().join("missing.json");
        let error = Input::from_paths(std::slice::from_ref(&missing)).unwrap_err();
        assert!(matches!(&error, DeliveryError::Unreadable { kind: io::ErrorKind::NotFound, .. }));
        assert_eq!(error.path(), missing);

        std::os::unix::fs::symlink(&missing, root.path().join("dead.json")).unwrap();
        let error = Input::from_paths(&[root.path().to_owned()]).unwrap_err();
        assert_eq!(error.path(), root.path().join("dead.json"));

        let error = Input::from_paths(&[PathBuf::from("/dev/null")]).unwrap_err();
        assert!(matches!(error, DeliveryError::NotAFile { .. }));
    }
}
