//! Writing: messages that go out, and acknowledgements of what came in.

mod acknowledgement;
mod error_condition;
mod escape;
mod message_writer;
mod segment_writer;

pub use acknowledgement::{Acknowledgement, Disposition, Stamp};
pub use error_condition::{ErrorCondition, Place};
pub use message_writer::{Header, MessageWriter, WriteError};
pub use segment_writer::SegmentWriter;
