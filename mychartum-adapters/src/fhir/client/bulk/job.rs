//! What is exported, and where one asks how far it is.

use core::fmt;

/// Whose records are exported.
#[derive(Clone, PartialEq, Eq)]
pub enum BulkScope {
    /// All patients that the client may see.
    AllPatients,
    /// The patients of a group, by its id.
    Group(String),
}

impl fmt::Debug for BulkScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AllPatients => "AllPatients",
            Self::Group(_) => "Group([hidden])",
        })
    }
}

/// An export that a server works on: the address at which one asks how far it is. A host keeps it over restarts.
#[derive(Clone, PartialEq, Eq)]
pub struct BulkJob(Box<str>);

impl fmt::Debug for BulkJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BulkJob([hidden])")
    }
}

impl BulkJob {
    /// Takes a job that was kept. Whether it is one of the server's, the server's client looks at when it is used.
    #[must_use]
    pub fn kept(text: &str) -> Self {
        Self(text.into())
    }

    /// The address, to be kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
