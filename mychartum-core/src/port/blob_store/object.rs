//! What a blob store tells about an object.

use chrono::{DateTime, Utc};

use super::BlobName;

/// An object as it is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobObject {
    /// Its name.
    pub name: BlobName,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was written, by the store's own clock; of a long upload perhaps when it began.
    pub written_at: DateTime<Utc>,
}
