//! Reading: an index over the bytes, and views of them that split no further than they are asked to.

mod ack_mode;
mod batch;
mod charset;
mod delimiters;
mod field;
mod given;
mod index;
mod message;
mod notice;
mod piece;
mod processing;
mod reply;
mod segment;
mod segments;
mod settings;
mod timestamp;
mod unescape;
mod zone;

pub use ack_mode::{AckMode, Condition, Conditions};
pub use batch::{Batch, BatchNotice, BatchNoticeKind, BatchPart, PartKind};
pub use charset::Charset;
pub use delimiters::Delimiters;
pub use field::{Component, Field, Repetition, Subcomponent};
pub use given::Given;
pub use message::Message;
pub use notice::{Notice, NoticeKind};
pub use processing::ProcessingPolicy;
pub use reply::{AckCode, Reply, ReplyError};
pub use segment::Segment;
pub use segments::Segments;
pub use settings::{Settings, Terminators};
pub use timestamp::{TimeCaveat, TimeCaveats, TimeError, Timestamp};
