//! The smallest words of the engine: ids, partial dates, codes, decimals, units, bounded text, redaction.
//!
//! Everything here is a plain value. Parsing happens at the edge; a value of these types is already valid.

pub mod id;
