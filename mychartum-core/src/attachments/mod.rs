//! Attachments: files that belong to a chart, too large for rows.
//!
//! A file is one object of the [`BlobStore`](crate::port::BlobStore), and a row of the patient's partition says what it
//! is and holds the key that opens it. INVARIANT (the row decides): a file is in the chart when a row names it, and not
//! before or after. So the object is complete and durable before the row is written, and the row is gone before the
//! object is deleted; whatever is cut off in between leaves an object that no row names, and the sweeper removes it.
//!
//! The order, the sweeper and the format are explained in `docs/adr/0009-blobs.md`.

mod attachment;
mod error;
mod reader;
mod record;
mod removal;
mod settings;
mod shelf;
mod sweep;
mod upload;

pub use attachment::{AttachedTo, Attachment, NewAttachment};
pub use error::AttachmentError;
pub use reader::{AttachmentReader, Chunk};
pub use settings::AttachmentSettings;
pub use sweep::{Sweep, SweepCursor, SweepReport};
pub use upload::Upload;

pub(crate) use record::AttachmentRecord;
pub(crate) use shelf::{Shelf, told};
