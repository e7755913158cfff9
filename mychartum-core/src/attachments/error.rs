//! What can go wrong with an attachment.

use crate::ledger::Failure;
use crate::port::blob_store::BlobError;

/// An attached file was not written, read or removed. Carries no name and no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentError {
    /// The portal has no blob store.
    #[error("portal: bring a blob store (blobs)")]
    NoStore,
    /// The permit, or the time for which a file may be read, has run out; ask again.
    #[error("the permit has expired")]
    Expired,
    /// The calling program made a mistake: the permit does not name the section, or nothing can be attached to it.
    #[error("misuse: {0}")]
    Misuse(&'static str),
    /// There is no such chart.
    #[error("attachment: there is no such chart")]
    NoSuchPatient,
    /// There is no such item in the section.
    #[error("attachment: there is no such item in the section")]
    NoSuchItem,
    /// There is no such attachment, or it was removed.
    #[error("attachment: there is none of this id")]
    NotFound,
    /// The chart names the file, and the blob store does not have it: restore it there.
    #[error("attachment: the blob store has lost it")]
    Gone,
    /// The file is longer than the settings allow; nothing was attached.
    #[error("attachment: at most {most} bytes")]
    TooLarge {
        /// The longest file in bytes.
        most: u64,
    },
    /// The range does not lie in the file.
    #[error("attachment: the range is not in the file, which has {bytes} bytes")]
    OutOfRange {
        /// The length of the file in bytes.
        bytes: u64,
    },
    /// An earlier step of this upload or of this reading failed; begin again.
    #[error("attachment: an earlier step failed")]
    Broken,
    /// The object was complete for so long that the sweeper took it for rubbish; nothing was attached. Attach the file
    /// again.
    #[error("attachment: swept before it was attached")]
    Swept,
    /// The blob store failed.
    #[error(transparent)]
    Store(#[from] BlobError),
    /// The machinery below failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl AttachmentError {
    /// Whether the same call may succeed when it is made again: a whole upload, from the beginning.
    #[must_use]
    pub fn may_retry(&self) -> bool {
        match self {
            Self::Store(error) => error.kind().may_retry(),
            Self::Failure(failure) => failure.may_retry(),
            Self::Broken | Self::Swept | Self::Expired => true,
            _ => false,
        }
    }
}
