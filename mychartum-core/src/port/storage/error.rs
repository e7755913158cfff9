//! What can go wrong in a storage: a short closed list.

/// The kind of a storage error: what the caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StorageErrorKind {
    /// An expectation did not hold; read the head again and decide anew.
    Conflict,
    /// Another writer holds the storage; the same call may succeed soon.
    Busy,
    /// A passing fault; the same call may succeed at once.
    Retryable,
    /// The storage cannot be reached, opened or read now; an operator should look.
    Unavailable,
    /// No space is left; nothing was written. Free space, then repeat.
    Full,
    /// It is not known whether the change set was applied; repeating the same one is safe.
    OutcomeUnknown,
    /// What came back is not what was asked for or not what was sealed.
    Integrity,
    /// The storage's own structures are damaged; restore from a backup.
    Corrupt,
    /// The schema is not one that this version knows.
    Schema {
        /// The schema's version in the storage.
        have: u32,
        /// The newest version that this program knows.
        need: u32,
    },
    /// The bucket is kept by another storage; the same call there may succeed.
    Elsewhere,
    /// The storage cannot do this at all.
    Unsupported,
    /// The caller broke the contract.
    Invalid,
}

impl StorageErrorKind {
    /// Whether the same call may succeed when it is made again unchanged.
    #[must_use]
    pub const fn may_retry(self) -> bool {
        matches!(self, Self::Busy | Self::Retryable | Self::OutcomeUnknown)
    }
}

/// An error of a storage. It names the operation and the engine's own code, never a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("storage: {operation} failed: {}", self.describe())]
pub struct StorageError {
    kind: StorageErrorKind,
    operation: &'static str,
    code: Option<i32>,
}

impl StorageError {
    /// An error of a kind in an operation (`"commit"`, `"scan"`, `"open"` ...).
    #[must_use]
    pub const fn new(kind: StorageErrorKind, operation: &'static str) -> Self {
        Self { kind, operation, code: None }
    }

    /// The same error with the engine's own code, for operators.
    #[must_use]
    pub const fn with_code(self, code: i32) -> Self {
        Self { code: Some(code), ..self }
    }

    /// What the caller can do about it.
    #[must_use]
    pub const fn kind(&self) -> StorageErrorKind {
        self.kind
    }

    /// The engine's own code, if it gave one.
    #[must_use]
    pub const fn code(&self) -> Option<i32> {
        self.code
    }

    fn describe(&self) -> String {
        let what = match self.kind {
            StorageErrorKind::Conflict => "an expectation did not hold".into(),
            StorageErrorKind::Busy => "another writer holds the storage".into(),
            StorageErrorKind::Retryable => "a passing fault".into(),
            StorageErrorKind::Unavailable => "the storage cannot be reached or opened".into(),
            StorageErrorKind::Full => "no space is left".into(),
            StorageErrorKind::OutcomeUnknown => "the outcome is unknown; repeating is safe".into(),
            StorageErrorKind::Integrity => "what came back is not what was asked for".into(),
            StorageErrorKind::Corrupt => "the storage is damaged".into(),
            StorageErrorKind::Schema { have, need } => {
                format!("the schema is version {have}, and this program knows up to {need}")
            }
            StorageErrorKind::Elsewhere => "the bucket is kept by another storage".into(),
            StorageErrorKind::Unsupported => "not supported".into(),
            StorageErrorKind::Invalid => "the request is not valid".into(),
        };
        match self.code {
            Some(code) => format!("{what} (engine code {code})"),
            None => what,
        }
    }
}
