//! HL7 v2: messages read without loss, batches split, timestamps, acknowledgements, and messages to send.
//!
//! [`Message`] is an index over the bytes as they were received. It decides nothing about charts: which segment means what is
//! for whoever maps them. [`Batch`] splits files of many messages, [`Acknowledgement`] answers one, [`Reply`] reads an answer,
//! and [`MessageWriter`] writes what goes out. See this folder's `README.md`.

mod error;
mod read;
mod write;

#[cfg(test)]
mod mutation_tests;

pub use error::{ParseError, ParseErrorKind};
pub use read::{
    AckCode, AckMode, Batch, BatchNotice, BatchNoticeKind, BatchPart, Charset, Component, Condition, Conditions,
    Delimiters, Field, Given, Message, Notice, NoticeKind, PartKind, ProcessingPolicy, Repetition, Reply, ReplyError,
    Segment, Segments, Settings, Subcomponent, Terminators, TimeCaveat, TimeCaveats, TimeError, Timestamp,
};
pub use write::{
    Acknowledgement, Disposition, ErrorCondition, Header, MessageWriter, Place, SegmentWriter, Stamp, WriteError,
};
