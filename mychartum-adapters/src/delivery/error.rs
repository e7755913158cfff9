//! What can be wrong with a delivery as a whole and with one of its documents.

use core::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A path that cannot be taken into a delivery.
///
/// The message names the path, since the person who gave it must find it. It may hold a name; log it accordingly.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// A file or folder is missing, or may not be read.
    #[error("cannot read {}: {kind}", path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// Why, as the operating system says.
        kind: io::ErrorKind,
    },
    /// A path leads to something that is neither a file nor a folder: it could not be read twice.
    #[error("neither a file nor a folder: {}", path.display())]
    NotAFile {
        /// Which one.
        path: PathBuf,
    },
}

impl DeliveryError {
    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self::Unreadable { path: path.to_owned(), kind: error.kind() }
    }

    /// The path that is meant.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Unreadable { path, .. } | Self::NotAFile { path } => path,
        }
    }
}

/// Why a document is refused whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum FileErrorKind {
    /// It cannot be opened or read.
    #[error("cannot be read: {0}")]
    Unreadable(io::ErrorKind),
    /// It is not JSON, where JSON is expected.
    #[error("not valid JSON")]
    Syntax,
    /// It ends before it is complete.
    #[error("cut off before its end")]
    Truncated,
    /// It holds nothing at all.
    #[error("empty")]
    Empty,
    /// It is not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// It is not in the encoding that it declares.
    #[error("not in the encoding that it declares")]
    Encoding,
    /// It is not well-formed XML, where XML is expected, even after what often goes wrong was mended.
    #[error("not well-formed XML")]
    NotXml,
    /// It declares a document type. Such declarations can make a small document large or read other files.
    #[error("a document type declaration is not allowed")]
    DocumentType,
    /// It is XML, but no clinical document (HL7 CDA R2).
    #[error("not a clinical document")]
    NotClinical,
    /// There is no HL7 v2 message in it: nothing begins with MSH.
    #[error("no HL7 v2 message")]
    NoMessage,
    /// Something follows the end of the document.
    #[error("more content after the end of the document")]
    TrailingContent,
    /// It, or one resource in it, is larger than the limit.
    #[error("larger than the limit")]
    TooLarge,
    /// It is nested deeper than the limit.
    #[error("nested deeper than the limit")]
    TooDeep,
    /// It changed while it was being read.
    #[error("changed while it was being read")]
    Changed,
}

/// A document that is refused whole; the others of the delivery go on.
///
/// The message tells the place and the rule, never the content. It leaves out [`name`](Self::name), because file names in the
/// field carry patients' names; whoever brought the file may be shown it.
#[derive(Clone, PartialEq, Eq)]
pub struct FileError {
    /// Which document of the delivery, from 0.
    pub document: u32,
    /// Its name or path as it was given.
    pub name: Box<str>,
    /// What is wrong.
    pub kind: FileErrorKind,
    /// Where, in bytes from its beginning, if known.
    pub offset: Option<u64>,
    /// Where, as line and column from 1 (columns count bytes, of XML characters), if known.
    pub line: Option<(u64, u64)>,
    /// In which entry of a bundle, from 0, if it is in one.
    pub entry: Option<u64>,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "document {}", self.document)?;
        if let Some((line, column)) = self.line {
            write!(f, ", line {line}, column {column}")?;
        }
        if let Some(entry) = self.entry {
            write!(f, ", entry {entry}")?;
        }
        write!(f, ": {}", self.kind)
    }
}

impl fmt::Debug for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileError({self})")
    }
}

impl core::error::Error for FileError {}

/// What is wrong and where, before it is known in which document.
#[cfg(feature = "fhir")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: FileErrorKind,
    pub(crate) offset: Option<u64>,
    pub(crate) entry: Option<u64>,
}

#[cfg(feature = "fhir")]
impl Fault {
    pub(crate) const fn at(kind: FileErrorKind, offset: u64) -> Self {
        Self { kind, offset: Some(offset), entry: None }
    }

    pub(crate) fn io(error: &io::Error) -> Self {
        Self { kind: FileErrorKind::Unreadable(error.kind()), offset: None, entry: None }
    }
}
