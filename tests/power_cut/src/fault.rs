//! Calls to the disk that fail.

use rusqlite::ffi;

/// What SQLite asks of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// Open a file.
    Open,
    /// Read from one.
    Read,
    /// Write to one.
    Write,
    /// Cut one off.
    Truncate,
    /// Have the disk keep what was written.
    Sync,
    /// Ask for a file's size.
    Size,
    /// Delete a name.
    Delete,
    /// Ask whether there is a file of some name.
    Access,
    /// Lock a file.
    Lock,
    /// Map a piece of the shared index of the log.
    MapShared,
    /// Lock the shared index.
    LockShared,
}

/// How calls fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Every kind of call gives its own I/O error. A write may have been done in part.
    Broken,
    /// Syncs fail, and the system forgets what it could not write.
    Syncs,
    /// Writes find no space, after writing a part.
    Full,
    /// Whatever would change a file is refused.
    ReadOnly,
    /// Reads give nothing, as if the file ended before.
    ShortRead,
    /// The shared index cannot be mapped because there is no memory.
    NoMemory,
}

/// Whether one call fails or all that follow too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// One call.
    Once,
    /// This one and all later ones.
    FromThenOn,
}

/// Which calls fail, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How they fail.
    pub fault: Fault,
    /// The first that fails, counted from 1 among the calls that the fault concerns; 0 fails none and counts all.
    pub at: u64,
    /// How many.
    pub span: Span,
}

impl Plan {
    /// Counts the calls that a fault would concern, and fails none.
    #[must_use]
    pub const fn counting(fault: Fault) -> Self {
        Self { fault, at: 0, span: Span::Once }
    }

    /// Whether the call with this number fails.
    pub(crate) const fn strikes(self, number: u64) -> bool {
        match self.span {
            Span::Once => number == self.at,
            Span::FromThenOn => self.at > 0 && number >= self.at,
        }
    }
}

impl Fault {
    /// The code that a call fails with, or `None` where this fault does not concern it.
    pub(crate) const fn code(self, call: Call) -> Option<i32> {
        match (self, call) {
            (Self::Broken, call) => Some(call.own_error()),
            (Self::Syncs, Call::Sync) => Some(call.own_error()),
            (Self::Full, Call::Write) => Some(ffi::SQLITE_FULL),
            (Self::ReadOnly, Call::Write | Call::Truncate | Call::Delete) => Some(ffi::SQLITE_READONLY),
            (Self::ShortRead, Call::Read) => Some(ffi::SQLITE_IOERR_SHORT_READ),
            (Self::NoMemory, Call::MapShared) => Some(ffi::SQLITE_NOMEM),
            _ => None,
        }
    }
}

impl Call {
    const fn own_error(self) -> i32 {
        match self {
            Self::Open => ffi::SQLITE_CANTOPEN,
            Self::Read => ffi::SQLITE_IOERR_READ,
            Self::Write => ffi::SQLITE_IOERR_WRITE,
            Self::Truncate => ffi::SQLITE_IOERR_TRUNCATE,
            Self::Sync => ffi::SQLITE_IOERR_FSYNC,
            Self::Size => ffi::SQLITE_IOERR_FSTAT,
            Self::Delete => ffi::SQLITE_IOERR_DELETE,
            Self::Access => ffi::SQLITE_IOERR_ACCESS,
            Self::Lock => ffi::SQLITE_IOERR_LOCK,
            Self::MapShared => ffi::SQLITE_IOERR_SHMMAP,
            Self::LockShared => ffi::SQLITE_IOERR_SHMLOCK,
        }
    }
}
