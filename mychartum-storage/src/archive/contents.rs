//! What a backup holds.

use core::fmt;

use crate::transfer::Counts;

/// Sixteen random bytes that both archives of a backup share.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ArchiveId([u8; 16]);

impl ArchiveId {
    /// Takes sixteen bytes; those of a new backup come from a source of randomness.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The sixteen bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for ArchiveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ArchiveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a backup holds, as its ends say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contents {
    /// Which backup.
    pub id: ArchiveId,
    /// When it was begun, in milliseconds since 1970, as the one who made it said.
    pub at: u64,
    /// What the archive of data holds.
    pub data: Counts,
    /// What the archive of keys holds.
    pub keys: Counts,
}
