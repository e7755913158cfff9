//! How much a document may ask for.

/// The version of the mapping from C-CDA to views, kept with every item it makes.
pub const MAPPING: u16 = 1;

/// How much of the machine one document may use. A tree takes about four times the bytes of its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of a document.
    pub document: usize,
    /// The most nodes of a document: elements, texts and comments.
    pub nodes: u32,
    /// The most levels of nesting of a document.
    pub depth: usize,
}

impl Default for Limits {
    /// 16 MiB, a million nodes, 128 levels.
    fn default() -> Self {
        Self { document: 16 << 20, nodes: 1_000_000, depth: 128 }
    }
}
