//! Files of many messages: batches with their envelopes, and messages one after another.

use memchr::memchr;

use super::delimiters::can_separate;
use super::index::Ends;
use super::{Message, Settings, Terminators};
use crate::hl7v2::error::ParseError;

/// What a part of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// From one MSH to before the next header or envelope.
    Message,
    /// FHS, BHS, BTS or FTS.
    Envelope,
    /// Anything else. It belongs to no message and is to be shown to somebody.
    Garbage,
}

/// A part of a file. All parts one after another are the file, byte for byte.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BatchPart<'a> {
    /// What it is.
    pub kind: PartKind,
    /// Where it begins, in bytes from the beginning of the file.
    pub position: usize,
    /// Its bytes, with the line ends that follow it.
    pub bytes: &'a [u8],
}

impl core::fmt::Debug for BatchPart<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:?}({} bytes at {}, [hidden])", self.kind, self.bytes.len(), self.position)
    }
}

impl<'a> BatchPart<'a> {
    /// Parses a message of a file. Positions inside of the message count from its own beginning.
    ///
    /// # Errors
    /// [`ParseError`]; its position counts from the beginning of the file. The other messages of the file stand.
    pub fn parse(&self, settings: &Settings) -> Result<Message<'a>, ParseError> {
        let in_file = |error: ParseError| ParseError { position: self.position + error.position, ..error };
        Message::parse(self.bytes, settings).map_err(in_file)
    }
}

/// What was odd about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BatchNoticeKind {
    /// BTS-1 counts other messages than there are since BHS. Something may be missing.
    MessageCount {
        /// As BTS-1 says.
        said: u64,
        /// As there are.
        found: u64,
    },
    /// FTS-1 counts other batches than there are in the file. Something may be missing.
    BatchCount {
        /// As FTS-1 says.
        said: u64,
        /// As there are.
        found: u64,
    },
    /// BTS-1 or FTS-1 is no number.
    CountUnreadable,
    /// A batch or a file begins and does not end. It may be cut off.
    NotEnded,
    /// A batch or a file ends that never began.
    NotBegun,
    /// Something that is no part of any message.
    Garbage,
}

/// Something odd, and where. Nothing of the content is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BatchNotice {
    /// What.
    pub kind: BatchNoticeKind,
    /// Where, in bytes from the beginning of the file.
    pub position: usize,
}

/// A file cut into its messages.
///
/// Cutting never fails: what is no message is an envelope or garbage, and both are told. Envelopes that count wrongly cost no
/// message.
#[derive(Debug, Clone)]
pub struct Batch<'a> {
    parts: Vec<BatchPart<'a>>,
    notices: Vec<BatchNotice>,
}

impl<'a> Batch<'a> {
    /// Cuts a file, at each MSH and each envelope that begins a segment. One message alone is a file too.
    #[must_use]
    pub fn split(bytes: &'a [u8], settings: &Settings) -> Self {
        let ends = match settings.terminators {
            Terminators::CrAndLf => Ends::Either,
            Terminators::AsFound | Terminators::Mended if memchr(b'\r', bytes).is_some() => Ends::Cr,
            Terminators::AsFound | Terminators::Mended => Ends::Lf,
        };
        let mut cut = Cut { bytes, ends, parts: Vec::new(), from: 0, kind: None, field: b'|', odd: None };
        let mut line = 0;
        while line < bytes.len() {
            let next = cut.line_end(line);
            cut.take(line, next);
            line = next;
        }
        cut.close(bytes.len());
        let parts = cut.parts;
        let notices = Count::default().all(&parts);
        Self { parts, notices }
    }

    /// All parts in order.
    #[must_use]
    pub fn parts(&self) -> &[BatchPart<'a>] {
        &self.parts
    }

    /// The messages in order, not yet parsed.
    pub fn messages(&self) -> impl Iterator<Item = &BatchPart<'a>> {
        self.parts.iter().filter(|part| part.kind == PartKind::Message)
    }

    /// What was odd.
    #[must_use]
    pub fn notices(&self) -> &[BatchNotice] {
        &self.notices
    }
}

/// What a line is to the cutting.
enum Line {
    Header(u8),
    Envelope(u8),
    Segment,
    Blank,
    Other,
}

struct Cut<'a> {
    bytes: &'a [u8],
    ends: Ends,
    parts: Vec<BatchPart<'a>>,
    from: usize,
    /// What is being collected; nothing before the first line that says.
    kind: Option<PartKind>,
    /// The field separator of the last header.
    field: u8,
    /// Where lines begin that are no segments, if only such ones and blank ones came since.
    odd: Option<usize>,
}

impl<'a> Cut<'a> {
    /// Where the line after this one begins: behind what ends it, and line feeds right behind a CR.
    fn line_end(&self, line: usize) -> usize {
        let rest = self.bytes.get(line..).unwrap_or_default();
        let end = match self.ends {
            Ends::Cr => memchr(b'\r', rest),
            Ends::Lf => memchr(b'\n', rest),
            Ends::Either => memchr::memchr2(b'\r', b'\n', rest),
        };
        let Some(end) = end else { return self.bytes.len() };
        let mut next = line + end + 1;
        while self.bytes.get(next) == Some(&b'\n') {
            next += 1;
        }
        next
    }

    fn read(&self, line: &[u8]) -> Line {
        // Marks of files and frames before a header, and ends of frames, are no content.
        let mut rest = line;
        while let [0xef, 0xbb, 0xbf, after @ ..] | [0x0b | 0x1c | 0x1a | 0 | b' ' | b'\t' | b'\r' | b'\n', after @ ..] =
            rest
        {
            rest = after;
        }
        let &[first, second, third, ref after @ ..] = rest else {
            return if rest.is_empty() { Line::Blank } else { Line::Other };
        };
        let name = [first, second, third].map(|byte| byte.to_ascii_uppercase());
        match (&name, after.first()) {
            (b"MSH", Some(&field)) if can_separate(field) => return Line::Header(field),
            (b"FHS" | b"BHS", Some(&field)) if can_separate(field) => return Line::Envelope(field),
            (b"FTS" | b"BTS", None | Some(b'\r' | b'\n')) => return Line::Envelope(self.field),
            (b"FTS" | b"BTS", Some(&field)) if field == self.field => return Line::Envelope(field),
            _ => (),
        }
        let named = first.is_ascii_alphabetic() && second.is_ascii_alphanumeric() && third.is_ascii_alphanumeric();
        let follows = after.first().is_none_or(|&next| next == self.field || next == b'\r' || next == b'\n');
        if named && follows && rest.len() == line.len() { Line::Segment } else { Line::Other }
    }

    fn take(&mut self, line: usize, next: usize) {
        let read = self.read(self.bytes.get(line..next).unwrap_or_default());
        match (read, self.kind) {
            (Line::Header(field), _) => {
                self.begin(PartKind::Message, line);
                self.field = field;
            }
            (Line::Envelope(field), _) => {
                self.begin(PartKind::Envelope, line);
                self.field = field;
            }
            (Line::Blank, _) => (),
            (Line::Segment, Some(PartKind::Message)) => self.odd = None,
            // Lines that are no segments are cut off a message only if nothing of it follows; and where LF ends lines they may be
            // the rest of a text, so that the message stays whole and is refused.
            (Line::Other, Some(PartKind::Message)) => {
                if self.ends == Ends::Cr {
                    self.odd.get_or_insert(line);
                }
            }
            (_, Some(PartKind::Garbage)) => (),
            (_, Some(PartKind::Envelope) | None) => self.begin(PartKind::Garbage, line),
        }
    }

    fn begin(&mut self, kind: PartKind, line: usize) {
        // Blank lines before the first part belong to it.
        if self.kind.is_some() {
            self.close(line);
        }
        self.kind = Some(kind);
    }

    /// Ends what is being collected.
    fn close(&mut self, to: usize) {
        if let Some(odd) = self.odd.take() {
            self.push(PartKind::Message, odd);
            self.kind = Some(PartKind::Garbage);
        }
        self.push(self.kind.unwrap_or(PartKind::Garbage), to);
    }

    fn push(&mut self, kind: PartKind, to: usize) {
        let bytes = self.bytes.get(self.from..to).unwrap_or_default();
        if !bytes.is_empty() {
            self.parts.push(BatchPart { kind, position: self.from, bytes });
        }
        self.from = to;
    }
}

/// The envelopes of a file, counted.
#[derive(Default)]
struct Count {
    messages: u64,
    batches: u64,
    file: Option<usize>,
    batch: Option<usize>,
    notices: Vec<BatchNotice>,
}

impl Count {
    fn all(mut self, parts: &[BatchPart<'_>]) -> Vec<BatchNotice> {
        for part in parts {
            match part.kind {
                PartKind::Message => self.messages += 1,
                PartKind::Garbage if part.bytes.iter().all(u8::is_ascii_whitespace) => (),
                PartKind::Garbage => self.note(BatchNoticeKind::Garbage, part.position),
                PartKind::Envelope => self.envelope(part),
            }
        }
        for open in [self.batch, self.file].into_iter().flatten() {
            self.note(BatchNoticeKind::NotEnded, open);
        }
        self.notices
    }

    fn note(&mut self, kind: BatchNoticeKind, position: usize) {
        self.notices.push(BatchNotice { kind, position });
    }

    fn envelope(&mut self, part: &BatchPart<'_>) {
        let start = part.bytes.iter().position(u8::is_ascii_alphabetic).unwrap_or(0);
        let position = part.position + start;
        let text = part.bytes.get(start..).unwrap_or_default();
        let (name, rest) = text.split_at_checked(3).unwrap_or_default();
        match name.to_ascii_uppercase().as_slice() {
            b"FHS" => {
                if let Some(open) = self.file.replace(position) {
                    self.note(BatchNoticeKind::NotEnded, open);
                }
                self.batches = 0;
            }
            b"BHS" => {
                if let Some(open) = self.batch.replace(position) {
                    self.note(BatchNoticeKind::NotEnded, open);
                }
                (self.messages, self.batches) = (0, self.batches + 1);
            }
            b"BTS" => {
                if self.batch.take().is_none() {
                    self.note(BatchNoticeKind::NotBegun, position);
                }
                let found = self.messages;
                self.compare(rest, found, position, |said, found| BatchNoticeKind::MessageCount { said, found });
                self.messages = 0;
            }
            _ => {
                if let Some(open) = self.batch.take() {
                    self.note(BatchNoticeKind::NotEnded, open);
                }
                if self.file.take().is_none() {
                    self.note(BatchNoticeKind::NotBegun, position);
                }
                let found = self.batches;
                self.compare(rest, found, position, |said, found| BatchNoticeKind::BatchCount { said, found });
            }
        }
    }

    fn compare(&mut self, rest: &[u8], found: u64, position: usize, kind: impl Fn(u64, u64) -> BatchNoticeKind) {
        let Some((&field, rest)) = rest.split_first() else { return };
        let first = rest.split(|byte| *byte == field).next().unwrap_or_default().trim_ascii();
        // Nothing, and "no value", count nothing.
        if !first.is_empty() && first != b"\"\"" {
            match core::str::from_utf8(first).ok().and_then(|text| text.parse().ok()) {
                Some(said) if said == found => (),
                Some(said) => self.note(kind(said, found), position),
                None => self.note(BatchNoticeKind::CountUnreadable, position),
            }
        }
    }
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
