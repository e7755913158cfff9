//! Acknowledgements of what came in.

use chrono::{DateTime, Utc};

use super::error_condition::{ErrorCondition, Place};
use crate::hl7v2::error::ParseError;
use crate::hl7v2::{AckCode, AckMode, Delimiters, Message, Settings};

/// What became of a message.
///
/// A message whose content is odd (an unknown patient, a date that is none) is `Accepted` and set aside for a person. To refuse it
/// would block the sender's queue for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// It is kept: the commit is durable.
    Accepted,
    /// It could not be kept, by no fault of its own. The sender may send it again.
    Failed,
    /// It will never be taken. The sender must not send it again.
    Refused(ErrorCondition, Option<Place>),
}

impl Disposition {
    const fn is_success(self) -> bool {
        matches!(self, Self::Accepted)
    }

    const fn application(self) -> AckCode {
        match self {
            Self::Accepted => AckCode::ApplicationAccept,
            Self::Failed => AckCode::ApplicationError,
            Self::Refused(..) => AckCode::ApplicationReject,
        }
    }

    const fn commit(self) -> AckCode {
        match self {
            Self::Accepted => AckCode::CommitAccept,
            Self::Failed => AckCode::CommitError,
            Self::Refused(..) => AckCode::CommitReject,
        }
    }

    const fn error(self) -> Option<(ErrorCondition, Option<Place>)> {
        match self {
            Self::Accepted => None,
            Self::Failed => Some((ErrorCondition::Internal, None)),
            Self::Refused(condition, place) => Some((condition, place)),
        }
    }
}

/// What an acknowledgement needs of the host: the time, and a number of its own.
#[derive(Debug, Clone, Copy)]
pub struct Stamp<'a> {
    /// Now (MSH-7).
    pub time: DateTime<Utc>,
    /// A number that this sender uses once (MSH-10): letters and digits; anything else is left out. In enhanced mode the two
    /// acknowledgements have it with `C` and `A` behind it.
    pub control_id: &'a str,
}

/// The acknowledgements that a message is to get.
///
/// They are written with the delimiters of the message, and repeat its own bytes: sender and receiver changed over, and its
/// control id as it came. Of its content they say nothing. An answer is never acknowledged.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Acknowledgement {
    /// The accept acknowledgement of enhanced mode (`CA`, `CE`, `CR`), if it is wanted.
    pub accept: Option<Vec<u8>>,
    /// The application acknowledgement (`AA`, `AE`, `AR`): always in original mode, in enhanced mode if it is wanted.
    pub application: Option<Vec<u8>>,
}

impl core::fmt::Debug for Acknowledgement {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let said = |wanted: &Option<Vec<u8>>| wanted.is_some();
        write!(f, "Acknowledgement(accept: {}, application: {})", said(&self.accept), said(&self.application))
    }
}

impl Acknowledgement {
    /// The acknowledgements of a message, in the mode that it asks for (HL7 v2.9 section 2.9.2).
    ///
    /// Give them out only when what [`Disposition`] says is true: `Accepted` after the durable commit.
    #[must_use]
    pub fn of(message: &Message<'_>, disposition: Disposition, stamp: Stamp<'_>) -> Self {
        if message.is_answer() {
            return Self::default();
        }
        let write = |code, suffix| Writer::new(message).write(code, disposition, stamp, suffix);
        match AckMode::of(message) {
            AckMode::Original => Self { accept: None, application: Some(write(disposition.application(), "")) },
            AckMode::Enhanced(conditions) => {
                let wanted = |condition: crate::hl7v2::Condition| condition.wants(disposition.is_success());
                Self {
                    accept: wanted(conditions.accept).then(|| write(disposition.commit(), "C")),
                    application: wanted(conditions.application).then(|| write(disposition.application(), "A")),
                }
            }
        }
    }

    /// The refusal of bytes that are no message. Where MSH alone can be read, it is answered as MSH asks; else there is no control
    /// id to name, and the answer is `AR` without one.
    #[must_use]
    pub fn of_unreadable(bytes: &[u8], error: ParseError, settings: &Settings, stamp: Stamp<'_>) -> Self {
        let refused = Disposition::Refused(error.kind.into(), None);
        // The beginning of what may be megabytes: MSH ends with the first line.
        let start = bytes.iter().take(64).position(u8::is_ascii_alphabetic).unwrap_or(0);
        let rest = bytes.get(start..).unwrap_or_default();
        let line = rest.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
        let lenient = Settings { limit: usize::MAX, ..*settings };
        match Message::parse(line.get(..line.len().min(4096)).unwrap_or_default(), &lenient) {
            Ok(header) => Self::of(&header, refused, stamp),
            Err(_) => {
                let bare = Message::parse(b"MSH|^~\\&", &lenient);
                let write = |message| Writer::new(message).write(AckCode::ApplicationReject, refused, stamp, "");
                Self { accept: None, application: bare.as_ref().ok().map(write) }
            }
        }
    }

    /// Those that are wanted, in the order in which they are sent.
    pub fn into_frames(self) -> impl Iterator<Item = Vec<u8>> {
        [self.accept, self.application].into_iter().flatten()
    }
}

/// Writes one acknowledgement with the delimiters of what it answers.
struct Writer<'m> {
    message: &'m Message<'m>,
    delimiters: Delimiters,
    out: Vec<u8>,
}

impl<'m> Writer<'m> {
    fn new(message: &'m Message<'m>) -> Self {
        Self { message, delimiters: message.delimiters(), out: Vec::with_capacity(256) }
    }

    fn write(mut self, code: AckCode, disposition: Disposition, stamp: Stamp<'_>, suffix: &str) -> Vec<u8> {
        let header = self.message.header();
        let said = |number: usize| header.field(number).raw();
        self.out.extend_from_slice(b"MSH");
        self.field(said(2));
        [5, 6, 3, 4].into_iter().for_each(|number| self.field(said(number)));
        self.field(self.time(stamp.time).as_bytes());
        self.field(b"");
        let event = header.field(9).component(2).raw();
        self.components(&[b"ACK", event, if event.is_empty() { b"" } else { b"ACK" }]);
        let own: String = stamp.control_id.chars().filter(char::is_ascii_alphanumeric).chain(suffix.chars()).collect();
        self.field(own.as_bytes());
        let processing = said(11);
        self.field(if processing.is_empty() { b"P" } else { processing });
        self.field(said(12));
        let charset = said(18);
        if !charset.is_empty() {
            [13, 14, 15, 16, 17].into_iter().for_each(|_| self.field(b""));
            self.field(charset);
        }
        self.out.extend_from_slice(b"\rMSA");
        self.field(code.as_str().as_bytes());
        self.field(said(10));
        self.out.push(b'\r');
        if let Some((condition, place)) = disposition.error() {
            self.error(condition, place);
        }
        self.out
    }

    /// Coordinated time; its sign is left out where it is a delimiter.
    fn time(&self, time: DateTime<Utc>) -> String {
        let Delimiters { field, component, repetition, escape, subcomponent, truncation } = self.delimiters;
        let taken = [Some(field), component, repetition, escape, subcomponent, truncation].contains(&Some(b'+'));
        let zone = if taken { "" } else { "+0000" };
        format!("{}{zone}", time.format("%Y%m%d%H%M%S"))
    }

    fn field(&mut self, bytes: &[u8]) {
        self.out.push(self.delimiters.field);
        self.plain(bytes);
    }

    /// What came from the sender, without the bytes that could end a frame or a segment in the answer.
    fn plain(&mut self, bytes: &[u8]) {
        self.out.extend(bytes.iter().filter(|byte| !matches!(**byte, 0x0b | 0x1c | b'\r' | b'\n')));
    }

    fn components(&mut self, components: &[&[u8]]) {
        self.field(b"");
        self.joined(components, self.delimiters.component);
    }

    /// The first part alone, where nothing separates.
    fn joined(&mut self, parts: &[&[u8]], separator: Option<u8>) {
        let used = parts.iter().rposition(|part| !part.is_empty()).map_or(0, |last| last + 1);
        for (at, part) in parts.iter().take(used).enumerate() {
            if at > 0 {
                let Some(separator) = separator else { break };
                self.out.push(separator);
            }
            self.plain(part);
        }
    }

    /// ERR as the version of the message has it: one field before v2.5, several from then on (HL7 v2.9 section 2.14.5).
    fn error(&mut self, condition: ErrorCondition, place: Option<Place>) {
        let (number, text) = condition.parts();
        let number = number.to_string();
        let numbers = place.map(|place| (place, place.sequence.to_string(), place.field.to_string()));
        let mut location: Vec<&[u8]> = Vec::new();
        if let Some((place, sequence, field)) = &numbers {
            location.extend([&place.segment[..], sequence.as_bytes()]);
            if place.field > 0 {
                location.push(field.as_bytes());
            }
        }
        self.out.extend_from_slice(b"ERR");
        if self.is_old() {
            location.resize(3, b"");
            let coded = [number.as_bytes(), text.as_bytes(), b"HL70357"];
            let mut inner = Self::new(self.message);
            inner.joined(&coded, self.delimiters.subcomponent);
            location.push(&inner.out);
            self.components(&location);
        } else {
            self.field(b"");
            self.components(&location);
            self.components(&[number.as_bytes(), text.as_bytes(), b"HL70357"]);
            self.field(b"E");
        }
        self.out.push(b'\r');
    }

    fn is_old(&self) -> bool {
        matches!(self.message.version().trim().get(..3), Some("2.1" | "2.2" | "2.3" | "2.4"))
    }
}

#[cfg(test)]
#[path = "acknowledgement_tests.rs"]
mod tests;
