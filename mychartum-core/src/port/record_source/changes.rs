//! What a source answered.

use core::fmt;
use core::time::Duration;

use crate::chart::SourceRef;
use crate::sync::Parcel;

use super::cursor::Cursor;

/// What changed in a category since a cursor, as far as one call has read.
#[derive(Clone)]
pub struct Changes {
    /// What came, each resource once; what cannot be used or is somebody else's is among it, set aside.
    pub parcels: Vec<Parcel>,
    /// What the source says it has no more (FHIR R4: a deletion in a bundle, 410). Whether an item of this name is this patient's
    /// is for the library to check.
    pub withdrawn: Vec<SourceRef>,
    /// Whether there is more.
    pub next: Next,
    /// Whether the source could give all that there is, so far in this pass.
    pub completeness: Completeness,
    /// What was left out, and need not be looked at by anyone.
    pub passed_over: PassedOver,
    /// For how long the source wants not to be asked; none is the rule.
    pub wait: Option<Duration>,
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("parcels", &self.parcels.len())
            .field("withdrawn", &self.withdrawn.len())
            .field("completeness", &self.completeness)
            .field("passed_over", &self.passed_over)
            .finish_non_exhaustive()
    }
}

/// Whether there is more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// There is more of this pass; ask again from here.
    More(Cursor),
    /// The pass is over; from here on, later changes are asked for.
    UpToDate(Cursor),
}

impl Next {
    /// Where to go on.
    #[must_use]
    pub const fn cursor(&self) -> &Cursor {
        match self {
            Self::More(cursor) | Self::UpToDate(cursor) => cursor,
        }
    }
}

/// Whether a pass gave all that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Completeness {
    /// All of it.
    Complete,
    /// The source said that it could not give everything. What is missing may be there: nothing is concluded from its absence.
    Incomplete,
}

/// What was left out of [`Changes::parcels`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PassedOver {
    /// The same version of the same resource, given more than once.
    pub duplicates: u64,
    /// What the source said about its own answer (FHIR R4 `OperationOutcome`).
    pub remarks: u64,
}
