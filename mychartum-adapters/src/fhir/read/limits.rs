//! How much a delivery may ask for.

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
