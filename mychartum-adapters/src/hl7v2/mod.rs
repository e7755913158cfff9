//! HL7 v2: messages read without loss, mapped to parcels; batches split, timestamps, acknowledgements, and messages to send.
//!
//! [`Message`] is an index over the bytes as they were received and decides nothing about charts. [`parcels_of`] says what a
//! message means for charts, and [`Hl7v2Delivery`] does so for files of messages. [`Batch`] splits files of many messages, [`Acknowledgement`] answers one, [`Reply`] reads an answer,
//! and [`MessageWriter`] writes what goes out. See this folder's `README.md`.

mod deliver;
mod error;
mod map;
mod read;
mod write;

#[cfg(test)]
mod mutation_tests;

pub use crate::delivery::{DeliveryError, FileError, FileErrorKind, HeldParcels as Parcels, Input, Progress, Total};
pub use deliver::deliver;
pub use error::{ParseError, ParseErrorKind};
pub use map::{CheckDigits, Hl7v2Delivery, Introduce, MAPPING, SourceSettings, is_for_a_chart, parcels_of};
pub use read::{
    AckCode, AckMode, Batch, BatchNotice, BatchNoticeKind, BatchPart, Charset, Component, Condition, Conditions,
    Delimiters, Field, Given, Message, Notice, NoticeKind, PartKind, ProcessingPolicy, Repetition, Reply, ReplyError,
    Segment, Segments, Settings, Subcomponent, Terminators, TimeCaveat, TimeCaveats, TimeError, Timestamp,
};
pub use write::{
    Acknowledgement, Disposition, ErrorCondition, Header, MessageWriter, Place, SegmentWriter, Stamp, WriteError,
};
