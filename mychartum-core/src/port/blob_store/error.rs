//! What can go wrong in a blob store: a short closed list.

/// The kind of a blob store's error: what the caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlobErrorKind {
    /// There is no object of this name.
    Missing,
    /// A passing fault; the same call may succeed soon.
    Busy,
    /// The store cannot be reached, opened or read now, or it refuses; an operator should look.
    Unavailable,
    /// No space is left. Free space, then repeat.
    Full,
    /// The caller broke the contract.
    Invalid,
}

impl BlobErrorKind {
    /// Whether the same call may succeed when it is made again unchanged.
    #[must_use]
    pub const fn may_retry(self) -> bool {
        matches!(self, Self::Busy)
    }
}

/// An error of a blob store. It names the operation, never an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("blob store: {operation} failed: {}", self.describe())]
pub struct BlobError {
    kind: BlobErrorKind,
    operation: &'static str,
}

impl BlobError {
    /// An error of a kind in an operation (`"begin"`, `"write"`, `"complete"`, `"read"` ...).
    #[must_use]
    pub const fn new(kind: BlobErrorKind, operation: &'static str) -> Self {
        Self { kind, operation }
    }

    /// What the caller can do about it.
    #[must_use]
    pub const fn kind(&self) -> BlobErrorKind {
        self.kind
    }

    /// In which operation.
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        self.operation
    }

    const fn describe(&self) -> &'static str {
        match self.kind {
            BlobErrorKind::Missing => "there is no such object",
            BlobErrorKind::Busy => "a passing fault",
            BlobErrorKind::Unavailable => "the store cannot be reached or refuses",
            BlobErrorKind::Full => "no space is left",
            BlobErrorKind::Invalid => "the request is not valid",
        }
    }
}
