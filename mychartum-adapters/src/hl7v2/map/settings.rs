//! What has to be known of a source before its messages mean anything for a chart.

use chrono_tz::Tz;
use mychartum_core::kernel::text::Label;

use crate::hl7v2::{ProcessingPolicy, Settings};

/// The version of the mapping from segments to views.
pub const MAPPING: u16 = 1;

/// Which messages may bring a patient who is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Introduce {
    /// ADT alone, the messages that are made for it. What other messages bring for somebody unknown is set aside.
    #[default]
    OnlyAdt,
    /// Any message with a PID. For files that stand for themselves.
    AnyMessage,
}

/// Whether check digits of record numbers count (HL7 v2 CX-2 and CX-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CheckDigits {
    /// A number that its check digit contradicts was mistyped, and names no chart.
    #[default]
    Judged,
    /// They do not count: the source computes them in a way of its own.
    Ignored,
}

/// How the messages of one source are read and mapped.
#[derive(Clone)]
pub struct SourceSettings {
    /// How its bytes are read.
    pub grammar: Settings,
    /// The time zone of times without an offset.
    pub zone: Tz,
    /// Who gives the identifiers that name no authority (CX-4). A value alone identifies nobody.
    pub authority: Option<Label>,
    /// Whether check digits of record numbers count.
    pub check_digits: CheckDigits,
    /// Which messages may bring a patient who is not known yet.
    pub introduce: Introduce,
    /// The most bytes of a file of messages; 256 MiB at first. A file is held in memory, and what it says about as much again.
    pub file: u64,
    /// Which messages are real (MSH-11).
    pub processing: ProcessingPolicy,
}

impl SourceSettings {
    /// The settings of a source in a time zone; all else as it is safe.
    #[must_use]
    pub fn in_zone(zone: Tz) -> Self {
        Self {
            grammar: Settings::default(),
            zone,
            authority: None,
            check_digits: CheckDigits::default(),
            introduce: Introduce::default(),
            file: 256 << 20,
            processing: ProcessingPolicy::default(),
        }
    }
}

impl core::fmt::Debug for SourceSettings {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SourceSettings")
            .field("zone", &self.zone)
            .field("introduce", &self.introduce)
            .field("processing", &self.processing)
            .finish_non_exhaustive()
    }
}
