//! How far the reading of a delivery got, and what it counted.

/// How far a pass over a delivery got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Documents finished.
    pub documents: u64,
    /// Documents in all.
    pub documents_total: u64,
    /// In the first pass: bytes read. In the second: parcels handed out.
    pub done: u64,
    /// In the first pass: bytes in all. In the second: parcels in all.
    pub total: u64,
}

/// What the first pass counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Total {
    /// Documents that will be read, the refused ones left out.
    pub documents: u64,
    /// Documents that are refused whole.
    pub refused: u64,
    /// Parcels that the documents will give, the unusable ones included.
    pub resources: u64,
    /// Different patients among them.
    pub patients: u64,
    /// Bytes of all documents.
    pub bytes: u64,
}
