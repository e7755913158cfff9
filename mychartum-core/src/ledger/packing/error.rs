//! Why a packed body does not unpack.

/// A packed body does not unpack. Says where, never what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackingError {
    /// It was packed with a dictionary that this version does not have; a later version wrote it.
    #[error("packed body: unknown dictionary {0}")]
    UnknownDictionary(u16),
    /// It says to be longer than any body may be; nothing was allocated for it.
    #[error("packed body: longer than a body may be")]
    TooLong,
    /// It is not in the form of a packed body; the part is named.
    #[error("packed body: {0}")]
    Malformed(&'static str),
}
