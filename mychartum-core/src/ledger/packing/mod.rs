//! How a row's body is packed before it is sealed: compressed with a dictionary, and padded.
//!
//! ```text
//! 2 | dictionary u16 | length varint | rest | 0x80 | 0x00 ...         numbers are big endian, varints LEB128
//!
//! dictionary 0:   rest = the body as it is
//! dictionary 1..: rest = length of ids varint | ids | zstd frame of the text (RFC 8878, without magic number)
//! ```
//!
//! `length` is that of the body. The text is the body with its ids taken out (see the file `apart.rs`): what is random does not
//! compress, and what is left compresses better without it. All of this is inside the seal, so it is authenticated and
//! secret; only the length of the whole shows, in steps (see `padded_length`).
//!
//! A body whose first byte is not 2 was never packed: it opens as it is. `docs/adr/0010-compression.md` has the reasons.

mod apart;
mod codec;
mod dictionary;
mod error;
mod format;
mod padding;

pub use apart::set_apart;
pub use dictionary::Dictionary;
pub use error::PackingError;
pub use format::{Packing, is_packed, pack, unpack};
pub use padding::padded_length;
