//! How much a delivery may ask for, and how far its reading got.

/// The version of the mapping from FHIR R4 to views, kept with every item it makes.
pub const MAPPING: u16 = 1;

/// How much of the machine a delivery may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of one resource: an entry of a bundle, a line of NDJSON, or a document that is one resource.
    pub resource: usize,
    /// The most bytes of one bundle. NDJSON files may be of any size.
    pub document: u64,
    /// The most levels of nesting of a document.
    pub depth: usize,
}

impl Default for Limits {
    /// 16 MiB a resource, 4 GiB a bundle, 128 levels.
    fn default() -> Self {
        Self { resource: 16 << 20, document: 4 << 30, depth: 128 }
    }
}

/// How far a pass over a delivery got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Documents finished.
    pub documents: u64,
    /// Documents in all.
    pub documents_total: u64,
    /// In the first pass: bytes read. In the second: resources handed out.
    pub done: u64,
    /// In the first pass: bytes in all. In the second: resources in all.
    pub total: u64,
}

/// What the first pass counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Total {
    /// Documents that will be read, the refused ones left out.
    pub documents: u64,
    /// Documents that are refused whole.
    pub refused: u64,
    /// Parcels that the documents will give: entries of bundles, lines of NDJSON that are not blank, single resources.
    pub resources: u64,
    /// Different patients among them.
    pub patients: u64,
    /// Bytes of all documents.
    pub bytes: u64,
}
